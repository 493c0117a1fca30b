//! The market's order, as this program reads it.
use crate::{
    derived::derives_for,
    foreign::{Foreign, ForeignAccount},
    loaded::Loaded,
};
use anchor_lang::{
    bytemuck::{Pod, Zeroable, pod_read_unaligned},
    prelude::*,
};

/// The market. Its crate cannot be a dependency: it would be linked into this build as a second program.
pub const MARKET: Address = anchor_lang::address!("Market1111111111111111111111111111111111111");

/// States of an order, as far as they matter here (`order_state` of the market).
pub const SUBMITTED: u8 = 3;
pub const DISPUTED: u8 = 6;
pub const RELEASED: u8 = 7;
pub const REFUNDED: u8 = 8;

/// Who judges an order (`judge` of the market).
pub const BY_ORACLES: u8 = 1;
pub const BY_PROOF: u8 = 3;
pub const BY_GOLD: u8 = 4;

/// `Order` of the market, field for field. Not documented again; a test compares all places.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OrderView {
    pub listing: Address,
    pub buyer: Address,
    pub seller: Address,
    pub mint: Address,
    pub rent_payer: Address,
    pub challenger: Address,
    pub manifest_hash: [u8; 32],
    pub content_root: [u8; 32],
    pub result_root: [u8; 32],
    pub result_log: [u8; 32],
    pub audit_seed: [u8; 32],
    pub id: PodU64,
    pub seq: PodU64,
    pub quantity: PodU64,
    pub amount: PodU64,
    pub seller_bond: PodU64,
    pub challenge_bond: PodU64,
    pub payable: PodU64,
    pub released: PodU64,
    pub fee: PodU64,
    pub refunded: PodU64,
    pub rewarded: PodU64,
    pub burned: PodU64,
    pub audit_slot: PodU64,
    pub opened_at: PodI64,
    pub accept_by: PodI64,
    pub deliver_by: PodI64,
    pub audit_by: PodI64,
    pub dispute_until: PodI64,
    pub answer_by: PodI64,
    pub resolve_by: PodI64,
    pub settled_at: PodI64,
    pub delivery_seconds: PodI64,
    pub audit_seconds: PodI64,
    pub dispute_seconds: PodI64,
    pub answer_seconds: PodI64,
    pub resolve_seconds: PodI64,
    pub award_seconds: PodI64,
    pub listing_version: PodU32,
    pub oracle_set: PodU32,
    pub votes_for: PodU16,
    pub votes_against: PodU16,
    pub fee_bps: PodU16,
    pub award_category: PodU16,
    pub seller_bond_bps: PodU16,
    pub challenge_bond_bps: PodU16,
    pub slash_challenger_bps: PodU16,
    pub slash_buyer_bps: PodU16,
    pub state: u8,
    pub kind: u8,
    pub judge: u8,
    pub verdict: u8,
    pub allow_partial: u8,
    pub disputed: u8,
    pub answered: u8,
    pub resolution: u8,
    pub awarded: u8,
    pub bump: u8,
    pub vault_bump: u8,
}
const _: () = assert!(size_of::<OrderView>() == 11 * 32 + 13 * 8 + 14 * 8 + 2 * 4 + 8 * 2 + 11);

// SAFETY: repr(C) of bytes, addresses and Pod integers without alignment: no padding, every bit pattern is a value
unsafe impl Pod for OrderView {}
unsafe impl Zeroable for OrderView {}

impl ForeignAccount for OrderView {
    const PROGRAM: Address = MARKET;
    // the first bytes of sha256("account:Order")
    const DISCRIMINATOR: [u8; 8] = [0x86, 0xad, 0xdf, 0xb9, 0x4d, 0x56, 0x1c, 0x33];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"order", self.buyer.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

/// An order of the market, read-only.
pub type ForeignOrder = Loaded<Foreign<OrderView>>;

impl OrderView {
    /// Whether nothing more is decided about it.
    pub fn is_settled(&self) -> bool {
        self.state == RELEASED || self.state == REFUNDED
    }

    /// Reads the order that is at the address of `account`, an order's address, if there is one.
    pub fn at(account: &AccountView) -> Option<Self> {
        if !account.owned_by(&MARKET) {
            return None;
        }
        // SAFETY: no instruction of this program writes to an order
        let data = unsafe { account.borrow_unchecked() };
        let fields = data.strip_prefix(&Self::DISCRIMINATOR)?.get(..size_of::<Self>())?;
        Some(pod_read_unaligned(fields))
    }
}
