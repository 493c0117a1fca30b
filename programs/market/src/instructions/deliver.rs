//! What the seller delivers, and what buyer and seller agree about it.
use super::order::next_seq;
use crate::{
    MarketError,
    cpi::emit_event,
    events::{DisputeAnswered, LicenceDelivered, OrderJudged, ResultSubmitted},
    loaded::Loaded,
    state::{OracleSet, Order, judge, judged_by, order_state, resolution, verdict},
};
use anchor_lang::{prelude::*, solana_program::hash::hashv};

/// Accounts of everything that one party does to its order without moving tokens.
#[event_cpi]
#[derive(Accounts)]
pub struct OrderAction {
    /// The party whose act it is.
    pub actor: Signer,
    #[account(mut)]
    pub order: Loaded<Order>,
}

/// What a seller commits to.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct SubmittedResult {
    pub root: [u8; 32],
    pub log: [u8; 32],
}

pub fn submit_result(ctx: &mut Context<OrderAction>, result: SubmittedResult) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.order.judge != judge::PROOF, MarketError::WrongJudge);
    require!(result.root != [0; 32] && result.log != [0; 32], MarketError::EmptyResult);
    let clock = deliver(a)?;
    let address = *a.order.address();
    let order = &mut *a.order;
    order.result_root = result.root;
    order.result_log = result.log;
    order.audit_slot = clock.slot.into();
    if order.judge == judge::APPROVAL {
        pay_in_full(order);
        order.dispute_until = after(clock.unix_timestamp, order.dispute_seconds)?;
    } else {
        order.state = order_state::SUBMITTED;
        order.audit_by = after(clock.unix_timestamp, order.audit_seconds)?;
    }
    let event = ResultSubmitted {
        order: address,
        seq: next_seq(order)?,
        result_root: result.root,
        result_log: result.log,
        audit_slot: clock.slot,
        audit_by: order.audit_by.get(),
        state: order.state,
        payable: order.payable.get(),
        dispute_until: order.dispute_until.get(),
    };
    emit_event!(ctx, event);
    Ok(())
}

/// The content key of a licence.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct DeliveredLicence {
    /// Hash of the content key (`protocol::content`).
    pub key_hash: [u8; 32],
    /// The key, sealed for the public key in the buyer's request.
    pub sealed_key: [u8; 80],
}

pub fn deliver_licence(ctx: &mut Context<OrderAction>, licence: DeliveredLicence) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.order.judge == judge::PROOF, MarketError::WrongJudge);
    require!(licence.key_hash != [0; 32], MarketError::EmptyResult);
    let clock = deliver(a)?;
    let address = *a.order.address();
    let order = &mut *a.order;
    order.result_root = licence.key_hash;
    order.result_log = hashv(&[&licence.sealed_key]).to_bytes();
    pay_in_full(order);
    order.dispute_until = after(clock.unix_timestamp, order.dispute_seconds)?;
    let event = LicenceDelivered {
        order: address,
        seq: next_seq(order)?,
        key_hash: licence.key_hash,
        sealed_key: licence.sealed_key,
        sealed_hash: order.result_log,
        payable: order.payable.get(),
        dispute_until: order.dispute_until.get(),
    };
    emit_event!(ctx, event);
    Ok(())
}

/// Checks that the seller delivers, and in time.
#[inline(never)]
fn deliver(a: &OrderAction) -> Result<Clock> {
    require!(*a.actor.address() == a.order.seller, MarketError::NotSeller);
    require!(a.order.state == order_state::ACCEPTED, MarketError::WrongState);
    let clock = Clock::get()?;
    require!(clock.unix_timestamp < a.order.deliver_by.get(), MarketError::DeadlinePassed);
    Ok(clock)
}

fn pay_in_full(order: &mut Order) {
    order.state = order_state::AUDITED;
    order.verdict = verdict::ACCEPT;
    order.payable = order.amount;
}

pub(crate) fn after(now: i64, seconds: PodI64) -> Result<PodI64> {
    Ok(now.checked_add(seconds.get()).ok_or(MarketError::Overflow)?.into())
}

