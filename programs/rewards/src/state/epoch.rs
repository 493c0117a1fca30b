use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;
use protocol::month::MonthTerms;

/// States of an epoch, in order.
pub mod epoch_state {
    /// Awards are issued.
    pub const OPEN: u8 = 1;
    /// Over; awards are being reviewed.
    pub const REVIEW: u8 = 2;
    /// The split is fixed; contributors claim.
    pub const FINAL: u8 = 3;
    /// What nobody claimed went to the reserve.
    pub const EXPIRED: u8 = 4;
}

/// `["epoch", index]`: a calendar month in UTC, or with index 0 the time before the token generation event. Its tokens are in
/// `["epoch_vault", index]`.
#[account]
pub struct Epoch {
    /// Who paid for the account and its vault.
    pub rent_payer: Address,
    /// Address of its vault: comparing it costs less than deriving it.
    pub vault: Address,
    pub seq: PodU64,
    /// First second, Unix time.
    pub start: PodI64,
    /// First second after the epoch, Unix time.
    pub end: PodI64,
    /// Set when the epoch is closed.
    pub review_ends: PodI64,
    /// Set when the epoch is finalised: from this second on it can expire, Unix time.
    pub expires_at: PodI64,
    /// Base units put into the vault: at opening, for epoch 0 by the token generation event.
    pub pool: PodU64,
    /// Snapshot of the configuration at opening; 0 for epoch 0, whose whole pool is shared out.
    pub threshold: PodU64,
    pub total_points: PodU64,
    /// Base units that contributors may claim; set when the epoch is finalised.
    pub distributed: PodU64,
    /// Base units moved to the reserve.
    pub to_reserve: PodU64,
    /// Base units claimed so far.
    pub paid: PodU64,
    /// Base units that nobody claimed, moved to the reserve at expiry.
    pub unclaimed: PodU64,
    pub index: PodU32,
    /// Contributors with points in this epoch.
    pub contributors: PodU32,
    /// How many of them claimed.
    pub claims: PodU32,
    /// Snapshot of the configuration at opening.
    pub below_bps: PodU16,
    /// Snapshot of the configuration at opening.
    pub cap_per_point: u8,
    pub state: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Epoch>() == 177);

impl Epoch {
    /// The rules by which the pool is shared out.
    pub fn terms(&self) -> MonthTerms {
        MonthTerms {
            pool: self.pool.get(),
            threshold: self.threshold.get(),
            below_bps: self.below_bps.get(),
            cap_per_point: self.cap_per_point != 0,
        }
    }
}

impl Placed for Epoch {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"epoch", &self.index.get().to_le_bytes(), &[self.bump]])
    }
}
