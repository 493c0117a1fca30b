use super::order::next_seq;
use crate::{
    MarketError,
    events::OrderAwarded,
    state::{Order, order_state},
};
use anchor_lang::prelude::*;
use protocol::points;

/// Seed of the address by which the market signs as an issuer of points.
pub const ISSUER_SEED: &[u8] = b"issuer";
/// The rewards program. A Rust dependency on its crate would link it into this build as a program without an
/// entrypoint, so the call is spelled out here and in `protocol::points`; `chain` tests that both sides agree.
pub const REWARDS_ID: Address = anchor_lang::address!("Rewards111111111111111111111111111111111111");

#[event_cpi]
#[derive(Accounts)]
pub struct AwardOrder {
    #[account(mut)]
    pub payer: Signer,
    #[account(mut, seeds = [b"order", order.buyer.as_ref(), &order.id.get().to_le_bytes()], bump = order.bump)]
    pub order: Account<Order>,
    /// Signs the call; registered as an issuer in rewards.
    #[account(seeds = [ISSUER_SEED], bump)]
    pub issuer_authority: UncheckedAccount,
    /// From here on: accounts of rewards' `issue_award`, which checks them.
    pub rewards_config: UncheckedAccount,
    #[account(mut)]
    pub issuer: UncheckedAccount,
    pub category: UncheckedAccount,
    #[account(mut)]
    pub epoch: UncheckedAccount,
    /// The seller as a contributor; checked here, because the points must go to nobody else.
    #[account(mut)]
    pub contributor: UncheckedAccount,
    #[account(mut)]
    pub points: UncheckedAccount,
    #[account(mut)]
    pub award: UncheckedAccount,
    pub rewards_event_authority: UncheckedAccount,
    #[account(address = REWARDS_ID)]
    pub rewards_program: UncheckedAccount,
    pub system_program: Program<System>,
}

/// Accounts of rewards' `issue_award`, in its order.
#[derive(ToCpiAccounts)]
struct IssueAward<'a> {
    #[signer]
    payer: CpiHandleMut<'a>,
    #[signer]
    authority: CpiHandle<'a>,
    config: CpiHandle<'a>,
    issuer: CpiHandleMut<'a>,
    category: CpiHandle<'a>,
    epoch: CpiHandleMut<'a>,
    contributor: CpiHandleMut<'a>,
    points: CpiHandleMut<'a>,
    award: CpiHandleMut<'a>,
    system_program: CpiHandle<'a>,
    event_authority: CpiHandle<'a>,
    program: CpiHandle<'a>,
}

pub fn award_order(ctx: &mut Context<AwardOrder>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.order.state == order_state::RELEASED, MarketError::WrongState);
    require!(a.order.awarded == 0, MarketError::AlreadyAwarded);
    let (seller_contributor, _) = find_program_address(&[b"contributor", a.order.seller.as_ref()], &REWARDS_ID);
    require!(*a.contributor.address() == seller_contributor, MarketError::NotSeller);
    a.order.awarded = 1;
    let (order, seq) = (*a.order.address(), next_seq(&mut a.order)?);
    let (source, category) = (points::order_source(order.as_array()), a.order.award_category.get());
    let bump = [ctx.bumps.issuer_authority];
    CpiContext::new_with_signer(
        &REWARDS_ID,
        IssueAward {
            payer: a.payer.cpi_handle_mut(),
            authority: a.issuer_authority.cpi_handle(),
            config: a.rewards_config.cpi_handle(),
            issuer: a.issuer.cpi_handle_mut(),
            category: a.category.cpi_handle(),
            epoch: a.epoch.cpi_handle_mut(),
            contributor: a.contributor.cpi_handle_mut(),
            points: a.points.cpi_handle_mut(),
            award: a.award.cpi_handle_mut(),
            system_program: a.system_program.cpi_handle(),
            event_authority: a.rewards_event_authority.cpi_handle(),
            program: a.rewards_program.cpi_handle(),
        },
        &[&[ISSUER_SEED, &bump]],
    )
    .invoke(&points::issue_award_data(&source, category, 1))?;
    emit_cpi!(OrderAwarded { order, seq, source });
    Ok(())
}
