//! Texts: files of token numbers that a tokenizer wrote, or files taken byte by byte.

use super::writer::{Chunking, DatasetWriter, Imported};
use super::{ImportError, cannot_read, files};
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
    if let Some(separator) = rule.separator.filter(|separator| *separator >= rule.vocab) {
        return Err(ImportError::Options(format!("--separator {separator} is not below --vocab {}", rule.vocab)));
    }
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

/// Imports the file at `path`, or the files of the folder there in the order of their names: each byte is a token.
pub fn bytes(path: &Path, separator: Option<u8>, chunking: &mut Chunking<'_>) -> Result<Imported, ImportError> {
    let rule = TokenFiles { width: TokenWidth::One, vocab: 256, separator: separator.map(u32::from) };
    tokens(path, &rule, chunking)
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
