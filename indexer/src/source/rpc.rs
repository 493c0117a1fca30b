//! JSON-RPC over HTTP: one call, one answer, every failure an error with a name.

use super::wire::{BlockAnswer, SignatureAnswer};
use crate::settings::Commitment;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::time::Duration;

/// Why a call failed. All of these are worth another try.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// No whole answer came.
    #[error("{method}: no answer from the RPC server ({reason}): is it running, is the URL right?")]
    Transport {
        /// The method called.
        method: &'static str,
        /// Why.
        reason: String,
    },
    /// An HTTP status that is not success.
    #[error("{method}: the RPC server answered HTTP {status}{}", if *status == 429 { ": it limits the rate, calls slow down" } else { "" })]
    Status {
        /// The method called.
        method: &'static str,
        /// The status.
        status: u16,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// An answer that does not read.
    #[error("{method}: the RPC server's answer does not read ({reason})")]
    Malformed {
        /// The method called.
        method: &'static str,
        /// Why.
        reason: String,
    },
    /// An error of the method.
    #[error("{method}: the RPC server refused with {code}: {message}")]
    Refused {
        /// The method called.
        method: &'static str,
        /// JSON-RPC's code.
        code: i64,
        /// Its message.
        message: String,
    },
}

impl RpcError {
    /// How long the server asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: i64,
    message: String,
}

/// What `getBlock` says about a slot.
pub(super) enum BlockState {
    Here(Box<BlockAnswer>),
    /// Not confirmed yet, or skipped for all that this server knows. Proves nothing.
    NotHere,
}

/// A JSON-RPC server, asked at one commitment.
#[derive(Clone, Debug)]
pub struct Rpc {
    http: reqwest::Client,
    url: String,
    commitment: Commitment,
    /// Highest transaction version asked for; lowered for servers that do not know it.
    version: u8,
}

impl Rpc {
    /// A client without a connection yet.
    ///
    /// # Errors
    /// When the URL does not read.
    pub fn new(url: &str, commitment: Commitment, timeout: Duration) -> Result<Self, RpcError> {
        let broken = |reason: String| RpcError::Transport { method: "connect", reason };
        url.parse::<reqwest::Url>().map_err(|error| broken(format!("{url}: {error}")))?;
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .connect_timeout(timeout.min(Duration::from_secs(5)))
            .build()
            .map_err(|error| broken(error.to_string()))?;
        Ok(Self { http, url: url.into(), commitment, version: 1 })
    }

    /// The commitment of every call.
    #[must_use]
    pub fn commitment(&self) -> Commitment {
        self.commitment
    }

    async fn call<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<Option<T>, RpcError> {
        let transport = |error: reqwest::Error| RpcError::Transport { method, reason: chain_of(&error) };
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let response = self.http.post(&self.url).json(&body).send().await.map_err(transport)?;
        let status = response.status();
        if !status.is_success() {
            let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
            return Err(RpcError::Status {
                method,
                status: status.as_u16(),
                retry_after: header.map(Duration::from_secs),
            });
        }
        let bytes = response.bytes().await.map_err(transport)?;
        let malformed = |error: serde_json::Error| RpcError::Malformed { method, reason: error.to_string() };
        let answer: Answer<T> = serde_json::from_slice(&bytes).map_err(malformed)?;
        match answer.error {
            Some(Refusal { code, message }) => Err(RpcError::Refused { method, code, message }),
            None => Ok(answer.result),
        }
    }

    async fn demand<T: DeserializeOwned>(&self, method: &'static str, params: Value) -> Result<T, RpcError> {
        self.call(method, params).await?.ok_or(RpcError::Malformed { method, reason: "no result".into() })
    }

    /// Whether the server is the embedded chain.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_embedded(&self) -> Result<bool, RpcError> {
        let version: Value = self.demand("getVersion", json!([])).await?;
        Ok(version.get("surfnet-version").is_some())
    }

    pub(super) async fn slot(&self) -> Result<u64, RpcError> {
        self.demand("getSlot", json!([{ "commitment": self.commitment.name() }])).await
    }

    pub(super) async fn finalized_slot(&self) -> Result<u64, RpcError> {
        self.demand("getSlot", json!([{ "commitment": "finalized" }])).await
    }

    pub(super) async fn first_slot(&self) -> Result<u64, RpcError> {
        self.demand("getFirstAvailableBlock", json!([])).await
    }

    pub(super) async fn transaction_count(&self) -> Result<u64, RpcError> {
        self.demand("getTransactionCount", json!([{ "commitment": self.commitment.name() }])).await
    }

    pub(super) async fn slots(&self, from: u64, to: u64) -> Result<Vec<u64>, RpcError> {
        self.demand("getBlocks", json!([from, to, { "commitment": self.commitment.name() }])).await
    }

    pub(super) async fn signatures(
        &self,
        address: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SignatureAnswer>, RpcError> {
        let config = json!({ "commitment": self.commitment.name(), "before": before, "limit": limit });
        self.demand("getSignaturesForAddress", json!([address, config])).await
    }

    pub(super) async fn block(&mut self, slot: u64) -> Result<BlockState, RpcError> {
        const INVALID_PARAMS: i64 = -32_602;
        const NOT_AVAILABLE_YET: i64 = -32_004;
        const SKIPPED_OR_MISSING: [i64; 2] = [-32_007, -32_009];
        loop {
            let config = json!({
                "commitment": self.commitment.name(), "encoding": "json", "transactionDetails": "full", "rewards": false,
                "maxSupportedTransactionVersion": self.version,
            });
            return match self.call("getBlock", json!([slot, config])).await {
                Ok(Some(block)) => Ok(BlockState::Here(Box::new(block))),
                Ok(None) => Ok(BlockState::NotHere),
                Err(RpcError::Refused { code, .. })
                    if code == NOT_AVAILABLE_YET || SKIPPED_OR_MISSING.contains(&code) =>
                {
                    Ok(BlockState::NotHere)
                }
                Err(RpcError::Refused { code: INVALID_PARAMS, .. }) if self.version > 0 => {
                    self.version = 0;
                    continue;
                }
                Err(error) => Err(error),
            };
        }
    }
}

/// An error with its causes: reqwest's own text leaves them out.
fn chain_of(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
