//! One chunk of a dataset.
//!
//! ```text
//! magic, the inputs of every item, then for images and rows the class of every item (u16)
//! ```
//!
//! Numbers are little endian. How many items there are and what each holds stands in the dataset's head ([`chunked`]), so
//! the length of every chunk is known before it is read.
//!
//! [`chunked`]: crate::chunked

use crate::chunked::{Head, Layout, TokenWidth};
use crate::codec::DecodeError;

const MAGIC: &[u8] = b"aixblock/dataset/chunk/v1\0";

/// Bytes of chunk `index` of `head`.
#[must_use]
pub fn chunk_bytes(head: &Head, index: u32) -> u64 {
    MAGIC.len() as u64 + u64::from(head.items_in(index)) * head.layout.item_bytes()
}

/// The most items of `layout` that a chunk of about `bytes` holds; at least one.
#[must_use]
pub fn items_within(layout: &Layout, bytes: u64) -> u32 {
    let bytes = bytes.min(crate::chunked::MAX_CHUNK_BYTES);
    // items have a byte at least
    (bytes / layout.item_bytes().max(1)).max(1) as u32
}

/// A chunk whose values are all within the bounds of its layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    layout: Layout,
    items: u32,
    bytes: Vec<u8>,
}

impl Chunk {
    /// Checks that `bytes` are chunk `index` of a dataset with this `head`: length and values. That they are the ones that
    /// the root commits to is checked by their address.
    pub fn decode(head: &Head, index: u32, bytes: Vec<u8>) -> Result<Self, DecodeError> {
        if !bytes.starts_with(MAGIC) {
            return Err(DecodeError::WrongFormat("a chunk of a dataset"));
        }
        let items = head.items_in(index);
        let expected = chunk_bytes(head, index);
        match bytes.len() as u64 {
            length if length < expected => return Err(DecodeError::Truncated),
            length if length > expected => return Err(DecodeError::TrailingBytes((length - expected) as usize)),
            _ => {}
        }
        let chunk = Self { layout: head.layout, items, bytes };
        chunk.check_values()?;
        Ok(chunk)
    }

    fn check_values(&self) -> Result<(), DecodeError> {
        let ok = match self.layout {
            Layout::Images { white, .. } => self.inputs().iter().all(|&pixel| pixel <= white),
            Layout::Features { .. } => floats(self.inputs()).all(f32::is_finite),
            // every byte, or every pair of bytes, is a token
            Layout::Tokens { vocab: 0x100 | 0x1_0000, .. } => true,
            Layout::Tokens { vocab, .. } => (0..self.items).all(|item| self.token(item) < vocab),
        };
        if !ok {
            return Err(DecodeError::BadValue(match self.layout {
                Layout::Images { .. } => "a pixel",
                Layout::Features { .. } => "a feature",
                Layout::Tokens { .. } => "a token",
            }));
        }
        let classes = self.layout.classes();
        let labels = self.bytes[self.labels_at()..].as_chunks::<2>().0;
        match labels.iter().all(|label| u32::from(u16::from_le_bytes(*label)) < classes) {
            true => Ok(()),
            false => Err(DecodeError::BadValue("a label")),
        }
    }

    fn labels_at(&self) -> usize {
        MAGIC.len() + self.items as usize * self.layout.input_bytes() as usize
    }

    fn inputs(&self) -> &[u8] {
        &self.bytes[MAGIC.len()..self.labels_at()]
    }

    fn input(&self, item: u32) -> &[u8] {
        let length = self.layout.input_bytes() as usize;
        &self.inputs()[item as usize * length..][..length]
    }

    /// Number of items.
    #[must_use]
    pub fn items(&self) -> u32 {
        self.items
    }

    /// Bytes that it takes in memory.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Bytes of the image `item`, which is below [`Chunk::items`]: channel by channel, row by row.
    #[must_use]
    pub fn pixels(&self, item: u32) -> &[u8] {
        self.input(item)
    }

