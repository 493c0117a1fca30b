//! A file or a folder as one stream of bytes, the same for the same names and contents.
//!
//! ```text
//! "aixblock/bundle/v1\0", header length (u64), then the header: for each file its path (u32 length, UTF-8, `/` between
//! parts) and its length (u64); then the files' bytes. Integers are little endian; paths are sorted by their bytes.
//! ```

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

const MAGIC: &[u8] = b"aixblock/bundle/v1\0";
/// The longest header that is read, in bytes.
const MAX_HEADER_BYTES: u64 = 64 << 20;

/// Why a bundle cannot be made or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Neither a file nor a folder of files.
    #[error("{} is neither a file nor a folder (links are not followed): remove it or name another", .0.display())]
    NotAFile(PathBuf),
    /// A name that is not text.
    #[error("{} is not a name in UTF-8: rename it", .0.display())]
    BadName(PathBuf),
    /// The bytes are not a bundle, or one that would write outside of its folder.
    #[error("the content is not a bundle of files: {0}")]
    Malformed(&'static str),
    /// There is something where the files should go.
    #[error("{} exists already: name a folder that does not", .0.display())]
    Exists(PathBuf),
    /// The operating system reports an error.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> BundleError + '_ {
    move |source| BundleError::Io { path: path.to_owned(), source }
}

/// The bundle of the file or folder at `path`, to be read once.
pub fn pack(path: &Path) -> Result<impl Read, BundleError> {
    let mut files = Vec::new();
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| BundleError::BadName(path.to_owned()))?;
    let kind = fs::symlink_metadata(path).map_err(failed(path))?;
    if kind.is_dir() {
        walk(path, "", &mut files)?
    } else {
        add(path, name.to_owned(), &mut files)?
    }
    files.sort();
    let mut header = Vec::new();
    for (name, _, bytes) in &files {
        let length = u32::try_from(name.len()).map_err(|_| BundleError::BadName(name.into()))?;
        header.extend(length.to_le_bytes());
        header.extend(name.as_bytes());
        header.extend(bytes.to_le_bytes());
    }
    let head = [MAGIC, &(header.len() as u64).to_le_bytes(), &header].concat();
    Ok(io::Cursor::new(head).chain(Files { rest: files.into_iter(), open: None }))
}

type Entry = (String, PathBuf, u64);

fn walk(folder: &Path, prefix: &str, files: &mut Vec<Entry>) -> Result<(), BundleError> {
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| BundleError::BadName(path.clone()))?;
        let name = format!("{prefix}{name}");
        if fs::symlink_metadata(&path).map_err(failed(&path))?.is_dir() {
            walk(&path, &format!("{name}/"), files)?;
        } else {
            add(&path, name, files)?;
        }
    }
    Ok(())
}

fn add(path: &Path, name: String, files: &mut Vec<Entry>) -> Result<(), BundleError> {
    let kind = fs::symlink_metadata(path).map_err(failed(path))?;
    if !kind.is_file() {
        return Err(BundleError::NotAFile(path.to_owned()));
    }
    files.push((name, path.to_owned(), kind.len()));
    Ok(())
}

/// The files one after another; each must still have the length that the header says.
struct Files {
    rest: std::vec::IntoIter<Entry>,
    open: Option<(PathBuf, io::Take<File>)>,
}

impl Read for Files {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some((path, file)) = &mut self.open {
                let count = file.read(buffer)?;
                if count > 0 || buffer.is_empty() {
                    return Ok(count);
                }
                if file.limit() > 0 {
                    return Err(io::Error::other(format!("{} became shorter while it was read", path.display())));
                }
            }
            let Some((_, path, bytes)) = self.rest.next() else { return Ok(0) };
            let file = File::open(&path)?.take(bytes);
            self.open = Some((path, file));
        }
    }
}

/// Writes a bundle that arrives in pieces into a new folder, which appears under its name when [`Unpacker::finish`] succeeds.
#[derive(Debug)]
pub struct Unpacker {
    target: PathBuf,
    folder: PathBuf,
    head: Vec<u8>,
    entries: Option<std::vec::IntoIter<(PathBuf, u64)>>,
    open: Option<(PathBuf, File, u64)>,
}

