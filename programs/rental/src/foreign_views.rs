//! The market's accounts, as far as this program reads them.
use crate::{derived::derives_for, foreign::ForeignAccount};
use anchor_lang::{
    bytemuck::{Pod, Zeroable},
    prelude::*,
};

/// The market.
pub const MARKET: Address = anchor_lang::address!("Market1111111111111111111111111111111111111");

/// `market::state::pause::ORDERS`: no new orders, and no new rentals.
pub const PAUSE_ORDERS: u8 = 2;
/// `market::state::listing_kind::COMPUTE`.
pub const KIND_COMPUTE: u8 = 1;
/// `market::state::unit::HOUR`.
pub const UNIT_HOUR: u8 = 2;
/// Mints that the market's configuration can allow.
pub const MAX_MINTS: usize = 4;

/// `market::state::Config` from its beginning to its bump.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ConfigView {
    gap0: [u8; 64],
    /// The wallet whose token accounts receive fees.
    pub treasury: Address,
    pub mints: [Address; MAX_MINTS],
    gap1: [u8; 8],
    /// Seconds that a provider has to start.
    pub accept_seconds: PodI64,
    gap2: [u8; 52],
    pub fee_bps: PodU16,
    gap3: [u8; 10],
    pub paused: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<ConfigView>() == 306);

/// `market::state::Listing`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ListingView {
    pub seller: Address,
    pub mint: Address,
    pub metadata_hash: [u8; 32],
    gap0: [u8; 128],
    pub id: PodU64,
    gap1: [u8; 8],
    /// Base units for each unit.
    pub price: PodU64,
    pub version: PodU32,
    gap2: [u8; 4],
    pub kind: u8,
    pub unit: u8,
    pub active: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<ListingView>() == 260);

// SAFETY: both are repr(C) of byte arrays, addresses and integers without alignment: no padding, every bit pattern is a value
unsafe impl Pod for ConfigView {}
unsafe impl Zeroable for ConfigView {}
unsafe impl Pod for ListingView {}
unsafe impl Zeroable for ListingView {}

impl ForeignAccount for ConfigView {
    const PROGRAM: Address = MARKET;
    const DISCRIMINATOR: [u8; 8] = [155, 12, 170, 224, 30, 250, 204, 130];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"config", &[self.bump]])
    }
}

impl ForeignAccount for ListingView {
    const PROGRAM: Address = MARKET;
    const DISCRIMINATOR: [u8; 8] = [218, 32, 50, 73, 43, 134, 26, 58];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"listing", self.seller.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}
