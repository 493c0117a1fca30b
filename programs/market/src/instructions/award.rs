use super::order::next_seq;
use crate::{
    MarketError,
    cpi::emit_event,
    derived::canonical_bump,
    events::OrderAwarded,
    loaded::Loaded,
    state::{Order, order_state},
};
use anchor_lang::{pinocchio::instruction::InstructionAccount as Meta, prelude::*, unchecked_invoke_signed_fixed};
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
    #[account(mut)]
    pub order: Loaded<Order>,
    /// Signs the call; registered as an issuer in rewards.
    #[account(seeds = [ISSUER_SEED], bump)]
    pub issuer_authority: UncheckedAccount,
    /// From here on: accounts of rewards' `issue_award`, which checks them.
    #[account(mut)]
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

pub fn award_order(ctx: &mut Context<AwardOrder>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.order.state == order_state::RELEASED, MarketError::WrongState);
    require!(a.order.awarded == 0, MarketError::AlreadyAwarded);
    let seeds = [b"contributor", a.order.seller.as_ref()];
    require!(canonical_bump(&REWARDS_ID, a.contributor.address(), &seeds).is_some(), MarketError::NotSeller);
    a.order.awarded = 1;
    let (order, seq) = (*a.order.address(), next_seq(&mut a.order)?);
    let (source, category_id) = (points::order_source(order.as_array()), a.order.award_category.get());
    let bump = [ctx.bumps.issuer_authority];
    let (payer, authority) = (a.payer.cpi_handle_mut(), a.issuer_authority.cpi_handle());
    let (config, issuer) = (a.rewards_config.cpi_handle_mut(), a.issuer.cpi_handle_mut());
    let (category, epoch) = (a.category.cpi_handle(), a.epoch.cpi_handle_mut());
    let (contributor, points_account) = (a.contributor.cpi_handle_mut(), a.points.cpi_handle_mut());
    let (award, system_program) = (a.award.cpi_handle_mut(), a.system_program.cpi_handle());
    let (event_authority, program) = (a.rewards_event_authority.cpi_handle(), a.rewards_program.cpi_handle());
    // the accounts of rewards' `issue_award`, in its order
    let metas = [
        Meta::writable_signer(payer.address()),
        Meta::readonly_signer(authority.address()),
        Meta::writable(config.address()),
        Meta::writable(issuer.address()),
        Meta::readonly(category.address()),
        Meta::writable(epoch.address()),
        Meta::writable(contributor.address()),
        Meta::writable(points_account.address()),
        Meta::writable(award.address()),
        Meta::readonly(system_program.address()),
        Meta::readonly(event_authority.address()),
        Meta::readonly(program.address()),
    ];
    let handles = [
        payer.into(),
        authority,
        config.into(),
        issuer.into(),
        category,
        epoch.into(),
        contributor.into(),
        points_account.into(),
        award.into(),
        system_program,
        event_authority,
        program,
    ];
    let data = points::issue_award_data(&source, category_id, 1);
    unchecked_invoke_signed_fixed(&REWARDS_ID, &data, &metas, &handles, &[&[ISSUER_SEED, &bump]]);
    emit_event!(ctx, OrderAwarded { order, seq, source });
    Ok(())
}
