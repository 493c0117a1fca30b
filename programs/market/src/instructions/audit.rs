use super::order::next_seq;
use crate::{
    MarketError,
    cpi::emit_event,
    events::{AuditArmed, AuditPostponed, OracleVoted},
    foreign::Foreign,
    loaded::Loaded,
    state::{OracleSet, Order, order_state, verdict},
    views::{OracleView, SealsView},
};
use anchor_lang::prelude::*;
use protocol::{
    audit_seed::{self, Seed},
    seal::{self, Subject},
};

const SLOT_HASHES: Address = anchor_lang::address!("SysvarS1otHashes111111111111111111111111111");

#[event_cpi]
#[derive(Accounts)]
pub struct ArmAudit {
    #[account(mut)]
    pub order: Loaded<Order>,
    #[account(constraint = oracle_set.version == order.oracle_set @ MarketError::WrongOracleSet)]
    pub oracle_set: Loaded<OracleSet>,
    #[account(address = SLOT_HASHES @ MarketError::WrongSysvar)]
    pub slot_hashes: UncheckedAccount,
}

pub fn arm_audit(ctx: &mut Context<ArmAudit>) -> Result<()> {
    let samples = ctx.accounts.oracle_set.samples.get();
    let order = &mut ctx.accounts.order;
    require!(order.state == order_state::SUBMITTED, MarketError::WrongState);
    let clock = Clock::get()?;
    require!(clock.unix_timestamp < order.audit_by.get(), MarketError::DeadlinePassed);
    let address = *order.address();
    let drawn = {
        let sysvar = ctx.accounts.slot_hashes.account().try_borrow()?;
        audit_seed::draw(&sysvar, order.audit_slot.get(), address.as_array())
    };
    match drawn {
        Seed::TooEarly => Err(MarketError::AuditTooEarly.into()),
        Seed::Forgotten => {
            order.audit_slot = clock.slot.into();
            let seq = next_seq(order)?;
            emit_event!(ctx, AuditPostponed { order: address, seq, audit_slot: clock.slot });
            Ok(())
        }
        Seed::Drawn(audit_seed) => {
            order.state = order_state::AUDITING;
            order.audit_seed = audit_seed;
            let (oracle_set, seq) = (order.oracle_set.get(), next_seq(order)?);
            emit_event!(ctx, AuditArmed { order: address, seq, audit_seed, oracle_set, samples });
            Ok(())
        }
    }
}

/// What an oracle found. The transaction's signature binds it to the chain and the program, the accounts to the order
/// and the set, and these fields to the result.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct Vote {
    pub result_root: [u8; 32],
    pub verdict: u8,
    pub reason: u16,
    pub report: [u8; 32],
    /// Opens what the oracle sealed (`protocol::seal`).
    pub salt: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct Attest {
    pub oracle: Signer,
    #[account(mut)]
    pub order: Loaded<Order>,
    pub oracle_set: Loaded<OracleSet>,
    /// The oracle's account in the program `oracles`, where the set asks for a bond.
    pub oracle_account: Option<Loaded<Foreign<OracleView>>>,
    /// What the set's members sealed about the order, in the program `oracles`.
    pub seals: UncheckedAccount,
}

pub fn attest(ctx: &mut Context<Attest>, vote: Vote) -> Result<()> {
    let oracle = *ctx.accounts.oracle.address();
    let set = &ctx.accounts.oracle_set;
    let order = &mut ctx.accounts.order;
    require!(set.version == order.oracle_set, MarketError::WrongOracleSet);
    require!(set.retired == 0, MarketError::OracleSetRetired);
    if !set.min_bond.is_zero() {
        let account = ctx.accounts.oracle_account.as_ref().filter(|account| account.authority == oracle);
        let bonded = account.map_or(0, |account| account.bond.get().saturating_sub(account.unbonding.get()));
        require!(bonded >= set.min_bond.get(), MarketError::NotBonded);
    }
    // a vote after the quorum changes nothing but is kept, until the audit's deadline
    require!(
        order.state == order_state::AUDITING || order.state == order_state::AUDITED && order.disputed == 0,
        MarketError::WrongState
    );
    let now = Clock::get()?.unix_timestamp;
    require!(now < order.audit_by.get(), MarketError::DeadlinePassed);
    require!(vote.result_root == order.result_root, MarketError::VoteOnOtherResult);
    require!(vote.verdict == verdict::ACCEPT || vote.verdict == verdict::REJECT, MarketError::UnknownVerdict);
    let place = set.place_of(&oracle).ok_or(MarketError::NotAnOracle)?;
    let bit = 1u16 << place;
    let (mut votes_for, mut votes_against) = (order.votes_for.get(), order.votes_against.get());
    require!((votes_for | votes_against) & bit == 0, MarketError::AlreadyVoted);
    let address = *order.address();
    let seals = Foreign::<SealsView>::at(ctx.accounts.seals.account())
        .filter(|seals| seals.order == address && seals.opened_at == order.opened_at)
        .ok_or(MarketError::NotSealed)?;
    // nobody shows a vote while somebody who sees it could still seal the same
    let all = seals.sealed.get().count_ones() == u32::from(set.count);
    let ends = seal::sealing_ends(order.audit_by.get(), order.audit_seconds.get());
    require!(all || now >= ends, MarketError::SealingOpen);
    let subject = Subject {
        order: address.as_array(),
        opened_at: order.opened_at.get(),
        audit_seed: &order.audit_seed,
        oracle: oracle.as_array(),
    };
    // a member that sealed nothing has the commitment zero, which nothing opens
    let commitment = seal::commitment(&subject, vote.verdict, &vote.salt);
    require!(seals.commitments.get(place) == Some(&commitment), MarketError::OtherVoteSealed);
    if vote.verdict == verdict::ACCEPT {
        votes_for |= bit
    } else {
        votes_against |= bit
    }
    order.votes_for = votes_for.into();
    order.votes_against = votes_against.into();

    let (count_for, count_against) = (votes_for.count_ones() as u8, votes_against.count_ones() as u8);
    if order.state == order_state::AUDITING {
        // rejected as soon as the accepting votes can no longer reach the threshold
        let decided = if count_for >= set.threshold {
            verdict::ACCEPT
        } else if count_against > set.count - set.threshold {
            verdict::REJECT
        } else {
            verdict::NONE
        };
        if decided != verdict::NONE {
            order.state = order_state::AUDITED;
            order.verdict = decided;
            order.payable = if decided == verdict::ACCEPT { order.amount } else { 0.into() };
            let until = now.checked_add(order.dispute_seconds.get()).ok_or(MarketError::Overflow)?;
            order.dispute_until = until.into();
        }
    }
    let event = OracleVoted {
        order: address,
        seq: next_seq(order)?,
        oracle,
        oracle_set: order.oracle_set.get(),
        result_root: vote.result_root,
        verdict: vote.verdict,
        reason: vote.reason,
        report: vote.report,
        votes_for: count_for,
        votes_against: count_against,
        state: order.state,
        order_verdict: order.verdict,
        payable: order.payable.get(),
        dispute_until: order.dispute_until.get(),
    };
    emit_event!(ctx, event);
    Ok(())
}
