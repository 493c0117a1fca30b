//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row that it changes, and the sequence number of the object
//! that it is about (config, epoch or contributor), which grows by one with each event of that object.
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
pub struct EpochOpened {
    pub epoch: u32,
    pub seq: u64,
    pub start: i64,
    pub end: i64,
    pub pool: u64,
    pub threshold: u64,
    pub below_bps: u16,
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
    /// The wallet's points in this epoch after the award.
    pub wallet_points: u64,
    /// The epoch's points after the award.
    pub total_points: u64,
    /// The wallet's points of all time after the award.
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
