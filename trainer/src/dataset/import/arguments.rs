//! The command `aixblock-trainer dataset`.

use super::writer::{Chunking, DEFAULT_CHUNK_BYTES, Imported, Progress};
use super::{
    Columns, Encoding, ImportError, TokenFiles, digits, idx, png_folder, read, rows_of_parquet, text, text_of_parquet,
    texts, tokens,
};
use crate::dataset::Dataset;
use crate::tokenizer::Tokenizer;
use artefacts::Store;
use clap::{Args, ValueEnum};
use protocol::chunked::TokenWidth;
use protocol::report::DatasetReport;
use std::path::PathBuf;

/// What to import, and how.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// What the input is.
    #[arg(long)]
    kind: ImportKind,
    /// The file, or the folder of files.
    #[arg(long)]
    input: PathBuf,
    /// File of the labels (idx).
    #[arg(long)]
    labels: Option<PathBuf>,
    /// Number of classes, where it is not what the labels show (idx, parquet).
    #[arg(long)]
    classes: Option<u32>,
    /// Order the images by this seed, and not class by class (png).
    #[arg(long)]
    shuffle: Option<u64>,
    /// Number of tokens that the tokenizer knows (tokens).
    #[arg(long)]
    vocab: Option<u32>,
    /// tokenizer.json that encodes the texts, instead of their bytes (bytes, parquet).
    #[arg(long)]
    tokenizer: Option<PathBuf>,
    /// Bytes of a token in the files: 1, 2 or 4, little endian (tokens).
    #[arg(long, default_value_t = 2)]
    token_bytes: u8,
    /// Token to put after each document: a file (bytes, tokens) or a row (parquet, where it is 0 unless told otherwise).
    #[arg(long)]
    separator: Option<u32>,
    /// Columns of numbers, with commas between them; all but the label where absent (parquet).
    #[arg(long, value_delimiter = ',')]
    features: Vec<String>,
    /// Column of the class (parquet).
    #[arg(long, conflicts_with = "text_column")]
    label_column: Option<String>,
    /// Column of texts, whose bytes become tokens (parquet).
    #[arg(long)]
    text_column: Option<String>,
    /// Bytes of a chunk, about: smaller ones make audits cheaper, larger ones the list shorter.
    #[arg(long, default_value_t = DEFAULT_CHUNK_BYTES)]
    chunk_bytes: u64,
}

/// Formats that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    /// digits.csv.gz of scikit-learn, in one blob.
    Digits,
    /// A small text by its bytes, in one blob.
    Text,
    /// Texts by their bytes, or as a tokenizer encodes them, in chunks.
    Bytes,
    /// Token numbers that a tokenizer wrote, in chunks.
    Tokens,
    /// Images and labels as IDX files (the MNIST family), in chunks.
    Idx,
    /// Folders of PNG files, one for each class, in chunks.
    Png,
    /// Parquet files, in chunks.
    Parquet,
}

fn missing(option: &str, kind: &str) -> ImportError {
    ImportError::Options(format!("--kind {kind} needs {option}"))
}

impl ImportArguments {
    fn encoding(&self) -> Result<Encoding, ImportError> {
        match &self.tokenizer {
            None => Ok(Encoding::Bytes),
            Some(file) => Ok(Encoding::Tokenizer(Box::new(Tokenizer::read(&read(file)?)?))),
        }
    }
}

/// Imports into `store`, and tells how far it is.
pub fn import(
    arguments: &ImportArguments,
    store: &Store,
    tell: &mut dyn FnMut(Progress),
) -> Result<DatasetReport, ImportError> {
    let input = &arguments.input;
    let mut chunking = Chunking { store, chunk_bytes: arguments.chunk_bytes, tell };
    let chunking = &mut chunking;
    let imported = match arguments.kind {
        ImportKind::Digits => return put_blob(&digits(input)?, store),
        ImportKind::Text => return put_blob(&text(input)?, store),
        ImportKind::Bytes => texts(input, &arguments.encoding()?, arguments.separator, chunking)?,
        ImportKind::Tokens => {
            let width = match arguments.token_bytes {
                1 => TokenWidth::One,
                2 => TokenWidth::Two,
                4 => TokenWidth::Four,
                other => return Err(ImportError::Options(format!("--token-bytes is {other}, it must be 1, 2 or 4"))),
            };
            let vocab = arguments.vocab.ok_or_else(|| missing("--vocab", "tokens"))?;
            tokens(input, &TokenFiles { width, vocab, separator: arguments.separator }, chunking)?
        }
        ImportKind::Idx => {
            let labels = arguments.labels.as_ref().ok_or_else(|| missing("--labels", "idx"))?;
            idx(input, labels, arguments.classes, chunking)?
        }
        ImportKind::Png => png_folder(input, arguments.shuffle, chunking)?,
        ImportKind::Parquet => match (&arguments.text_column, &arguments.label_column) {
            (Some(column), _) => {
                let separator = arguments.separator.unwrap_or(0);
                text_of_parquet(input, column, (&arguments.encoding()?, separator), chunking)?
            }
            (None, Some(label)) => {
                let columns =
                    Columns { features: arguments.features.clone(), label: label.clone(), classes: arguments.classes };
                rows_of_parquet(input, &columns, chunking)?
            }
            (None, None) => return Err(missing("--label-column or --text-column", "parquet")),
        },
    };
    let Imported { root, head, bytes, names } = imported;
    Ok(DatasetReport { root, items: head.items, classes: head.layout.classes(), bytes, chunks: head.chunks(), names })
}

fn put_blob(dataset: &Dataset, store: &Store) -> Result<DatasetReport, ImportError> {
    let blob = dataset.encode();
    let (items, classes) = match dataset {
        Dataset::Digits(digits) => (digits.labels.len() as u64, digits.classes),
        Dataset::Text(text) => (text.tokens.len() as u64, text.alphabet.len() as u32),
    };
    Ok(DatasetReport {
        root: store.put(&blob)?,
        items,
        classes,
        bytes: blob.len() as u64,
        chunks: 0,
        names: Vec::new(),
    })
}
