//! Files with secrets: 32 bytes in hex, or text. Only their owner may read them, and none is ever overwritten.
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// 32 bytes from the operating system's generator.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the operating system gives no random bytes")?;
    Ok(bytes)
}

/// Writes a new file. Creates the folder.
pub fn create(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("cannot create {} (a secret is never overwritten)", path.display()))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a secret of 32 bytes to a new file.
pub fn create_key(path: &Path, secret: &[u8; 32]) -> Result<()> {
    create(path, &(hex::encode(secret) + "\n"))
}

/// Reads a secret of 32 bytes.
pub fn read_key(path: &Path) -> Result<[u8; 32]> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read the key file {}", path.display()))?;
    let mut secret = [0; 32];
    if hex::decode_to_slice(text.trim(), &mut secret).is_err() {
        bail!("{} is not a key file: 64 hex digits are expected", path.display());
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_written_once_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("aixblock-secret-{}", std::process::id()));
        let path = folder.join("keys/one.key");
        let secret = random().expect("random bytes");
        create_key(&path, &secret).expect("a new file");
        assert_eq!(read_key(&path).expect("readable"), secret);
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        assert!(create_key(&path, &[0; 32]).is_err());
        assert_eq!(read_key(&path).expect("unchanged"), secret);
        fs::write(folder.join("keys/bad.key"), "not hex").expect("writable");
        assert!(read_key(&folder.join("keys/bad.key")).is_err());
        fs::remove_dir_all(folder).expect("removable");
    }
}
