use crate::derived::derives;
use anchor_lang::prelude::*;

/// `["config"]`: one for the program.
#[account]
pub struct Config {
    pub admin: Address,
    /// All zero when nobody is proposed.
    pub pending_admin: Address,
    /// The token that is distributed.
    pub mint: Address,
    /// Sequence number of the last event about the configuration, its categories and issuers.
    pub seq: PodU64,
    /// Points under which an epoch pays only `below_bps` of its pool.
    pub threshold: PodU64,
    /// Base units that all epochs together may hold in their pools.
    pub lifetime_allocation: PodU64,
    /// Base units in the pools of the epochs opened so far.
    pub allocated: PodU64,
    /// Base units moved to the reserve so far.
    pub reserved: PodU64,
    /// Seconds between the end of an epoch and the first moment at which it can be finalised.
    pub review_seconds: PodI64,
    /// Index of the epoch to be opened next.
    pub next_epoch: PodU32,
    pub below_bps: PodU16,
    /// 1 while no awards may be issued.
    pub awards_paused: u8,
    pub bump: u8,
    pub reserve_bump: u8,
}

/// `["issuer", key]`: a key that may award points; a person's, or another program's address.
#[account]
pub struct Issuer {
    pub key: Address,
    /// Points that it may award in one epoch.
    pub epoch_cap: PodU64,
    /// Points awarded in `epoch`.
    pub issued: PodU64,
    /// The epoch that `issued` counts.
    pub epoch: PodU32,
    pub enabled: u8,
    pub bump: u8,
}

/// `["category", id]`: what a kind of contribution is worth.
#[account]
pub struct Category {
    /// UTF-8, padded with zero bytes.
    pub name: [u8; 32],
    /// Points for each unit of quantity.
    pub weight: PodU64,
    pub min_quantity: PodU64,
    pub max_quantity: PodU64,
    pub id: PodU16,
    pub enabled: u8,
    pub bump: u8,
}

impl Issuer {
    /// Whether `address` is that of the issuer with this key.
    pub fn is_at(&self, address: &Address, key: &Address) -> bool {
        derives(address, [b"issuer", key.as_ref(), &[self.bump]])
    }
}
