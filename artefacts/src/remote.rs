//! A store that others serve: a bucket of an S3-compatible service, or a place on a web server.
//!
//! The service is not trusted: no more bytes are read than a blob can have, and what came is a blob only if it has the
//! right hash. An answer that is cut off, slow or wrong is asked for again, as often as the settings say.

mod client;
mod crypto;
mod settings;

pub use settings::RemoteSettings;

use crate::{StoreError, WriteError, checked, name_of};
use client::Connector;
use futures_util::StreamExt;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, Checksum};
use object_store::http::HttpBuilder;
use object_store::path::Path as Key;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use protocol::digest::Digest;
use std::io;
use std::sync::{Arc, OnceLock, mpsc};
use tokio::runtime::Runtime;

/// A store behind HTTP.
#[derive(Debug)]
pub(crate) struct Remote {
    url: String,
    read_only: bool,
    settings: RemoteSettings,
    service: Arc<dyn ObjectStore>,
    /// What stands before a blob's name, without slashes around it.
    prefix: String,
}

/// Why one try did not give the blob.
enum Failed {
    /// It would end in the same way again.
    Finally(StoreError),
    /// It may go better next time.
    Perhaps(StoreError),
}

impl Remote {
    pub(crate) fn is_remote(location: &str) -> bool {
        ["s3://", "http://", "https://"].iter().any(|scheme| location.starts_with(scheme))
    }

    pub(crate) fn open(url: &str, settings: RemoteSettings) -> Result<Self, StoreError> {
        let url = url.trim_end_matches('/').to_owned();
        let wrong = |reason: String| StoreError::Read {
            path: url.clone().into(),
            source: io::Error::new(io::ErrorKind::InvalidInput, reason),
        };
        let connector = Connector::new(&settings);
        let retry = RetryConfig { max_retries: 0, backoff: BackoffConfig::default(), ..RetryConfig::default() };
        let (service, prefix, read_only): (Arc<dyn ObjectStore>, _, _) = if let Some(rest) = url.strip_prefix("s3://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let mut builder = AmazonS3Builder::new();
            for (key, value) in settings.s3.iter() {
                // variables that are for other programs are none of this one's business
                if let Ok(key) = key.parse::<AmazonS3ConfigKey>() {
                    builder = builder.with_config(key, value);
                }
            }
            let built = builder
                .with_bucket_name(bucket)
                .with_checksum_algorithm(Checksum::SHA256)
                .with_retry(retry)
                .with_crypto_provider(Arc::new(crypto::RustCrypto))
                .with_http_connector(connector)
                .build();
            (Arc::new(built.map_err(|error| wrong(error.to_string()))?), prefix.to_owned(), false)
        } else {
            let options = ClientOptions::new().with_allow_http(true);
            let builder = HttpBuilder::new().with_url(&url).with_client_options(options).with_retry(retry);
            let built = builder.with_http_connector(connector).build();
            (Arc::new(built.map_err(|error| wrong(error.to_string()))?), String::new(), true)
        };
        Ok(Self { url, read_only, settings, service, prefix })
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn key_of(&self, name: &str) -> Key {
        if self.prefix.is_empty() { Key::from(name) } else { Key::from(format!("{}/{name}", self.prefix)) }
    }

    /// The blob at `address`, after checking its hash.
    pub(crate) fn read(self: &Arc<Self>, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let (this, address) = (self.clone(), *address);
        let unreadable = self.unreadable(&address, "the thread that reads it ended");
        wait(async move { this.read_patiently(&address, limit_bytes).await }).unwrap_or(Err(unreadable))
    }

    async fn read_patiently(&self, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let mut tries = 1;
        loop {
            let outcome = tokio::time::timeout(self.settings.blob_timeout, self.read_once(address, limit_bytes)).await;
            let error = match outcome {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(Failed::Finally(error))) => return Err(error),
                Ok(Err(Failed::Perhaps(error))) => error,
                Err(_) => {
                    let seconds = self.settings.blob_timeout.as_secs_f32();
                    self.unreadable(address, &format!("it did not come within {seconds} s"))
                }
            };
            if tries >= self.settings.tries {
                return Err(error);
            }
            tracing::warn!(%address, tries, %error, "asking for a blob again");
            tokio::time::sleep(self.settings.pause(tries)).await;
            tries += 1;
        }
    }

