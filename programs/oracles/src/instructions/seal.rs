//! Votes are sealed before they are shown, so that no oracle copies another (`protocol::seal`). The market opens the seals.
use crate::{
    OraclesError,
    cpi::emit_event,
    events::{SealsClosed, VoteSealed},
    foreign::Foreign,
    foreign_views::{JUDGE_ORACLES, OracleSetView, OrderView, order_state},
    loaded::Loaded,
    state::{Record, Seals},
};
use anchor_lang::prelude::*;
use protocol::seal::sealing_ends;

use super::record::recorded_until;

#[event_cpi]
#[derive(Accounts)]
pub struct SealVote {
    /// A member of the order's set. The first one to seal pays the rent.
    #[account(mut)]
    pub oracle: Signer,
    pub order: Loaded<Foreign<OrderView>>,
    pub oracle_set: Loaded<Foreign<OracleSetView>>,
    #[account(init_if_needed, payer = oracle, seeds = [b"seals", order.address().as_ref()], bump)]
    pub seals: Loaded<Seals>,
    pub system_program: Program<System>,
}

pub fn seal_vote(ctx: &mut Context<SealVote>, commitment: [u8; 32]) -> Result<()> {
    let a = &mut ctx.accounts;
    let (order, oracle) = (&*a.order, *a.oracle.address());
    require!(order.judge == JUDGE_ORACLES && order.state == order_state::AUDITING, OraclesError::NotUnderAudit);
    require!(a.oracle_set.version == order.oracle_set, OraclesError::WrongOracleSet);
    require!(a.oracle_set.retired == 0, OraclesError::SetRetired);
    let place = a.oracle_set.place_of(&oracle).ok_or(OraclesError::NotAMember)?;
    // from here on votes are shown: who seals now could have seen them
    let ends = sealing_ends(order.audit_by.get(), order.audit_seconds.get());
    require!(Clock::get()?.unix_timestamp < ends, OraclesError::SealingOver);

    let (address, opened_at) = (*a.order.address(), order.opened_at);
    let seals = &mut a.seals;
    if seals.rent_payer == Address::default() {
        seals.order = address;
        seals.rent_payer = oracle;
        seals.bump = ctx.bumps.seals;
    }
    if seals.opened_at != opened_at {
        // new seals, or an order that was opened under the number of one that was closed
        seals.opened_at = opened_at;
        seals.sealed = 0.into();
        seals.commitments = Default::default();
    }
    let (before, bit) = (seals.sealed.get(), 1u16 << place);
    require!(before & bit == 0, OraclesError::AlreadySealed);
    let sealed = before | bit;
    seals.sealed = sealed.into();
    *seals.commitments.get_mut(usize::from(place)).ok_or(OraclesError::NotAMember)? = commitment;
    let event = VoteSealed {
        order: address,
        seq: next_seq(seals)?,
        opened_at: opened_at.get(),
        oracle,
        commitment,
        sealed: sealed.count_ones() as u8,
        rent_payer: seals.rent_payer,
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseSeals {
    #[account(mut, close = rent_payer)]
    pub seals: Loaded<Seals>,
    /// The order of the seals, which may be gone.
    #[account(address = seals.order @ OraclesError::SealsNeeded)]
    pub order: UncheckedAccount,
    /// The order's record, where there is one.
    pub record: Option<Loaded<Record>>,
    #[account(mut, address = seals.rent_payer @ OraclesError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_seals(ctx: &mut Context<CloseSeals>) -> Result<()> {
    let a = &mut ctx.accounts;
    let (address, opened_at) = (a.seals.order, a.seals.opened_at);
    if let Some(order) = Foreign::<OrderView>::at(a.order.account()).filter(|order| order.opened_at == opened_at) {
        require!(order.is_settled(), OraclesError::SealsNeeded);
        // who sealed and showed nothing is to be recorded first
        let of_this = |record: &&Loaded<Record>| record.order == address && record.opened_at == opened_at;
        let counted = a.record.as_ref().filter(of_this).map_or(0, |record| record.counted.get());
        let hidden = a.seals.sealed.get() & !(order.votes_for.get() | order.votes_against.get() | counted);
        let over = Clock::get()?.unix_timestamp >= recorded_until(order.settled_at.get())?;
        require!(hidden == 0 || over, OraclesError::SealsNeeded);
    }
    let seq = next_seq(&mut a.seals)?;
    emit_event!(ctx, SealsClosed { order: address, seq });
    Ok(())
}

fn next_seq(seals: &mut Seals) -> Result<u64> {
    let seq = seals.seq.get().checked_add(1).ok_or(OraclesError::Overflow)?;
    seals.seq = seq.into();
    Ok(seq)
}
