use super::Epoch;
use crate::derived::derives;
use anchor_lang::prelude::*;

/// `["contributor", wallet]`: a registered wallet.
#[account]
pub struct Contributor {
    pub wallet: Address,
    /// Token account that claims are paid to.
    pub destination: Address,
    pub lifetime_points: PodU64,
    /// Sequence number of the last event about the contributor.
    pub seq: PodU64,
    pub bump: u8,
}

/// `["points", epoch, wallet]`: what a wallet earned in an epoch.
#[account]
pub struct Points {
    pub wallet: Address,
    pub rent_payer: Address,
    pub points: PodU64,
    /// Base units paid by the claim.
    pub paid: PodU64,
    pub epoch: PodU32,
    pub claimed: u8,
    pub bump: u8,
}

/// `["award", source]`: one contribution; its existence keeps it from scoring twice.
#[account]
pub struct Award {
    /// Hash that names the contribution (a pull request, an order).
    pub source: [u8; 32],
    pub wallet: Address,
    pub issuer: Address,
    pub rent_payer: Address,
    pub quantity: PodU64,
    pub points: PodU64,
    pub epoch: PodU32,
    pub category: PodU16,
    pub bump: u8,
}

impl Contributor {
    /// Whether the contributor's own address is `address`.
    pub fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"contributor", self.wallet.as_ref(), &[self.bump]])
    }
}

impl Points {
    /// Whether `address` is that of the contributor's points in the epoch.
    pub fn is_at(&self, address: &Address, epoch: &Epoch, contributor: &Contributor) -> bool {
        let index = epoch.index.get().to_le_bytes();
        derives(address, [b"points", &index, contributor.wallet.as_ref(), &[self.bump]])
    }
}
