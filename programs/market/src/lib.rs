//! Listings, orders held in escrow, and the audit that decides whether an order is paid.
//!
//! Every order has a vault of its own and moves along one state machine (`state::order_state`): funded, accepted,
//! submitted, auditing, audited, then released or refunded. Each state that waits for somebody has a deadline after
//! which anyone may move the money on to where it belongs. Who judges is fixed when an order is opened (`state::judge`): the
//! votes of an oracle set whose members re-executed parts of a training job, the buyer's approval, a proof about the content
//! that a licence is for, or hidden gold labels. A verdict can be disputed, by whoever deposits a bond.
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
pub mod instructions;
#[path = "../../shared/loaded.rs"]
pub mod loaded;
#[path = "../../shared/security.rs"]
mod security;
pub mod state;
#[path = "../../shared/tokens.rs"]
pub mod tokens;
pub mod views;

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

    /// The seller takes the order on and deposits its bond; the delivery deadline starts.
    pub fn accept_order(ctx: &mut Context<Deposit>) -> Result<()> {
        order::accept_order(ctx)
    }

    /// The buyer takes back an order that nobody accepted.
    pub fn cancel_order(ctx: &mut Context<Settle>) -> Result<()> {
        settle::cancel_order(ctx)
    }

    /// The seller commits to the result: the job root or the root of its answers, and where its log is found. Where the buyer's
    /// approval judges, the dispute window starts.
    pub fn submit_result(ctx: &mut Context<OrderAction>, result: SubmittedResult) -> Result<()> {
        deliver::submit_result(ctx, result)
    }

    /// The seller of a dataset or a model delivers the content key, sealed for the buyer; the dispute window starts.
    pub fn deliver_licence(ctx: &mut Context<OrderAction>, licence: DeliveredLicence) -> Result<()> {
        deliver::deliver_licence(ctx, licence)
    }

    /// The buyer is content: the order can be released at once.
    pub fn approve(ctx: &mut Context<OrderAction>) -> Result<()> {
        deliver::approve(ctx)
    }

    /// The seller lowers what it will be paid: to nothing, or, before a dispute and where the order allows it, to a part.
    pub fn concede(ctx: &mut Context<OrderAction>, payable: u64) -> Result<()> {
        deliver::concede(ctx, payable)
    }

    /// Draws the audit's seed from slots after the submission. Anyone may call it.
    pub fn arm_audit(ctx: &mut Context<ArmAudit>) -> Result<()> {
        audit::arm_audit(ctx)
    }

    /// A member of the order's oracle set shows its vote on the result that it re-executed, which it sealed before in the
    /// program `oracles`.
    pub fn attest(ctx: &mut Context<Attest>, vote: Vote) -> Result<()> {
        audit::attest(ctx, vote)
    }

    /// Anyone but the side that the verdict favours contests it within the dispute window, and deposits a bond.
    pub fn dispute(ctx: &mut Context<Deposit>, reason: [u8; 32]) -> Result<()> {
        dispute::dispute(ctx, reason)
    }

    /// The side that the verdict favours contradicts the challenger, or a member of the oracle set calls for a judgement. If
    /// nobody does in time, that side loses the dispute.
    pub fn answer(ctx: &mut Context<Answer>, evidence: [u8; 32]) -> Result<()> {
        deliver::answer(ctx, evidence)
    }

    /// The administrator decides a dispute that was answered; after the deadline the verdict stands. Where oracles judged, a panel
    /// of others (the program `oracles`) has the first half of the window to itself.
    pub fn resolve(ctx: &mut Context<Resolve>, payable: u64) -> Result<()> {
        dispute::resolve(ctx, payable)
    }

    /// Takes over a final verdict of the program `proofs`: on the content of a disputed licence, on a disputed training job, or
    /// by gold labels; or that of a panel of the program `oracles` on a disputed training job. Anyone may call it.
    pub fn apply_verdict(ctx: &mut Context<ApplyVerdict>) -> Result<()> {
        dispute::apply_verdict(ctx)
    }

    /// Pays an order whose verdict stands: seller, fee to the treasury, the rest to the buyer. Anyone may call it.
    pub fn release(ctx: &mut Context<Settle>) -> Result<()> {
        settle::release(ctx)
    }

    /// Returns an order that was rejected or missed a deadline to the buyer. Anyone may call it.
    pub fn refund(ctx: &mut Context<Settle>) -> Result<()> {
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
