//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the object
//! that it is about (configuration, epoch or contributor), which grows by one with each event of that object.
use anchor_lang::prelude::*;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ConfigChanged {
    pub seq: u64,
    pub admin: Address,
    pub pending_admin: Address,
    pub mint: Address,
    pub threshold: u64,
    pub below_bps: u16,
    pub review_seconds: i64,
    pub lifetime_allocation: u64,
    pub awards_paused: bool,
    pub cap_per_point: bool,
    pub claim_seconds: i64,
    pub confirm_points: u64,
    pub confirmer: Address,
    pub reserve_delay_seconds: i64,
    pub outflow_limit: u64,
    pub outflow_window_seconds: i64,
    pub profit_share_bps: u16,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct CategorySet {
    pub seq: u64,
    pub id: u16,
    pub name: [u8; 32],
    pub weight: u64,
    pub min_quantity: u64,
    pub max_quantity: u64,
    pub enabled: bool,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct IssuerSet {
    pub seq: u64,
    pub issuer: Address,
    pub epoch_cap: u64,
    pub enabled: bool,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ScheduleSet {
    pub seq: u64,
    /// Index of the epoch that the first pool is for.
    pub first_month: u32,
    pub count: u8,
    /// Base units; the first `count` are meant.
    pub pools: [u64; 12],
    /// Base units in all months of the schedule.
    pub scheduled: u64,
    pub lifetime_allocation: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct EpochOpened {
    pub epoch: u32,
    pub seq: u64,
    pub start: i64,
    pub end: i64,
    pub pool: u64,
    pub threshold: u64,
    pub below_bps: u16,
    pub cap_per_point: bool,
}

/// The points of epoch 0 were given a pool: the token generation event.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct TgeConverted {
    pub epoch: u32,
    pub seq: u64,
    pub pool: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct EpochClosed {
    pub epoch: u32,
    pub seq: u64,
    pub total_points: u64,
    pub review_ends: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct EpochFinalized {
    pub epoch: u32,
    pub seq: u64,
    pub total_points: u64,
    pub pool: u64,
    pub distributed: u64,
    pub to_reserve: u64,
    pub expires_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct EpochExpired {
    pub epoch: u32,
    pub seq: u64,
    /// Base units that went to the reserve.
    pub unclaimed: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ContributorRegistered {
    pub wallet: Address,
    pub seq: u64,
    pub destination: Address,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct DestinationChanged {
    pub wallet: Address,
    pub seq: u64,
    pub destination: Address,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AwardIssued {
    pub epoch: u32,
    /// Sequence number of the epoch.
    pub seq: u64,
    pub wallet: Address,
    pub issuer: Address,
    pub source: [u8; 32],
    pub category: u16,
    pub quantity: u64,
    pub points: u64,
    /// `state::award_state`: while it is pending, the numbers below do not count it.
    pub state: u8,
    /// The wallet's points in this epoch after the award.
    pub wallet_points: u64,
    /// The epoch's points after the award.
    pub total_points: u64,
    /// The wallet's points of all time after the award.
    pub lifetime_points: u64,
}

/// An award was confirmed by the second key, or taken back.
#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AwardReviewed {
    pub epoch: u32,
    /// Sequence number of the epoch.
    pub seq: u64,
    pub source: [u8; 32],
    pub wallet: Address,
    pub by: Address,
    /// `state::award_state`: counted or void.
    pub state: u8,
    /// Hash of the document that says why; all zero for a confirmation.
    pub reason: [u8; 32],
    pub points: u64,
    /// The wallet's points in this epoch after it.
    pub wallet_points: u64,
    /// The epoch's points after it.
    pub total_points: u64,
    /// The wallet's points of all time after it.
    pub lifetime_points: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RewardClaimed {
    pub epoch: u32,
    /// Sequence number of the epoch.
    pub seq: u64,
    pub wallet: Address,
    pub destination: Address,
    pub points: u64,
    pub amount: u64,
    /// Base units that the epoch has paid so far, this claim included.
    pub epoch_paid: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct PointsClosed {
    pub epoch: u32,
    /// Sequence number of the epoch.
    pub seq: u64,
    pub wallet: Address,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct AwardClosed {
    pub epoch: u32,
    /// Sequence number of the epoch.
    pub seq: u64,
    pub source: [u8; 32],
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ProfitDeposited {
    /// Sequence number of the configuration.
    pub seq: u64,
    pub from: Address,
    pub amount: u64,
    pub to_holders: u64,
    pub to_reserve: u64,
    /// After the deposit.
    pub profit_index: u128,
    /// Points of everybody.
    pub lifetime_points: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct ProfitClaimed {
    pub wallet: Address,
    /// Sequence number of the contributor.
    pub seq: u64,
    pub destination: Address,
    pub amount: u64,
    /// Base units of profit that the wallet was paid so far, this claim included.
    pub profit_paid: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct SpendProposed {
    pub seq: u64,
    pub id: u64,
    pub amount: u64,
    pub destination: Address,
    pub purpose: [u8; 32],
    pub executable_at: i64,
    pub expires_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct SpendExecuted {
    pub seq: u64,
    pub id: u64,
    pub amount: u64,
    /// Base units spent of the reserve so far.
    pub spent: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct SpendCancelled {
    pub seq: u64,
    pub id: u64,
}
