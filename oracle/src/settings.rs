//! What the oracle is told.

use crate::journal::Journal;
use serde::Deserialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

/// Where to listen: an address with a port, or a port alone, which only this host reaches. Port 0 takes a free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Listen(pub SocketAddr);

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(port) = text.parse::<u16>() {
            return Ok(Self((Ipv4Addr::LOCALHOST, port).into()));
        }
        let address =
            text.parse().map_err(|_| format!("{text:?} is neither a port nor an address like 127.0.0.1:9464"))?;
        Ok(Self(address))
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Settings of an oracle; `oracle.example.toml` explains them. Unknown names are refused.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Key file of a member of the oracle set, which also pays the fees.
    pub keypair: PathBuf,
    /// The content store ([`artefacts::Store::open`]); the oracle's own reports are written to it.
    pub store: PathBuf,
    /// The trainer's program.
    pub trainer: PathBuf,
    /// SQLite file; made when missing.
    pub database: PathBuf,
    /// Where judged audits are noted ([`crate::Journal`]); beside the database where absent.
    pub journal: Option<PathBuf>,
    /// The journal's longest file, in bytes; two are kept. 0 keeps no journal.
    pub journal_max_bytes: u64,
    /// Where metrics are served; nowhere where absent.
    pub metrics_listen: Option<Listen>,
    /// Seconds without an answer of the chain after which the oracle is not ready.
    pub stale_seconds: u64,
    /// Milliseconds between two looks at the chain.
    pub poll_ms: u64,
    /// Whether to draw the seeds of submitted results, where nobody did yet. Costs a transaction's fee.
    pub arm_audits: bool,
    /// Whether to convene and draw panels for disputes that were answered, and to carry their verdicts to the market, where nobody
    /// did yet. Costs a transaction's fee each, and the rent of a panel until it is closed.
    pub convene_panels: bool,
    /// Replays at the same time.
    pub parallel_replays: usize,
    /// Longest replay.
    pub replay_timeout_seconds: u64,
    /// Longest self-test.
    pub self_test_timeout_seconds: u64,
    /// Priority of replays: 0 normal to 19 lowest.
    pub replay_nice: u8,
    /// How long artefacts may be missing or damaged before that is the trainer's fault.
    pub unavailable_grace_seconds: u64,
    /// The same, cut short so many seconds before votes can no longer be sealed.
    pub deadline_margin_seconds: u64,
    /// First pause after a failure of this host; it doubles.
    pub retry_min_ms: u64,
    /// Longest pause after a failure of this host.
    pub retry_max_ms: u64,
    /// The node.
    pub node: chain::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            keypair: "oracle.json".into(),
            store: "store".into(),
            trainer: "aixblock-trainer".into(),
            database: "oracle.db".into(),
            journal: None,
            journal_max_bytes: 16 << 20,
            metrics_listen: None,
            stale_seconds: 120,
            poll_ms: 1_000,
            arm_audits: true,
            convene_panels: true,
            parallel_replays: 1,
            replay_timeout_seconds: 3_600,
            self_test_timeout_seconds: 600,
            replay_nice: 10,
            unavailable_grace_seconds: 600,
            deadline_margin_seconds: 30,
            retry_min_ms: 2_000,
            retry_max_ms: 300_000,
            node: chain::Settings::default(),
        }
    }
}

impl Settings {
    /// The journal that these settings ask for.
    #[must_use]
    pub fn journal(&self) -> Option<Journal> {
        let beside = || {
            let mut name = self.database.clone().into_os_string();
            name.push(".journal.jsonl");
            name.into()
        };
        let path = self.journal.clone().unwrap_or_else(beside);
        (self.journal_max_bytes > 0).then(|| Journal::new(path, self.journal_max_bytes))
    }

    pub(crate) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    /// Pause after the failure number `attempts`, counted from 1.
    pub(crate) fn pause_ms(&self, attempts: u32) -> i64 {
        let doubled = self.retry_min_ms.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        i64::try_from(doubled.min(self.retry_max_ms)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_reads_and_states_the_defaults() {
        let example: Settings = toml::from_str(include_str!("../oracle.example.toml")).unwrap();
        assert_eq!(example, Settings::default());
    }

    #[test]
    fn a_misspelt_name_is_refused() {
        for text in ["key_pair = \"a\"", "[node]\nurll = \"a\""] {
            assert!(toml::from_str::<Settings>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_port_alone_is_reached_from_this_host_only() {
        for (text, address) in [("9464", "127.0.0.1:9464"), ("0.0.0.0:9464", "0.0.0.0:9464"), ("[::1]:0", "[::1]:0")] {
            assert_eq!(text.parse(), Ok(Listen(address.parse().unwrap())));
            let settings: Settings = toml::from_str(&format!("metrics_listen = \"{text}\"")).unwrap();
            assert_eq!(settings.metrics_listen, Some(Listen(address.parse().unwrap())));
        }
        for text in ["", "70000", "localhost", "127.0.0.1"] {
            assert!(text.parse::<Listen>().unwrap_err().contains("127.0.0.1:9464"), "{text}");
        }
    }

    #[test]
    fn the_journal_is_beside_the_database_unless_told_otherwise() {
        let path = |text: &str| toml::from_str::<Settings>(text).unwrap().journal().map(|one| one.path().to_owned());
        assert_eq!(path("database = \"/var/o.db\""), Some("/var/o.db.journal.jsonl".into()));
        assert_eq!(path("journal = \"elsewhere\""), Some("elsewhere".into()));
        assert_eq!(path("journal_max_bytes = 0"), None);
    }

    #[test]
    fn pauses_double_up_to_the_longest_one() {
        let settings = Settings { retry_min_ms: 100, retry_max_ms: 1_000, ..Settings::default() };
        let pauses: Vec<i64> = [1, 2, 3, 4, 5, 60, u32::MAX].map(|attempts| settings.pause_ms(attempts)).to_vec();
        assert_eq!(pauses, [100, 200, 400, 800, 1_000, 1_000, 1_000]);
    }
}
