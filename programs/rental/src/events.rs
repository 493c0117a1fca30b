//! What the program tells the world, through a CPI to itself so that nothing is lost in a truncated log.
//!
//! Each event carries what a reader needs to rebuild the row of its rental, and the rental's sequence number, which grows by
//! one with each event.
use anchor_lang::prelude::*;
use wincode::SchemaRead;

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalOpened {
    pub rental: Address,
    pub seq: u64,
    pub id: u64,
    pub listing: Address,
    pub listing_version: u32,
    pub renter: Address,
    pub provider: Address,
    pub mint: Address,
    /// Base units for an hour.
    pub rate: u64,
    pub hours: u64,
    pub deposit: u64,
    pub fee_bps: u16,
    pub accept_by: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalStarted {
    pub rental: Address,
    pub seq: u64,
    pub started_at: i64,
    pub ends_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalExtended {
    pub rental: Address,
    pub seq: u64,
    /// After the extension.
    pub hours: u64,
    pub deposit: u64,
    pub ends_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalWithdrawn {
    pub rental: Address,
    pub seq: u64,
    /// Base units to the provider and to the treasury since the start, this withdrawal included.
    pub paid: u64,
    pub fee: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalEnded {
    pub rental: Address,
    pub seq: u64,
    /// `state::end_reason`.
    pub reason: u8,
    /// Base units to the provider, to the treasury and back to the renter in all.
    pub paid: u64,
    pub fee: u64,
    pub returned: u64,
    pub ended_at: i64,
}

#[event]
#[derive(Clone, Debug, PartialEq, SchemaRead)]
pub struct RentalClosed {
    pub rental: Address,
    pub seq: u64,
}
