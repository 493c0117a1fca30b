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
        let file = tempfile::NamedTempFile::new_in(temporary)?;
        write_contents(file.as_file(), bytes)?;
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

/// Files from this size on go past the system's page cache, where the file system can do that: nobody reads a checkpoint soon,
/// and memory for a copy of it costs more time than its way to the disk.
const DIRECT_FROM_BYTES: usize = 1 << 20;
/// What the disk wants addresses, places and lengths to be multiples of; no disk asks for more.
const DISK_BLOCK_BYTES: usize = 4096;

/// Writes `bytes` to the empty `file`.
fn write_contents(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    let direct = if bytes.len() < DIRECT_FROM_BYTES { 0 } else { bytes.len() / DISK_BLOCK_BYTES * DISK_BLOCK_BYTES };
    let (mut blocks, rest) = bytes.split_at(direct);
    if !blocks.is_empty() && past_page_cache(file, true).is_ok() {
        let mut memory = vec![0; DIRECT_FROM_BYTES + DISK_BLOCK_BYTES];
        let aligned = memory.as_ptr().align_offset(DISK_BLOCK_BYTES);
        let aligned = &mut memory[aligned..][..DIRECT_FROM_BYTES];
        while !blocks.is_empty() {
            let now = &mut aligned[..blocks.len().min(DIRECT_FROM_BYTES)];
            now.copy_from_slice(&blocks[..now.len()]);
            match file.write(now) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => blocks = &blocks[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // a file system that says only now that it cannot
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => break,
                Err(error) => return Err(error),
            }
        }
        past_page_cache(file, false)?;
    }
    file.write_all(blocks)?;
    file.write_all(rest)
}

fn past_page_cache(file: &File, past: bool) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the descriptor is open; the call changes nothing but its flags
    unsafe {
        let flags = libc::fcntl(file.as_raw_fd(), libc::F_GETFL);
        let flags = if past { flags | libc::O_DIRECT } else { flags & !libc::O_DIRECT };
        if flags < 0 || libc::fcntl(file.as_raw_fd(), libc::F_SETFL, flags) < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_any_size_has_the_bytes_that_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for size in
            [0, 1, DIRECT_FROM_BYTES - 1, DIRECT_FROM_BYTES, DIRECT_FROM_BYTES + 1, 3 * DIRECT_FROM_BYTES + 4096 + 7]
        {
            // an odd place in memory
            let bytes: Vec<u8> = (0..=size).map(|i| (i % 251) as u8).collect();
            replace_file(&path, &bytes[1..], 0).unwrap();
            assert!(std::fs::read(&path).unwrap() == bytes[1..], "{size} bytes");
        }
    }

    #[test]
    fn a_file_is_written_where_the_page_cache_cannot_be_passed_by() {
        let (mut reader, writer) = std::os::unix::net::UnixStream::pair().unwrap();
        let bytes: Vec<u8> = (0..2 * DIRECT_FROM_BYTES).map(|i| (i % 251) as u8).collect();
        let sent = bytes.clone();
        let writing = std::thread::spawn(move || {
            let file = File::from(std::os::fd::OwnedFd::from(writer));
            assert!(past_page_cache(&file, true).is_err());
            write_contents(&file, &sent)
        });
        let mut received = Vec::new();
        std::io::Read::read_to_end(&mut reader, &mut received).unwrap();
        writing.join().unwrap().unwrap();
        assert!(received == bytes);
    }
}
