//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the object
//! that it is about (config, listing or order), which grows by one with each event of that object.
use anchor_lang::prelude::*;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ConfigChanged {
    pub seq: u64,
    pub admin: Address,
    pub pending_admin: Address,
    pub treasury: Address,
    pub fee_bps: u16,
    pub paused: u8,
    pub oracle_set: u32,
    pub accept_seconds: i64,
    pub delivery_seconds: i64,
    pub audit_seconds: i64,
    pub dispute_seconds: i64,
    pub answer_seconds: i64,
    pub resolve_seconds: i64,
    pub award_seconds: i64,
    pub award_category: u16,
    pub seller_bond_bps: u16,
    pub challenge_bond_bps: u16,
    pub slash_challenger_bps: u16,
    pub slash_buyer_bps: u16,
    pub mints: [Address; 4],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OracleSetCreated {
    pub seq: u64,
    pub version: u32,
    pub threshold: u8,
    pub samples: u16,
    pub min_bond: u64,
    pub count: u8,
    pub members: [Address; 16],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OracleSetRetired {
    pub seq: u64,
    pub version: u32,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ListingChanged {
    pub listing: Address,
    pub seq: u64,
    pub seller: Address,
    pub id: u64,
    pub version: u32,
    pub kind: u8,
    pub unit: u8,
    pub active: bool,
    pub price: u64,
    pub mint: Address,
    pub metadata_hash: [u8; 32],
    pub content_root: [u8; 32],
    pub uri: [u8; 96],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ListingClosed {
    pub listing: Address,
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderOpened {
    pub order: Address,
    pub seq: u64,
    pub id: u64,
    pub listing: Address,
    pub listing_version: u32,
    pub buyer: Address,
    pub seller: Address,
    pub mint: Address,
    pub quantity: u64,
    pub amount: u64,
    pub fee_bps: u16,
    pub manifest_hash: [u8; 32],
    pub content_root: [u8; 32],
    /// `state::judge`.
    pub judge: u8,
    pub allow_partial: bool,
    /// 0 where oracles do not judge.
    pub oracle_set: u32,
    pub opened_at: i64,
    pub accept_by: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderAccepted {
    pub order: Address,
    pub seq: u64,
    pub deliver_by: i64,
    /// Base units that the seller deposited.
    pub seller_bond: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ResultSubmitted {
    pub order: Address,
    pub seq: u64,
    pub result_root: [u8; 32],
    pub result_log: [u8; 32],
    pub audit_slot: u64,
    /// 0 where the buyer's approval judges.
    pub audit_by: i64,
    pub state: u8,
    pub payable: u64,
    /// 0 until there is a verdict.
    pub dispute_until: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct LicenceDelivered {
    pub order: Address,
    pub seq: u64,
    pub key_hash: [u8; 32],
    /// The content key, sealed for the buyer; the order keeps its hash.
    pub sealed_key: [u8; 80],
    pub sealed_hash: [u8; 32],
    pub payable: u64,
    pub dispute_until: i64,
}

/// The seed's slots had been forgotten before anyone armed the audit: it waits for new ones.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AuditPostponed {
    pub order: Address,
    pub seq: u64,
    pub audit_slot: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AuditArmed {
    pub order: Address,
    pub seq: u64,
    pub audit_seed: [u8; 32],
    pub oracle_set: u32,
    pub samples: u16,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OracleVoted {
    pub order: Address,
    pub seq: u64,
    pub oracle: Address,
    pub oracle_set: u32,
    pub result_root: [u8; 32],
    pub verdict: u8,
    /// Why, in the protocol's codes (`protocol::report`); 0 for an accepting vote.
    pub reason: u16,
    /// Hash of the oracle's report.
    pub report: [u8; 32],
    pub votes_for: u8,
    pub votes_against: u8,
    /// The order's state after the vote, and its verdict (0 none yet, 1 accept, 2 reject).
    pub state: u8,
    pub order_verdict: u8,
    pub payable: u64,
    pub dispute_until: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderDisputed {
    pub order: Address,
    pub seq: u64,
    pub by: Address,
    pub reason: [u8; 32],
    /// Base units that the challenger deposited.
    pub bond: u64,
    pub answer_by: i64,
    pub resolve_by: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct DisputeAnswered {
    pub order: Address,
    pub seq: u64,
    /// The side that the verdict favours, or a member of the order's oracle set.
    pub by: Address,
    pub evidence: [u8; 32],
}

/// A verdict was made or changed by an approval, a concession, a resolution or a proof.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderJudged {
    pub order: Address,
    pub seq: u64,
    /// `state::judged_by`.
    pub by: u8,
    pub verdict: u8,
    pub resolution: u8,
    pub payable: u64,
    pub dispute_until: i64,
}

/// The vault was emptied: released to the seller, or refunded to the buyer.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderSettled {
    pub order: Address,
    pub seq: u64,
    /// `state::order_state`: released or refunded.
    pub state: u8,
    /// `state::refund_reason`.
    pub reason: u8,
    pub resolution: u8,
    /// What the seller was paid, fee included.
    pub payable: u64,
    /// Base units to the seller (bond included), the treasury, the buyer and the challenger, and out of existence.
    pub released: u64,
    pub fee: u64,
    pub refunded: u64,
    pub rewarded: u64,
    pub burned: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderAwarded {
    pub order: Address,
    pub seq: u64,
    pub source: [u8; 32],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct OrderClosed {
    pub order: Address,
    pub seq: u64,
}
