//! Contributor points and the monthly distribution of tokens.
//!
//! Issuers award points for contributions while an epoch (a calendar month in UTC) is open. When it is over, anyone
//! closes it; after a review window anyone finalises it, which fixes what the month distributes and moves the rest to
//! the community reserve; then contributors claim their share. The arithmetic is `protocol::month`.
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
pub mod instructions;
pub mod state;

pub use errors::RewardsError;
use instructions::*;

declare_id!("Rewards111111111111111111111111111111111111");

#[program]
pub mod rewards {
    use super::*;

    /// Creates the configuration and the reserve. Signed by the program's upgrade authority, once.
    pub fn initialize(ctx: &mut Context<Initialize>, settings: Settings) -> Result<()> {
        admin::initialize(ctx, settings)
    }

    /// Names the next administrator, who must accept.
    pub fn propose_admin(ctx: &mut Context<Administer>, new_admin: Address) -> Result<()> {
        admin::propose_admin(ctx, new_admin)
    }

    /// The proposed administrator takes over.
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        admin::accept_admin(ctx)
    }

    /// Pauses or resumes the issuing of awards; claims are never paused.
    pub fn set_pause(ctx: &mut Context<Administer>, awards_paused: bool) -> Result<()> {
        admin::set_pause(ctx, awards_paused)
    }

    /// Creates or changes a category: its weight is points for each unit of quantity.
    pub fn set_category(ctx: &mut Context<SetCategory>, id: u16, terms: CategoryTerms) -> Result<()> {
        admin::set_category(ctx, id, terms)
    }

    /// Creates or changes who may award points, and how many points in one epoch.
    pub fn set_issuer(ctx: &mut Context<SetIssuer>, issuer: Address, epoch_cap: u64, enabled: bool) -> Result<()> {
        admin::set_issuer(ctx, issuer, epoch_cap, enabled)
    }

    /// Opens the next epoch and moves its whole pool into the epoch's own vault.
    pub fn open_epoch(ctx: &mut Context<OpenEpoch>, index: u32, start: i64, end: i64, pool: u64) -> Result<()> {
        epoch::open_epoch(ctx, index, start, end, pool)
    }

    /// Ends an epoch whose last second has passed; its review window begins. Anyone may call it.
    pub fn close_epoch(ctx: &mut Context<CloseEpoch>) -> Result<()> {
        epoch::close_epoch(ctx)
    }

    /// Fixes what the epoch distributes and moves the rest to the reserve. Anyone may call it after the review.
    pub fn finalize_epoch(ctx: &mut Context<FinalizeEpoch>) -> Result<()> {
        epoch::finalize_epoch(ctx)
    }

    /// Registers the signing wallet as a contributor with the token account that its claims are paid to.
    pub fn register(ctx: &mut Context<Register>) -> Result<()> {
        contributor::register(ctx)
    }

    /// Changes the token account that the contributor's claims are paid to.
    pub fn set_destination(ctx: &mut Context<SetDestination>) -> Result<()> {
        contributor::set_destination(ctx)
    }

    /// Awards points for one contribution, named by the hash of its source, which can score only once.
    pub fn issue_award(ctx: &mut Context<IssueAward>, source: [u8; 32], category: u16, quantity: u64) -> Result<()> {
        award::issue_award(ctx, source, category, quantity)
    }

    /// Pays a contributor's share of a final epoch to the recorded destination. Anyone may pay for the transaction.
    pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
        claim::claim(ctx)
    }
}
