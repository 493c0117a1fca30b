//! Datasets of one blob, in memory, and their canonical form: the bytes whose SHA-256 is the manifest's `dataset.root`.

use super::DatasetError;
use protocol::codec::{Reader, Writer};
use protocol::manifest::DatasetKind;

const DIGITS_MAGIC: &[u8] = b"aixblock/dataset/digits/v1\0";
const TEXT_MAGIC: &[u8] = b"aixblock/dataset/text/v1\0";

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
            DatasetKind::Images | DatasetKind::Features | DatasetKind::Tokens => {
                Err(DatasetError::Inconsistent("it is stored in chunks, not as one blob"))
            }
        }
    }
}
