//! Root of a group of tensors, at once or by parts, so that several workers share the hashing of one group of tensors.
//!
//! A block is an aligned run of [`BLOCK_LEAVES`] leaves. As that is a power of two, and a Merkle level of odd width passes
//! its last node up unchanged, each block is a subtree, and the roots of the blocks are one level of the whole tree.

use core::ops::Range;

use crate::commitment::{TensorGroup, TensorValues, layout_leaf, layout_of};
use crate::digest::Digest;
use crate::tensor_chunks::{chunk_count, chunk_leaves};
use crate::tensor_tree;

/// Merkle root of a group of tensors, which must come in ascending order of their names.
#[must_use]
pub fn tensor_root(group: TensorGroup, tensors: &[TensorValues<'_>]) -> Digest {
    let leaf_count = tensor_leaf_count(tensors);
    tensor_root_of_blocks(leaf_count, &tensor_block_roots(group, tensors, 0..tensor_block_count(leaf_count)))
}

/// Leaves under [`tensor_root`]: the layout, then the chunks of all values in order.
#[must_use]
pub fn tensor_leaves(group: TensorGroup, tensors: &[TensorValues<'_>]) -> Vec<Digest> {
    let mut leaves = vec![layout_leaf(&layout_of(group, tensors))];
    chunk_leaves(tensors, 0..chunk_count(tensors), &mut leaves);
    leaves
}

/// Leaves of one block; the last block of a group may have fewer.
pub const BLOCK_LEAVES: usize = 1024;

/// Number of leaves under [`tensor_root`]: the layout and the chunks of all values.
#[must_use]
pub fn tensor_leaf_count(tensors: &[TensorValues<'_>]) -> usize {
    1 + chunk_count(tensors)
}

/// Number of blocks of a group of so many leaves.
#[must_use]
pub const fn tensor_block_count(leaf_count: usize) -> usize {
    leaf_count.div_ceil(BLOCK_LEAVES)
}

/// Roots of those of these blocks that there are, in order. Hashes their leaves only; `tensors` are always the whole group.
#[must_use]
pub fn tensor_block_roots(group: TensorGroup, tensors: &[TensorValues<'_>], blocks: Range<usize>) -> Vec<Digest> {
    let count = tensor_block_count(tensor_leaf_count(tensors));
    // one block after another, so that its leaves stay in the processor's nearest memory
    let mut leaves = Vec::with_capacity(BLOCK_LEAVES);
    let mut root_of = |block: usize| {
        if block == 0 {
            leaves.push(layout_leaf(&layout_of(group, tensors)));
        }
        // chunk 0 stands at place 1
        let first = block * BLOCK_LEAVES;
        let chunks = first.saturating_sub(1)..first + BLOCK_LEAVES - 1;
        chunk_leaves(tensors, chunks, &mut leaves);
        tensor_tree::top(&mut leaves)
    };
    (blocks.start..blocks.end.min(count)).map(&mut root_of).collect()
}

/// [`tensor_root`] of the group of [`tensor_leaf_count`] leaves whose blocks have these roots, all of them in
/// order.
#[must_use]
pub fn tensor_root_of_blocks(leaf_count: usize, block_roots: &[Digest]) -> Digest {
    debug_assert_eq!(block_roots.len(), tensor_block_count(leaf_count));
    tensor_tree::seal(leaf_count as u64, &tensor_tree::top(&mut block_roots.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::CHUNK_VALUES;
    use proptest::prelude::*;

    const GROUP: TensorGroup = TensorGroup::State { steps_done: 3, samples_drawn: 192 };

    /// Root of the group whose runs have these lengths, one tensor for each three runs: at once, and by blocks from each
    /// cut to the next.
    fn at_once_and_by_blocks(runs: &[usize], cuts: &[prop::sample::Index]) -> (Digest, Digest) {
        let values: Vec<f32> = (0..runs.iter().sum()).map(|i| (i as f32).sqrt()).collect();
        let mut rest = &values[..];
        let runs: Vec<&[f32]> = runs.iter().map(|length| rest.split_off(..*length).unwrap()).collect();
        let names: Vec<String> = (0..runs.len().div_ceil(3)).map(|tensor| format!("{tensor:04}")).collect();
        let tensors: Vec<TensorValues<'_>> =
            names.iter().zip(runs.chunks(3)).map(|(name, runs)| TensorValues { name, shape: &[7], runs }).collect();
        let count = tensor_block_count(tensor_leaf_count(&tensors));
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(count + 1)).chain([0, count]).collect();
        cuts.sort_unstable();
        let roots: Vec<Digest> =
            cuts.windows(2).flat_map(|cut| tensor_block_roots(GROUP, &tensors, cut[0]..cut[1])).collect();
        assert!(tensor_block_roots(GROUP, &tensors, count..count + 2).is_empty());
        (tensor_root(GROUP, &tensors), tensor_root_of_blocks(tensor_leaf_count(&tensors), &roots))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_blocks_of_a_group_have_its_root_however_they_are_shared(
            runs in prop::collection::vec(prop_oneof![0usize..300, 0usize..150_000], 0..8),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        ) {
            let (at_once, by_blocks) = at_once_and_by_blocks(&runs, &cuts);
            prop_assert_eq!(at_once, by_blocks);
        }
    }

    #[test]
    fn groups_below_at_and_above_whole_blocks_have_their_roots() {
        let chunk = CHUNK_VALUES as usize;
        for blocks in [1, 2, 3] {
            let full = (blocks * BLOCK_LEAVES - 1) * chunk;
            for values in [full - chunk, full - 1, full, full + 1, full + 2 * chunk] {
                let (at_once, by_blocks) = at_once_and_by_blocks(&[values], &[]);
                assert_eq!(at_once, by_blocks, "{values}");
            }
        }
        let (at_once, by_blocks) = at_once_and_by_blocks(&[], &[]);
        assert_eq!(at_once, by_blocks);
    }
}