/// The buyer is content: what the verdict pays, or the whole amount where there is none or it rejects, is released at once.
pub fn approve(ctx: &mut Context<OrderAction>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(*a.actor.address() == a.order.buyer, MarketError::NotBuyer);
    require!(a.order.disputed == 0, MarketError::AlreadyDisputed);
    require!((order_state::SUBMITTED..=order_state::AUDITED).contains(&a.order.state), MarketError::WrongState);
    if !a.order.favours_seller() {
        pay_in_full(&mut a.order);
    }
    let event = judged(&mut a.order, judged_by::BUYER)?;
    emit_event!(ctx, event);
    Ok(())
}

/// The seller gives up the payment, or, of a verdict that nobody disputed yet and where the order allows it, a part.
pub fn concede(ctx: &mut Context<OrderAction>, payable: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(*a.actor.address() == a.order.seller, MarketError::NotSeller);
    let order = &mut *a.order;
    require!((order_state::SUBMITTED..=order_state::DISPUTED).contains(&order.state), MarketError::WrongState);
    let undisputed = order.state == order_state::AUDITED;
    if undisputed {
        require!(order.disputed == 0, MarketError::AlreadyDisputed);
    }
    if undisputed || order.state == order_state::DISPUTED {
        require!(payable < order.payable.get(), MarketError::NotAConcession);
    }
    if payable > 0 {
        // within a dispute a part would end it with whatever the seller likes
        require!(undisputed && order.allow_partial != 0, MarketError::PartialNotAllowed);
    }
    order.payable = payable.into();
    let event = if payable > 0 {
        // the buyer may still find it too much
        judged_until(&mut a.order, judged_by::SELLER)?
    } else {
        if order.disputed != 0 {
            order.resolution = resolution::FORFEITED;
        } else {
            order.verdict = verdict::REJECT;
        }
        judged(&mut a.order, judged_by::SELLER)?
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Answer {
    /// The side that the verdict favours, or a member of the order's oracle set.
    pub actor: Signer,
    #[account(mut)]
    pub order: Loaded<Order>,
    /// The order's, where a member of it answers.
    pub oracle_set: Option<Loaded<OracleSet>>,
}

/// The side that the verdict favours contradicts the challenger, or an oracle wants the dispute judged: now a panel or the
/// administrator decides.
pub fn answer(ctx: &mut Context<Answer>, evidence: [u8; 32]) -> Result<()> {
    let a = &mut ctx.accounts;
    let (order, by) = (&mut *a.order, *a.actor.address());
    let favoured = if order.favours_seller() { order.seller } else { order.buyer };
    require!(order.state == order_state::DISPUTED, MarketError::WrongState);
    // the silence of a guilty seller must not protect the oracles that accepted its work
    let set = a.oracle_set.as_ref().filter(|set| set.version == order.oracle_set);
    require!(by == favoured || set.is_some_and(|set| set.place_of(&by).is_some()), MarketError::NotFavoured);
    require!(order.answered == 0, MarketError::AlreadyAnswered);
    require!(Clock::get()?.unix_timestamp < order.answer_by.get(), MarketError::DeadlinePassed);
    order.answered = 1;
    let seq = next_seq(order)?;
    let event = DisputeAnswered { order: *a.order.address(), seq, by, evidence };
    emit_event!(ctx, event);
    Ok(())
}

/// The verdict is final: nobody can dispute it any more.
#[inline(never)]
pub(crate) fn judged(order: &mut Loaded<Order>, by: u8) -> Result<OrderJudged> {
    order.state = order_state::AUDITED;
    order.dispute_until = Clock::get()?.unix_timestamp.into();
    judged_until(order, by)
}

#[inline(never)]
fn judged_until(order: &mut Loaded<Order>, by: u8) -> Result<OrderJudged> {
    Ok(OrderJudged {
        order: *order.address(),
        seq: next_seq(order)?,
        by,
        verdict: order.verdict,
        resolution: order.resolution,
        payable: order.payable.get(),
        dispute_until: order.dispute_until.get(),
    })
}