    async fn read_once(&self, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, Failed> {
        let failed = |error: object_store::Error| match error {
            object_store::Error::NotFound { .. } => Failed::Finally(StoreError::Missing(*address)),
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Failed::Finally(self.unreadable(address, &with_causes(&error)))
            }
            error => Failed::Perhaps(self.unreadable(address, &with_causes(&error))),
        };
        // what the caller knows of the blob says more than what this host can hold
        let too_long = |limit_bytes| {
            Failed::Finally(if limit_bytes < self.settings.max_blob_bytes {
                StoreError::TooLong { address: *address, limit_bytes }
            } else {
                self.unreadable(address, &format!("it is longer than AIXBLOCK_STORE_MAX_BYTES, {limit_bytes}"))
            })
        };
        let limit = limit_bytes.min(self.settings.max_blob_bytes);
        let answer = self.service.get(&self.key_of(&name_of(address))).await.map_err(failed)?;
        let announced = answer.meta.size;
        if announced > limit {
            return Err(too_long(limit));
        }
        let mut bytes = Vec::new();
        let mut pieces = answer.into_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(failed)?;
            if (bytes.len() + piece.len()) as u64 > limit {
                return Err(too_long(limit));
            }
            bytes.extend_from_slice(&piece);
        }
        if (bytes.len() as u64) < announced {
            let reason = format!("only {} of {announced} bytes came", bytes.len());
            return Err(Failed::Perhaps(self.unreadable(address, &reason)));
        }
        checked(address, bytes).map_err(Failed::Perhaps)
    }

    /// Writes a blob; the service shows it in full or not at all.
    pub(crate) fn write(self: &Arc<Self>, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let failed = |kind, reason: String| {
            let path = format!("{}/{name}", self.url).into();
            WriteError::Io { path, source: io::Error::new(kind, reason) }
        };
        if self.read_only {
            let reason = "a web server's store can only be read: name a folder or an s3:// store to write to";
            return Err(failed(io::ErrorKind::ReadOnlyFilesystem, reason.to_owned()));
        }
        let (this, key, payload) = (self.clone(), self.key_of(name), PutPayload::from(bytes.to_vec()));
        let written = wait(async move { this.write_patiently(&key, payload).await });
        written
            .unwrap_or_else(|| Err("the thread that writes it ended".to_owned()))
            .map_err(|reason| failed(io::ErrorKind::Other, reason))
    }

    async fn write_patiently(&self, key: &Key, payload: PutPayload) -> Result<(), String> {
        let mut tries = 1;
        loop {
            let put = self.service.put(key, payload.clone());
            let reason = match tokio::time::timeout(self.settings.blob_timeout, put).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(error)) => with_causes(&error),
                Err(_) => format!("it was not taken within {} s", self.settings.blob_timeout.as_secs_f32()),
            };
            if tries >= self.settings.tries {
                return Err(reason);
            }
            tracing::warn!(%key, tries, reason, "sending a blob again");
            tokio::time::sleep(self.settings.pause(tries)).await;
            tries += 1;
        }
    }

    fn unreadable(&self, address: &Digest, reason: &str) -> StoreError {
        let path = format!("{}/{}", self.url, name_of(address)).into();
        StoreError::Read { path, source: io::Error::other(reason.to_owned()) }
    }
}

/// An error and what caused it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        // many errors repeat their cause
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// Runs `work` on threads of its own and waits for it: callers may be on an asynchronous thread themselves, where a runtime
/// can neither be entered nor dropped.
fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Option<T> {
    static RUNTIME: OnceLock<Option<Runtime>> = OnceLock::new();
    let start =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name("store").enable_all().build();
    let runtime = RUNTIME.get_or_init(|| start().ok()).as_ref()?;
    let (sender, receiver) = mpsc::channel();
    runtime.spawn(async move {
        // nobody waits any more where the receiver is gone
        let _ = sender.send(work.await);
    });
    receiver.recv().ok()
}
