//! A dataset in chunks: what is in the content store, and how one root commits to it.
//!
//! ```text
//! chunk i   = the items [i x items_per_chunk ..) of the dataset (`dataset_chunk`); the last one may be shorter
//! list      = magic, SHA-256 of each chunk in order: where the store has them
//! head      = magic, layout, number of items, items_per_chunk, Merkle root over the chunks, SHA-256 of the list
//! root      = SHA-256 of the head, which a manifest carries
//! ```
//!
//! All of it is in the store under its SHA-256. The head has a fixed, small size, so the root together with the head and one
//! path of the tree shows that a chunk belongs to a dataset ([`merkle`]), and a reader needs head, list and the chunks that
//! it touches, nothing else. The size of every blob follows from what was verified before it.

use crate::codec::{DecodeError, Reader, Writer};
use crate::digest::{Digest, content_address};
use crate::manifest::DatasetKind;
use crate::merkle;

const HEAD_MAGIC: &[u8] = b"aixblock/dataset/head/v1\0";
const LIST_MAGIC: &[u8] = b"aixblock/dataset/list/v1\0";
const LEAF: &[u8] = b"dataset/chunk";

/// The longest chunk, in bytes.
pub const MAX_CHUNK_BYTES: u64 = 16 << 20;
/// The most chunks of a dataset: their list has 64 MiB then.
pub const MAX_CHUNKS: u32 = 1 << 21;
/// The longest head, in bytes.
pub const MAX_HEAD_BYTES: u64 = 256;
/// The most classes, as many as a label of two bytes can tell apart.
pub const MAX_CLASSES: u32 = 1 << 16;
const MAX_SIDE: u32 = 1 << 14;
const MAX_CHANNELS: u32 = 1 << 10;
const MAX_FEATURES: u32 = 1 << 20;

/// What an item of a dataset is, and how many bytes it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// An image of `channels` x `height` x `width` bytes in this order, and its class.
    Images {
        /// 1 for grey, 3 for red, green and blue.
        channels: u32,
        /// Rows of pixels.
        height: u32,
        /// Pixels of a row.
        width: u32,
        /// Highest value of a byte, which becomes 1.0.
        white: u8,
        /// Number of classes.
        classes: u32,
    },
    /// Numbers in f32, all finite, and their class.
    Features {
        /// Numbers of one item.
        features: u32,
        /// Number of classes.
        classes: u32,
    },
    /// One token of a text.
    Tokens {
        /// How a token is stored.
        width: TokenWidth,
        /// Number of tokens that there are: each is below.
        vocab: u32,
    },
}

/// Bytes of one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenWidth {
    /// Up to 256 tokens.
    One,
    /// Up to 65,536 tokens.
    Two,
    /// More.
    Four,
}

impl TokenWidth {
    /// Bytes of one token.
    #[must_use]
    pub fn bytes(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }

    /// The narrowest that holds every token below `vocab`.
    #[must_use]
    pub fn of_vocab(vocab: u32) -> Self {
        match vocab {
            0..=0x100 => Self::One,
            0x101..=0x1_0000 => Self::Two,
            _ => Self::Four,
        }
    }
}

impl Layout {
    /// What a manifest calls it.
    #[must_use]
    pub fn kind(&self) -> DatasetKind {
        match self {
            Self::Images { .. } => DatasetKind::Images,
            Self::Features { .. } => DatasetKind::Features,
            Self::Tokens { .. } => DatasetKind::Tokens,
        }
    }

    /// Number of classes, or of tokens.
    #[must_use]
    pub fn classes(&self) -> u32 {
        match *self {
            Self::Images { classes, .. } | Self::Features { classes, .. } => classes,
            Self::Tokens { vocab, .. } => vocab,
        }
    }

    /// Bytes of one item without its label.
    #[must_use]
    pub fn input_bytes(&self) -> u64 {
        match *self {
            Self::Images { channels, height, width, .. } => u64::from(channels) * u64::from(height) * u64::from(width),
            Self::Features { features, .. } => u64::from(features) * 4,
            Self::Tokens { width, .. } => width.bytes().into(),
        }
    }

    /// Bytes of one item's label; 0 for tokens.
    #[must_use]
    pub fn label_bytes(&self) -> u64 {
        if matches!(self, Self::Tokens { .. }) { 0 } else { 2 }
    }

    /// Bytes of one item.
    #[must_use]
    pub fn item_bytes(&self) -> u64 {
        self.input_bytes() + self.label_bytes()
    }

    /// Checks every bound; the first field that is outside of its own is the error.
    pub fn validate(&self) -> Result<(), DecodeError> {
        let bad = |field, holds: bool| if holds { Ok(()) } else { Err(DecodeError::BadValue(field)) };
        match *self {
            Self::Images { channels, height, width, white, .. } => {
                bad("the number of channels", (1..=MAX_CHANNELS).contains(&channels))?;
                bad("the height", (1..=MAX_SIDE).contains(&height))?;
                bad("the width", (1..=MAX_SIDE).contains(&width))?;
                bad("white", white > 0)?;
            }
            Self::Features { features, .. } => {
                bad("the number of features", (1..=MAX_FEATURES).contains(&features))?;
            }
            Self::Tokens { width, vocab } => {
                return bad("the number of tokens", vocab >= 2 && width == TokenWidth::of_vocab(vocab));
            }
        }
        bad("the number of classes", (2..=MAX_CLASSES).contains(&self.classes()))?;
        bad("the size of an item", self.item_bytes() <= MAX_CHUNK_BYTES)
    }

