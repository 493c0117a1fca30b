use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// Kinds of listing.
pub mod listing_kind {
    pub const COMPUTE: u8 = 1;
    pub const DATASET: u8 = 2;
    pub const MODEL: u8 = 3;
    pub const LABELLING: u8 = 4;
}

/// What a unit is.
pub mod unit {
    pub const JOB: u8 = 1;
    /// Rented through `rental`, not ordered.
    pub const HOUR: u8 = 2;
    pub const LICENCE: u8 = 3;
    pub const LABEL: u8 = 4;
}

/// The longest listing uri, in bytes.
pub const MAX_URI: usize = 96;

/// `["listing", seller, id]`: something for sale at a price for each unit.
#[account]
pub struct Listing {
    pub seller: Address,
    pub mint: Address,
    pub metadata_hash: [u8; 32],
    /// Merkle root over the content that a licence is for (`protocol::content`); zero for compute and labelling.
    pub content_root: [u8; 32],
    /// UTF-8, padded with zero bytes.
    pub uri: [u8; MAX_URI],
    pub id: PodU64,
    pub seq: PodU64,
    /// Base units for each unit.
    pub price: PodU64,
    /// Grows by one with each change of terms.
    pub version: PodU32,
    pub open_orders: PodU32,
    pub kind: u8,
    /// `unit`: what the price is for.
    pub unit: u8,
    pub active: u8,
    pub bump: u8,
}

const _: () = assert!(size_of::<Listing>() == 4 * 32 + MAX_URI + 3 * 8 + 2 * 4 + 4);

impl Placed for Listing {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"listing", self.seller.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}
