use crate::derived::derives;
use anchor_lang::prelude::*;

/// States of an order. Money moves only on the way to `RELEASED` and `REFUNDED`.
pub mod order_state {
    /// In the vault, waiting for the seller until `accept_by`.
    pub const FUNDED: u8 = 1;
    /// The seller works until `deliver_by`.
    pub const ACCEPTED: u8 = 2;
    /// The result is committed; the audit's seed is not drawn yet. Decided by `audit_by` or refunded.
    pub const SUBMITTED: u8 = 3;
    /// Oracles replay and vote until `audit_by`.
    pub const AUDITING: u8 = 4;
    /// The oracles decided; parties may dispute until `dispute_until`.
    pub const AUDITED: u8 = 5;
    /// Disputed; the administrator resolves until `resolve_by`.
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

/// Why an order was refunded.
pub mod refund_reason {
    pub const CANCELLED: u8 = 1;
    pub const NOT_ACCEPTED: u8 = 2;
    pub const NOT_DELIVERED: u8 = 3;
    pub const NOT_AUDITED: u8 = 4;
    pub const REJECTED: u8 = 5;
    pub const RESOLVED: u8 = 6;
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
    /// Hash of the job manifest that the buyer fixed.
    pub manifest_hash: [u8; 32],
    /// Merkle root over the job's segments; zero until submitted.
    pub result_root: [u8; 32],
    /// Content address of the job's log.
    pub result_log: [u8; 32],
    /// Chooses the segments that the oracles replay; zero until armed.
    pub audit_seed: [u8; 32],
    pub id: PodU64,
    pub seq: PodU64,
    pub quantity: PodU64,
    /// Base units in the vault.
    pub amount: PodU64,
    /// Base units that the verdict pays, fee included.
    pub payable: PodU64,
    /// Base units paid to the seller, to the treasury, and returned to the buyer.
    pub released: PodU64,
    pub fee: PodU64,
    pub refunded: PodU64,
    /// The audit is seeded by the first slots after this one.
    pub audit_slot: PodU64,
    pub accept_by: PodI64,
    pub deliver_by: PodI64,
    pub audit_by: PodI64,
    pub dispute_until: PodI64,
    pub resolve_by: PodI64,
    pub settled_at: PodI64,
    /// Snapshot of the configuration at opening.
    pub delivery_seconds: PodI64,
    pub audit_seconds: PodI64,
    pub dispute_seconds: PodI64,
    pub resolve_seconds: PodI64,
    pub award_seconds: PodI64,
    pub listing_version: PodU32,
    pub oracle_set: PodU32,
    /// One bit for each member of the set.
    pub votes_for: PodU16,
    pub votes_against: PodU16,
    pub fee_bps: PodU16,
    pub award_category: PodU16,
    pub state: u8,
    pub verdict: u8,
    /// 1 once the order was disputed; it cannot be again.
    pub disputed: u8,
    pub awarded: u8,
    pub bump: u8,
    pub vault_bump: u8,
}

impl Order {
    /// Whether the order's own address is `address`.
    pub fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"order", self.buyer.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }

    /// Whether the vault of the order, whose own address is `order`, is at `address`.
    pub fn has_vault_at(&self, address: &Address, order: &Address) -> bool {
        derives(address, [b"vault", order.as_ref(), &[self.vault_bump]])
    }
}
