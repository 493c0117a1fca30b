//! What the indexer is told: a TOML file, the environment, or flags.

use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// Settings of the indexer. Unknown names are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// JSON-RPC server of the chain.
    pub rpc_url: String,
    /// SQLite file; made when missing.
    pub database: PathBuf,
    /// How blocks are found.
    pub source: SourceKind,
    /// The commitment of every call.
    pub commitment: Commitment,
    /// First slot to read when the database is empty; without it, the first that the server has.
    pub start_slot: Option<u64>,
    /// Milliseconds between two questions when there is nothing new.
    pub poll_ms: u64,
    /// Seconds after which a call counts as failed.
    pub request_timeout_seconds: u64,
    /// The longest pause between two attempts while the server fails, in milliseconds.
    pub backoff_max_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rpc_url: "http://127.0.0.1:8899".into(),
            database: "aixblock.db".into(),
            source: SourceKind::Auto,
            commitment: Commitment::Confirmed,
            start_slot: None,
            poll_ms: 200,
            request_timeout_seconds: 15,
            backoff_max_ms: 10_000,
        }
    }
}

impl Settings {
    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub(crate) fn backoff_max(&self) -> Duration {
        Duration::from_millis(self.backoff_max_ms)
    }

    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

/// How blocks are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// `signatures` on the embedded chain, `blocks` elsewhere.
    #[default]
    Auto,
    /// Every block, linked by parent hash: sees forks.
    Blocks,
    /// Only blocks with transactions of our programs, by `getSignaturesForAddress`: for the embedded chain, whose
    /// parent hashes do not link, and, at commitment `finalized`, for a cheap catch-up elsewhere.
    Signatures,
}

impl std::str::FromStr for SourceKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "blocks" => Ok(Self::Blocks),
            "signatures" => Ok(Self::Signatures),
            other => Err(format!("unknown source {other:?}: use auto, blocks or signatures")),
        }
    }
}

/// How sure a block must be before it is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commitment {
    /// Voted for by two thirds of the stake; forks are followed.
    #[default]
    Confirmed,
    /// Rooted: about 13 seconds later on a public cluster.
    Finalized,
}

impl Commitment {
    /// The name in JSON-RPC and SQL.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Finalized => "finalized",
        }
    }
}

impl std::str::FromStr for Commitment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "confirmed" => Ok(Self::Confirmed),
            "finalized" => Ok(Self::Finalized),
            other => Err(format!("unknown commitment {other:?}: use confirmed or finalized")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_reads_and_states_the_defaults() {
        let example: Settings = toml::from_str(include_str!("../indexer.example.toml")).unwrap();
        assert_eq!(format!("{example:?}"), format!("{:?}", Settings::default()));
    }

    #[test]
    fn a_misspelt_name_is_refused() {
        let error = toml::from_str::<Settings>("rpc_ulr = \"http://127.0.0.1\"").unwrap_err();
        assert!(error.to_string().contains("rpc_ulr"), "{error}");
    }
}