impl Unpacker {
    /// Will write to the folder `target`, which must not exist.
    pub fn new(target: &Path) -> Result<Self, BundleError> {
        if target.exists() {
            return Err(BundleError::Exists(target.to_owned()));
        }
        let mut name = target.file_name().ok_or_else(|| BundleError::BadName(target.to_owned()))?.to_owned();
        name.push(".part");
        let folder = target.with_file_name(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed(&folder))?;
        }
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        Ok(Self { target: target.to_owned(), folder, head: Vec::new(), entries: None, open: None })
    }

    /// Takes the next piece.
    pub fn write(&mut self, mut piece: &[u8]) -> Result<(), BundleError> {
        if self.entries.is_none() {
            piece = self.read_head(piece)?;
        }
        while !piece.is_empty() {
            if self.open.is_none() && !self.next_file()? {
                return Err(BundleError::Malformed("bytes are left over at its end"));
            }
            let Some((path, file, left)) = &mut self.open else { continue };
            let count = usize::try_from(*left).unwrap_or(usize::MAX).min(piece.len());
            file.write_all(&piece[..count]).map_err(failed(path))?;
            *left -= count as u64;
            piece = &piece[count..];
            if *left == 0 {
                self.open = None;
            }
        }
        Ok(())
    }

    /// Collects the header, and returns what follows it.
    fn read_head<'a>(&mut self, piece: &'a [u8]) -> Result<&'a [u8], BundleError> {
        let fixed = MAGIC.len() + 8;
        let (first, piece) = piece.split_at(piece.len().min(fixed.saturating_sub(self.head.len())));
        self.head.extend(first);
        let Some((magic, length)) = self.head.get(..fixed).and_then(<[u8]>::split_last_chunk::<8>) else {
            return Ok(piece);
        };
        let length = u64::from_le_bytes(*length);
        if magic != MAGIC || length > MAX_HEADER_BYTES {
            return Err(BundleError::Malformed("it begins otherwise"));
        }
        let whole = fixed + length as usize;
        let (second, piece) = piece.split_at(piece.len().min(whole - self.head.len()));
        self.head.extend(second);
        if self.head.len() == whole {
            self.entries = Some(entries(&self.head[fixed..])?.into_iter());
        }
        Ok(piece)
    }

    /// Opens the next file that holds bytes, and makes the empty ones before it. False where there is none.
    fn next_file(&mut self) -> Result<bool, BundleError> {
        while let Some((name, bytes)) = self.entries.as_mut().and_then(Iterator::next) {
            let path = self.folder.join(name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(failed(folder))?;
            }
            let file = fs::OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed(&path))?;
            if bytes > 0 {
                self.open = Some((path, file, bytes));
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Checks that everything arrived, and gives the folder its name.
    pub fn finish(mut self) -> Result<(), BundleError> {
        if self.entries.is_none() || self.open.is_some() || self.next_file()? {
            return Err(BundleError::Malformed("it ends early"));
        }
        fs::rename(&self.folder, &self.target).map_err(failed(&self.target))
    }
}

fn entries(mut header: &[u8]) -> Result<Vec<(PathBuf, u64)>, BundleError> {
    const CUT: BundleError = BundleError::Malformed("its list of files is cut off");
    let mut list = Vec::new();
    while !header.is_empty() {
        let (length, rest) = header.split_first_chunk::<4>().ok_or(CUT)?;
        let (name, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(CUT)?;
        let (bytes, rest) = rest.split_first_chunk::<8>().ok_or(CUT)?;
        let name = std::str::from_utf8(name).map_err(|_| BundleError::Malformed("a name is not UTF-8"))?;
        let path = Path::new(name);
        let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        if name.is_empty() || !inside || name.contains('\0') {
            return Err(BundleError::Malformed("a name leads out of its folder"));
        }
        list.push((path.to_owned(), u64::from_le_bytes(*bytes)));
        header = rest;
    }
    if list.is_empty() { Err(BundleError::Malformed("it holds no file")) } else { Ok(list) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(path: &Path) -> Vec<u8> {
        let mut bytes = Vec::new();
        pack(path).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn unpack(bytes: &[u8], piece: usize, target: &Path) -> Result<(), BundleError> {
        let mut unpacker = Unpacker::new(target)?;
        bytes.chunks(piece).try_for_each(|piece| unpacker.write(piece))?;
        unpacker.finish()
    }

    #[test]
    fn a_folder_comes_back_as_it_was_whatever_the_pieces() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        fs::write(folder.join("a/b/deep"), [7; 1_000]).unwrap();
        fs::write(folder.join("a/empty"), []).unwrap();
        fs::write(folder.join("z"), b"last").unwrap();
        fs::write(folder.join("zz"), []).unwrap();
        let bytes = packed(&folder);
        for piece in [1, 7, 512, 1 << 20] {
            let target = place.path().join(format!("out-{piece}"));
            unpack(&bytes, piece, &target).unwrap();
            assert_eq!(packed(&target), bytes);
            assert!(!place.path().join(format!("out-{piece}.part")).exists());
        }
        let again = unpack(&bytes, 9, &place.path().join("out-1"));
        assert!(matches!(again, Err(BundleError::Exists(_))));
    }

    #[test]
    fn a_single_file_keeps_its_name() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("weights.bin"), b"w").unwrap();
        unpack(&packed(&place.path().join("weights.bin")), 3, &place.path().join("out")).unwrap();
        assert_eq!(fs::read(place.path().join("out/weights.bin")).unwrap(), b"w");
    }

    #[test]
    fn a_link_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("data");
        fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.join("link")).unwrap();
        assert!(matches!(pack(&folder).map(drop), Err(BundleError::NotAFile(_))));
    }

    #[test]
    fn no_bundle_writes_outside_of_its_folder_or_is_half_there() {
        let place = tempfile::tempdir().unwrap();
        let bundle = |name: &str, bytes: &[u8]| {
            let mut header = (name.len() as u32).to_le_bytes().to_vec();
            header.extend(name.as_bytes());
            header.extend(4u64.to_le_bytes());
            [MAGIC, &(header.len() as u64).to_le_bytes(), &header, bytes].concat()
        };
        let target = place.path().join("out");
        for name in ["../evil", "/evil", "a/../../evil", "", "a\0b", "."] {
            assert!(matches!(unpack(&bundle(name, b"evil"), 5, &target), Err(BundleError::Malformed(_))), "{name:?}");
        }
        for bad in [
            &bundle("x", b"123")[..],
            &bundle("x", b"12345"),
            b"",
            &bundle("x", b"1234")[..30],
            b"not a bundle at all, but long enough",
        ] {
            assert!(matches!(unpack(bad, 5, &target), Err(BundleError::Malformed(_))));
            assert!(!target.exists());
        }
        unpack(&bundle("x", b"1234"), 5, &target).unwrap();
    }
}
