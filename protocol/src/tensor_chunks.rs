//! The values of a group of tensors as 512-byte chunks, and the leaves that hold them.

use core::ops::Range;

use crate::commitment::{CHUNK_BYTES, TensorValues, chunk_leaf};
use crate::digest::Digest;

/// Number of chunks of all values.
pub(crate) fn chunk_count(tensors: &[TensorValues<'_>]) -> usize {
    let values: usize = tensors.iter().flat_map(|tensor| tensor.runs).map(|run| run.len()).sum();
    values.div_ceil(CHUNK_BYTES / 4)
}

/// Calls `visit` with each of these chunks that there are, in order.
pub(crate) fn each_chunk(tensors: &[TensorValues<'_>], chunks: Range<usize>, mut visit: impl FnMut(&[u8])) {
    let (mut before, mut wanted) = (chunks.start * (CHUNK_BYTES / 4), chunks.len() * (CHUNK_BYTES / 4));
    let mut chunk = [0u8; CHUNK_BYTES];
    let mut filled = 0;
    for values in tensors.iter().flat_map(|tensor| tensor.runs) {
        let (skipped, rest) = values.split_at(values.len().min(before));
        before -= skipped.len();
        let mut rest = &rest[..rest.len().min(wanted)];
        wanted -= rest.len();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min((CHUNK_BYTES - filled) / 4));
            for (bytes, value) in chunk[filled..].as_chunks_mut().0.iter_mut().zip(now) {
                *bytes = value.to_le_bytes();
            }
            filled += now.len() * 4;
            rest = later;
            if filled == CHUNK_BYTES {
                visit(&chunk);
                filled = 0;
            }
        }
    }
    if filled > 0 {
        visit(&chunk[..filled]);
    }
}

/// Appends the leaves of these chunks, as far as there are any, to `leaves`, in order.
pub(crate) fn chunk_leaves(tensors: &[TensorValues<'_>], chunks: Range<usize>, leaves: &mut Vec<Digest>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(mut lanes) = in_lanes::ChunkLanes::new() {
        each_chunk(tensors, chunks, |chunk| match chunk.try_into() {
            Ok(full) => lanes.push(full, leaves),
            // only the last one is shorter
            Err(_) => {
                lanes.flush(leaves);
                leaves.push(chunk_leaf(chunk));
            }
        });
        lanes.flush(leaves);
        return;
    }
    each_chunk(tensors, chunks, |chunk| leaves.push(chunk_leaf(chunk)));
}

#[cfg(target_arch = "x86_64")]
mod in_lanes {
    use crate::commitment::{CHUNK, CHUNK_BYTES};
    use crate::digest::Digest;
    use crate::merkle::LEAF;
    use crate::sha256_lanes::{Block, INITIAL, LANES, State, compress, digest, tagged_blocks};

    /// Full chunks that wait until there are enough to hash side by side.
    pub(super) struct ChunkLanes {
        /// After the first block, which is the same for all.
        start: State,
        /// A chunk each, and the padding.
        messages: [[Block; 9]; LANES],
        waiting: usize,
    }

    impl ChunkLanes {
        /// `None` where the processor has no way to hash side by side.
        pub(super) fn new() -> Option<Self> {
            // kind and lengths fill the first block
            let [first, message @ ..] = tagged_blocks::<10>(LEAF, &[CHUNK, &[0; CHUNK_BYTES]]);
            let [start, ..] = compress(&INITIAL, &[[first]; LANES])?;
            Some(Self { start, messages: [message; LANES], waiting: 0 })
        }

        pub(super) fn push(&mut self, chunk: &[u8; CHUNK_BYTES], leaves: &mut Vec<Digest>) {
            self.messages[self.waiting].as_flattened_mut()[..CHUNK_BYTES].copy_from_slice(chunk);
            self.waiting += 1;
            if self.waiting == LANES {
                self.flush(leaves);
            }
        }

        pub(super) fn flush(&mut self, leaves: &mut Vec<Digest>) {
            let states = compress(&self.start, &self.messages).into_iter().flatten();
            leaves.extend(states.take(self.waiting).map(digest));
            self.waiting = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn leaves_in_lanes_are_those_one_by_one(
            lengths in prop::collection::vec(prop_oneof![0usize..200, 0usize..9000], 0..6),
            bits in any::<u32>(), skipped in 0usize..4,
        ) {
            let values: Vec<f32> =
                (0..lengths.iter().sum::<usize>() as u32).map(|at| f32::from_bits(at.wrapping_mul(0x9e37_79b9) ^ bits)).collect();
            let mut rest = &values[..];
            let runs: Vec<&[f32]> = lengths.iter().map(|length| rest.split_off(..*length).unwrap()).collect();
            let tensors = [TensorValues { name: "w", shape: &[], runs: &runs }];
            let chunks = skipped..chunk_count(&tensors).max(skipped);
            let (mut in_lanes, mut one_by_one) = (Vec::new(), Vec::new());
            chunk_leaves(&tensors, chunks.clone(), &mut in_lanes);
            each_chunk(&tensors, chunks, |chunk| one_by_one.push(chunk_leaf(chunk)));
            prop_assert_eq!(in_lanes, one_by_one);
        }
    }
}