    /// Numbers of the row `item`, which is below [`Chunk::items`].
    pub fn features(&self, item: u32) -> impl Iterator<Item = f32> + '_ {
        floats(self.input(item))
    }

    /// Class of the image or row `item`, which is below [`Chunk::items`]; 0 for tokens, which have none.
    #[must_use]
    pub fn label(&self, item: u32) -> u16 {
        let at = self.labels_at() + item as usize * 2;
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |label| u16::from_le_bytes(*label))
    }

    /// The token `item`, which is below [`Chunk::items`].
    #[must_use]
    pub fn token(&self, item: u32) -> u32 {
        self.input(item).iter().rev().fold(0, |token, &byte| token << 8 | u32::from(byte))
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// Why an item cannot be put into a chunk.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ItemError {
    /// Another number of values.
    #[error("it has {found} values, the dataset's items have {expected}")]
    Values {
        /// Values that the layout asks for.
        expected: u64,
        /// Values that came.
        found: u64,
    },
    /// A label out of range.
    #[error("its class is {label}, the dataset has classes 0 to {}", classes - 1)]
    Label {
        /// The label.
        label: u32,
        /// Number of classes.
        classes: u32,
    },
    /// A pixel out of range.
    #[error("a pixel is {pixel}, the dataset's highest value is {white}")]
    Pixel {
        /// The pixel.
        pixel: u8,
        /// The highest value.
        white: u8,
    },
    /// A number that is infinite or none.
    #[error("value {place} is {value}, which is no finite number")]
    NotFinite {
        /// Which one, from 0.
        place: usize,
        /// What it is.
        value: f32,
    },
    /// A token out of range.
    #[error("token {token} is outside of the vocabulary of {vocab}")]
    Token {
        /// The token.
        token: u32,
        /// Number of tokens.
        vocab: u32,
    },
    /// An item of another kind.
    #[error("it is of another kind than the dataset")]
    Kind,
}

/// Collects the items of one chunk.
#[derive(Debug)]
pub struct ChunkBuilder {
    layout: Layout,
    inputs: Vec<u8>,
    labels: Vec<u8>,
    items: u32,
}

