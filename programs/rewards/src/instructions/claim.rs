use super::{epoch::next_seq, vault};
use crate::{
    RewardsError,
    cpi::emit_event,
    events::{PointsClosed, RewardClaimed},
    loaded::Loaded,
    state::{Config, Contributor, Epoch, Points, epoch_state},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;
use protocol::month;

#[event_cpi]
#[derive(Accounts)]
pub struct Claim {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
    /// The epoch's token account. It is gone once the epoch expired; the token program reads it.
    #[account(mut, address = epoch.vault @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    pub contributor: Loaded<Contributor>,
    #[account(mut, constraint = points.are_of(&contributor.wallet, epoch.index) @ ErrorCode::ConstraintSeeds)]
    pub points: Loaded<Points>,
    /// The token account that the contributor recorded; nothing else is paid to.
    #[account(mut, address = contributor.destination @ RewardsError::WrongDestination)]
    pub destination: Loaded<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
    let a = &mut ctx.accounts;
    if a.epoch.state != epoch_state::FINAL {
        let expired = a.epoch.state == epoch_state::EXPIRED;
        return Err(if expired { RewardsError::EpochExpired } else { RewardsError::EpochNotFinal }.into());
    }
    require!(a.points.claimed == 0, RewardsError::AlreadyClaimed);
    // the recorded account may have been handed to somebody else since
    require!(*a.destination.owner() == a.contributor.wallet, RewardsError::WrongDestination);
    let (points, distributed) = (a.points.points.get(), a.epoch.distributed.get());
    require!(points > 0, RewardsError::NothingToClaim);
    let amount = month::payout(distributed, points, a.epoch.total_points.get());
    let epoch_paid = a.epoch.paid.get().checked_add(amount).ok_or(RewardsError::Overflow)?;
    require!(epoch_paid <= distributed, RewardsError::VaultShort);

    a.points.claimed = 1;
    a.points.paid = amount.into();
    a.epoch.paid = epoch_paid.into();
    a.epoch.claims = a.epoch.claims.get().checked_add(1).ok_or(RewardsError::Overflow)?.into();
    let (index, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);
    let (wallet, destination) = (a.contributor.wallet, a.contributor.destination);

    let (from, to) = (a.vault.cpi_handle_mut(), a.destination.cpi_handle_mut());
    vault::pay(&a.config, &a.token_program, &a.mint, from, to, amount);
    emit_event!(ctx, RewardClaimed { epoch: index, seq, wallet, destination, points, amount, epoch_paid });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ClosePoints {
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
    #[account(mut, close = rent_payer, constraint = points.epoch == epoch.index @ ErrorCode::ConstraintSeeds)]
    pub points: Loaded<Points>,
    #[account(mut, address = points.rent_payer @ RewardsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_points(ctx: &mut Context<ClosePoints>) -> Result<()> {
    let a = &mut ctx.accounts;
    match a.epoch.state {
        epoch_state::FINAL => {
            require!(a.points.claimed != 0 || a.points.points.is_zero(), RewardsError::ShareUnclaimed);
        }
        epoch_state::EXPIRED => {}
        _ => return Err(RewardsError::EpochNotFinal.into()),
    }
    let (index, seq, wallet) = (a.epoch.index.get(), next_seq(&mut a.epoch)?, a.points.wallet);
    emit_event!(ctx, PointsClosed { epoch: index, seq, wallet });
    Ok(())
}
