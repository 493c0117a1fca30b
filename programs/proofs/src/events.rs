//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the claim or the verdict
//! that it is about, which grows by one with each event of that account.
use anchor_lang::prelude::*;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ChunkClaimed {
    pub claim: Address,
    pub seq: u64,
    pub order: Address,
    pub claimant: Address,
    /// When the order was opened, Unix seconds: tells orders at one address apart.
    pub opened_at: i64,
    /// Place of the chunk, from 0.
    pub chunk: u64,
    pub plain_hash: [u8; 32],
    pub cipher_hash: [u8; 32],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ClaimClosed {
    pub claim: Address,
    pub seq: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct FaultProven {
    pub verdict: Address,
    pub seq: u64,
    pub order: Address,
    pub rent_payer: Address,
    pub opened_at: i64,
    /// `state::fault`.
    pub fault: u8,
    /// The faulty chunk, or step (of a contradiction: the first of its segment) of a training job; 0 where the key is faulty.
    pub chunk: u64,
    /// Whether every oracle that judged a training job had to find it.
    pub blame: bool,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct GoldOpened {
    pub verdict: Address,
    pub seq: u64,
    pub order: Address,
    pub rent_payer: Address,
    pub opened_at: i64,
    pub answers_by: i64,
    pub items: u32,
    pub gold_count: u8,
    pub floor_bps: u16,
    pub full_bps: u16,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AnswersOpened {
    pub verdict: Address,
    pub seq: u64,
    pub leaf: u32,
    /// Gold items compared so far, and those of them that were answered as the gold says.
    pub compared: u8,
    pub correct: u8,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct GoldJudged {
    pub verdict: Address,
    pub seq: u64,
    pub compared: u8,
    pub correct: u8,
    pub payable_bps: u16,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct VerdictClosed {
    pub verdict: Address,
    pub seq: u64,
}
