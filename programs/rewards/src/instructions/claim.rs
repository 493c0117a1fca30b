use super::epoch::next_seq;
use crate::{
    RewardsError,
    cpi::{Tokens, emit_event},
    events::RewardClaimed,
    state::{Config, Contributor, Epoch, Points, epoch_state},
};
use anchor_lang::prelude::*;
use anchor_spl::{Mint, TokenAccount, token::Token};
use protocol::month;

#[event_cpi]
#[derive(Accounts)]
pub struct Claim {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = epoch.is_at(epoch.address()) @ ErrorCode::ConstraintSeeds)]
    pub epoch: Account<Epoch>,
    #[account(mut, constraint = epoch.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Account<TokenAccount>,
    #[account(constraint = contributor.is_at(contributor.address()) @ ErrorCode::ConstraintSeeds)]
    pub contributor: Account<Contributor>,
    #[account(mut, constraint = points.is_at(points.address(), &epoch, &contributor) @ ErrorCode::ConstraintSeeds)]
    pub points: Account<Points>,
    /// The token account that the contributor recorded; nothing else is paid to.
    #[account(mut, address = contributor.destination @ RewardsError::WrongDestination)]
    pub destination: Account<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.epoch.state == epoch_state::FINAL, RewardsError::EpochNotFinal);
    require!(a.points.claimed == 0, RewardsError::AlreadyClaimed);
    // the recorded account may have been handed to somebody else since
    require!(*a.destination.owner() == a.contributor.wallet, RewardsError::WrongDestination);
    let (points, distributed) = (a.points.points.get(), a.epoch.distributed.get());
    let amount = month::payout(distributed, points, a.epoch.total_points.get());
    let epoch_paid = a.epoch.paid.get().checked_add(amount).ok_or(RewardsError::Overflow)?;
    require!(epoch_paid <= distributed, RewardsError::VaultShort);

    a.points.claimed = 1;
    a.points.paid = amount.into();
    a.epoch.paid = epoch_paid.into();
    a.epoch.claims = a.epoch.claims.get().checked_add(1).ok_or(RewardsError::Overflow)?.into();
    let (index, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);
    let (wallet, destination) = (a.contributor.wallet, a.contributor.destination);

    if amount > 0 {
        let bump = [ctx.bumps.config];
        let (program, decimals) = (a.token_program.address(), a.mint.decimals());
        let tokens = Tokens { program, decimals, seeds: &[&[b"config", &bump]] };
        let (from, to) = (a.vault.cpi_handle_mut(), a.destination.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.config.cpi_handle(), amount);
    }
    emit_event!(ctx, RewardClaimed { epoch: index, seq, wallet, destination, points, amount, epoch_paid });
    Ok(())
}
