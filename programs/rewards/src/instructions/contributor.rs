use crate::{
    RewardsError,
    cpi::emit_event,
    events::{ContributorRegistered, DestinationChanged},
    state::{Config, Contributor},
};
use anchor_lang::prelude::*;
use anchor_spl::TokenAccount;

#[event_cpi]
#[derive(Accounts)]
pub struct Register {
    #[account(mut)]
    pub wallet: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = wallet, seeds = [b"contributor", wallet.address().as_ref()], bump)]
    pub contributor: Account<Contributor>,
    pub destination: Account<TokenAccount>,
    pub system_program: Program<System>,
}

pub fn register(ctx: &mut Context<Register>) -> Result<()> {
    let wallet = *ctx.accounts.wallet.address();
    let destination = checked_destination(&ctx.accounts.destination, &ctx.accounts.config, &wallet)?;
    let contributor = &mut ctx.accounts.contributor;
    contributor.wallet = wallet;
    contributor.destination = destination;
    contributor.seq = 1.into();
    contributor.bump = ctx.bumps.contributor;
    emit_event!(ctx, ContributorRegistered { wallet, seq: 1, destination });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct SetDestination {
    pub wallet: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"contributor", wallet.address().as_ref()], bump = contributor.bump)]
    pub contributor: Account<Contributor>,
    pub destination: Account<TokenAccount>,
}

pub fn set_destination(ctx: &mut Context<SetDestination>) -> Result<()> {
    let wallet = *ctx.accounts.wallet.address();
    let destination = checked_destination(&ctx.accounts.destination, &ctx.accounts.config, &wallet)?;
    let contributor = &mut ctx.accounts.contributor;
    contributor.destination = destination;
    let seq = contributor.seq.get().checked_add(1).ok_or(RewardsError::Overflow)?;
    contributor.seq = seq.into();
    emit_event!(ctx, DestinationChanged { wallet, seq, destination });
    Ok(())
}

fn checked_destination(destination: &Account<TokenAccount>, config: &Config, wallet: &Address) -> Result<Address> {
    require!(*destination.mint() == config.mint, RewardsError::WrongMint);
    require!(destination.owner() == wallet, RewardsError::WrongDestination);
    Ok(*destination.address())
}
