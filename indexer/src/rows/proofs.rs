//! Rows of proofs.

use super::row;

row! {
    /// What was found about an order.
    VerdictRow in verdicts by (address) {
        address: String,
        seq: i64,
        order_address: String,
        /// When the order was opened.
        opened_at: i64,
        rent_payer: String,
        kind: i64,
        state: i64,
        payable_bps: i64,
        fault: i64,
        /// The faulty chunk, or step of a training job.
        chunk: Option<i64>,
        /// Whether every oracle that judged a training job had to find the fault.
        blame: bool,
        answers_by: Option<i64>,
        items: Option<i64>,
        gold_count: Option<i64>,
        floor_bps: Option<i64>,
        full_bps: Option<i64>,
        /// Gold items that were compared, and those that were answered as the gold says.
        compared: i64,
        correct: i64,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

row! {
    /// A chunk that somebody says is faulty.
    ChunkClaimRow in chunk_claims by (address) {
        address: String,
        seq: i64,
        order_address: String,
        /// When the order was opened.
        opened_at: i64,
        claimant: String,
        chunk: i64,
        plain_hash: String,
        cipher_hash: String,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}
