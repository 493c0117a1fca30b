//! Reading artefacts without trusting the store.

use artefacts::{Store, StoreError};
use protocol::digest::{Digest, content_address};

/// A content-addressed store.
pub trait Artefacts: Send + Sync {
    /// The blob at `address`.
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError>;
    /// Stores `bytes` and returns their address.
    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError>;
}

impl Artefacts for Store {
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        aside(|| Self::get(self, address))
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        aside(|| Self::put(self, bytes))
    }
}

/// A remote store may take minutes to answer: other work moves to another thread meanwhile, where there is one.
fn aside<T>(work: impl FnOnce() -> T) -> T {
    let flavor = tokio::runtime::Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if matches!(flavor, Ok(tokio::runtime::RuntimeFlavor::MultiThread)) {
        tokio::task::block_in_place(work)
    } else {
        work()
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
