//! Accounts of rewards, as far as grants reads them: who voted with how many points, and which month it is.
use crate::{derived::derives_for, foreign::ForeignAccount};
use anchor_lang::{
    bytemuck::{Pod, Zeroable},
    prelude::*,
};
use protocol::points::PointsHistory;

/// The rewards program.
pub const REWARDS: Address = anchor_lang::address!("Rewards111111111111111111111111111111111111");

/// `["contributor", wallet]` of rewards.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ContributorView {
    pub wallet: Address,
    pub destination: Address,
    pub lifetime_points: PodU64,
    pub seq: PodU64,
    /// Lifetime points before `last_epoch`.
    pub before_last: PodU64,
    /// Lifetime points before `previous_epoch`.
    pub before_previous: PodU64,
    /// Epoch of the latest award.
    pub last_epoch: PodU32,
    /// Epoch with awards before `last_epoch`.
    pub previous_epoch: PodU32,
    pub profit_index: [u8; 16],
    pub profit_owed: [u8; 16],
    pub profit_paid: PodU64,
    pub bump: u8,
}
const _: () = assert!(size_of::<ContributorView>() == 145);

/// `["epoch", index]` of rewards.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct EpochView {
    pub rent_payer: Address,
    pub vault: Address,
    pub seq: PodU64,
    /// First second, Unix time.
    pub start: PodI64,
    /// First second after the epoch, Unix time.
    pub end: PodI64,
    gap0: [u8; 72],
    pub index: PodU32,
    gap1: [u8; 12],
    pub bump: u8,
}
const _: () = assert!(size_of::<EpochView>() == 177);

// SAFETY: both are repr(C) of addresses, byte arrays and integers without alignment: no padding, every bit pattern is a value
unsafe impl Pod for ContributorView {}
unsafe impl Zeroable for ContributorView {}
unsafe impl Pod for EpochView {}
unsafe impl Zeroable for EpochView {}

impl ForeignAccount for ContributorView {
    const PROGRAM: Address = REWARDS;
    // sha256("account:Contributor")[..8]
    const DISCRIMINATOR: [u8; 8] = [222, 222, 255, 212, 133, 49, 27, 93];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&REWARDS, address, [b"contributor", self.wallet.as_ref(), &[self.bump]])
    }
}

impl ForeignAccount for EpochView {
    const PROGRAM: Address = REWARDS;
    // sha256("account:Epoch")[..8]
    const DISCRIMINATOR: [u8; 8] = [93, 83, 120, 89, 151, 138, 152, 108];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&REWARDS, address, [b"epoch", &self.index.get().to_le_bytes(), &[self.bump]])
    }
}

impl ContributorView {
    /// The points that the wallet earned before the epoch `snapshot`.
    pub fn points_before(&self, snapshot: u32) -> Option<u64> {
        let history = PointsHistory {
            lifetime: self.lifetime_points.get(),
            last_epoch: self.last_epoch.get(),
            before_last: self.before_last.get(),
            previous_epoch: self.previous_epoch.get(),
            before_previous: self.before_previous.get(),
        };
        history.before(snapshot)
    }
}

impl EpochView {
    /// Whether the second `now` is in the epoch.
    pub fn holds(&self, now: i64) -> bool {
        self.start.get() <= now && now < self.end.get()
    }
}