    fn encode(&self, out: &mut Writer) {
        match *self {
            Self::Images { channels, height, width, white, classes } => {
                out.u8(1);
                [channels, height, width, classes].into_iter().for_each(|value| out.u32(value));
                out.u8(white);
            }
            Self::Features { features, classes } => {
                out.u8(2);
                out.u32(features);
                out.u32(classes);
            }
            Self::Tokens { vocab, .. } => {
                out.u8(3);
                out.u32(vocab);
            }
        }
    }

    fn decode_from(input: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let layout = match input.u8()? {
            1 => {
                let [channels, height, width, classes] = [input.u32()?, input.u32()?, input.u32()?, input.u32()?];
                Self::Images { channels, height, width, classes, white: input.u8()? }
            }
            2 => Self::Features { features: input.u32()?, classes: input.u32()? },
            3 => {
                let vocab = input.u32()?;
                Self::Tokens { width: TokenWidth::of_vocab(vocab), vocab }
            }
            _ => return Err(DecodeError::BadValue("the kind of dataset")),
        };
        layout.validate()?;
        Ok(layout)
    }
}

/// The head of a dataset, whose SHA-256 is the dataset's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What an item is.
    pub layout: Layout,
    /// Number of items: images, rows, or tokens.
    pub items: u64,
    /// Items of every chunk but the last.
    pub items_per_chunk: u32,
    /// Merkle root over [`chunk_leaf`] of each chunk.
    pub chunks_root: Digest,
    /// SHA-256 of the list of chunks.
    pub list: Digest,
}

impl Head {
    /// The canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new(HEAD_MAGIC);
        self.layout.encode(&mut out);
        out.u64(self.items);
        out.u32(self.items_per_chunk);
        out.digest(&self.chunks_root);
        out.digest(&self.list);
        out.finish()
    }

    /// Reads and checks the canonical form.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes, HEAD_MAGIC, "the head of a dataset")?;
        let layout = Layout::decode_from(&mut input)?;
        let head = Self {
            layout,
            items: input.u64()?,
            items_per_chunk: input.u32()?,
            chunks_root: input.digest()?,
            list: input.digest()?,
        };
        input.finish()?;
        let per_chunk = u64::from(head.items_per_chunk);
        if per_chunk == 0 || per_chunk * layout.item_bytes() > MAX_CHUNK_BYTES {
            return Err(DecodeError::BadValue("the number of items in a chunk"));
        }
        if head.items == 0 || head.items.div_ceil(per_chunk) > MAX_CHUNKS.into() {
            return Err(DecodeError::BadValue("the number of items"));
        }
        if layout.label_bytes() > 0 && head.items > u32::MAX.into() {
            return Err(DecodeError::BadValue("the number of items"));
        }
        Ok(head)
    }

    /// The dataset's root.
    #[must_use]
    pub fn root(&self) -> Digest {
        content_address(&self.encode())
    }

    /// Number of chunks.
    #[must_use]
    pub fn chunks(&self) -> u32 {
        // at most MAX_CHUNKS
        self.items.div_ceil(u64::from(self.items_per_chunk).max(1)) as u32
    }

    /// Number of items in chunk `index`; 0 where there is no such chunk.
    #[must_use]
    pub fn items_in(&self, index: u32) -> u32 {
        let first = u64::from(index) * u64::from(self.items_per_chunk);
        self.items.saturating_sub(first).min(self.items_per_chunk.into()) as u32
    }

    /// Bytes of the list of chunks.
    #[must_use]
    pub fn list_bytes(&self) -> u64 {
        LIST_MAGIC.len() as u64 + u64::from(self.chunks()) * 32
    }
}

/// Leaf of a chunk with this address, in the tree under [`Head::chunks_root`].
#[must_use]
pub fn chunk_leaf(address: &Digest) -> Digest {
    merkle::leaf(LEAF, &address.0)
}

/// Root over chunks with these addresses.
#[must_use]
pub fn chunks_root(addresses: &[Digest]) -> Digest {
    merkle::root(&addresses.iter().map(chunk_leaf).collect::<Vec<_>>())
}

/// The canonical form of the list of chunks with these addresses.
#[must_use]
pub fn encode_list(addresses: &[Digest]) -> Vec<u8> {
    let mut out = Writer::new(LIST_MAGIC);
    addresses.iter().for_each(|address| out.digest(address));
    out.finish()
}

