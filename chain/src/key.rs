//! Key files in Solana's format: a JSON array of 64 numbers, the secret and the public half.

use solana_keypair::Keypair;
use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// Why a key file cannot be read or written. Never shows any of the file's content.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such file.
    #[error("there is no key file {}: create one with solana-keygen, or name another", .0.display())]
    Missing(PathBuf),
    /// The file is not a key.
    #[error("{} is not a key file: 64 numbers in a JSON array are expected, whose second half is the public key", .0.display())]
    Malformed(PathBuf),
    /// The file exists already.
    #[error("{} exists already: a key file is never overwritten; move it away or name another", .0.display())]
    Exists(PathBuf),
    /// The operating system reports an error.
    #[error("cannot use key file {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Reads a key file. Warns where others than its owner may read it.
pub fn read(path: &Path) -> Result<Keypair, KeyError> {
    let text = fs::read_to_string(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyError::Missing(path.to_owned()),
        io::ErrorKind::InvalidData => KeyError::Malformed(path.to_owned()),
        _ => KeyError::Io { path: path.to_owned(), source },
    })?;
    let mode = fs::metadata(path).map(|metadata| metadata.permissions().mode()).unwrap_or(0o600);
    if mode & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "others may read this key file: chmod 600");
    }
    let malformed = || KeyError::Malformed(path.to_owned());
    let bytes: Vec<u8> = serde_json::from_str(&text).map_err(|_| malformed())?;
    Keypair::try_from(bytes.as_slice()).map_err(|_| malformed())
}

/// Writes a key to a new file that only its owner may read. Creates the folder.
pub fn write(path: &Path, key: &Keypair) -> Result<(), KeyError> {
    let failed = |source| KeyError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|source| {
        match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists(path.to_owned()),
            _ => failed(source),
        }
    })?;
    let text = serde_json::to_string(&key.to_bytes().to_vec()).map_err(|error| failed(error.into()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
}

/// Reads a key file, or makes a new key and writes it there.
pub fn read_or_create(path: &Path) -> Result<Keypair, KeyError> {
    match read(path) {
        Err(KeyError::Missing(_)) => {
            let key = Keypair::new();
            write(path, &key)?;
            Ok(key)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_signer::Signer;

    #[test]
    fn a_key_reads_back_from_a_file_that_only_its_owner_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/id.json");
        let key = read_or_create(&path).unwrap();
        assert_eq!(read(&path).unwrap().pubkey(), key.pubkey());
        assert_eq!(read_or_create(&path).unwrap().pubkey(), key.pubkey());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(matches!(write(&path, &key), Err(KeyError::Exists(_))));
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_without_showing_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("id.json");
        assert!(matches!(read(&path), Err(KeyError::Missing(_))));
        for content in ["secret words", "[1,2,3]", "[]", "{}"] {
            fs::write(&path, content).unwrap();
            let error = read(&path).err().unwrap();
            assert!(matches!(error, KeyError::Malformed(_)));
            assert!(content == "[]" || content == "{}" || !format!("{error} {error:?}").contains(content));
        }
        // a public half that does not belong to the secret one
        let mut bytes = Keypair::new().to_bytes().to_vec();
        bytes[40] ^= 1;
        fs::write(&path, serde_json::to_string(&bytes).unwrap()).unwrap();
        assert!(matches!(read(&path), Err(KeyError::Malformed(_))));
    }
}
