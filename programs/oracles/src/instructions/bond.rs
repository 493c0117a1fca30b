use super::admin::least_unbonding;
use crate::{
    OraclesError,
    cpi::{Tokens, emit_event},
    events::{BondDeposited, BondWithdrawn, OracleClosed, OracleRegistered, UnbondRequested},
    foreign::Foreign,
    foreign_views::ConfigView,
    loaded::Loaded,
    state::{Config, Oracle},
    tokens::{Mint, TokenAccount, TokenProgram, open_vault},
};
use anchor_lang::prelude::*;

#[event_cpi]
#[derive(Accounts)]
pub struct RegisterOracle {
    /// Pays the rent. No data is kept of it, so it may be the oracle itself.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    /// The key that votes on the market.
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(init, payer = payer, seeds = [b"oracle", authority.address().as_ref()], bump)]
    pub oracle: Loaded<Oracle>,
    /// The bond's token account, which is created here.
    #[account(mut, seeds = [b"bond", authority.address().as_ref()], bump)]
    pub vault: UncheckedAccount,
    #[account(address = config.mint @ OraclesError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn register_oracle(ctx: &mut Context<RegisterOracle>) -> Result<()> {
    let a = &mut ctx.accounts;
    let (authority, rent_payer) = (*a.authority.address(), *a.payer.address());
    a.oracle.authority = authority;
    a.oracle.rent_payer = rent_payer;
    a.oracle.seq = 1.into();
    a.oracle.bump = ctx.bumps.oracle;
    a.oracle.vault_bump = ctx.bumps.vault;

    let (program, vault_view, payer) = (a.token_program.address(), *a.vault.account(), *a.payer.account());
    let seeds: &[&[u8]] = &[b"bond", authority.as_ref(), &[ctx.bumps.vault]];
    let vault = a.vault.cpi_handle_mut();
    open_vault(program, &payer, vault, &vault_view, seeds, a.mint.cpi_handle(), a.oracle.address())?;
    emit_event!(ctx, OracleRegistered { oracle: authority, seq: 1, rent_payer });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct DepositBond {
    #[account(address = oracle.authority @ OraclesError::NotOracle)]
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub oracle: Loaded<Oracle>,
    #[account(mut, constraint = oracle.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Loaded<TokenAccount>,
    /// The oracle's tokens.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = config.mint @ OraclesError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn deposit_bond(ctx: &mut Context<DepositBond>, amount: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(amount > 0, OraclesError::NothingDeposited);
    let bond = a.oracle.bond.get().checked_add(amount).ok_or(OraclesError::Overflow)?;
    require!(bond >= a.config.min_bond.get(), OraclesError::BondTooSmall);
    a.oracle.bond = bond.into();
    let (oracle, seq) = (a.oracle.authority, next_seq(&mut a.oracle)?);

    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.authority.cpi_handle(), amount);
    emit_event!(ctx, BondDeposited { oracle, seq, amount, bond });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct RequestUnbond {
    #[account(address = oracle.authority @ OraclesError::NotOracle)]
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    /// The market's configuration, whose windows the bond must outlast.
    pub market_config: Loaded<Foreign<ConfigView>>,
    #[account(mut)]
    pub oracle: Loaded<Oracle>,
}

