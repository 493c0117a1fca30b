//! Rows of the oracles' program.

use super::row;
use crate::Amount;

row! {
    /// The configuration of the oracles' program.
    OraclesConfigRow in oracles_config by (id) {
        /// Always 1.
        id: i64,
        seq: i64,
        admin: String,
        pending_admin: Option<String>,
        mint: String,
        min_bond: Amount,
        unbonding_seconds: i64,
        slash_changed_at: i64,
        slash_bps: i64,
        /// For results submitted before `slash_changed_at`.
        slash_bps_before: i64,
        /// Version of the oracle set that panels are drawn from.
        panel_set: i64,
        /// Members of a panel; 0 where there are none.
        panel_size: i64,
        updated_slot: i64,
    }
}

row! {
    /// An oracle's bond, and what its votes came to.
    OracleRow in oracles by (oracle) {
        /// The key that votes.
        oracle: String,
        seq: i64,
        rent_payer: String,
        bond: Amount,
        /// The part of `bond` that is on its way out.
        unbonding: Amount,
        unbond_at: Option<i64>,
        votes: i64,
        agreed: i64,
        dissented: i64,
        missed: i64,
        /// Those of them on which it had sealed a vote.
        hidden: i64,
        overturned: i64,
        slashed: Amount,
        closed: bool,
        registered_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// Whose votes on an order were recorded.
    RecordRow in records by (order_address) {
        order_address: String,
        seq: i64,
        opened_at: i64,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// What a member of an order's oracle set did.
    RecordedVoteRow in recorded_votes by (order_address, opened_at, oracle) {
        order_address: String,
        /// Tells orders at one address apart.
        opened_at: i64,
        oracle: String,
        vote: i64,
        ended: i64,
        missed: bool,
        hidden: bool,
        overturned: bool,
        to_challenger: Amount,
        to_buyer: Amount,
        burned: Amount,
        recorded_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// What the members of an order's oracle set sealed.
    SealsRow in seals by (order_address) {
        order_address: String,
        seq: i64,
        opened_at: i64,
        rent_payer: String,
        /// Members that sealed so far.
        sealed: i64,
        closed: bool,
        updated_slot: i64,
    }
}

row! {
    /// What one of them sealed.
    SealedVoteRow in sealed_votes by (order_address, opened_at, oracle) {
        order_address: String,
        /// Tells orders at one address apart.
        opened_at: i64,
        oracle: String,
        commitment: String,
        sealed_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

row! {
    /// The panel that judges the dispute about an order.
    PanelRow in panels by (order_address) {
        order_address: String,
        seq: i64,
        /// Tells orders at one address apart.
        opened_at: i64,
        rent_payer: String,
        state: i64,
        /// Version of the set that the members are drawn from.
        oracle_set: i64,
        size: i64,
        min_bond: Amount,
        /// The first slots after it draw the members.
        draw_slot: i64,
        /// Drew the members.
        seed: Option<String>,
        /// Votes are sealed before this second and shown from it on.
        seal_by: i64,
        /// Members that sealed so far, and votes that were shown.
        sealed: i64,
        votes_for: i64,
        votes_against: i64,
        /// The verdict, where `state` says that it is final.
        payable_bps: i64,
        /// Whether every oracle that judged the order before had to come to it.
        blame: bool,
        closed: bool,
        convened_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// A member of a panel, what it sealed and how it voted.
    PanelVoteRow in panel_votes by (order_address, opened_at, oracle) {
        order_address: String,
        /// Tells orders at one address apart.
        opened_at: i64,
        oracle: String,
        /// From 0.
        seat: i64,
        commitment: Option<String>,
        sealed_at: Option<i64>,
        ballot: Option<i64>,
        reason: Option<i64>,
        report: Option<String>,
        voted_at: Option<i64>,
        drawn_slot: i64,
        updated_slot: i64,
        /// Of the last transaction about it.
        signature: String,
    }
}
