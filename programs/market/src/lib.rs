//! Listings, orders held in escrow, and the audit that decides whether an order is paid.
//!
//! Every order has a vault of its own and moves along one state machine (`state::order_state`): funded, accepted,
//! submitted, auditing, audited, then released or refunded. Each state that waits for somebody has a deadline after
//! which anyone may move the money on to where it belongs. A training order is judged by the votes of an oracle set
//! whose members re-executed parts of the training.
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
#[path = "../../shared/tokens.rs"]
pub mod tokens;

pub use errors::MarketError;
use instructions::*;

declare_id!("Market1111111111111111111111111111111111111");

#[program]
pub mod market {
    use super::*;

    /// Creates the configuration. Signed by the program's upgrade authority, once.
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

    /// Pauses kinds of action (`state::pause` bits). Releases, refunds and votes are never paused.
    pub fn set_pause(ctx: &mut Context<Administer>, paused: u8) -> Result<()> {
        admin::set_pause(ctx, paused)
    }

    /// Changes the settings; orders that are open keep the ones that they were opened under.
    pub fn update_config(ctx: &mut Context<Administer>, settings: Settings) -> Result<()> {
        admin::update_config(ctx, settings)
    }

    /// Creates the next oracle set, which new orders will pin. A set never changes.
    pub fn create_oracle_set(ctx: &mut Context<CreateOracleSet>, version: u32, members: OracleMembers) -> Result<()> {
        oracles::create_oracle_set(ctx, version, members)
    }

    /// Retires a set: its members' votes are no longer taken, and its open audits end in a refund at their deadline.
    pub fn retire_oracle_set(ctx: &mut Context<RetireOracleSet>) -> Result<()> {
        oracles::retire_oracle_set(ctx)
    }

    /// Lists something for sale.
    pub fn create_listing(ctx: &mut Context<CreateListing>, id: u64, kind: u8, terms: ListingTerms) -> Result<()> {
        listing::create_listing(ctx, id, kind, terms)
    }

    /// Changes a listing's terms and raises its version, so that no order is opened on terms its buyer did not see.
    pub fn update_listing(ctx: &mut Context<UpdateListing>, terms: ListingTerms) -> Result<()> {
        listing::update_listing(ctx, terms)
    }

    /// Closes a listing without open orders; its rent returns to the seller.
    pub fn close_listing(ctx: &mut Context<CloseListing>) -> Result<()> {
        listing::close_listing(ctx)
    }

    /// Opens an order and moves its whole price into a vault of its own.
    pub fn open_order(ctx: &mut Context<OpenOrder>, id: u64, terms: OrderTerms) -> Result<()> {
        order::open_order(ctx, id, terms)
    }

    /// The seller takes the order on; the delivery deadline starts.
    pub fn accept_order(ctx: &mut Context<AcceptOrder>) -> Result<()> {
        order::accept_order(ctx)
    }

    /// The buyer takes back an order that nobody accepted.
    pub fn cancel_order(ctx: &mut Context<ReturnOrder>) -> Result<()> {
        settle::cancel_order(ctx)
    }

    /// The seller commits to the result: the job root, and where its log is found.
    pub fn submit_result(ctx: &mut Context<SubmitResult>, result: SubmittedResult) -> Result<()> {
        order::submit_result(ctx, result)
    }

    /// Draws the audit's seed from slots after the submission. Anyone may call it.
    pub fn arm_audit(ctx: &mut Context<ArmAudit>) -> Result<()> {
        audit::arm_audit(ctx)
    }

    /// A member of the order's oracle set votes on the result that it re-executed.
    pub fn attest(ctx: &mut Context<Attest>, vote: Vote) -> Result<()> {
        audit::attest(ctx, vote)
    }

    /// Buyer or seller contests the audit's verdict within the dispute window.
    pub fn dispute(ctx: &mut Context<Dispute>, reason: [u8; 32]) -> Result<()> {
        audit::dispute(ctx, reason)
    }

    /// The administrator decides a dispute; after the deadline the audit's verdict stands.
    pub fn resolve(ctx: &mut Context<Resolve>, payable: u64) -> Result<()> {
        audit::resolve(ctx, payable)
    }

    /// Pays an order that passed its audit: seller, fee to the treasury, the rest to the buyer. Anyone may call it.
    pub fn release(ctx: &mut Context<Release>) -> Result<()> {
        settle::release(ctx)
    }

    /// Returns an order that failed its audit or missed a deadline to the buyer. Anyone may call it.
    pub fn refund(ctx: &mut Context<ReturnOrder>) -> Result<()> {
        settle::refund(ctx)
    }

    /// Awards points to the seller of a released order, once, by a CPI to rewards. Anyone may call it.
    pub fn award_order(ctx: &mut Context<AwardOrder>) -> Result<()> {
        award::award_order(ctx)
    }

    /// Closes a settled order; its rent returns to who paid it.
    pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
        settle::close_order(ctx)
    }
}
