use crate::{
    RewardsError,
    cpi::emit_event,
    events::{ContributorRegistered, DestinationChanged},
    loaded::Loaded,
    state::{Config, Contributor},
    tokens::TokenAccount,
};
use anchor_lang::{pinocchio::sysvars::rent::Rent, prelude::*};

#[event_cpi]
#[derive(Accounts)]
pub struct Register {
    #[account(mut)]
    pub wallet: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"contributor", wallet.address().as_ref()], bump))]
    #[account(mut)]
    pub contributor: UncheckedAccount,
    pub destination: Loaded<TokenAccount>,
    pub system_program: Program<System>,
}

pub fn register(ctx: &mut Context<Register>) -> Result<()> {
    let wallet = *ctx.accounts.wallet.address();
    let destination = checked_destination(&ctx.accounts.destination, &ctx.accounts.config, &wallet)?;
    let (a, seeds) = (&ctx.accounts, [b"contributor", wallet.as_ref()]);
    let (mut contributor, bump) = Loaded::<Contributor>::create(&Rent::get()?, &a.wallet, &a.contributor, &seeds)?;
    contributor.wallet = wallet;
    contributor.destination = destination;
    contributor.seq = 1.into();
    contributor.bump = bump;
    emit_event!(ctx, ContributorRegistered { wallet, seq: 1, destination });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct SetDestination {
    pub wallet: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"contributor", wallet.address().as_ref()], bump = contributor.bump))]
    #[account(mut, constraint = contributor.wallet == *wallet.address() @ ErrorCode::ConstraintSeeds)]
    pub contributor: Loaded<Contributor>,
    pub destination: Loaded<TokenAccount>,
}

pub fn set_destination(ctx: &mut Context<SetDestination>) -> Result<()> {
    let wallet = *ctx.accounts.wallet.address();
    let destination = checked_destination(&ctx.accounts.destination, &ctx.accounts.config, &wallet)?;
    let contributor = &mut ctx.accounts.contributor;
    contributor.destination = destination;
    let seq = next_seq(contributor)?;
    emit_event!(ctx, DestinationChanged { wallet, seq, destination });
    Ok(())
}

fn checked_destination(destination: &Loaded<TokenAccount>, config: &Config, wallet: &Address) -> Result<Address> {
    require!(*destination.mint() == config.mint, RewardsError::WrongMint);
    require!(destination.owner() == wallet, RewardsError::WrongDestination);
    Ok(*destination.address())
}

pub(crate) fn next_seq(contributor: &mut Contributor) -> Result<u64> {
    let seq = contributor.seq.get().checked_add(1).ok_or(RewardsError::Overflow)?;
    contributor.seq = seq.into();
    Ok(seq)
}
