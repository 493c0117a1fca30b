//! Texts: files of token numbers that a tokenizer wrote, and files taken byte by byte or encoded by a tokenizer.

use super::writer::{Chunking, DatasetWriter, Imported};
use super::{ImportError, cannot_read, files, read};
use crate::tokenizer::{Tokenizer, TokenizerError};
use protocol::chunked::{Layout, TokenWidth};
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

/// How files of token numbers are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenFiles {
    /// Bytes of one number in the files, little endian.
    pub width: TokenWidth,
    /// Number of tokens that the tokenizer knows: each number is below.
    pub vocab: u32,
    /// A token to put after each file, where files are documents.
    pub separator: Option<u32>,
}

fn layout(vocab: u32) -> Layout {
    Layout::Tokens { width: TokenWidth::of_vocab(vocab), vocab }
}

/// Imports the file at `path`, or the files of the folder there in the order of their names, one after another.
pub fn tokens(path: &Path, rule: &TokenFiles, chunking: &mut Chunking<'_>) -> Result<Imported, ImportError> {
    check_separator(rule)?;
    let width = rule.width.bytes() as usize;
    let mut writer = DatasetWriter::new(layout(rule.vocab), chunking)?;
    for path in files(path)? {
        let mut file = BufReader::with_capacity(1 << 16, File::open(&path).map_err(cannot_read(&path))?);
        for row in 0.. {
            let mut bytes = [0; 4];
            match read_number(&mut file, &mut bytes[..width]).map_err(cannot_read(&path))? {
                Some(true) => {}
                Some(false) => break,
                None => {
                    let problem = format!("its length is no multiple of {width}, the bytes of a token (--token-bytes)");
                    return Err(ImportError::file(&path, problem));
                }
            }
            let refused = |error| ImportError::row(&path, row, error);
            writer.push(|chunk| chunk.push_token(u32::from_le_bytes(bytes)), refused)?;
        }
        separate(&mut writer, rule.separator, &path)?;
    }
    writer.finish()
}

/// How a text becomes tokens.
#[derive(Debug)]
pub enum Encoding {
    /// Each byte is a token.
    Bytes,
    /// As a tokenizer says, one document at a time.
    Tokenizer(Box<Tokenizer>),
}

impl Encoding {
    /// Number of tokens that there are.
    #[must_use]
    pub fn vocab(&self) -> u32 {
        match self {
            Self::Bytes => 256,
            Self::Tokenizer(tokenizer) => tokenizer.size(),
        }
    }

    pub(super) fn layout(&self) -> Layout {
        layout(self.vocab())
    }

    pub(super) fn encode(&self, document: &[u8]) -> Result<Vec<u32>, TokenizerError> {
        match self {
            Self::Bytes => Ok(document.iter().map(|&byte| byte.into()).collect()),
            Self::Tokenizer(tokenizer) => tokenizer.encode(document),
        }
    }
}

/// Imports the file at `path`, or the files of the folder there in the order of their names. For a tokenizer each file is
/// in memory as a whole.
pub fn texts(
    path: &Path,
    encoding: &Encoding,
    separator: Option<u32>,
    chunking: &mut Chunking<'_>,
) -> Result<Imported, ImportError> {
    let rule = TokenFiles { width: TokenWidth::One, vocab: encoding.vocab(), separator };
    if matches!(encoding, Encoding::Bytes) {
        return tokens(path, &rule, chunking);
    }
    check_separator(&rule)?;
    let mut writer = DatasetWriter::new(encoding.layout(), chunking)?;
    for path in files(path)? {
        let refused = |problem: String| ImportError::file(&path, problem);
        for token in encoding.encode(&read(&path)?).map_err(|error| refused(error.to_string()))? {
            writer.push(|chunk| chunk.push_token(token), |error| refused(error.to_string()))?;
        }
        separate(&mut writer, separator, &path)?;
    }
    writer.finish()
}

fn check_separator(rule: &TokenFiles) -> Result<(), ImportError> {
    match rule.separator.filter(|separator| *separator >= rule.vocab) {
        Some(separator) => Err(ImportError::Options(format!(
            "--separator {separator} is not below {}, the number of tokens",
            rule.vocab
        ))),
        None => Ok(()),
    }
}

fn separate(writer: &mut DatasetWriter<'_, '_>, separator: Option<u32>, path: &Path) -> Result<(), ImportError> {
    match separator {
        None => Ok(()),
        Some(token) => writer.push(|chunk| chunk.push_token(token), |error| ImportError::file(path, error.to_string())),
    }
}

/// Fills `bytes`; false at the end of the file, `None` where it ends within them.
fn read_number(file: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<Option<bool>> {
    let mut filled = 0;
    while filled < bytes.len() {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => return Ok((filled == 0).then_some(false)),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(true))
}
