use crate::{derived::derives, loaded::Placed};
use anchor_lang::{address_eq, prelude::*};

/// `["config"]`: one for the program.
#[account]
pub struct Config {
    pub admin: Address,
    /// All zero when nobody is proposed.
    pub pending_admin: Address,
    /// The token that is distributed.
    pub mint: Address,
    /// The second key, which confirms awards of more than `confirm_points`.
    pub confirmer: Address,
    /// What a point earned of the profit since the beginning, in base units scaled by 2^64 (`protocol::profit`).
    pub profit_index: PodU128,
    /// Sequence number of the last event about the configuration, its categories, issuers, schedule, profit and spends.
    pub seq: PodU64,
    /// Points under which an epoch pays only `below_bps` of its pool.
    pub threshold: PodU64,
    /// Base units that all pools together may hold: 9.75 % of the supply when the schedule was last set.
    pub lifetime_allocation: PodU64,
    /// Base units in all months of the schedule.
    pub scheduled: PodU64,
    /// Base units in the pool of epoch 0.
    pub tge_pool: PodU64,
    /// Base units in the pools that were funded so far.
    pub allocated: PodU64,
    /// Base units moved to the reserve so far.
    pub reserved: PodU64,
    /// Base units spent of the reserve so far.
    pub spent: PodU64,
    /// Base units that may be spent of the reserve within one window.
    pub outflow_limit: PodU64,
    /// Base units spent in the window that began at `window_start`.
    pub window_spent: PodU64,
    /// An award of more points than this waits for the second key; 0 when none does.
    pub confirm_points: PodU64,
    /// Points of everybody, of all time.
    pub lifetime_points: PodU64,
    /// What the last deposit of profit left undistributed, scaled by 2^64.
    pub profit_remainder: PodU64,
    /// Base units that came in for the holders of points.
    pub profit_in: PodU64,
    /// Base units that they were paid.
    pub profit_out: PodU64,
    /// Number of the spend to be proposed next.
    pub next_spend: PodU64,
    /// Seconds between the end of an epoch and the first moment at which it can be finalised.
    pub review_seconds: PodI64,
    /// Seconds between the finalisation of an epoch and the first moment at which it can expire.
    pub claim_seconds: PodI64,
    /// Seconds between the proposal of a spend and the first moment at which it can be executed.
    pub reserve_delay_seconds: PodI64,
    pub outflow_window_seconds: PodI64,
    /// Unix time of the first spend in the present window.
    pub window_start: PodI64,
    /// Index of the epoch to be opened next.
    pub next_epoch: PodU32,
    pub below_bps: PodU16,
    /// Share of deposited profit that goes to the holders of points; the rest goes to the reserve.
    pub profit_share_bps: PodU16,
    /// 1 when no point may earn more than the pool divided by the threshold.
    pub cap_per_point: u8,
    /// 1 while no awards may be issued.
    pub awards_paused: u8,
    /// 1 once the points of epoch 0 were given their pool.
    pub tge_done: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Config>() == 324);

/// The address that `["config"]` derives; written down, because most instructions compare it.
const CONFIG: Address = anchor_lang::address!("FZHRxgQ6GReeiHViaw5JpYLhQa6QbwKvgXFnxNK87CWX");

impl Placed for Config {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        address_eq(address, &CONFIG)
    }
}

/// Months in the schedule.
pub const MAX_MONTHS: usize = 120;

/// `["schedule"]`: the pools of the months to come.
#[account]
pub struct Schedule {
    /// Base units of the months, twelve in a row; the first is that of epoch 1.
    pub pools: [[PodU64; 12]; 10],
    pub bump: u8,
}
const _: () = assert!(size_of::<Schedule>() == 8 * MAX_MONTHS + 1 && MAX_MONTHS == protocol::vesting::MONTHS);

/// `["issuer", key]`: a key that may award points; a person's, or another program's address.
#[account]
pub struct Issuer {
    pub key: Address,
    /// Points that it may award in one epoch.
    pub epoch_cap: PodU64,
    /// Points awarded in `epoch`, those that wait for the second key included.
    pub issued: PodU64,
    /// The epoch that `issued` counts.
    pub epoch: PodU32,
    pub enabled: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Issuer>() == 54);

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
const _: () = assert!(size_of::<Category>() == 60);

/// `["spend", id]`: tokens that will leave the reserve unless the administrator cancels it in time. Closed when it was
/// executed or cancelled; numbers are never used twice.
#[account]
pub struct Spend {
    /// Token account that is paid.
    pub destination: Address,
    /// Hash of the document that says what for.
    pub purpose: [u8; 32],
    pub rent_payer: Address,
    pub id: PodU64,
    /// Base units.
    pub amount: PodU64,
    /// First second at which it can be executed, Unix time.
    pub executable_at: PodI64,
    /// First second at which it no longer can.
    pub expires_at: PodI64,
    pub bump: u8,
}
const _: () = assert!(size_of::<Spend>() == 129);

impl Schedule {
    /// Base units of the epoch `index`, counted from 1; none after the last month of the schedule.
    pub fn pool(&self, index: u32) -> u64 {
        let place = (index as usize).checked_sub(1);
        place.and_then(|place| self.pools.as_flattened().get(place)).map_or(0, |pool| pool.get())
    }
}

/// The address that `["schedule"]` derives.
const SCHEDULE: Address = anchor_lang::address!("CbcRwNPRD1MybtZqJybgcxpHXtnaUiPREd35M46URKyp");

impl Placed for Schedule {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        address_eq(address, &SCHEDULE)
    }
}

impl Placed for Issuer {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"issuer", self.key.as_ref(), &[self.bump]])
    }
}

impl Placed for Category {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"category", &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

impl Placed for Spend {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"spend", &self.id.get().to_le_bytes(), &[self.bump]])
    }
}
