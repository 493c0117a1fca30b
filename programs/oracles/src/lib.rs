//! Bonds of those who judge the market's training orders, and what their votes came to.
//!
//! An oracle's operator deposits a bond; the market counts its votes only while enough of it is bonded and not on its way
//! out. Votes are sealed here before the market takes them, so that none copies another. Once an order is settled, anyone
//! records the vote of each member of the order's set: votes, votes that agreed with how the order ended, votes that were
//! missed. Where a panel, a proof or the administrator of the market judged a dispute and overturned a verdict, a member that
//! voted for that verdict loses a share of its bond to the challenger and the buyer; the rest is burned. A bond that is on
//! its way out can be slashed until it is withdrawn, and its way out is longer than the life of an order.
//!
//! A dispute about the verdict of an order's oracles goes to a panel: others, drawn by lot, who replay the whole job.
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

pub use errors::OraclesError;
use instructions::*;

declare_id!("Jury111111111111111111111111111111111111111");

#[program]
pub mod oracles {
    use super::*;

    /// Creates the configuration; bonds will be in `mint`. Signed by the program's upgrade authority, once, after the
    /// market was initialized.
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

    /// Changes the settings. A bond that is on its way out keeps the time that it was given.
    pub fn update_config(ctx: &mut Context<UpdateConfig>, settings: Settings) -> Result<()> {
        admin::update_config(ctx, settings)
    }

    /// Registers an oracle by the key that votes, with an empty bond.
    pub fn register_oracle(ctx: &mut Context<RegisterOracle>) -> Result<()> {
        bond::register_oracle(ctx)
    }

    /// Adds to an oracle's bond.
    pub fn deposit_bond(ctx: &mut Context<DepositBond>, amount: u64) -> Result<()> {
        bond::deposit_bond(ctx, amount)
    }

    /// Starts the way out of a part of the bond, or of all of it: the part no longer counts for votes, but can be slashed
    /// until it is withdrawn. A new request replaces the last one and starts anew; 0 takes it back.
    pub fn request_unbond(ctx: &mut Context<RequestUnbond>, amount: u64) -> Result<()> {
        bond::request_unbond(ctx, amount)
    }

    /// Pays out what was on its way out, once its time is over.
    pub fn withdraw_bond(ctx: &mut Context<WithdrawBond>) -> Result<()> {
        bond::withdraw_bond(ctx)
    }

    /// A member of the oracle set of an order under audit commits to its vote (`protocol::seal`), which the market will only
    /// take with this seal, and only once nobody can seal any more.
    pub fn seal_vote(ctx: &mut Context<SealVote>, commitment: [u8; 32]) -> Result<()> {
        seal::seal_vote(ctx, commitment)
    }

    /// Returns the rent of an order's seals to the member that paid it, once the order is settled and every member that sealed
    /// showed its vote or has it on its record. Anyone may call it.
    pub fn close_seals(ctx: &mut Context<CloseSeals>) -> Result<()> {
        seal::close_seals(ctx)
    }

    /// Records what a member of a settled order's oracle set did, once, and slashes it where a judged dispute overturned its
    /// vote. Anyone may call it, for some time after the settlement.
    pub fn record_vote(ctx: &mut Context<RecordVote>) -> Result<()> {
        record::record_vote(ctx)
    }

    /// Closes the record of an order that is gone or can no longer be recorded; its rent returns to who paid it. Anyone may
    /// call it.
    pub fn close_record(ctx: &mut Context<CloseRecord>) -> Result<()> {
        record::close_record(ctx)
    }

    /// Convenes a panel for an order whose dispute was answered: members of the set that the configuration names, who had no part
    /// in the order, will be drawn. Anyone may call it, in the first quarter of the window of resolution.
    pub fn convene_panel(ctx: &mut Context<ConvenePanel>) -> Result<()> {
        panel::convene_panel(ctx)
    }

    /// Draws a panel's members by the hashes of slots after it was convened; where those are forgotten, later slots will draw
    /// them. Anyone may call it.
    pub fn draw_panel(ctx: &mut Context<DrawPanel>) -> Result<()> {
        panel::draw_panel(ctx)
    }

    /// A member of a panel commits to its vote (`protocol::seal`).
    pub fn seal_panel_vote(ctx: &mut Context<SealPanelVote>, commitment: [u8; 32]) -> Result<()> {
        panel::seal_panel_vote(ctx, commitment)
    }

    /// A member of a panel shows the vote that it sealed, once all sealed or nobody can any more. More than half of the seats
    /// decide; anyone then takes the verdict to the market, with its `apply_verdict`.
    pub fn show_panel_vote(ctx: &mut Context<ShowPanelVote>, vote: PanelVote) -> Result<()> {
        panel::show_panel_vote(ctx, vote)
    }

    /// Closes the panel of an order that is no longer in dispute; its rent returns to who convened it. Anyone may call it.
    pub fn close_panel(ctx: &mut Context<ClosePanel>) -> Result<()> {
        panel::close_panel(ctx)
    }

    /// Closes an oracle without a bond; its rent returns to who paid it.
    pub fn close_oracle(ctx: &mut Context<CloseOracle>) -> Result<()> {
        bond::close_oracle(ctx)
    }
}