impl ChunkBuilder {
    /// An empty chunk of items of `layout`.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        Self { layout, inputs: MAGIC.to_vec(), labels: Vec::new(), items: 0 }
    }

    /// Number of items so far.
    #[must_use]
    pub fn items(&self) -> u32 {
        self.items
    }

    fn label(&mut self, label: u32) -> Result<(), ItemError> {
        let classes = self.layout.classes();
        let small = u16::try_from(label).ok().filter(|_| label < classes);
        self.labels.extend(small.ok_or(ItemError::Label { label, classes })?.to_le_bytes());
        self.items += 1;
        Ok(())
    }

    /// Adds an image: its bytes channel by channel, row by row, and its class.
    pub fn push_image(&mut self, pixels: &[u8], label: u32) -> Result<(), ItemError> {
        let Layout::Images { white, .. } = self.layout else { return Err(ItemError::Kind) };
        let (expected, found) = (self.layout.input_bytes(), pixels.len() as u64);
        if expected != found {
            return Err(ItemError::Values { expected, found });
        }
        if let Some(&pixel) = pixels.iter().find(|&&pixel| pixel > white) {
            return Err(ItemError::Pixel { pixel, white });
        }
        self.label(label)?;
        self.inputs.extend(pixels);
        Ok(())
    }

    /// Adds a row of numbers and its class.
    pub fn push_features(&mut self, values: &[f32], label: u32) -> Result<(), ItemError> {
        let Layout::Features { features, .. } = self.layout else { return Err(ItemError::Kind) };
        let (expected, found) = (features.into(), values.len() as u64);
        if expected != found {
            return Err(ItemError::Values { expected, found });
        }
        if let Some((place, &value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(ItemError::NotFinite { place, value });
        }
        self.label(label)?;
        self.inputs.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        Ok(())
    }

    /// Adds a token.
    pub fn push_token(&mut self, token: u32) -> Result<(), ItemError> {
        let Layout::Tokens { width, vocab } = self.layout else { return Err(ItemError::Kind) };
        if token >= vocab {
            return Err(ItemError::Token { token, vocab });
        }
        let bytes = token.to_le_bytes();
        self.inputs.extend(match width {
            TokenWidth::One => &bytes[..1],
            TokenWidth::Two => &bytes[..2],
            TokenWidth::Four => &bytes[..],
        });
        self.items += 1;
        Ok(())
    }

    /// The chunk's bytes.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.inputs.append(&mut self.labels);
        self.inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use proptest::prelude::*;

    fn head(layout: Layout, items: u32) -> Head {
        Head { layout, items: items.into(), items_per_chunk: items, chunks_root: Digest::ZERO, list: Digest::ZERO }
    }

    const IMAGES: Layout = Layout::Images { channels: 3, height: 2, width: 2, white: 200, classes: 300 };
    const ROWS: Layout = Layout::Features { features: 3, classes: 4 };

    proptest! {
        #[test]
        fn images_read_back(images in prop::collection::vec((prop::array::uniform12(0u8..=200), 0u32..300), 1..9)) {
            let mut builder = ChunkBuilder::new(IMAGES);
            images.iter().for_each(|(pixels, label)| builder.push_image(pixels, *label).unwrap());
            let chunk = Chunk::decode(&head(IMAGES, builder.items()), 0, builder.finish()).unwrap();
            for (item, (pixels, label)) in (0..).zip(&images) {
                prop_assert_eq!((chunk.pixels(item), u32::from(chunk.label(item))), (&pixels[..], *label));
            }
        }

        #[test]
        fn rows_read_back_to_the_bit(rows in prop::collection::vec((prop::array::uniform3(any::<f32>()), 0u32..4), 1..9)) {
            let mut builder = ChunkBuilder::new(ROWS);
            let mut kept = Vec::new();
            for (values, label) in rows {
                let finite = values.iter().all(|value| value.is_finite());
                prop_assert_eq!(builder.push_features(&values, label).is_ok(), finite);
                if finite {
                    kept.push((values.map(f32::to_bits), label));
                }
            }
            let chunk = Chunk::decode(&head(ROWS, builder.items()), 0, builder.finish()).unwrap();
            for (item, (bits, label)) in (0..).zip(&kept) {
                let found: Vec<u32> = chunk.features(item).map(f32::to_bits).collect();
                prop_assert_eq!((&found[..], u32::from(chunk.label(item))), (&bits[..], *label));
            }
        }

        #[test]
        fn tokens_read_back(vocab in prop::sample::select(vec![2u32, 256, 257, 65_536, 65_537, u32::MAX]), draws: Vec<u32>) {
            let layout = Layout::Tokens { width: TokenWidth::of_vocab(vocab), vocab };
            let mut builder = ChunkBuilder::new(layout);
            draws.iter().for_each(|draw| builder.push_token(draw % vocab).unwrap());
            prop_assert!(builder.push_token(vocab).is_err());
            let count = builder.items();
            let chunk = Chunk::decode(&head(layout, count), 0, builder.finish()).unwrap();
            let found: Vec<u32> = (0..count).map(|item| chunk.token(item)).collect();
            prop_assert_eq!(found, draws.iter().map(|draw| draw % vocab).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_a_chunk_within_bounds_or_an_error(body: Vec<u8>, items in 1u32..9) {
            for layout in [IMAGES, ROWS, Layout::Tokens { width: TokenWidth::One, vocab: 9 }] {
                let bytes = [MAGIC, &body].concat();
                if let Ok(chunk) = Chunk::decode(&head(layout, items), 0, bytes) {
                    (0..items).for_each(|item| prop_assert_within(&chunk, item));
                }
                prop_assert!(Chunk::decode(&head(layout, items), 0, body.clone()).is_err());
            }
        }
    }

    fn prop_assert_within(chunk: &Chunk, item: u32) {
        match chunk.layout {
            Layout::Images { white, .. } => assert!(chunk.pixels(item).iter().all(|&pixel| pixel <= white)),
            Layout::Features { .. } => assert!(chunk.features(item).all(f32::is_finite)),
            Layout::Tokens { vocab, .. } => assert!(chunk.token(item) < vocab),
        }
        assert!(u32::from(chunk.label(item)) < chunk.layout.classes());
    }

    #[test]
    fn values_out_of_range_are_refused_on_both_ways() {
        let mut builder = ChunkBuilder::new(IMAGES);
        assert!(matches!(builder.push_image(&[201; 12], 0), Err(ItemError::Pixel { pixel: 201, white: 200 })));
        assert!(matches!(builder.push_image(&[0; 11], 0), Err(ItemError::Values { expected: 12, found: 11 })));
        assert!(matches!(builder.push_image(&[0; 12], 300), Err(ItemError::Label { label: 300, classes: 300 })));
        assert!(matches!(builder.push_token(1), Err(ItemError::Kind)));
        assert_eq!(builder.items(), 0);
        builder.push_image(&[1; 12], 299).unwrap();
        let good = builder.finish();
        for (place, value) in [(MAGIC.len(), 201), (good.len() - 1, 9)] {
            let mut bad = good.clone();
            bad[place] = value;
            assert!(matches!(Chunk::decode(&head(IMAGES, 1), 0, bad), Err(DecodeError::BadValue(_))));
        }
        assert!(Chunk::decode(&head(IMAGES, 1), 1, good.clone()).is_err(), "there is no chunk 1");
        assert!(Chunk::decode(&head(IMAGES, 2), 0, good).is_err());
        let mut row = ChunkBuilder::new(ROWS);
        assert!(matches!(row.push_features(&[0.0, f32::NAN, 1.0], 0), Err(ItemError::NotFinite { place: 1, .. })));
    }
}
