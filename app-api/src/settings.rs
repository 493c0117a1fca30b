//! What the API is told: a TOML file, the environment, or flags.

use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Settings of the API. Unknown names are refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The indexer's SQLite file.
    pub database: PathBuf,
    /// Read connections.
    pub connections: u32,
    /// Seconds until a request is given up.
    pub request_timeout_seconds: u64,
    /// The longest request body, in bytes.
    pub body_limit_bytes: usize,
    /// Origins whose pages may read the API; `*` for all.
    pub cors_origins: Vec<String>,
    /// Event streams at the same time.
    pub max_streams: usize,
    /// Seconds without an answer of the indexer's source after which the API is not ready.
    pub stale_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: "aixblock.db".into(),
            connections: 4,
            request_timeout_seconds: 10,
            body_limit_bytes: 65_536,
            cors_origins: vec!["*".into()],
            max_streams: 64,
            stale_seconds: 30,
        }
    }
}

impl Settings {
    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_file_reads_and_states_the_defaults() {
        let example: Settings = toml::from_str(include_str!("../api.example.toml")).unwrap();
        assert_eq!(format!("{example:?}"), format!("{:?}", Settings::default()));
    }

    #[test]
    fn a_misspelt_name_is_refused() {
        assert!(toml::from_str::<Settings>("lisen = \"127.0.0.1:1\"").is_err());
    }
}
