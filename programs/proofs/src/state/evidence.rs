use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// The most virtual ranks of a job that is computed again.
pub const MAX_RANKS: usize = 16;
/// Values of one element of a step that evidence can hold: the gradient of each virtual rank, the mean gradient, then parameter,
/// first and second moment before the step and after it.
pub const SLOTS: usize = 23;
/// Slot of the mean gradient; the ranks' gradients are before it.
pub const REDUCED: usize = 16;
/// First of the three slots of the state before the step.
pub const BEFORE: usize = 17;
/// First of the three slots of the state after it.
pub const AFTER: usize = 20;
/// The longest layout of a state, in bytes: about 120 tensors.
pub const MAX_LAYOUT: usize = 8_192;
const _: () = assert!(MAX_RANKS == protocol::recompute::MAX_RANKS && REDUCED == MAX_RANKS && BEFORE == REDUCED + 1);
const _: () = assert!(AFTER == BEFORE + 3 && SLOTS == AFTER + 3);

/// How much of a training job evidence shows.
pub mod shown {
    /// A segment.
    pub const SEGMENT: u8 = 1;
    /// A step of it.
    pub const STEP: u8 = 2;
    /// The state before that step too.
    pub const BEFORE: u8 = 3;
}

/// `["evidence", order, claimant]`: what somebody opened of a training job's commitments, piece by piece, because the pieces do
/// not fit into one transaction. Every piece was found under the order's result root; the fields depend on nothing else. It
/// decides nothing and stands in nobody's way.
#[account]
pub struct Evidence {
    pub order: Address,
    /// Who opens, and paid for the account.
    pub claimant: Address,
    /// When the order was opened: an order may be opened again at the address of one that was closed.
    pub opened_at: PodI64,
    /// The job's segments, and the segment's steps.
    pub segments_root: [u8; 32],
    pub steps_root: [u8; 32],
    /// State at the segment's beginning and end.
    pub start_root: [u8; 32],
    pub end_root: [u8; 32],
    /// State before and after the step.
    pub before_root: [u8; 32],
    pub after_root: [u8; 32],
    /// Mean gradient of the step, and the gradient of each virtual rank.
    pub reduced_root: [u8; 32],
    pub gradient_roots: [[u8; 32]; MAX_RANKS],
    /// Leaf that was found in its tree and whose values are to be shown, all zero for none.
    pub leaf: [u8; 32],
    /// Place of the value in the order of all parameters' values.
    pub element: PodU64,
    /// Bits of its values as f32; those count whose bit in `known` is set.
    pub values: [PodU32; SLOTS],
    pub known: PodU32,
    /// Place of the shown leaf's value in its chunk.
    pub offset: PodU32,
    /// Places of the element's three values in a state; they count where `placed` is 1.
    pub places: [PodU64; 3],
    /// Longest mean gradient that the manifest lets be, bits as f64, 0 for any; counts where `ordered` is 1.
    pub clip_norm: PodU64,
    /// Factors of the step's update (`protocol::recompute`); they count where `ordered` is 1.
    pub factors: [PodU32; 8],
    /// What the mean gradient is multiplied by before the update, bits as f32; counts where `normed` is 1.
    pub clip_factor: PodU32,
    /// Dimensions of the tensor that the element belongs to; they count where `placed` is 1.
    pub dimensions: PodU32,
    /// Shape of the job, as its root says.
    pub virtual_ranks: PodU32,
    pub steps: PodU32,
    pub segment_len: PodU32,
    pub segment: PodU32,
    /// Number of the step's record in its segment, and of the step in the job.
    pub place: PodU32,
    pub step: PodU32,
    /// `shown`.
    pub shown: u8,
    /// 1 where something that was shown contradicts the job's own shape, the order's manifest or another part of it.
    pub flawed: u8,
    /// Slot that the leaf is for.
    pub slot: u8,
    pub placed: u8,
    pub ordered: u8,
    pub normed: u8,
    /// 1 where only parameters of two or more dimensions decay; counts where `ordered` is 1.
    pub only_matrices_decay: u8,
    /// 1 where the segment's record has an evaluation.
    pub evaluated: u8,
    pub bump: u8,
    /// A layout, of the state before the step or of the mean gradient, written in pieces, and how much of it there is.
    pub layout_bytes: PodU32,
    pub layout: [[u8; MAX_LAYOUT / 2]; 2],
}
const _: () = assert!(
    size_of::<Evidence>()
        == 2 * 32
            + 8
            + 7 * 32
            + MAX_RANKS * 32
            + 32
            + 8
            + SLOTS * 4
            + 3 * 8
            + 8
            + 8 * 4
            + 8 * 4
            + 2 * 4
            + 9
            + 4
            + MAX_LAYOUT
);

impl Placed for Evidence {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"evidence", self.order.as_ref(), self.claimant.as_ref(), &[self.bump]])
    }
}

impl Evidence {
    /// The value in a slot, where it was shown.
    pub fn value(&self, slot: usize) -> Option<u32> {
        let known = self.known.get() >> slot & 1 == 1;
        self.values.get(slot).filter(|_| known).map(|bits| bits.get())
    }

    /// The layout that was written.
    pub fn written(&self) -> Option<&[u8]> {
        self.layout.as_flattened().get(..self.layout_bytes.get() as usize)
    }

    /// Turns to an element: what was shown of another is forgotten.
    pub fn turn_to(&mut self, element: u64) {
        if self.element.get() != element {
            self.element = element.into();
            self.known = 0.into();
            self.placed = 0;
        }
    }

    /// Whether every oracle that judges the job replays the segment: all replay the first and the last.
    pub fn everybody_replays(&self) -> bool {
        let (segment, first) = (self.segment.get(), self.first_of_next());
        segment == 0 || first >= u64::from(self.steps.get())
    }

    /// The first step after the segment's, if it is as long as it should be.
    fn first_of_next(&self) -> u64 {
        (u64::from(self.segment.get()) + 1) * u64::from(self.segment_len.get())
    }
}
