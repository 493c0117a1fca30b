use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// `["reputation", seller, mint]`: what the chain itself knows about a seller's orders in one token.
#[account]
pub struct Reputation {
    pub seller: Address,
    pub mint: Address,
    /// Who paid for the account.
    pub rent_payer: Address,
    pub seq: PodU64,
    pub accepted: PodU64,
    pub released: PodU64,
    /// Refunded because a verdict, a proof or a resolution went against the seller.
    pub rejected: PodU64,
    pub not_delivered: PodU64,
    pub disputed: PodU64,
    /// Disputes that ended against the seller.
    pub disputes_lost: PodU64,
    /// Base units paid for released orders, fees included.
    pub volume: PodU64,
    /// Base units of bonds lost.
    pub slashed: PodU64,
    pub bump: u8,
}
const _: () = assert!(size_of::<Reputation>() == 3 * 32 + 9 * 8 + 1);

impl Placed for Reputation {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"reputation", self.seller.as_ref(), self.mint.as_ref(), &[self.bump]])
    }
}
