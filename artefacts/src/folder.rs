//! A store in a folder. Beside the blobs it has `tmp/`, for those that are being written: a blob appears under its address by
//! one rename after it is on disk in full, so what has an address is complete.

use crate::{StoreError, WriteError, atomic, name_of};
use protocol::digest::Digest;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
}

impl Folder {
    pub(crate) fn open(root: PathBuf) -> Result<Self, WriteError> {
        atomic::create_folder(&root)?;
        Ok(Self { root })
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8], min_free_bytes: u64) -> Result<(), WriteError> {
        atomic::write(&self.root.join(name), &self.root.join("tmp"), bytes, min_free_bytes)
    }

    /// What is in the file of `address`, whatever it hashes to.
    pub(crate) fn read(&self, address: &Digest, limit_bytes: u64) -> Result<Vec<u8>, StoreError> {
        let path = self.root.join(name_of(address));
        let read = || {
            let mut bytes = Vec::new();
            let file = File::open(&path)?;
            bytes.reserve_exact(file.metadata()?.len().min(limit_bytes) as usize);
            file.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        match read() {
            Ok(bytes) if bytes.len() as u64 > limit_bytes => {
                Err(StoreError::TooLong { address: *address, limit_bytes })
            }
            Ok(bytes) => Ok(bytes),
            Err(error) if io::Error::kind(&error) == io::ErrorKind::NotFound => Err(StoreError::Missing(*address)),
            Err(source) => Err(StoreError::Read { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Store, StoreError, WriteError};
    use protocol::digest::content_address;
    use std::path::Path;

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
    fn no_more_is_read_than_a_blob_can_have() {
        let (_folder, store) = store();
        let address = store.put(b"weights").unwrap();
        assert_eq!(store.get_within(&address, 7).unwrap(), b"weights");
        assert!(matches!(store.get_within(&address, 6), Err(StoreError::TooLong { limit_bytes: 6, .. })));
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