/// Reads the list of the chunks of `head`, and checks that they are the ones that its root commits to.
pub fn decode_list(head: &Head, bytes: &[u8]) -> Result<Vec<Digest>, DecodeError> {
    let mut input = Reader::new(bytes, LIST_MAGIC, "the list of a dataset's chunks")?;
    if bytes.len() as u64 != head.list_bytes() {
        return Err(DecodeError::BadValue("the number of chunks"));
    }
    let addresses = (0..head.chunks()).map(|_| input.digest()).collect::<Result<Vec<_>, _>>()?;
    input.finish()?;
    if chunks_root(&addresses) != head.chunks_root {
        return Err(DecodeError::BadValue("the Merkle root of the chunks"));
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn layouts() -> impl Strategy<Value = Layout> {
        prop_oneof![
            (1u32..4, 1u32..40, 1u32..40, 1u8.., 2u32..300).prop_map(|(channels, height, width, white, classes)| {
                Layout::Images { channels, height, width, white, classes }
            }),
            (1u32..100, 2u32..300).prop_map(|(features, classes)| Layout::Features { features, classes }),
            (2u32..100_000).prop_map(|vocab| Layout::Tokens { width: TokenWidth::of_vocab(vocab), vocab }),
        ]
    }

    fn of(layout: Layout, items: u64, items_per_chunk: u32) -> (Head, Vec<Digest>) {
        let chunks = items.div_ceil(items_per_chunk.into());
        let addresses: Vec<Digest> = (0..chunks).map(|index| content_address(&index.to_le_bytes())).collect();
        let list = content_address(&encode_list(&addresses));
        (Head { layout, items, items_per_chunk, chunks_root: chunks_root(&addresses), list }, addresses)
    }

    proptest! {
        #[test]
        fn head_and_list_read_back(layout in layouts(), items in 1u64..1_000, per_chunk in 1u32..50) {
            let (head, addresses) = of(layout, items, per_chunk);
            prop_assert!(head.encode().len() as u64 <= MAX_HEAD_BYTES);
            prop_assert_eq!(Head::decode(&head.encode()).unwrap(), head.clone());
            let list = encode_list(&addresses);
            prop_assert_eq!(list.len() as u64, head.list_bytes());
            prop_assert_eq!(decode_list(&head, &list).unwrap(), addresses);
            let counted: u64 = (0..head.chunks() + 2).map(|index| u64::from(head.items_in(index))).sum();
            prop_assert_eq!(counted, items);
        }

        #[test]
        fn a_changed_byte_of_a_head_is_another_root_or_an_error(
            layout in layouts(), place: prop::sample::Index, flip in 1u8..,
        ) {
            let (head, _) = of(layout, 100, 7);
            let mut bytes = head.encode();
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            if let Ok(other) = Head::decode(&bytes) {
                prop_assert_ne!(other.root(), head.root());
                prop_assert_eq!(other.encode(), bytes);
            }
        }

        #[test]
        fn another_list_is_refused(place: prop::sample::Index, flip in 1u8.., cut in 1usize..40) {
            let (head, addresses) = of(Layout::Features { features: 3, classes: 2 }, 100, 7);
            let list = encode_list(&addresses);
            let mut changed = list.clone();
            changed[place.index(list.len())] ^= flip;
            prop_assert!(decode_list(&head, &changed).is_err());
            prop_assert!(decode_list(&head, &list[..list.len() - cut]).is_err());
            prop_assert!(decode_list(&head, &[list, vec![0; cut]].concat()).is_err());
        }
    }

    #[test]
    fn a_chunk_is_shown_to_belong_to_a_root_by_the_head_and_a_path() {
        let (head, addresses) = of(Layout::Tokens { width: TokenWidth::One, vocab: 256 }, 1_000, 10);
        let leaves: Vec<Digest> = addresses.iter().map(chunk_leaf).collect();
        let proof = merkle::prove(&leaves, 37).unwrap();
        let seen = Head::decode(&head.encode()).unwrap();
        assert_eq!(seen.root(), content_address(&head.encode()));
        assert!(merkle::verify(&seen.chunks_root, &chunk_leaf(&addresses[37]), &proof));
        assert!(!merkle::verify(&seen.chunks_root, &chunk_leaf(&addresses[38]), &proof));
    }

    #[test]
    fn sizes_that_nobody_could_hold_are_refused() {
        let wide = Layout::Images { channels: 1 << 10, height: 1 << 14, width: 1 << 14, white: 1, classes: 2 };
        let huge = Layout::Images { channels: u32::MAX, height: u32::MAX, width: u32::MAX, white: 1, classes: 2 };
        let row = Layout::Features { features: 10, classes: 2 };
        let cases = [
            (wide, 1, 1),
            (huge, 1, 1),
            (row, 0, 1),
            (row, 1, 0),
            (row, u64::MAX, 1_000),
            (row, 1 << 40, 400_000),
            (row, 9, u32::MAX),
        ];
        for (layout, items, items_per_chunk) in cases {
            let head = Head { layout, items, items_per_chunk, chunks_root: Digest::ZERO, list: Digest::ZERO };
            assert!(Head::decode(&head.encode()).is_err(), "{head:?}");
        }
    }
}
