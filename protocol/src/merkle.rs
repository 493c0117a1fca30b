//! Binary Merkle trees over digests.
//!
//! Leaves and inner nodes hash under different domains, and the root binds the number of leaves. A level of odd width
//! passes its last node up unchanged (the shape of RFC 6962), so no leaf is ever counted twice.

use crate::digest::{Digest, tagged};

const LEAF: &[u8] = b"aixblock/merkle/leaf/v1";
const NODE: &[u8] = b"aixblock/merkle/node/v1";
const ROOT: &[u8] = b"aixblock/merkle/root/v1";

/// Hash of one leaf; `kind` names what the leaf holds, so that leaves of different trees never coincide.
#[must_use]
pub fn leaf(kind: &[u8], data: &[u8]) -> Digest {
    tagged(LEAF, &[kind, data])
}

/// How the nodes above the leaves are hashed.
pub(crate) trait Nodes {
    /// Node over two.
    fn node(left: &Digest, right: &Digest) -> Digest;

    /// Root of a tree of `count` leaves, whose topmost node is `top`.
    fn seal(count: u64, top: &Digest) -> Digest;

    /// Overwrites the front of `level` with the nodes over its pairs.
    fn raise_pairs(level: &mut [Digest]) {
        for at in 0..level.len() / 2 {
            level[at] = Self::node(&level[2 * at], &level[2 * at + 1]);
        }
    }
}

/// The nodes of every tree but those of tensors ([`crate::tensor_tree`]).
struct Sha256Nodes;

impl Nodes for Sha256Nodes {
    #[inline(never)]
    fn node(left: &Digest, right: &Digest) -> Digest {
        tagged(NODE, &[&left.0, &right.0])
    }

    fn seal(count: u64, top: &Digest) -> Digest {
        tagged(ROOT, &[&count.to_le_bytes(), &top.0])
    }
}

/// Replaces a level by the one above it.
fn raise<N: Nodes>(level: &mut Vec<Digest>) {
    N::raise_pairs(level);
    let pairs = level.len() / 2;
    if level.len() > 2 * pairs {
        level.swap(pairs, 2 * pairs);
    }
    level.truncate(level.len() - pairs);
}

/// Topmost node over `level`, which may be leaves or the nodes of one level of a tree; zero where it is empty. Uses up the
/// level.
pub(crate) fn top_of<N: Nodes>(level: &mut Vec<Digest>) -> Digest {
    while level.len() > 1 {
        raise::<N>(level);
    }
    level.drain(..).next().unwrap_or(Digest::ZERO)
}

/// Root over `leaves`, in order. An empty tree has a root of its own.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    Sha256Nodes::seal(leaves.len() as u64, &top_of::<Sha256Nodes>(&mut leaves.to_vec()))
}

/// Proof that a leaf stands at `index` of a tree of `count` leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct Proof {
    /// Position of the leaf, from 0.
    pub index: u64,
    /// Number of leaves in the tree.
    pub count: u64,
    /// Siblings from the leaf's level upwards; a level where the node has no sibling adds none.
    pub siblings: Vec<Digest>,
}

/// Proof for the leaf at `index`, or `None` where there is no such leaf.
#[must_use]
pub fn prove(leaves: &[Digest], index: usize) -> Option<Proof> {
    prove_in::<Sha256Nodes>(leaves, index)
}

/// [`prove`] in a tree of these nodes.
pub(crate) fn prove_in<N: Nodes>(leaves: &[Digest], index: usize) -> Option<Proof> {
    if index >= leaves.len() {
        return None;
    }
    let mut siblings = Vec::new();
    let mut level = leaves.to_vec();
    let mut at = index;
    while level.len() > 1 {
        siblings.extend(level.get(at ^ 1));
        raise::<N>(&mut level);
        at /= 2;
    }
    Some(Proof { index: index as u64, count: leaves.len() as u64, siblings })
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
    verify_in::<Sha256Nodes>(root, leaf, place, siblings)
}

/// [`verify_path`] in a tree of these nodes.
pub(crate) fn verify_in<'a, N: Nodes>(
    root: &Digest,
    leaf: &Digest,
    (index, count): (u64, u64),
    siblings: impl IntoIterator<Item = &'a [u8; 32]>,
) -> bool {
    if index >= count {
        return false;
    }
    let (mut at, mut width, mut top) = (index, count, *leaf);
    let mut siblings = siblings.into_iter();
    while width > 1 {
        if at ^ 1 < width {
            let Some(sibling) = siblings.next() else { return false };
            let sibling = Digest(*sibling);
            top = if at & 1 == 0 { N::node(&top, &sibling) } else { N::node(&sibling, &top) };
        }
        at /= 2;
        width = width.div_ceil(2);
    }
    siblings.next().is_none() && N::seal(count, &top) == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaves(count: usize) -> Vec<Digest> {
        (0..count).map(|i| leaf(b"test", &(i as u64).to_le_bytes())).collect()
    }

    proptest! {
        #[test]
        fn every_leaf_proves_at_its_own_place_and_nowhere_else(count in 1usize..70, pick in any::<prop::sample::Index>(), other in any::<prop::sample::Index>()) {
            let leaves = leaves(count);
            let (index, elsewhere) = (pick.index(count), other.index(count));
            let root = root(&leaves);
            let proof = prove(&leaves, index).unwrap();
            prop_assert!(verify(&root, &leaves[index], &proof));
            if elsewhere != index {
                prop_assert!(!verify(&root, &leaves[elsewhere], &proof));
                let moved = Proof { index: elsewhere as u64, ..proof.clone() };
                prop_assert!(!verify(&root, &leaves[index], &moved));
            }
            let larger_tree = Proof { count: count as u64 + 1, ..proof.clone() };
            prop_assert!(!verify(&root, &leaves[index], &larger_tree));
            let mut longer = proof;
            longer.siblings.push(Digest::ZERO);
            prop_assert!(!verify(&root, &leaves[index], &longer));
        }

        #[test]
        fn the_root_depends_on_the_number_of_leaves(count in 0usize..40) {
            let mut more = leaves(count);
            let before = root(&more);
            more.push(more.last().copied().unwrap_or_default());
            prop_assert_ne!(before, root(&more));
        }
    }

    #[test]
    fn an_inner_node_is_not_accepted_as_a_leaf() {
        let leaves = leaves(4);
        let inner = Sha256Nodes::node(&leaves[0], &leaves[1]);
        let forged = Proof { index: 0, count: 2, siblings: vec![Sha256Nodes::node(&leaves[2], &leaves[3])] };
        assert!(!verify(&root(&leaves), &inner, &forged));
    }
}