pub fn request_unbond(ctx: &mut Context<RequestUnbond>, amount: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    let kept = a.oracle.bond.get().checked_sub(amount).ok_or(OraclesError::BondTooSmallForRequest)?;
    require!(amount == 0 || kept == 0 || kept >= a.config.min_bond.get(), OraclesError::BondTooSmall);
    // the market may have lengthened its windows since the settings were checked against them
    let seconds = a.config.unbonding_seconds.get().max(least_unbonding(&a.market_config)?);
    let unbond_at = match amount {
        0 => 0,
        _ => Clock::get()?.unix_timestamp.checked_add(seconds).ok_or(OraclesError::Overflow)?,
    };
    a.oracle.unbonding = amount.into();
    a.oracle.unbond_at = unbond_at.into();
    let (oracle, seq) = (a.oracle.authority, next_seq(&mut a.oracle)?);
    emit_event!(ctx, UnbondRequested { oracle, seq, unbonding: amount, unbond_at });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawBond {
    #[account(address = oracle.authority @ OraclesError::NotOracle)]
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub oracle: Loaded<Oracle>,
    #[account(mut, constraint = oracle.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Loaded<TokenAccount>,
    /// A token account that the oracle owns.
    #[account(mut)]
    pub authority_tokens: Loaded<TokenAccount>,
    #[account(address = config.mint @ OraclesError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn withdraw_bond(ctx: &mut Context<WithdrawBond>) -> Result<()> {
    let a = &mut ctx.accounts;
    let amount = a.oracle.unbonding.get();
    require!(amount > 0, OraclesError::NothingUnbonding);
    require!(Clock::get()?.unix_timestamp >= a.oracle.unbond_at.get(), OraclesError::StillUnbonding);
    owned_by(&a.authority_tokens, &a.oracle.authority, &a.config.mint)?;
    require!(a.vault.amount() >= a.oracle.bond.get(), OraclesError::VaultShort);
    let bond = a.oracle.bond.get().checked_sub(amount).ok_or(OraclesError::Overflow)?;
    a.oracle.bond = bond.into();
    a.oracle.unbonding = 0.into();
    a.oracle.unbond_at = 0.into();
    let (oracle, seq) = (a.oracle.authority, next_seq(&mut a.oracle)?);

    let bump = [a.oracle.bump];
    let seeds: &[&[u8]] = &[b"oracle", oracle.as_ref(), &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    let (from, to) = (a.vault.cpi_handle_mut(), a.authority_tokens.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.oracle.cpi_handle(), amount);
    emit_event!(ctx, BondWithdrawn { oracle, seq, amount, bond });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseOracle {
    #[account(address = oracle.authority @ OraclesError::NotOracle)]
    pub authority: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut, close = rent_payer)]
    pub oracle: Loaded<Oracle>,
    #[account(mut, constraint = oracle.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Loaded<TokenAccount>,
    /// A token account that the oracle owns; gets what strangers sent to the vault.
    #[account(mut)]
    pub authority_tokens: Loaded<TokenAccount>,
    /// Gets the rent of both accounts back. Often the oracle itself; no data is kept of it.
    #[account(mut, unsafe(dup), address = oracle.rent_payer @ OraclesError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
    #[account(address = config.mint @ OraclesError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn close_oracle(ctx: &mut Context<CloseOracle>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.oracle.bond.is_zero(), OraclesError::BondNotEmpty);
    owned_by(&a.authority_tokens, &a.oracle.authority, &a.config.mint)?;
    let (oracle, seq, surplus) = (a.oracle.authority, next_seq(&mut a.oracle)?, a.vault.amount());

    let bump = [a.oracle.bump];
    let seeds: &[&[u8]] = &[b"oracle", oracle.as_ref(), &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    if surplus > 0 {
        let (from, to) = (a.vault.cpi_handle_mut(), a.authority_tokens.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.oracle.cpi_handle(), surplus);
    }
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.oracle.cpi_handle());
    emit_event!(ctx, OracleClosed { oracle, seq });
    Ok(())
}

pub(crate) fn owned_by(tokens: &TokenAccount, owner: &Address, mint: &Address) -> Result<()> {
    require!(tokens.owner() == owner && tokens.mint() == mint, OraclesError::WrongTokenAccount);
    Ok(())
}

pub(crate) fn next_seq(oracle: &mut Oracle) -> Result<u64> {
    let seq = oracle.seq.get().checked_add(1).ok_or(OraclesError::Overflow)?;
    oracle.seq = seq.into();
    Ok(seq)
}
