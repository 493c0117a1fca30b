//! Writing a file so that it is either there in full or not there.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a file could not be written. Nothing of it is left behind.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The disk has too little space.
    #[error(
        "no space for {} ({needed_bytes} bytes): {free_bytes} bytes are free on its disk and {min_free_bytes} must stay free; make room, or choose another folder",
        path.display()
    )]
    NoSpace {
        /// The file that was to be written.
        path: PathBuf,
        /// Its size.
        needed_bytes: u64,
        /// Free space on the disk.
        free_bytes: u64,
        /// Space that the configuration keeps free.
        min_free_bytes: u64,
    },
    /// The operating system reports another error.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    |source| WriteError::Io { path: path.to_owned(), source }
}

/// Replaces the file at `path` with `bytes` in one step, and leaves `min_free_bytes` of the disk free. Creates the folder.
pub fn replace_file(path: &Path, bytes: &[u8], min_free_bytes: u64) -> Result<(), WriteError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    write(path, &folder.join("tmp"), bytes, min_free_bytes)
}

/// Like [`replace_file`], with the folder for the unfinished file; it must be on the same disk.
pub(crate) fn write(path: &Path, temporary: &Path, bytes: &[u8], min_free_bytes: u64) -> Result<(), WriteError> {
    create_folder(temporary)?;
    let free_bytes = free_bytes(temporary)?;
    let needed_bytes = bytes.len() as u64;
    let no_space = || WriteError::NoSpace { path: path.to_owned(), needed_bytes, free_bytes, min_free_bytes };
    if free_bytes < needed_bytes.saturating_add(min_free_bytes) {
        return Err(no_space());
    }
    let unfinished = || -> io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::NamedTempFile::new_in(temporary)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    let file = unfinished().map_err(|source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => no_space(),
        _ => WriteError::Io { path: path.to_owned(), source },
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    file.persist(path).map_err(|error| io_error(path)(error.error))?;
    // the rename itself must survive a power cut
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error(folder))
}

pub(crate) fn create_folder(folder: &Path) -> Result<(), WriteError> {
    std::fs::create_dir_all(folder).map_err(io_error(folder))
}

/// Bytes that this process may still write on the disk of `folder`.
fn free_bytes(folder: &Path) -> Result<u64, WriteError> {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::CString::new(folder.as_os_str().as_bytes()).map_err(|error| io_error(folder)(error.into()))?;
    let mut status = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: `name` ends in a zero byte and `status` is large enough; both outlive the call
    if unsafe { libc::statvfs(name.as_ptr(), status.as_mut_ptr()) } != 0 {
        return Err(io_error(folder)(io::Error::last_os_error()));
    }
    // SAFETY: statvfs succeeded and any bit pattern, also zeros, is a valid statvfs
    let status = unsafe { status.assume_init() };
    Ok(status.f_bavail.saturating_mul(status.f_frsize))
}
