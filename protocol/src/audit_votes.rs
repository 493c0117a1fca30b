//! The votes of an order's audit, as JSON from who reads the chain to who shows what oracles found.

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// An order under audit, and how its oracles voted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVotes {
    /// Address of the order.
    pub order: String,
    /// State of the order, as the API names it.
    pub state: String,
    /// Hash of the manifest that the buyer fixed.
    pub manifest_hash: Digest,
    /// Content address of the log that the trainer submitted.
    pub log: Digest,
    /// Root that the trainer submitted.
    pub result_root: Digest,
    /// How many votes the chain counts; more than are listed where the node that was asked has forgotten some.
    pub cast: u32,
    /// The votes, in the order in which they were cast.
    pub votes: Vec<AuditVote>,
}

/// One oracle's vote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVote {
    /// The oracle's key.
    pub oracle: String,
    /// Whether the result is what the manifest leads to.
    pub accept: bool,
    /// Why not (`report::reason_code`).
    pub reason: u16,
    /// Content address of the oracle's report.
    pub report: Digest,
}

/// What the trainer's program says of a page that it wrote about an order's votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenReport {
    /// The file.
    pub report: PathBuf,
    /// Votes on the page.
    pub votes: usize,
    /// Those among them whose report cannot be used.
    pub unusable: usize,
}
