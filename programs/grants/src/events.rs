//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the object that it is
//! about (config, proposal or ballot), which grows by one with each event of that object. Events of a proposal that change the
//! pool also carry the pool after the change.
use crate::state::{MAX_MILESTONES, MAX_URI};
use anchor_lang::prelude::*;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ConfigChanged {
    pub seq: u64,
    pub admin: Address,
    pub pending_admin: Address,
    pub reviewer: Address,
    pub mint: Address,
    pub allocation: u64,
    pub quorum_points: u64,
    pub min_points: u64,
    pub proposal_bond: u64,
    pub bond_floor_points: u64,
    pub voting_seconds: i64,
    pub review_seconds: i64,
    pub approval_bps: u16,
    pub paused: u8,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct GrantsFunded {
    /// Sequence number of the configuration.
    pub seq: u64,
    pub by: Address,
    pub amount: u64,
    /// Base units that came in so far.
    pub funded: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ProposalOpened {
    pub proposal: Address,
    pub seq: u64,
    pub id: u64,
    pub proposer: Address,
    pub recipient: Address,
    pub metadata_hash: [u8; 32],
    pub uri: [u8; MAX_URI],
    pub count: u8,
    pub amounts: [u64; MAX_MILESTONES],
    pub due: [i64; MAX_MILESTONES],
    pub total: u64,
    pub bond: u64,
    pub bond_floor_points: u64,
    pub quorum_points: u64,
    pub approval_bps: u16,
    pub snapshot_epoch: u32,
    pub opened_at: i64,
    pub ends_at: i64,
    /// Base units of bonds that the vault holds.
    pub bonds: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct VoteCast {
    pub proposal: Address,
    pub seq: u64,
    pub voter: Address,
    pub choice: u8,
    pub weight: u64,
    /// How often the voter voted on this proposal.
    pub votes: u64,
    pub votes_for: u64,
    pub votes_against: u64,
    pub abstained: u64,
    pub voters: u32,
}

/// The vote was counted, or the proposal ended early.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ProposalDecided {
    pub proposal: Address,
    pub seq: u64,
    pub state: u8,
    pub reason: u8,
    pub bond_state: u8,
    /// Base units set aside for the proposal and not paid.
    pub committed: u64,
    /// The pool after the decision.
    pub funded: u64,
    pub pool_committed: u64,
    pub bonds: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct MilestoneSubmitted {
    pub proposal: Address,
    pub seq: u64,
    pub index: u8,
    pub evidence: [u8; 32],
    pub review_by: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct MilestoneReviewed {
    pub proposal: Address,
    pub seq: u64,
    pub index: u8,
    pub by: Address,
    pub accepted: bool,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct MilestonePaid {
    pub proposal: Address,
    pub seq: u64,
    pub index: u8,
    pub destination: Address,
    pub amount: u64,
    /// Base units paid for the proposal so far.
    pub paid: u64,
    /// Base units set aside for the proposal and not paid.
    pub committed: u64,
    pub state: u8,
    /// The pool after the payment.
    pub pool_committed: u64,
    pub disbursed: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct BondReturned {
    pub proposal: Address,
    pub seq: u64,
    pub destination: Address,
    pub amount: u64,
    /// Base units of bonds that the vault still holds.
    pub bonds: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct BallotClosed {
    pub proposal: Address,
    pub voter: Address,
    /// Sequence number of the ballot.
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ProposalClosed {
    pub proposal: Address,
    pub seq: u64,
}
