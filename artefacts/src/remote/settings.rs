//! How patient a reader of a remote store is, and how it signs in.

use crate::StoreError;
use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

/// How a remote store is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteSettings {
    /// How often a blob is asked for before that is an error.
    pub tries: u32,
    /// Pause after the first failure; it doubles up to 5 s.
    pub first_pause: Duration,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a server may be silent in the middle of an answer.
    pub read_timeout: Duration,
    /// How long one try for one blob may take.
    pub blob_timeout: Duration,
    /// The longest blob that this host reads.
    pub max_blob_bytes: u64,
    /// Settings of S3 by the names of their variables in lower case (`aws_access_key_id`, `aws_endpoint`, ..).
    pub s3: S3Settings,
}

/// Names and values, some of which are secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct S3Settings(BTreeMap<String, String>);

impl S3Settings {
    /// Names and values in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for S3Settings {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}

impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the values stay out of logs
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            tries: 4,
            first_pause: Duration::from_millis(250),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            blob_timeout: Duration::from_secs(600),
            max_blob_bytes: 8 << 30,
            s3: S3Settings::default(),
        }
    }
}

impl RemoteSettings {
    /// The variables `AIXBLOCK_STORE_TRIES`, `AIXBLOCK_STORE_CONNECT_SECONDS`, `AIXBLOCK_STORE_READ_SECONDS`,
    /// `AIXBLOCK_STORE_BLOB_SECONDS`, `AIXBLOCK_STORE_MAX_BYTES`, and all that begin with `AWS_`; what is not set has its default.
    pub fn from_env() -> Result<Self, StoreError> {
        let aws =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let s3 =
            aws.filter(|(name, _)| name.starts_with("AWS_")).map(|(name, value)| (name.to_ascii_lowercase(), value));
        let default = Self { s3: S3Settings(s3.collect()), ..Self::default() };
        let seconds = |name, default: Duration| {
            number(name, default.as_secs()).map(|seconds| Duration::from_secs(seconds.max(1)))
        };
        Ok(Self {
            tries: u32::try_from(number("AIXBLOCK_STORE_TRIES", default.tries.into())?).unwrap_or(u32::MAX).max(1),
            connect_timeout: seconds("AIXBLOCK_STORE_CONNECT_SECONDS", default.connect_timeout)?,
            read_timeout: seconds("AIXBLOCK_STORE_READ_SECONDS", default.read_timeout)?,
            blob_timeout: seconds("AIXBLOCK_STORE_BLOB_SECONDS", default.blob_timeout)?,
            max_blob_bytes: number("AIXBLOCK_STORE_MAX_BYTES", default.max_blob_bytes)?,
            ..default
        })
    }

    /// Pause after the failure number `tries`, from 1.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        self.first_pause.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(Duration::from_secs(5))
    }
}

fn number(name: &str, default: u64) -> Result<u64, StoreError> {
    let Ok(text) = std::env::var(name) else { return Ok(default) };
    text.parse().map_err(|_| StoreError::Read {
        path: name.into(),
        source: io::Error::new(io::ErrorKind::InvalidInput, format!("the variable is {text:?}, a number is expected")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_one() {
        let settings = RemoteSettings { first_pause: Duration::from_millis(400), ..RemoteSettings::default() };
        let pauses = [1, 2, 3, 4, 5, 99].map(|tries| settings.pause(tries).as_millis());
        assert_eq!(pauses, [400, 800, 1_600, 3_200, 5_000, 5_000]);
    }

    #[test]
    fn no_secret_is_printed() {
        let settings = RemoteSettings { s3: [("aws_secret_access_key", "hush")].into(), ..RemoteSettings::default() };
        let text = format!("{settings:?}");
        assert!(text.contains("aws_secret_access_key") && !text.contains("hush"), "{text}");
    }
}
