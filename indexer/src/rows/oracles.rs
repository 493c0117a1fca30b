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
