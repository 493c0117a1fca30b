//! Reads the platform's HTTP API.
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A client of one API server.
#[derive(Clone)]
pub struct ApiClient {
    http: reqwest::Client,
    pub url: String,
    /// How long to wait for the indexer to reach a slot.
    pub patience: Duration,
}

impl ApiClient {
    pub fn new(url: String) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(10))
            .build()
            .context("cannot make an HTTP client")?;
        Ok(Self { http, url, patience: Duration::from_secs(60) })
    }

    /// Reads a resource as of `min_slot` or later, waiting while the indexer is behind.
    pub async fn get(&self, path: &str, min_slot: u64) -> Result<Value> {
        let begin = Instant::now();
        let separator = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{separator}min_slot={min_slot}", self.url);
        loop {
            let problem = match self.http.get(&url).send().await {
                Ok(answer) if answer.status().is_success() => {
                    return answer.json().await.with_context(|| format!("{url} answered no JSON"));
                }
                // 412: the indexer has not reached the slot
                Ok(answer) if answer.status().as_u16() == 412 => "the indexer is behind".to_owned(),
                Ok(answer) if answer.status().is_server_error() => format!("it answers {}", answer.status()),
                Ok(answer) => bail!("{url} answers {}: {}", answer.status(), answer.text().await.unwrap_or_default()),
                Err(error) => format!("{error}"),
            };
            if begin.elapsed() > self.patience {
                bail!("{url} gave no answer within {} s: {problem}", self.patience.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
