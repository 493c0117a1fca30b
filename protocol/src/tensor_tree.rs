//! The Merkle tree over the chunks of a group of tensors: [`crate::merkle`]'s shape, but hashed with BLAKE3.
//!
//! A run hashes every byte of its gradients and states, and BLAKE3 takes less than half of SHA-256's time for it. Leaf and
//! inner nodes are keyed hashes under keys of their own. Everything else that a job commits to stays SHA-256, for which
//! programs have a system call; for these nodes they compute BLAKE3 themselves ([`crate::keyed_blake3`]).

use crate::commitment::CHUNK_BYTES;
use crate::digest::{Digest, tagged};
use crate::merkle::{self, Nodes, Proof};

const CHUNK_KEY: &[u8; 32] = b"aixblock/tensor-chunk/v2\0\0\0\0\0\0\0\0";
const NODE_KEY: &[u8; 32] = b"aixblock/tensor-node/v2\0\0\0\0\0\0\0\0\0";
const ROOT: &[u8] = b"aixblock/tensor-root/v2";

#[cfg(not(target_os = "solana"))]
fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> Option<Digest> {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in parts {
        hasher.update(part);
    }
    Some(Digest(*hasher.finalize().as_bytes()))
}

#[cfg(target_os = "solana")]
fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> Option<Digest> {
    crate::keyed_blake3::keyed_hash(key, parts).map(Digest)
}

/// Leaf of a chunk in the tree of its group; chunk 0 stands at place 1, after the layout. `None` for more than
/// [`CHUNK_BYTES`].
#[must_use]
pub fn chunk_leaf(chunk: &[u8]) -> Option<Digest> {
    if chunk.len() > CHUNK_BYTES { None } else { keyed_hash(CHUNK_KEY, &[chunk]) }
}

/// The inner nodes of the tree.
struct TensorNodes;

impl Nodes for TensorNodes {
    fn node(left: &Digest, right: &Digest) -> Digest {
        // 64 bytes always are few enough
        keyed_hash(NODE_KEY, &[&left.0, &right.0]).unwrap_or_default()
    }

    fn seal(count: u64, top: &Digest) -> Digest {
        tagged(ROOT, &[&count.to_le_bytes(), &top.0])
    }

    #[cfg(not(target_os = "solana"))]
    fn raise_pairs(level: &mut [Digest]) {
        side_by_side::raise_pairs(level);
    }
}

/// Root of the tree of `count` leaves, whose topmost node is `top`.
#[cfg(not(target_os = "solana"))]
pub(crate) fn seal(count: u64, top: &Digest) -> Digest {
    TensorNodes::seal(count, top)
}

/// Topmost node over `level`, which may be leaves or the nodes of one level; zero where it is empty. Uses up the level.
#[cfg(not(target_os = "solana"))]
pub(crate) fn top(level: &mut Vec<Digest>) -> Digest {
    merkle::top_of::<TensorNodes>(level)
}

/// Proof for the leaf at `index`, or `None` where there is no such leaf.
#[must_use]
pub fn prove(leaves: &[Digest], index: usize) -> Option<Proof> {
    merkle::prove_in::<TensorNodes>(leaves, index)
}

/// Whether `proof` shows that `leaf` belongs to the tree under `root`.
#[must_use]
pub fn verify(root: &Digest, leaf: &Digest, proof: &Proof) -> bool {
    verify_path(root, leaf, (proof.index, proof.count), proof.siblings.iter().map(Digest::as_bytes))
}

/// [`verify`] of a proof for the leaf at `index` of a tree of `count` leaves, in the form in which it arrives.
#[must_use]
pub fn verify_path<'a>(
    root: &Digest,
    leaf: &Digest,
    place: (u64, u64),
    siblings: impl IntoIterator<Item = &'a [u8; 32]>,
) -> bool {
    merkle::verify_in::<TensorNodes>(root, leaf, place, siblings)
}

#[cfg(not(target_os = "solana"))]
pub(crate) use side_by_side::ChunkLeaves;

/// Messages of one length hashed side by side in the processor's widest registers.
#[cfg(not(target_os = "solana"))]
mod side_by_side {
    use super::{CHUNK_BYTES, CHUNK_KEY, Digest, NODE_KEY, chunk_leaf};
    use crate::tensor_chunks::Chunk;
    // what `blake3::keyed_hash` is made of; that the hashes are the same is tested
    use blake3::IncrementCounter;
    use blake3::platform::Platform;

    const CHUNK_START: u8 = 1;
    const CHUNK_END: u8 = 1 << 1;
    const ROOT: u8 = 1 << 3;
    const KEYED_HASH: u8 = 1 << 4;

    /// As many as the widest registers take.
    const LANES: usize = 16;

