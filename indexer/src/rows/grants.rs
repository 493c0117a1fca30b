//! Rows of the grants.

use super::row;
use crate::Amount;

row! {
    /// The configuration of the grants, and the pool.
    GrantsConfigRow in grants_config by (id) {
        /// Always 1.
        id: i64,
        seq: i64,
        admin: String,
        pending_admin: Option<String>,
        reviewer: Option<String>,
        mint: String,
        allocation: Amount,
        /// What came in, is set aside, and is paid.
        funded: Amount,
        committed: Amount,
        disbursed: Amount,
        /// Held for proposers.
        bonds: Amount,
        /// Points.
        quorum_points: Amount,
        min_points: Amount,
        proposal_bond: Amount,
        /// Points.
        bond_floor_points: Amount,
        voting_seconds: i64,
        review_seconds: i64,
        approval_bps: i64,
        paused: i64,
        updated_slot: i64,
    }
}

row! {
    /// What somebody wants to be paid for.
    ProposalRow in proposals by (address) {
        address: String,
        proposal_id: Amount,
        seq: i64,
        proposer: String,
        recipient: String,
        metadata_hash: String,
        uri: String,
        total: Amount,
        committed: Amount,
        paid: Amount,
        bond: Amount,
        bond_state: i64,
        /// Points.
        bond_floor_points: Amount,
        quorum_points: Amount,
        approval_bps: i64,
        snapshot_epoch: i64,
        opened_at: i64,
        ends_at: i64,
        votes_for: Amount,
        votes_against: Amount,
        abstained: Amount,
        voters: i64,
        state: i64,
        reason: i64,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// A part of a proposal that is paid by itself.
    MilestoneRow in milestones by (proposal, place) {
        proposal: String,
        place: i64,
        amount: Amount,
        due: i64,
        state: i64,
        /// Of the last submission.
        evidence: Option<String>,
        review_by: Option<i64>,
        reviewed_by: Option<String>,
        paid_to: Option<String>,
        updated_slot: i64,
    }
}

row! {
    /// A voter's vote.
    BallotRow in ballots by (proposal, voter) {
        proposal: String,
        voter: String,
        choice: i64,
        /// Points.
        weight: Amount,
        /// How often the voter voted; one more once the ballot is closed.
        seq: i64,
        closed: bool,
        updated_slot: i64,
    }
}
