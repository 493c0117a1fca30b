use super::{admin, contributor, ledger, vault};
use crate::{
    RewardsError,
    cpi::{Tokens, emit_event},
    events::{ProfitClaimed, ProfitDeposited},
    loaded::Loaded,
    state::{Config, Contributor},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;
use protocol::{
    month::BPS,
    profit::{self, ProfitIndex},
};

#[event_cpi]
#[derive(Accounts)]
pub struct DepositProfit {
    /// Owns `funding`.
    pub depositor: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(mut, seeds = [b"profit_vault"], bump)]
    pub profit_vault: Loaded<TokenAccount>,
    #[account(mut, seeds = [b"reserve"], bump)]
    pub reserve: Loaded<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn deposit_profit(ctx: &mut Context<DepositProfit>, amount: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(amount > 0, RewardsError::NoAmount);
    let lifetime_points = a.config.lifetime_points.get();
    // without holders everything goes to the reserve
    let share_bps = if lifetime_points == 0 { 0 } else { a.config.profit_share_bps.get() };
    let share = u128::from(amount) * u128::from(share_bps) / u128::from(BPS);
    let to_holders = u64::try_from(share).map_err(|_| RewardsError::Overflow)?;
    let to_reserve = amount.checked_sub(to_holders).ok_or(RewardsError::Overflow)?;
    if to_holders > 0 {
        let index = ProfitIndex { per_point: a.config.profit_index.get(), remainder: a.config.profit_remainder.get() };
        let index = index.after(to_holders, lifetime_points).ok_or(RewardsError::Overflow)?;
        a.config.profit_index = index.per_point.into();
        a.config.profit_remainder = index.remainder.into();
        a.config.profit_in = a.config.profit_in.get().checked_add(to_holders).ok_or(RewardsError::Overflow)?.into();
    }
    a.config.reserved = a.config.reserved.get().checked_add(to_reserve).ok_or(RewardsError::Overflow)?.into();
    let (seq, profit_index) = (admin::next_seq(&mut a.config)?, a.config.profit_index.get());

    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    for (to, part) in [(&mut a.profit_vault, to_holders), (&mut a.reserve, to_reserve)] {
        if part > 0 {
            let (from, to) = (a.funding.cpi_handle_mut(), to.cpi_handle_mut());
            tokens.transfer(from, a.mint.cpi_handle(), to, a.depositor.cpi_handle(), part);
        }
    }
    let from = *a.funding.address();
    emit_event!(ctx, ProfitDeposited { seq, from, amount, to_holders, to_reserve, profit_index, lifetime_points });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ClaimProfit {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub contributor: Loaded<Contributor>,
    #[account(mut, seeds = [b"profit_vault"], bump)]
    pub profit_vault: Loaded<TokenAccount>,
    /// The token account that the contributor recorded; nothing else is paid to.
    #[account(mut, address = contributor.destination @ RewardsError::WrongDestination)]
    pub destination: Loaded<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn claim_profit(ctx: &mut Context<ClaimProfit>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(*a.destination.owner() == a.contributor.wallet, RewardsError::WrongDestination);
    ledger::settle(&a.config, &mut a.contributor)?;
    let (amount, fraction) = profit::payable(a.contributor.profit_owed.get());
    require!(amount > 0, RewardsError::NothingToClaim);
    let profit_out = a.config.profit_out.get().checked_add(amount).ok_or(RewardsError::Overflow)?;
    require!(profit_out <= a.config.profit_in.get(), RewardsError::VaultShort);
    a.config.profit_out = profit_out.into();
    a.contributor.profit_owed = fraction.into();
    let profit_paid = a.contributor.profit_paid.get().checked_add(amount).ok_or(RewardsError::Overflow)?;
    a.contributor.profit_paid = profit_paid.into();
    let seq = contributor::next_seq(&mut a.contributor)?;
    let (wallet, destination) = (a.contributor.wallet, a.contributor.destination);

    let (from, to) = (a.profit_vault.cpi_handle_mut(), a.destination.cpi_handle_mut());
    vault::pay(&a.config, &a.token_program, &a.mint, from, to, amount);
    emit_event!(ctx, ProfitClaimed { wallet, seq, destination, amount, profit_paid });
    Ok(())
}
