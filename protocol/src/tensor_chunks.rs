//! The values of a group of tensors as 512-byte chunks, and the leaves that hold them.

use core::ops::Range;

use crate::commitment::{CHUNK_BYTES, TensorValues};
use crate::digest::Digest;
use crate::tensor_tree::ChunkLeaves;

/// Number of chunks of all values.
pub(crate) fn chunk_count(tensors: &[TensorValues<'_>]) -> usize {
    let values: usize = tensors.iter().flat_map(|tensor| tensor.runs).map(|run| run.len()).sum();
    values.div_ceil(CHUNK_BYTES / 4)
}

/// A chunk: most lie within one run of values, where they need not be copied.
pub(crate) enum Chunk<'values, 'copy> {
    Within(&'values [u8; CHUNK_BYTES]),
    /// Across runs, or the last one, which may be shorter.
    Copied(&'copy [u8]),
}

impl Chunk<'_, '_> {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Within(bytes) => *bytes,
            Self::Copied(bytes) => bytes,
        }
    }
}

/// The bytes of values as chunks and files have them: each value's least significant byte first.
#[must_use]
pub fn bytes_of(values: &[f32]) -> &[u8] {
    const { assert!(cfg!(target_endian = "little"), "values lie in memory as chunks have them") };
    // SAFETY: an f32 is four initialised bytes, and bytes may lie anywhere
    unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Calls `visit` with each of these chunks that there are, in order.
pub(crate) fn each_chunk<'values>(
    tensors: &[TensorValues<'values>],
    chunks: Range<usize>,
    mut visit: impl FnMut(Chunk<'values, '_>),
) {
    let mut before = chunks.start.saturating_mul(CHUNK_BYTES);
    let mut wanted = chunks.len().saturating_mul(CHUNK_BYTES);
    let mut copy = [0u8; CHUNK_BYTES];
    let mut filled = 0;
    for values in tensors.iter().flat_map(|tensor| tensor.runs) {
        let (skipped, rest) = bytes_of(values).split_at(size_of_val(*values).min(before));
        before -= skipped.len();
        let mut rest = &rest[..rest.len().min(wanted)];
        wanted -= rest.len();
        if filled > 0 {
            let now = rest.split_off(..rest.len().min(CHUNK_BYTES - filled)).unwrap_or_default();
            copy[filled..filled + now.len()].copy_from_slice(now);
            filled += now.len();
            if filled < CHUNK_BYTES {
                continue;
            }
            visit(Chunk::Copied(&copy));
        }
        let (whole, end) = rest.as_chunks();
        whole.iter().for_each(|chunk| visit(Chunk::Within(chunk)));
        copy[..end.len()].copy_from_slice(end);
        filled = end.len();
    }
    if filled > 0 {
        visit(Chunk::Copied(&copy[..filled]));
    }
}

/// Appends the leaves of these chunks, as far as there are any, to `leaves`, in order.
pub(crate) fn chunk_leaves(tensors: &[TensorValues<'_>], chunks: Range<usize>, leaves: &mut Vec<Digest>) {
    let mut waiting = ChunkLeaves::with_capacity(chunks.len());
    each_chunk(tensors, chunks, |chunk| waiting.push(&chunk));
    waiting.append_to(leaves);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor_tree::chunk_leaf;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaves_side_by_side_are_those_one_by_one(
            lengths in prop::collection::vec(prop_oneof![0usize..200, 0usize..9000], 0..6),
            bits in any::<u32>(), skipped in 0usize..4,
        ) {
            let values: Vec<f32> =
                (0..lengths.iter().sum::<usize>() as u32).map(|at| f32::from_bits(at.wrapping_mul(0x9e37_79b9) ^ bits)).collect();
            let mut rest = &values[..];
            let runs: Vec<&[f32]> = lengths.iter().map(|length| rest.split_off(..*length).unwrap()).collect();
            let tensors = [TensorValues { name: "w", shape: &[], runs: &runs }];
            let chunks = skipped..chunk_count(&tensors).max(skipped);
            let (mut side_by_side, mut one_by_one) = (Vec::new(), Vec::new());
            chunk_leaves(&tensors, chunks.clone(), &mut side_by_side);
            each_chunk(&tensors, chunks, |chunk| one_by_one.extend(chunk_leaf(chunk.bytes())));
            prop_assert_eq!(side_by_side, one_by_one);
        }
    }
}
