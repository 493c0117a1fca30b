//! Datasets in memory, and their canonical blob: the bytes whose SHA-256 is the manifest's `dataset.root`.

pub mod import;

use crate::files::Files;
use crate::tokenizer::{Tokenizer, TokenizerError};
use protocol::codec::{DecodeError, Reader, Writer};
use protocol::manifest::{DatasetKind, Manifest, Model};
use tch::{TchError, Tensor};

const DIGITS_MAGIC: &[u8] = b"aixblock/dataset/digits/v1\0";
const TEXT_MAGIC: &[u8] = b"aixblock/dataset/text/v1\0";

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
}

/// A dataset in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dataset {
    /// Small grey images with a class each.
    Digits(Digits),
    /// A text as token numbers.
    Text(Text),
}

/// Small grey images with a class each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    /// Pixels of one image.
    pub features: u32,
    /// Number of classes.
    pub classes: u32,
    /// Highest value of a pixel, which becomes 1.0.
    pub white: u8,
    /// `features` bytes for each image, one image after another.
    pub pixels: Vec<u8>,
    /// Class of each image, below `classes`.
    pub labels: Vec<u8>,
}

/// A text as token numbers: token `i` stands for byte `alphabet[i]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The bytes that occur, in ascending order.
    pub alphabet: Vec<u8>,
    /// The text.
    pub tokens: Vec<u8>,
}

impl Dataset {
    /// The canonical blob.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Digits(digits) => {
                let mut out = Writer::new(DIGITS_MAGIC);
                out.u32(digits.features);
                out.u32(digits.classes);
                out.u8(digits.white);
                out.bytes(&digits.pixels);
                out.bytes(&digits.labels);
                out.finish()
            }
            Self::Text(text) => {
                let mut out = Writer::new(TEXT_MAGIC);
                out.bytes(&text.alphabet);
                out.bytes(&text.tokens);
                out.finish()
            }
        }
    }

    /// Reads and checks a canonical blob of `kind`.
    pub fn decode(kind: DatasetKind, bytes: &[u8]) -> Result<Self, DatasetError> {
        match kind {
            DatasetKind::Digits => {
                let mut input = Reader::new(bytes, DIGITS_MAGIC, "a dataset of digits")?;
                let digits = Digits {
                    features: input.u32()?,
                    classes: input.u32()?,
                    white: input.u8()?,
                    pixels: input.bytes()?.to_vec(),
                    labels: input.bytes()?.to_vec(),
                };
                input.finish()?;
                if digits.features == 0
                    || digits.white == 0
                    || digits.pixels.len() as u64 != digits.labels.len() as u64 * u64::from(digits.features)
                {
                    return Err(DatasetError::Inconsistent("the number of pixels does not fit the number of labels"));
                }
                if digits.labels.iter().any(|&label| u32::from(label) >= digits.classes)
                    || digits.pixels.iter().any(|&pixel| pixel > digits.white)
                {
                    return Err(DatasetError::Inconsistent("a label or a pixel is out of range"));
                }
                Ok(Self::Digits(digits))
            }
            DatasetKind::Text => {
                let mut input = Reader::new(bytes, TEXT_MAGIC, "a dataset of text")?;
                let text = Text { alphabet: input.bytes()?.to_vec(), tokens: input.bytes()?.to_vec() };
                input.finish()?;
                if text.tokens.iter().any(|&token| usize::from(token) >= text.alphabet.len()) {
                    return Err(DatasetError::Inconsistent("a token is outside the alphabet"));
                }
                Ok(Self::Text(text))
            }
        }
    }
}

/// Inputs and targets of some samples.
#[derive(Debug)]
pub struct Batch {
    /// Digits: `[samples, features]` in f32, from 0 to 1. Text: `[samples, context]` token numbers.
    pub inputs: Tensor,
    /// Class of each prediction, in the order of the model's scores.
    pub targets: Tensor,
    /// The same classes.
    pub classes: Vec<i64>,
}

/// A dataset as a model sees it.
#[derive(Debug)]
pub struct Samples {
    dataset: Dataset,
    /// The text as a tokenizer encodes it, where the manifest names one.
    tokens: Option<Vec<u32>>,
    /// Tokens of one sample of text; 0 for images.
    context: usize,
}

