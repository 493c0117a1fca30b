//! Turning files of other people's formats into datasets: in one blob (`digits`, `text`), or in chunks that are written as
//! they are read, so that memory does not grow with the input. The same input and options always give the same root; an
//! import that was interrupted is run again, and writes only the chunks that are not there yet.

mod arguments;
mod blobs;
mod idx;
mod parquet;
mod png;
mod tokens;
mod writer;

pub use arguments::{ImportArguments, ImportKind, import};
pub use blobs::{digits, text, text_from_bytes};
pub use idx::idx;
pub use parquet::{Columns, rows_of_parquet, text_of_parquet};
pub use png::png_folder;
pub use tokens::{Encoding, TokenFiles, texts, tokens};
pub use writer::{Chunking, DEFAULT_CHUNK_BYTES, DatasetWriter, Imported, Progress};

use artefacts::StoreError;
use protocol::codec::DecodeError;
use std::path::{Path, PathBuf};

/// Why a file cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A line is not what the format says.
    #[error("line {line} of the digits file: {problem}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// A file is not what the format says.
    #[error("{}: {problem}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// An item of a file cannot be taken.
    #[error("{}, row {row}: {problem}", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// Number of the image, row or token, from 0.
        row: u64,
        /// What is wrong.
        problem: String,
    },
    /// The tokenizer cannot be used.
    #[error(transparent)]
    Tokenizer(#[from] crate::tokenizer::TokenizerError),
    /// The options do not fit.
    #[error("{0}")]
    Options(String),
    /// The items cannot make a dataset.
    #[error("such items cannot make a dataset: {0}")]
    Layout(#[from] DecodeError),
    /// The store does not take a chunk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is in the file.
    #[error("the file holds no samples")]
    Empty,
}

impl ImportError {
    fn file(path: &Path, problem: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), problem: problem.into() }
    }

    fn row(path: &Path, row: u64, problem: impl ToString) -> Self {
        Self::Row { path: path.to_owned(), row, problem: problem.to_string() }
    }
}

fn cannot_read(path: &Path) -> impl FnOnce(std::io::Error) -> ImportError + '_ {
    |source| ImportError::Read { path: path.to_owned(), source }
}

fn read(path: &Path) -> Result<Vec<u8>, ImportError> {
    std::fs::read(path).map_err(cannot_read(path))
}

/// What is in a folder, sorted by name. Names that begin with a dot are left out.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(cannot_read(folder))? {
        let entry = entry.map_err(cannot_read(folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// The file at `path`, or the files of the folder there, sorted by name.
fn files(path: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = entries(path)?;
    match files.iter().find(|file| file.is_dir()) {
        Some(folder) => Err(ImportError::file(folder, "it is a folder, only files are expected here: move it away")),
        None if files.is_empty() => Err(ImportError::Empty),
        None => Ok(files),
    }
}
