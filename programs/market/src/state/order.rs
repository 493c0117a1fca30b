use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// States of an order. Money moves only on the way to `RELEASED` and `REFUNDED`.
pub mod order_state {
    /// In the vault, waiting for the seller until `accept_by`.
    pub const FUNDED: u8 = 1;
    /// The seller works until `deliver_by`.
    pub const ACCEPTED: u8 = 2;
    /// The result is committed and waits for its judge until `audit_by`: for the draw of the audit's seed, or for the gold.
    pub const SUBMITTED: u8 = 3;
    /// Oracles replay and vote until `audit_by`.
    pub const AUDITING: u8 = 4;
    /// There is a verdict; it can be disputed until `dispute_until`.
    pub const AUDITED: u8 = 5;
    /// Disputed: the side that the verdict favours answers until `answer_by`, a panel, a proof or the administrator
    /// resolves until `resolve_by`.
    pub const DISPUTED: u8 = 6;
    pub const RELEASED: u8 = 7;
    pub const REFUNDED: u8 = 8;
}

/// What an oracle votes, and what an order's votes come to.
pub mod verdict {
    pub const NONE: u8 = 0;
    pub const ACCEPT: u8 = 1;
    pub const REJECT: u8 = 2;
}

/// Why an order was refunded; 0 for one that was released.
pub mod refund_reason {
    pub const CANCELLED: u8 = 1;
    pub const NOT_ACCEPTED: u8 = 2;
    pub const NOT_DELIVERED: u8 = 3;
    pub const NOT_AUDITED: u8 = 4;
    pub const REJECTED: u8 = 5;
    pub const RESOLVED: u8 = 6;
}

/// Whose act made or changed a verdict, other than an oracle's vote or the seller's delivery.
pub mod judged_by {
    /// The buyer approved.
    pub const BUYER: u8 = 1;
    /// The seller conceded.
    pub const SELLER: u8 = 2;
    /// The administrator resolved a dispute.
    pub const ADMIN: u8 = 3;
    /// The program `proofs` found a fault, or compared the gold labels.
    pub const PROOFS: u8 = 4;
    /// A panel of oracles that had no part in the order judged a dispute.
    pub const PANEL: u8 = 5;
}

/// Who judges an order; fixed when it is opened.
pub mod judge {
    /// The members of the pinned oracle set, who re-execute parts of a training job.
    pub const ORACLES: u8 = 1;
    /// The buyer: by approving, or by not disputing within the window.
    pub const APPROVAL: u8 = 2;
    /// The content itself: a buyer that got the wrong key or chunk proves it to `proofs`.
    pub const PROOF: u8 = 3;
    /// Hidden gold labels, which `proofs` compares with the answers.
    pub const GOLD: u8 = 4;
}

/// How a dispute ended.
pub mod resolution {
    pub const NONE: u8 = 0;
    /// The verdict stands: the challenger was wrong.
    pub const UPHELD: u8 = 1;
    /// The verdict was changed: the challenger was right.
    pub const OVERTURNED: u8 = 2;
    /// The side that the verdict favoured did not answer, or conceded: it lost, but nobody judged the verdict.
    pub const FORFEITED: u8 = 3;
    /// A proof or a panel changed the verdict, and the oracles may have erred without fault of their own: in what not all of them
    /// replay, or for want of data. The challenger was right.
    pub const PROVEN: u8 = 4;
}

/// `["order", buyer, id]`: one purchase. Its tokens are in `["vault", order]`, whose authority is the order.
#[account]
pub struct Order {
    pub listing: Address,
    pub buyer: Address,
    pub seller: Address,
    pub mint: Address,
    /// Who paid for the account and the vault.
    pub rent_payer: Address,
    /// Who disputed, all zero while nobody did. Its bond is in the vault.
    pub challenger: Address,
    /// Hash of the manifest that the buyer fixed: of a training job, of a licence's request, of a labelling task.
    pub manifest_hash: [u8; 32],
    /// Snapshot of the listing: Merkle root over the content that a licence is for; else zero.
    pub content_root: [u8; 32],
    /// What the seller committed to: root over a job's segments, hash of a licence's content key, root over the answers of a
    /// labelling task. Zero until submitted.
    pub result_root: [u8; 32],
    /// Content address of the job's log, of the sealed key, of the answers.
    pub result_log: [u8; 32],
    /// Chooses the segments that the oracles replay; zero until armed.
    pub audit_seed: [u8; 32],
    pub id: PodU64,
    pub seq: PodU64,
    pub quantity: PodU64,
    /// Base units that the buyer put into the vault.
    pub amount: PodU64,
    /// Base units that the seller put into the vault when it accepted, and that it may lose.
    pub seller_bond: PodU64,
    /// Base units that the challenger put into the vault.
    pub challenge_bond: PodU64,
    /// Base units that the verdict pays, fee included: more than 0 exactly where an undisputed verdict is `ACCEPT`.
    pub payable: PodU64,
    /// Base units that went to the seller (bond included), to the treasury, to the buyer, to the challenger and out of
    /// existence.
    pub released: PodU64,
    pub fee: PodU64,
    pub refunded: PodU64,
    pub rewarded: PodU64,
    pub burned: PodU64,
    /// The audit is seeded by the first slots after this one.
    pub audit_slot: PodU64,
    pub opened_at: PodI64,
    pub accept_by: PodI64,
    pub deliver_by: PodI64,
    pub audit_by: PodI64,
    pub dispute_until: PodI64,
    pub answer_by: PodI64,
    pub resolve_by: PodI64,
    pub settled_at: PodI64,
    /// Snapshot of the configuration at opening.
    pub delivery_seconds: PodI64,
    pub audit_seconds: PodI64,
    pub dispute_seconds: PodI64,
    pub answer_seconds: PodI64,
    pub resolve_seconds: PodI64,
    pub award_seconds: PodI64,
    pub listing_version: PodU32,
    pub oracle_set: PodU32,
    /// One bit for each member of the set.
    pub votes_for: PodU16,
    pub votes_against: PodU16,
    pub fee_bps: PodU16,
    pub award_category: PodU16,
    /// Snapshot of the configuration at opening: bonds as shares of the amount, and who gets what of a lost one.
    pub seller_bond_bps: PodU16,
    pub challenge_bond_bps: PodU16,
    pub slash_challenger_bps: PodU16,
    pub slash_buyer_bps: PodU16,
    pub state: u8,
    pub kind: u8,
    pub judge: u8,
    pub verdict: u8,
    /// 1 where a verdict may pay a part.
    pub allow_partial: u8,
    /// 1 once the order was disputed; it cannot be again.
    pub disputed: u8,
    /// 1 once the side that the verdict favours answered the dispute.
    pub answered: u8,
    pub resolution: u8,
    pub awarded: u8,
    pub bump: u8,
    pub vault_bump: u8,
}
const _: () = assert!(size_of::<Order>() == 11 * 32 + 13 * 8 + 14 * 8 + 2 * 4 + 8 * 2 + 11);

impl Placed for Order {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"order", self.buyer.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

impl Order {
    /// Whether the verdict that stands before a dispute pays the seller.
    pub fn favours_seller(&self) -> bool {
        self.verdict == verdict::ACCEPT
    }

    /// Whether the vault of the order, whose own address is `order`, is at `address`.
    pub fn has_vault_at(&self, address: &Address, order: &Address) -> bool {
        derives(address, [b"vault", order.as_ref(), &[self.vault_bump]])
    }
}
