//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the object that it
//! is about (config, oracle, record, seals, panel), which grows by one with each event of that object. An oracle is named by the
//! key that votes.
use anchor_lang::prelude::*;
use protocol::panel::MAX_MEMBERS;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ConfigChanged {
    pub seq: u64,
    pub admin: Address,
    pub pending_admin: Address,
    pub mint: Address,
    pub min_bond: u64,
    pub unbonding_seconds: i64,
    pub slash_changed_at: i64,
    pub slash_bps: u16,
    pub slash_bps_before: u16,
    pub panel_set: u32,
    pub panel_size: u8,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OracleRegistered {
    pub oracle: Address,
    pub seq: u64,
    pub rent_payer: Address,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct BondDeposited {
    pub oracle: Address,
    pub seq: u64,
    pub amount: u64,
    /// Base units after the deposit.
    pub bond: u64,
}

/// What is on its way out from now on: nothing where a request was taken back.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct UnbondRequested {
    pub oracle: Address,
    pub seq: u64,
    pub unbonding: u64,
    pub unbond_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct BondWithdrawn {
    pub oracle: Address,
    pub seq: u64,
    pub amount: u64,
    /// Base units after the withdrawal.
    pub bond: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct VoteSealed {
    pub order: Address,
    /// The seals'.
    pub seq: u64,
    /// Tells orders at one address apart.
    pub opened_at: i64,
    pub oracle: Address,
    /// `protocol::seal`.
    pub commitment: [u8; 32],
    /// Members of the set that sealed so far.
    pub sealed: u8,
    pub rent_payer: Address,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct SealsClosed {
    pub order: Address,
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct VoteRecorded {
    pub oracle: Address,
    /// The oracle's.
    pub seq: u64,
    pub order: Address,
    /// Tells orders at one address apart.
    pub opened_at: i64,
    /// The record's.
    pub record_seq: u64,
    /// What it voted and how the order ended: 1 accept, 2 reject, 0 neither.
    pub vote: u8,
    pub ended: u8,
    /// It could have voted for the whole of the audit, and did not.
    pub missed: bool,
    /// It missed the vote although it had sealed one: it saw the others' votes and kept its own.
    pub hidden: bool,
    /// A judged dispute overturned the verdict that it voted for.
    pub overturned: bool,
    /// Base units of the bond to the challenger, to the buyer, and out of existence.
    pub to_challenger: u64,
    pub to_buyer: u64,
    pub burned: u64,
    /// Base units after that, and what of them is on its way out.
    pub bond: u64,
    pub unbonding: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RecordClosed {
    pub order: Address,
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OracleClosed {
    pub oracle: Address,
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelConvened {
    pub order: Address,
    /// The panel's.
    pub seq: u64,
    /// Tells orders at one address apart.
    pub opened_at: i64,
    /// Version of the set that the members are drawn from.
    pub oracle_set: u32,
    pub size: u8,
    pub min_bond: u64,
    /// The first slots after it draw the members.
    pub slot: u64,
    /// Votes are sealed before this second.
    pub seal_by: i64,
    pub rent_payer: Address,
}

/// Nobody drew the members in time: later slots will.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelPostponed {
    pub order: Address,
    pub seq: u64,
    pub slot: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelDrawn {
    pub order: Address,
    pub seq: u64,
    pub seed: [u8; 32],
    /// As many as the panel has seats; the rest is zero.
    pub members: [Address; MAX_MEMBERS],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelVoteSealed {
    pub order: Address,
    pub seq: u64,
    pub opened_at: i64,
    pub oracle: Address,
    /// `protocol::seal`.
    pub commitment: [u8; 32],
    /// Members that sealed so far.
    pub sealed: u8,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelVoted {
    pub order: Address,
    pub seq: u64,
    pub opened_at: i64,
    pub oracle: Address,
    /// `protocol::panel::ballot`.
    pub ballot: u8,
    pub reason: u16,
    pub report: [u8; 32],
    /// Votes so far.
    pub votes_for: u8,
    pub votes_against: u8,
    /// The panel after this vote, and, where that is final, its verdict.
    pub state: u8,
    pub payable_bps: u16,
    pub blame: u8,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PanelClosed {
    pub order: Address,
    pub seq: u64,
}
