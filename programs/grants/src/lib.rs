//! Grants: the part of the supply that goes to proposals which holders of points vote for.
//!
//! A proposal names a recipient and up to eight milestones. It is voted on with the points that voters had before the month in
//! which it was opened; when it is carried, its total is set aside. Each milestone is then submitted, reviewed and paid in
//! order. What a proposal does not pay, because it is cancelled or a milestone's time runs out, returns to the pool. At any time
//! committed + disbursed <= funded. The arithmetic of votes is `protocol::vote`.
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

pub use errors::GrantsError;
use instructions::*;

declare_id!("Grants1111111111111111111111111111111111111");

#[program]
pub mod grants {
    use super::*;

    /// Creates the configuration and the vault. Signed by the program's upgrade authority, once.
    pub fn initialize(ctx: &mut Context<Initialize>, allocation: u64, settings: Settings) -> Result<()> {
        admin::initialize(ctx, allocation, settings)
    }

    /// Names the next administrator, who must accept.
    pub fn propose_admin(ctx: &mut Context<Administer>, new_admin: Address) -> Result<()> {
        admin::propose_admin(ctx, new_admin)
    }

    /// The proposed administrator takes over.
    pub fn accept_admin(ctx: &mut Context<AcceptAdmin>) -> Result<()> {
        admin::accept_admin(ctx)
    }

    /// Changes the settings; open proposals keep those that they were opened under.
    pub fn update_config(ctx: &mut Context<Administer>, settings: Settings) -> Result<()> {
        admin::update_config(ctx, settings)
    }

    /// Pauses or resumes kinds of actions; no vote, rejection, review, payment or return of a bond is ever paused.
    pub fn set_pause(ctx: &mut Context<Administer>, paused: u8) -> Result<()> {
        admin::set_pause(ctx, paused)
    }

    /// Adds tokens to the vault, up to the allocation. Anyone may call it.
    pub fn fund(ctx: &mut Context<Fund>, amount: u64) -> Result<()> {
        fund::fund(ctx, amount)
    }

    /// Opens a proposal for votes and takes its bond. `epoch` is the rewards epoch that holds the present.
    pub fn open_proposal(ctx: &mut Context<OpenProposal>, id: u64, epoch: u32, terms: ProposalTerms) -> Result<()> {
        proposal::open_proposal(ctx, id, epoch, terms)
    }

    /// Takes a proposal back: its proposer while votes are cast, the administrator once it is approved.
    pub fn cancel_proposal(ctx: &mut Context<CancelProposal>) -> Result<()> {
        proposal::cancel_proposal(ctx)
    }

    /// Casts or changes a vote: 1 in favour, 2 against, 3 abstained.
    pub fn vote(ctx: &mut Context<CastVote>, choice: u8) -> Result<()> {
        vote::vote(ctx, choice)
    }

    /// Counts the votes when their time is over, and sets the total aside or rejects. Anyone may call it.
    pub fn tally(ctx: &mut Context<TallyVotes>) -> Result<()> {
        vote::tally(ctx)
    }

    /// The recipient submits the evidence of the next milestone for review.
    pub fn submit_milestone(ctx: &mut Context<SubmitMilestone>, index: u8, evidence: [u8; 32]) -> Result<()> {
        milestone::submit_milestone(ctx, index, evidence)
    }

    /// The reviewer or the administrator accepts or refuses a submitted milestone.
    pub fn review_milestone(ctx: &mut Context<ReviewMilestone>, index: u8, approve: bool) -> Result<()> {
        milestone::review_milestone(ctx, index, approve)
    }

    /// Pays an accepted milestone to a token account of the recipient. Anyone may call it.
    pub fn disburse(ctx: &mut Context<Disburse>, index: u8) -> Result<()> {
        milestone::disburse(ctx, index)
    }

    /// Ends a proposal whose next milestone is late; what it did not earn returns to the pool. Anyone may call it.
    pub fn expire_proposal(ctx: &mut Context<ExpireProposal>) -> Result<()> {
        milestone::expire_proposal(ctx)
    }

    /// Returns the bond of a proposal that kept it. Anyone may call it.
    pub fn return_bond(ctx: &mut Context<ReturnBond>) -> Result<()> {
        proposal::return_bond(ctx)
    }

    /// Closes a ballot whose vote is over and returns its rent. Anyone may call it.
    pub fn close_ballot(ctx: &mut Context<CloseBallot>) -> Result<()> {
        vote::close_ballot(ctx)
    }

    /// Closes a proposal that is over and owes nothing, and returns its rent.
    pub fn close_proposal(ctx: &mut Context<CloseProposal>) -> Result<()> {
        proposal::close_proposal(ctx)
    }
}
