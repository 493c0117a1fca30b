//! Compute by time, paid by the second.
//!
//! A renter takes a listing of the market whose unit is the hour, and deposits the price of some hours into a vault of the
//! rental's own. From the provider's start on, each second earns its part of the rate. The provider takes what has elapsed
//! at any time; renter or provider stop at any second, and the renter gets the rest back. Nothing is ever paid beyond the
//! deposit, and what was earned never goes back. Listing, fee, treasury and allowed mints are the market's, which this program
//! reads.
#![cfg_attr(not(test), no_std)]
// the framework's macros generate public items that carry no documentation of their own
#![allow(missing_docs, unreachable_pub, unused_variables, clippy::diverging_sub_expression, unexpected_cfgs)]

use anchor_lang::prelude::*;
#[cfg(target_arch = "bpf")]
use {sbf_builtins as _, solana_compiler_builtins as _};

#[path = "../../shared/cpi.rs"]
mod cpi;
#[path = "../../shared/derived.rs"]
mod derived;
pub mod errors;
pub mod events;
#[path = "../../shared/foreign.rs"]
pub mod foreign;
pub mod foreign_views;
pub mod instructions;
#[path = "../../shared/loaded.rs"]
pub mod loaded;
#[path = "../../shared/security.rs"]
mod security;
pub mod state;
#[path = "../../shared/tokens.rs"]
pub mod tokens;

pub use errors::RentalError;
use instructions::*;

declare_id!("Rent111111111111111111111111111111111111111");

#[program]
pub mod rental {
    use super::*;

    /// Asks for some hours of a listing, and moves their whole price into a vault of the rental's own.
    pub fn open_rental(ctx: &mut Context<OpenRental>, id: u64, terms: RentalTerms) -> Result<()> {
        open::open_rental(ctx, id, terms)
    }

    /// The provider hands the machine over; the first second starts.
    pub fn start_rental(ctx: &mut Context<StartRental>) -> Result<()> {
        open::start_rental(ctx)
    }

    /// The renter adds hours at the same rate before the last one ends.
    pub fn extend_rental(ctx: &mut Context<ExtendRental>, hours: u64) -> Result<()> {
        open::extend_rental(ctx, hours)
    }

    /// Returns the deposit of a rental that did not start: to the renter at any time, by anyone once the provider's time to
    /// start is over.
    pub fn cancel_rental(ctx: &mut Context<CancelRental>) -> Result<()> {
        settle::cancel_rental(ctx)
    }

    /// Pays what has elapsed to the provider, and the fee on it to the treasury. Anyone may call it.
    pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
        settle::withdraw(ctx)
    }

    /// Ends a rental: what has elapsed is paid, the rest goes back to the renter. Renter and provider may at any second,
    /// anyone once the hours are over.
    pub fn stop_rental(ctx: &mut Context<StopRental>) -> Result<()> {
        settle::stop_rental(ctx)
    }

    /// Closes a rental that ended; its rent returns to who paid it.
    pub fn close_rental(ctx: &mut Context<CloseRental>) -> Result<()> {
        settle::close_rental(ctx)
    }
}
