use super::epoch::next_seq;
use crate::{
    RewardsError,
    events::RewardClaimed,
    state::{Config, Contributor, Epoch, Points, epoch_state},
};
use anchor_lang::prelude::*;
use anchor_spl::{
    Mint, TokenAccount,
    token::{self, Token, TransferChecked},
};
use protocol::month;

#[event_cpi]
#[derive(Accounts)]
pub struct Claim {
    #[account(seeds = [b"config"], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"epoch", &epoch.index.get().to_le_bytes()], bump = epoch.bump)]
    pub epoch: Account<Epoch>,
    #[account(mut, seeds = [b"epoch_vault", &epoch.index.get().to_le_bytes()], bump = epoch.vault_bump)]
    pub vault: Account<TokenAccount>,
    #[account(seeds = [b"contributor", contributor.wallet.as_ref()], bump = contributor.bump)]
    pub contributor: Account<Contributor>,
    #[account(mut, seeds = [b"points", &epoch.index.get().to_le_bytes(), contributor.wallet.as_ref()], bump = points.bump)]
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
        let (decimals, token_program, bump) = (a.mint.decimals(), *a.token_program.address(), [a.config.bump]);
        token::transfer_checked(
            CpiContext::new_with_signer(
                &token_program,
                TransferChecked {
                    from: a.vault.cpi_handle_mut(),
                    mint: a.mint.cpi_handle(),
                    to: a.destination.cpi_handle_mut(),
                    authority: a.config.cpi_handle(),
                },
                &[&[b"config", &bump]],
            ),
            amount,
            decimals,
        )?;
    }
    emit_cpi!(RewardClaimed { epoch: index, seq, wallet, destination, points, amount, epoch_paid });
    Ok(())
}
