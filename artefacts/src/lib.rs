//! A content-addressed store on disk: a blob's address is the SHA-256 of its bytes.
//!
//! Layout: `<root>/<first two hex digits>/<64 hex digits>`, and `<root>/tmp/` for blobs that are being written. A blob
//! appears under its address by one rename after it is on disk in full, so what has an address is complete.

mod atomic;
pub mod bundle;
pub mod sealed;

pub use atomic::{WriteError, replace_file};

use protocol::digest::{Digest, content_address};
use std::io;
use std::path::{Path, PathBuf};

/// Free space that a store leaves on its disk unless told otherwise, in bytes.
pub const DEFAULT_MIN_FREE_BYTES: u64 = 64 << 20;

/// Why a blob cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Nothing is stored under the address.
    #[error("artefact {0} is missing from the store")]
    Missing(Digest),
    /// What is stored under the address has another hash.
    #[error("artefact {address} is corrupt: its bytes hash to {found}")]
    Corrupt {
        /// Address that was asked for.
        address: Digest,
        /// Hash of what is there.
        found: Digest,
    },
    /// The blob could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The operating system reports an error on reading.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// A store of blobs in one folder. Several processes may use it at once.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
    min_free_bytes: u64,
}

impl Store {
    /// Opens the store in `root`, and creates the folder where it is missing.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        atomic::create_folder(&root)?;
        Ok(Self { root, min_free_bytes: DEFAULT_MIN_FREE_BYTES })
    }

    /// Keeps so many bytes of the disk free: a blob that would go below is refused.
    #[must_use]
    pub fn with_min_free_bytes(mut self, bytes: u64) -> Self {
        self.min_free_bytes = bytes;
        self
    }

    /// Folder of the store.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// File that holds, or would hold, the blob at `address`.
    #[must_use]
    pub fn path_of(&self, address: &Digest) -> PathBuf {
        let name = address.to_string();
        self.root.join(&name[..2]).join(name)
    }

    /// Stores `bytes` and returns their address. A blob that is there and intact is left alone; a damaged one is replaced.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let address = content_address(bytes);
        if self.get(&address).is_err() {
            atomic::write(&self.path_of(&address), &self.root.join("tmp"), bytes, self.min_free_bytes)?;
        }
        Ok(address)
    }

    /// The blob at `address`, after checking its hash.
    pub fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        let path = self.path_of(address);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(StoreError::Missing(*address)),
            Err(source) => return Err(StoreError::Read { path, source }),
        };
        let found = content_address(&bytes);
        if found == *address { Ok(bytes) } else { Err(StoreError::Corrupt { address: *address, found }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        (folder, store)
    }

    fn files_below(folder: &Path) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
            .sum()
    }

    #[test]
    fn a_blob_reads_back_from_its_address() {
        let (_folder, store) = store();
        let address = store.put(b"weights").unwrap();
        assert_eq!(address, content_address(b"weights"));
        assert_eq!(store.get(&address).unwrap(), b"weights");
        assert_eq!(store.put(b"weights").unwrap(), address);
        assert_eq!(files_below(store.root()), 1);
    }

    #[test]
    fn a_missing_blob_and_a_corrupt_one_are_different_errors() {
        let (_folder, store) = store();
        let address = store.put(b"weights").unwrap();
        assert!(matches!(store.get(&content_address(b"other")), Err(StoreError::Missing(_))));
        std::fs::write(store.path_of(&address), b"wEights").unwrap();
        assert!(matches!(store.get(&address), Err(StoreError::Corrupt { .. })));
    }

    #[test]
    fn putting_a_corrupt_blob_again_repairs_it() {
        let (_folder, store) = store();
        let address = store.put(b"weights").unwrap();
        std::fs::write(store.path_of(&address), b"").unwrap();
        store.put(b"weights").unwrap();
        assert_eq!(store.get(&address).unwrap(), b"weights");
    }

    #[test]
    fn a_blob_that_would_fill_the_disk_is_refused_and_leaves_nothing_behind() {
        let (_folder, store) = store();
        let store = store.with_min_free_bytes(u64::MAX / 2);
        assert!(matches!(store.put(b"weights"), Err(StoreError::Write(WriteError::NoSpace { .. }))));
        assert_eq!(files_below(store.root()), 0);
    }

    #[test]
    fn a_leftover_of_an_unclean_stop_is_never_a_blob() {
        let (_folder, store) = store();
        let address = content_address(b"weights");
        std::fs::create_dir_all(store.root().join("tmp")).unwrap();
        std::fs::write(store.root().join("tmp").join(address.to_string()), b"wei").unwrap();
        assert!(matches!(store.get(&address), Err(StoreError::Missing(_))));
    }
}