    /// [`blake3::keyed_hash`] of each of at most [`LANES`] messages, which are whole blocks and one chunk each.
    fn keyed_hashes<const BYTES: usize>(key: &[u8; 32], messages: &[&[u8; BYTES]], hashes: &mut [Digest]) {
        const { assert!(BYTES.is_multiple_of(64) && BYTES > 0 && BYTES <= 1024) };
        let key: [u32; 8] = core::array::from_fn(|word| u32::from_le_bytes(key.as_chunks().0[word]));
        let mut bytes = [0; LANES * 32];
        let no = IncrementCounter::No;
        Platform::detect().hash_many(messages, &key, 0, no, KEYED_HASH, CHUNK_START, CHUNK_END | ROOT, &mut bytes);
        hashes.iter_mut().zip(bytes.as_chunks().0).for_each(|(hash, bytes)| *hash = Digest(*bytes));
    }

    /// Overwrites the front of `level` with the nodes over its pairs.
    pub(super) fn raise_pairs(level: &mut [Digest]) {
        let pairs = level.len() / 2;
        for first in (0..pairs).step_by(LANES) {
            let taken = first..pairs.min(first + LANES);
            let mut messages = [[0; 64]; LANES];
            for (message, at) in messages.iter_mut().zip(taken.clone()) {
                message[..32].copy_from_slice(&level[2 * at].0);
                message[32..].copy_from_slice(&level[2 * at + 1].0);
            }
            let messages = messages.each_ref();
            keyed_hashes(NODE_KEY, &messages[..taken.len()], &mut level[taken]);
        }
    }

    /// Chunks to be hashed side by side. Each lane goes through neighbouring chunks: only then do the processor and
    /// [`blake3`] read ahead what it hashes next.
    pub(crate) struct ChunkLeaves<'values> {
        places: Vec<Option<&'values [u8; CHUNK_BYTES]>>,
        /// The chunks without a place, in order.
        copies: Vec<[u8; CHUNK_BYTES]>,
        /// The last chunk's leaf, where it is shorter than others.
        short: Option<Digest>,
    }

    impl<'values> ChunkLeaves<'values> {
        pub(crate) fn with_capacity(chunks: usize) -> Self {
            Self { places: Vec::with_capacity(chunks), copies: Vec::new(), short: None }
        }

        /// The next chunk; only the last may be shorter.
        pub(crate) fn push(&mut self, chunk: &Chunk<'values, '_>) {
            match chunk {
                Chunk::Within(bytes) => self.places.push(Some(bytes)),
                Chunk::Copied(bytes) => match <&[u8; CHUNK_BYTES]>::try_from(*bytes) {
                    Ok(bytes) => {
                        self.places.push(None);
                        self.copies.push(*bytes);
                    }
                    Err(_) => self.short = chunk_leaf(bytes),
                },
            }
        }

        /// Appends the leaves of all chunks.
        pub(crate) fn append_to(&self, leaves: &mut Vec<Digest>) {
            let mut copies = self.copies.iter();
            let chunks: Vec<_> = self.places.iter().filter_map(|place| place.or_else(|| copies.next())).collect();
            let before = leaves.len();
            leaves.resize(before + chunks.len(), Digest::ZERO);
            let own = &mut leaves[before..];
            let mut hashes = [Digest::ZERO; LANES];
            // never even: lanes that are whole pages apart push each other out of the nearest memory
            let whole = chunks.len() / LANES;
            let length = if whole.is_multiple_of(2) { whole.saturating_sub(1) } else { whole };
            for at in 0..length {
                let messages: [_; LANES] = core::array::from_fn(|lane| chunks[lane * length + at]);
                keyed_hashes(CHUNK_KEY, &messages, &mut hashes);
                hashes.iter().enumerate().for_each(|(lane, hash)| own[lane * length + at] = *hash);
            }
            let rest = chunks[length * LANES..].chunks(LANES).zip(own[length * LANES..].chunks_mut(LANES));
            rest.for_each(|(chunks, leaves)| keyed_hashes(CHUNK_KEY, chunks, leaves));
            leaves.extend(self.short);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use proptest::prelude::*;

        proptest! {
            #[test]
            fn hashes_side_by_side_are_those_one_by_one(key: [u8; 32], bits: u8, count in 0usize..=LANES) {
                let messages: [[u8; 128]; LANES] =
                    core::array::from_fn(|lane| core::array::from_fn(|at| bits ^ (lane * 131 + at) as u8));
                let mut hashes = [Digest::ZERO; LANES];
                keyed_hashes(&key, &messages.each_ref()[..count], &mut hashes[..count]);
                for (hash, message) in hashes[..count].iter().zip(&messages) {
                    prop_assert_eq!(hash.0, *blake3::keyed_hash(&key, message).as_bytes());
                }
            }
        }
    }
}
