//! Contesting a verdict, and what can change it.
use super::{
    deliver::{after, judged},
    order::{Deposit, next_seq},
};
use crate::{
    MarketError,
    cpi::emit_event,
    events::OrderDisputed,
    foreign::{Foreign, ForeignAccount},
    loaded::Loaded,
    state::{Config, Order, judge, judged_by, order_state, resolution, verdict},
    views::{FINAL, OracleView, VerdictView},
};
use anchor_lang::prelude::*;
use protocol::{panel::sits_until, settlement::share};

pub fn dispute(ctx: &mut Context<Deposit>, reason: [u8; 32]) -> Result<()> {
    let a = &mut ctx.accounts;
    let by = *a.actor.address();
    let order = &mut *a.order;
    require!(order.disputed == 0, MarketError::AlreadyDisputed);
    require!(order.state == order_state::AUDITED, MarketError::WrongState);
    let now = Clock::get()?.unix_timestamp;
    require!(now < order.dispute_until.get(), MarketError::DisputeWindowOver);
    let (favoured, other) =
        if order.favours_seller() { (order.seller, order.buyer) } else { (order.buyer, order.seller) };
    require!(by != favoured, MarketError::FavouredSide);
    let bond = share(order.amount.get(), order.challenge_bond_bps.get());
    // what costs nothing would let strangers hold up every order
    require!(bond > 0 || by == other, MarketError::NotAParty);
    let answer_by = after(now, order.answer_seconds)?;
    let resolve_by = after(answer_by.get(), order.resolve_seconds)?;
    order.state = order_state::DISPUTED;
    order.disputed = 1;
    order.challenger = by;
    order.challenge_bond = bond.into();
    order.answer_by = answer_by;
    order.resolve_by = resolve_by;
    let seq = next_seq(order)?;
    a.reputation.disputed = a.reputation.disputed.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    a.reputation.seq = a.reputation.seq.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    let (answer_by, resolve_by) = (answer_by.get(), resolve_by.get());
    let event = OrderDisputed { order: *a.order.address(), seq, by, reason, bond, answer_by, resolve_by };
    a.take(bond);
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Resolve {
    #[account(address = config.admin @ MarketError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub order: Loaded<Order>,
}

pub fn resolve(ctx: &mut Context<Resolve>, payable: u64) -> Result<()> {
    let order = &mut ctx.accounts.order;
    require!(order.state == order_state::DISPUTED, MarketError::WrongState);
    require!(order.answered != 0, MarketError::NotAnswered);
    let now = Clock::get()?.unix_timestamp;
    require!(now < order.resolve_by.get(), MarketError::DeadlinePassed);
    let panel_has_it = sits_until(order.resolve_by.get(), order.resolve_seconds.get());
    require!(order.judge != judge::ORACLES || now >= panel_has_it, MarketError::PanelSits);
    let amount = order.amount.get();
    require!(payable <= amount, MarketError::PayableAboveAmount);
    require!(payable == 0 || payable == amount || order.allow_partial != 0, MarketError::PartialNotAllowed);
    overrule(order, payable);
    let event = judged(order, judged_by::ADMIN)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ApplyVerdict {
    #[account(mut)]
    pub order: Loaded<Order>,
    /// The verdict on this order: of the program `proofs`, or of a panel of the program `oracles`.
    #[account(
        constraint = verdict.order == *order.address()
            && verdict.opened_at == order.opened_at
            && verdict.kind == order.judge
            && verdict.state == FINAL
            @ MarketError::WrongVerdict
    )]
    pub verdict: Loaded<Foreign<VerdictView>>,
}

pub fn apply_verdict(ctx: &mut Context<ApplyVerdict>) -> Result<()> {
    let order = &mut ctx.accounts.order;
    let payable = share(order.amount.get(), ctx.accounts.verdict.payable_bps.get());
    match (order.judge, order.state) {
        (judge::PROOF, order_state::DISPUTED) => overrule(order, payable),
        (judge::ORACLES, order_state::DISPUTED) => {
            // a panel that accepts the result upholds the payment that stands, also where the seller had conceded a part
            let stands = order.payable.get();
            overrule(order, if payable > 0 && stands > 0 { stands } else { payable });
            if order.resolution == resolution::OVERTURNED && ctx.accounts.verdict.blame == 0 {
                order.resolution = resolution::PROVEN;
            }
        }
        (judge::GOLD, order_state::SUBMITTED) => {
            order.verdict = if payable > 0 { verdict::ACCEPT } else { verdict::REJECT };
            order.payable = payable.into();
        }
        _ => return Err(MarketError::WrongState.into()),
    }
    let panel = ctx.accounts.verdict.account().owned_by(&OracleView::PROGRAM);
    let event = judged(order, if panel { judged_by::PANEL } else { judged_by::PROOFS })?;
    emit_event!(ctx, event);
    Ok(())
}

fn overrule(order: &mut Order, payable: u64) {
    let same = order.payable.get() == payable;
    order.resolution = if same { resolution::UPHELD } else { resolution::OVERTURNED };
    order.payable = payable.into();
}
