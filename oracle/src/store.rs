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
        Self::get(self, address)
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        Self::put(self, bytes)
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
        Err(error @ (StoreError::Missing(_) | StoreError::Corrupt { .. })) => {
            Err(Fault::Unavailable(error.to_string()))
        }
        Err(error) => Err(Fault::Host(error.to_string())),
    }
}
