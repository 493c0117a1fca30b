use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// What a verdict was found by; the same numbers as the market's judges.
pub mod verdict_kind {
    /// A proof that a training job contradicts itself or its arithmetic.
    pub const TRAINING: u8 = 1;
    /// A proof of a wrong delivery.
    pub const PROOF: u8 = 3;
    /// A comparison with gold labels.
    pub const GOLD: u8 = 4;
}

/// States of a verdict.
pub mod verdict_state {
    /// The gold is shown; answers are being compared.
    pub const OPEN: u8 = 1;
    /// Never changes again.
    pub const FINAL: u8 = 2;
}

/// What was wrong with a delivery.
pub mod fault {
    /// Labels are not faulty but counted.
    pub const NONE: u8 = 0;
    /// A chunk decrypts to something else than promised.
    pub const CHUNK: u8 = 1;
    /// The sealed key does not open to the content key.
    pub const KEY: u8 = 2;
    /// A training job's commitments contradict each other, its shape or its manifest.
    pub const LOG: u8 = 3;
    /// A step's mean gradient is not the mean of its ranks' gradients.
    pub const REDUCTION: u8 = 4;
    /// A step's new state is not what the optimiser makes of the old one and the mean gradient.
    pub const UPDATE: u8 = 5;
}

/// The most gold items of a task.
pub const MAX_GOLD: usize = 64;

/// `["verdict", order]`: what was found about an order. The market reads the fields up to `blame`.
#[account]
pub struct Verdict {
    pub order: Address,
    /// Who paid for the account.
    pub rent_payer: Address,
    /// When the order was opened: an order may be opened again at the address of one that was closed.
    pub opened_at: PodI64,
    /// What the seller is paid of the order's amount.
    pub payable_bps: PodU16,
    pub kind: u8,
    pub state: u8,
    /// 1 where every oracle that judged a training job had to find the fault: in what each of them reads, or replays.
    pub blame: u8,
    pub seq: PodU64,
    /// Answers are compared before this, Unix seconds.
    pub answers_by: PodI64,
    /// The faulty chunk, or step of a training job.
    pub chunk: PodU64,
    /// One bit for each gold item that was compared.
    pub compared: PodU64,
    /// One bit for each that was answered as the gold says.
    pub correct: PodU64,
    /// From here on, the task: items to label, agreement from which something and everything is paid.
    pub items: PodU32,
    pub floor_bps: PodU16,
    pub full_bps: PodU16,
    /// Places of the gold items, rising; the first `gold_count` count.
    pub gold_items: [PodU32; MAX_GOLD],
    pub gold_labels: [u8; MAX_GOLD],
    pub gold_count: u8,
    pub fault: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Verdict>() == 2 * 32 + 8 + 2 + 3 + 5 * 8 + 4 + 2 * 2 + MAX_GOLD * 5 + 3);
const _: () = assert!(MAX_GOLD == protocol::labelling::MAX_GOLD);

impl Placed for Verdict {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"verdict", self.order.as_ref(), &[self.bump]])
    }
}
