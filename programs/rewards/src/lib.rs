//! Contributor points and the monthly distribution of tokens.
//!
//! Issuers award points for contributions while an epoch (a calendar month in UTC) is open. When it is over, anyone
//! closes it; after a review window anyone finalises it, which fixes what the month distributes and moves the rest to
//! the community reserve; then contributors claim their share, and what nobody claimed in time goes to the reserve too. The
//! arithmetic is `protocol::month`. Epoch 0 is the time before the token generation event, whose points are given a pool
//! once; the pools of the months come from a schedule. Profit is shared by the points of all time (`protocol::profit`).
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
#[path = "../../shared/loaded.rs"]
pub mod loaded;
#[path = "../../shared/security.rs"]
mod security;
pub mod state;
#[path = "../../shared/tokens.rs"]
pub mod tokens;

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
    pub fn accept_admin(ctx: &mut Context<Administer>) -> Result<()> {
        admin::accept_admin(ctx)
    }

    /// Pauses or resumes the issuing of awards; claims are never paused.
    pub fn set_pause(ctx: &mut Context<Administer>, awards_paused: bool) -> Result<()> {
        admin::set_pause(ctx, awards_paused)
    }

    /// Changes the settings; open epochs keep the terms that they were opened under.
    pub fn update_config(ctx: &mut Context<Administer>, settings: Settings) -> Result<()> {
        admin::update_config(ctx, settings)
    }

    /// Creates or changes a category: its weight is points for each unit of quantity.
    pub fn set_category(ctx: &mut Context<SetCategory>, id: u16, terms: CategoryTerms) -> Result<()> {
        admin::set_category(ctx, id, terms)
    }

    /// Creates or changes who may award points, and how many points in one epoch.
    pub fn set_issuer(ctx: &mut Context<SetIssuer>, issuer_key: Address, epoch_cap: u64, enabled: bool) -> Result<()> {
        admin::set_issuer(ctx, issuer_key, epoch_cap, enabled)
    }

    /// Sets the pools of up to twelve months that are not open yet. All months and the pool of epoch 0 stay within 9.75 % of
    /// the supply.
    pub fn set_schedule(ctx: &mut Context<SetSchedule>, months: MonthPools) -> Result<()> {
        schedule::set_schedule(ctx, months)
    }

    /// Opens the next epoch and moves its whole pool, which the schedule says, into the epoch's own vault. Epoch 0 has none
    /// yet; later ones need the token generation event.
    pub fn open_epoch(ctx: &mut Context<OpenEpoch>, index: u32, start: i64, end: i64) -> Result<()> {
        epoch::open_epoch(ctx, index, start, end)
    }

    /// The token generation event: gives the closed epoch 0 its pool, which its points share pro rata. Once.
    pub fn convert_tge(ctx: &mut Context<ConvertTge>, pool: u64) -> Result<()> {
        schedule::convert_tge(ctx, pool)
    }

    /// Ends an epoch whose last second has passed; its review window begins. Anyone may call it.
    pub fn close_epoch(ctx: &mut Context<CloseEpoch>) -> Result<()> {
        epoch::close_epoch(ctx)
    }

    /// Fixes what the epoch distributes and moves the rest to the reserve. Anyone may call it after the review.
    pub fn finalize_epoch(ctx: &mut Context<SettleEpoch>) -> Result<()> {
        epoch::finalize_epoch(ctx)
    }

    /// Moves what nobody claimed of a final epoch to the reserve, once the time to claim is over. Anyone may call it; claims
    /// are paid until somebody does.
    pub fn expire_epoch(ctx: &mut Context<SettleEpoch>) -> Result<()> {
        epoch::expire_epoch(ctx)
    }

    /// Registers the signing wallet as a contributor with the token account that its claims are paid to.
    pub fn register(ctx: &mut Context<Register>) -> Result<()> {
        contributor::register(ctx)
    }

    /// Changes the token account that the contributor's claims are paid to.
    pub fn set_destination(ctx: &mut Context<SetDestination>) -> Result<()> {
        contributor::set_destination(ctx)
    }

    /// Awards points for one contribution, named by the hash of its source, which can score only once. An award of
    /// many points waits for the second key.
    pub fn issue_award(ctx: &mut Context<IssueAward>, source: [u8; 32], category_id: u16, quantity: u64) -> Result<()> {
        award::issue_award(ctx, source, category_id, quantity)
    }

    /// The second key lets an award's points count, before the review of its epoch is over.
    pub fn confirm_award(ctx: &mut Context<ReviewAward>) -> Result<()> {
        review::confirm_award(ctx)
    }

    /// Takes an award back for good, before the review of its epoch is over. Profit that its points earned so far stays.
    pub fn void_award(ctx: &mut Context<ReviewAward>, reason: [u8; 32]) -> Result<()> {
        review::void_award(ctx, reason)
    }

    /// Closes an award that never counted or was taken back, once its epoch expired. Its source may then score again.
    pub fn close_award(ctx: &mut Context<CloseAward>) -> Result<()> {
        review::close_award(ctx)
    }

    /// Pays a contributor's share of a final epoch to the recorded destination. Anyone may pay for the transaction.
    pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
        claim::claim(ctx)
    }

    /// Closes a wallet's points of an epoch after they were claimed, or after the epoch expired. Anyone may call it.
    pub fn close_points(ctx: &mut Context<ClosePoints>) -> Result<()> {
        claim::close_points(ctx)
    }

    /// Brings in profit: a share for all holders of points, by their points of all time, the rest for the reserve. Anyone may.
    pub fn deposit_profit(ctx: &mut Context<DepositProfit>, amount: u64) -> Result<()> {
        profit::deposit_profit(ctx, amount)
    }

    /// Pays a contributor's profit to the recorded destination. Anyone may pay for the transaction.
    pub fn claim_profit(ctx: &mut Context<ClaimProfit>) -> Result<()> {
        profit::claim_profit(ctx)
    }

    /// Announces a payment from the reserve, which can be made once a delay is over.
    pub fn propose_spend(ctx: &mut Context<ProposeSpend>, id: u64, terms: SpendTerms) -> Result<()> {
        reserve::propose_spend(ctx, id, terms)
    }

    /// Makes an announced payment, within 30 days after its delay and within the limit of the window. Anyone may call it.
    pub fn execute_spend(ctx: &mut Context<ExecuteSpend>) -> Result<()> {
        reserve::execute_spend(ctx)
    }

    /// Withdraws an announced payment.
    pub fn cancel_spend(ctx: &mut Context<CancelSpend>) -> Result<()> {
        reserve::cancel_spend(ctx)
    }
}
