//! Datasets: small ones in memory, large ones read chunk by chunk from the content store.

mod blob;
mod chunks;
mod fit;
pub mod import;
mod samples;

pub use blob::{Dataset, Digits, Text};
pub use chunks::{CACHE_BYTES_VARIABLE, ChunkReader, DEFAULT_CACHE_BYTES, ReadStatistics, cache_bytes};
pub use samples::{Batch, Samples};

use crate::tokenizer::TokenizerError;
use artefacts::StoreError;
use protocol::codec::DecodeError;
use tch::TchError;

/// Why a dataset cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// The blob is not of its format.
    #[error("the dataset's blob is damaged: {0}")]
    Decode(#[from] DecodeError),
    /// The blob holds values out of range.
    #[error("the dataset's blob contradicts itself: {0}")]
    Inconsistent(&'static str),
    /// The text cannot be encoded.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The model is made for another kind of dataset.
    #[error("the model is made for another kind of dataset")]
    OtherKind,
    /// Dataset and model do not fit.
    #[error("the dataset has {found} {what}, the manifest's model expects {expected}")]
    DoesNotFitModel {
        /// What is counted.
        what: &'static str,
        /// What the model expects.
        expected: u32,
        /// What the dataset has.
        found: u32,
    },
    /// Head, list or a chunk is not to be had.
    #[error("the dataset is not to be had: {0}")]
    Store(#[source] StoreError),
    /// A chunk has the right hash and wrong values: the dataset itself is bad.
    #[error("chunk {index} of the dataset is damaged: {source}")]
    Chunk {
        /// Number of the chunk, from 0.
        index: u32,
        /// What is wrong.
        source: DecodeError,
    },
    /// The cache's size cannot be read.
    #[error("{CACHE_BYTES_VARIABLE} is {0:?}: a number of bytes is expected")]
    CacheBytes(String),
    /// libtorch refused the values.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
}

/// A step asks for samples in the middle of libtorch's own calls: what is wrong with the data travels as an I/O error there.
/// [`missing_data`] finds it again.
impl From<DatasetError> for TchError {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Torch(error) => error,
            error => Self::Io(std::io::Error::other(error)),
        }
    }
}

/// The failure of the store that made `error`, where it was one.
#[must_use]
pub fn missing_data<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a StoreError> {
    std::iter::successors(Some(error), |error| error.source()).find_map(|error| error.downcast_ref())
}
