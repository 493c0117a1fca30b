//! An audit, and what this oracle thinks of it.

use chain::{Pubkey, Signature};
use protocol::digest::Digest;

/// An audit that this oracle is asked to take part in, as the order's account states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Address of the order.
    pub order: Pubkey,
    /// When the order was opened, in Unix seconds of the chain.
    pub opened_at: i64,
    /// Chooses the segments, together with the oracle's key.
    pub seed: [u8; 32],
    /// Version of the oracle set that the order pinned.
    pub oracle_set: u32,
    /// Segments to replay besides the first and the last.
    pub samples: u16,
    /// Hash of the manifest that the buyer fixed, and its address in the store.
    pub manifest_hash: Digest,
    /// Root that the seller submitted.
    pub result_root: Digest,
    /// Address of the job's log in the store.
    pub result_log: Digest,
    /// Votes are sealed before this second of the chain's time.
    pub seal_by: i64,
    /// Votes count before this second of the chain's time.
    pub audit_by: i64,
}

/// What this oracle votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opinion {
    /// Whether the result is what the manifest leads to.
    pub accept: bool,
    /// Why not, in the codes of `protocol::report::reason_code`.
    pub reason: u16,
    /// Content address of the report.
    pub report: Digest,
}

/// A seal or a vote that is signed but perhaps not on the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Names the transaction.
    pub signature: Signature,
    /// What is submitted, and until when it can land.
    pub bytes: Vec<u8>,
}