impl Samples {
    /// Checks that `dataset` fits the manifest's model, and encodes a text where `files` have a tokenizer.
    pub fn new(dataset: Dataset, manifest: &Manifest, files: &Files) -> Result<Self, DatasetError> {
        let fits = |what, expected: u32, found: u32| {
            if expected == found { Ok(()) } else { Err(DatasetError::DoesNotFitModel { what, expected, found }) }
        };
        let product = |sizes: &[u32]| sizes.iter().fold(1u32, |product, &size| product.saturating_mul(size));
        let mut tokens = None;
        let context = match &dataset {
            Dataset::Digits(digits) => {
                let (pixels, classes) = match &manifest.model {
                    Model::Mlp { inputs, classes, .. } => (*inputs, *classes),
                    Model::ResidualCnn { channels, height, width, classes, .. } => {
                        (product(&[*channels, *height, *width]), *classes)
                    }
                    Model::TorchScript { input, classes, .. } => (product(input), *classes),
                    Model::Transformer { .. } => return Err(DatasetError::OtherKind),
                };
                fits("pixels in an image", pixels, digits.features)?;
                fits("classes", classes, digits.classes)?;
                0
            }
            Dataset::Text(text) => {
                let (vocab, context) = match &manifest.model {
                    Model::Transformer { vocab, context, .. } => (*vocab, *context),
                    Model::TorchScript { input, classes, .. } => (*classes, product(input)),
                    Model::Mlp { .. } | Model::ResidualCnn { .. } => return Err(DatasetError::OtherKind),
                };
                match &files.tokenizer {
                    None => fits("different tokens", vocab, text.alphabet.len() as u32)?,
                    Some(file) => {
                        let tokenizer = Tokenizer::read(file)?;
                        fits("tokens in its tokenizer", vocab, tokenizer.size())?;
                        let bytes: Vec<u8> =
                            text.tokens.iter().map(|&token| text.alphabet[usize::from(token)]).collect();
                        tokens = Some(tokenizer.encode(&bytes)?);
                    }
                }
                context as usize
            }
        };
        Ok(Self { dataset, tokens, context })
    }

    /// Number of samples: images, or windows of text that do not overlap.
    #[must_use]
    pub fn count(&self) -> u32 {
        let count = match &self.dataset {
            Dataset::Digits(digits) => digits.labels.len(),
            Dataset::Text(text) => {
                let tokens = self.tokens.as_ref().map_or(text.tokens.len(), Vec::len);
                tokens.saturating_sub(1) / self.context.max(1)
            }
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The samples of these numbers, each below [`Samples::count`].
    pub fn batch(&self, numbers: &[u32]) -> Result<Batch, TchError> {
        let rows = numbers.len() as i64;
        match &self.dataset {
            Dataset::Digits(digits) => {
                let features = digits.features as usize;
                let white = f32::from(digits.white);
                let image = |number: &u32| &digits.pixels[*number as usize * features..][..features];
                let inputs: Vec<f32> = numbers.iter().flat_map(image).map(|&pixel| f32::from(pixel) / white).collect();
                let classes: Vec<i64> = numbers.iter().map(|&number| digits.labels[number as usize].into()).collect();
                Ok(Batch {
                    inputs: Tensor::f_from_slice(&inputs)?.f_reshape([rows, features as i64])?,
                    targets: Tensor::f_from_slice(&classes)?,
                    classes,
                })
            }
            Dataset::Text(text) => {
                let window = |number: &u32, shift: usize| -> Vec<i64> {
                    let places = *number as usize * self.context + shift..(*number as usize + 1) * self.context + shift;
                    match &self.tokens {
                        Some(tokens) => tokens[places].iter().map(|&token| token.into()).collect(),
                        None => text.tokens[places].iter().map(|&token| token.into()).collect(),
                    }
                };
                let inputs: Vec<i64> = numbers.iter().flat_map(|number| window(number, 0)).collect();
                let classes: Vec<i64> = numbers.iter().flat_map(|number| window(number, 1)).collect();
                Ok(Batch {
                    inputs: Tensor::f_from_slice(&inputs)?.f_reshape([rows, self.context as i64])?,
                    targets: Tensor::f_from_slice(&classes)?,
                    classes,
                })
            }
        }
    }
}
