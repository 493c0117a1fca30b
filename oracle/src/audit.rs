//! An audit, and what this oracle thinks of it.

use chain::{Pubkey, Signature};
use protocol::digest::Digest;

/// As what an oracle is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seat {
    /// As a member of the order's oracle set, which replays a sample.
    Set,
    /// As a member of the panel that was drawn for the dispute about the set's verdict, which replays everything.
    Panel,
}

/// An audit that this oracle is asked to take part in, as the order's account states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// As what.
    pub seat: Seat,
    /// Address of the order.
    pub order: Pubkey,
    /// When the order was opened, in Unix seconds of the chain.
    pub opened_at: i64,
    /// Chooses the segments, together with the oracle's key; a panel's also drew its members.
    pub seed: [u8; 32],
    /// Version of the oracle set that the order pinned.
    pub oracle_set: u32,
    /// Segments that a member of the set replays besides the first and the last.
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
    /// If not: whether every oracle had to find that, in what each of them reads or replays.
    pub plain: bool,
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
