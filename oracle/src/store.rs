//! Reading artefacts without trusting the store.

use artefacts::{Store, StoreError};
use protocol::digest::{Digest, content_address};
use std::path::PathBuf;

/// A content-addressed store.
pub trait Artefacts: Send + Sync {
    /// The blob at `address`.
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError>;
    /// Stores `bytes` and returns their address.
    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError>;
}

impl Artefacts for Store {
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        Self::get(self, address)
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        Self::put(self, bytes)
    }
}

/// Artefacts from one store, and this oracle's own reports into another, which others need not be able to write to.
#[derive(Debug, Clone)]
pub struct Shelves {
    artefacts: Store,
    reports: Store,
}

impl Shelves {
    /// Reads from `artefacts`, and writes to `reports` where that is given. An error where neither can be written to.
    pub fn new(artefacts: Store, reports: Option<Store>) -> Result<Self, ReadOnly> {
        let reports = reports.unwrap_or_else(|| artefacts.clone());
        if reports.is_read_only() {
            return Err(ReadOnly(reports.root().to_owned()));
        }
        Ok(Self { artefacts, reports })
    }
}

/// There is no place for reports.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} can only be read: set `reports` to a store for this oracle's own reports", .0.display())]
pub struct ReadOnly(PathBuf);

/// A remote store may take minutes to answer, so other work moves to another thread meanwhile; this needs a runtime with
/// several threads.
impl Artefacts for Shelves {
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        tokio::task::block_in_place(|| self.artefacts.get(address))
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        tokio::task::block_in_place(|| self.reports.put(bytes))
    }
}

/// Why an artefact cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is missing or damaged: what the trainer must serve is not there.
    Unavailable(String),
    /// The store itself cannot be read: no statement about the trainer.
    Host(String),
}

/// The blob at `address`, whatever the store claims about it.
pub fn fetch(store: &impl Artefacts, address: &Digest) -> Result<Vec<u8>, Fault> {
    match store.get(address) {
        Ok(bytes) if content_address(&bytes) == *address => Ok(bytes),
        Ok(bytes) => {
            let found = content_address(&bytes);
            Err(Fault::Unavailable(format!("the store gave bytes for {address} that hash to {found}")))
        }
        Err(error @ (StoreError::Missing(_) | StoreError::Corrupt { .. } | StoreError::TooLong { .. })) => {
            Err(Fault::Unavailable(error.to_string()))
        }
        Err(error) => Err(Fault::Host(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use artefacts::RemoteSettings;

    #[tokio::test(flavor = "multi_thread")]
    async fn reports_go_to_their_own_store() {
        let folder = tempfile::tempdir().unwrap();
        let open = |name: &str| Store::open(folder.path().join(name)).unwrap();
        let shelves = Shelves::new(open("artefacts"), Some(open("reports"))).unwrap();
        let report = shelves.put(b"report").unwrap();
        assert_eq!(open("reports").get(&report).unwrap(), b"report");
        assert!(matches!(shelves.get(&report), Err(StoreError::Missing(_))));
        let blob = open("artefacts").put(b"log").unwrap();
        assert_eq!(shelves.get(&blob).unwrap(), b"log");
    }

    #[test]
    fn an_oracle_without_a_place_for_its_reports_does_not_start() {
        let served = || Store::open_remote("http://127.0.0.1:9/store", RemoteSettings::default()).unwrap();
        let error = Shelves::new(served(), None).unwrap_err().to_string();
        assert!(error.contains("http://127.0.0.1:9/store") && error.contains("`reports`"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        assert!(Shelves::new(served(), Some(Store::open(folder.path()).unwrap())).is_ok());
    }
}
