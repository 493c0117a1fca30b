use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;
use protocol::points::PointsHistory;

/// `["contributor", wallet]`: a registered wallet.
#[account]
pub struct Contributor {
    pub wallet: Address,
    /// Token account that claims are paid to.
    pub destination: Address,
    pub lifetime_points: PodU64,
    /// Sequence number of the last event about the contributor.
    pub seq: PodU64,
    /// Points of the epochs before `last_epoch`: what a vote that was opened in that epoch weighs.
    pub before_last: PodU64,
    /// Points of the epochs before `previous_epoch`.
    pub before_previous: PodU64,
    /// The last epoch with points.
    pub last_epoch: PodU32,
    /// The one with points before it.
    pub previous_epoch: PodU32,
    /// The configuration's profit index when the points were last settled.
    pub profit_index: PodU128,
    /// Profit that was settled and not paid yet, in base units scaled by 2^64.
    pub profit_owed: PodU128,
    /// Base units of profit paid so far.
    pub profit_paid: PodU64,
    pub bump: u8,
}
const _: () = assert!(size_of::<Contributor>() == 145);

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
const _: () = assert!(size_of::<Points>() == 86);

/// What has become of an award.
pub mod award_state {
    /// Its points count.
    pub const COUNTED: u8 = 1;
    /// Its points count once the second key confirms it.
    pub const PENDING: u8 = 2;
    /// Taken back.
    pub const VOID: u8 = 3;
}

/// `["award", source]`: one contribution; the address keeps its source from scoring twice.
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
    pub state: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Award>() == 152);

impl Contributor {
    /// Points of all time, and what they were before.
    pub fn history(&self) -> PointsHistory {
        PointsHistory {
            lifetime: self.lifetime_points.get(),
            last_epoch: self.last_epoch.get(),
            before_last: self.before_last.get(),
            previous_epoch: self.previous_epoch.get(),
            before_previous: self.before_previous.get(),
        }
    }

    pub(crate) fn set_history(&mut self, history: &PointsHistory) {
        self.lifetime_points = history.lifetime.into();
        self.last_epoch = history.last_epoch.into();
        self.before_last = history.before_last.into();
        self.previous_epoch = history.previous_epoch.into();
        self.before_previous = history.before_previous.into();
    }
}

impl Points {
    /// Whether these are the wallet's points in the epoch.
    pub fn are_of(&self, wallet: &Address, epoch: PodU32) -> bool {
        self.wallet == *wallet && self.epoch == epoch
    }
}

impl Placed for Points {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"points", &self.epoch.get().to_le_bytes(), self.wallet.as_ref(), &[self.bump]])
    }
}

impl Placed for Contributor {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"contributor", self.wallet.as_ref(), &[self.bump]])
    }
}

impl Placed for Award {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"award", &self.source, &[self.bump]])
    }
}
