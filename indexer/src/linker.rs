//! Decides whether a block follows the head.

use crate::{block::Block, store::Head};

/// What a block is to the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Its parent is the head, or there is no head yet.
    Next,
    /// Not above the head: seen before, or of a fork that is not longer. If that fork wins, a higher block will tell.
    Behind,
    /// Above the head, but built on another block: blocks are missing, or there was a fork.
    Detached,
}

/// Compares a block with the head.
#[must_use]
pub fn link(head: &Head, block: &Block) -> Link {
    match head.slot() {
        None => Link::Next,
        Some(slot) if block.slot <= slot => Link::Behind,
        Some(slot) if block.parent_slot == slot && block.parent_hash == head.blockhash => Link::Next,
        Some(_) => Link::Detached,
    }
}
