//! How a node is reached and how patient the client is.

use serde::{Deserialize, Serialize};
use solana_commitment_config::{CommitmentConfig, CommitmentLevel};
use std::time::Duration;

/// The commitment that every read and every confirmation uses unless the settings say otherwise.
pub const COMMITMENT: CommitmentLevel = CommitmentLevel::Confirmed;

/// How a node is reached and how patient the client is. Every field has a default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The node's JSON-RPC.
    pub url: String,
    /// `processed`, `confirmed` or `finalized`.
    pub commitment: CommitmentLevel,
    /// Longest wait for one answer.
    pub request_timeout_ms: u64,
    /// How long calls are repeated while the node does not answer, before they fail.
    pub patience_seconds: u64,
    /// First pause between two questions about a transaction; it doubles up to `poll_max_ms`.
    pub poll_ms: u64,
    /// Longest pause between two questions about a transaction.
    pub poll_max_ms: u64,
    /// Pause before the same signed bytes are sent again.
    pub resend_ms: u64,
    /// How often a transaction is signed again after its blockhash expired.
    pub signing_attempts: u32,
    /// Compute limit above what the simulation used, in percent of it.
    pub compute_margin_percent: u32,
    /// Priority fee in millionths of a lamport for each compute unit.
    pub priority_fee_micro_lamports: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8899".into(),
            commitment: COMMITMENT,
            request_timeout_ms: 10_000,
            patience_seconds: 60,
            poll_ms: 50,
            poll_max_ms: 200,
            resend_ms: 2_000,
            signing_attempts: 5,
            compute_margin_percent: 20,
            priority_fee_micro_lamports: 0,
        }
    }
}

impl Settings {
    /// Default settings for the node at `url`.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Longest wait for one answer.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// How long calls are repeated while the node does not answer.
    #[must_use]
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience_seconds)
    }

    /// The commitment in the client library's form.
    #[must_use]
    pub fn commitment_config(&self) -> CommitmentConfig {
        CommitmentConfig { commitment: self.commitment }
    }

    /// The url without user, path and query, which may hold an access key: fit for messages and logs.
    #[must_use]
    pub fn host(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("http", &self.url));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit('@').next().unwrap_or_default();
        format!("{scheme}://{host}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_host_and_no_access_key() {
        let host = |url: &str| Settings::at(url).host();
        assert_eq!(host("http://127.0.0.1:8899"), "http://127.0.0.1:8899");
        assert_eq!(host("https://user:secret@rpc.example.org/v1/secret?api-key=secret"), "https://rpc.example.org");
        assert_eq!(host("https://rpc.example.org?api-key=secret"), "https://rpc.example.org");
    }

    #[test]
    fn settings_left_out_have_defaults_and_unknown_ones_are_refused() {
        let settings: Settings = serde_json::from_str(r#"{"url":"http://node:1","commitment":"finalized"}"#).unwrap();
        assert_eq!(settings.commitment, CommitmentLevel::Finalized);
        assert_eq!(settings.patience_seconds, 60);
        assert!(serde_json::from_str::<Settings>(r#"{"urll":"x"}"#).is_err());
    }
}
