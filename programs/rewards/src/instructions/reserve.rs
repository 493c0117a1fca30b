use super::{admin::next_seq, vault};
use crate::{
    RewardsError,
    cpi::emit_event,
    events::{SpendCancelled, SpendExecuted, SpendProposed},
    loaded::Loaded,
    state::{Config, Spend},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::{pinocchio::sysvars::rent::Rent, prelude::*};
use protocol::calendar::DAY_SECONDS;

/// Seconds within which a spend is executed once its delay is over.
const EXECUTABLE_SECONDS: i64 = 30 * DAY_SECONDS;

/// What is to be paid, to whom and what for.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct SpendTerms {
    /// Base units.
    pub amount: u64,
    /// A token account.
    pub destination: Address,
    /// Hash of the document that says what for.
    pub purpose: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct ProposeSpend {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"spend", &id.to_le_bytes()], bump))]
    #[account(mut)]
    pub spend: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn propose_spend(ctx: &mut Context<ProposeSpend>, id: u64, terms: SpendTerms) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(id == a.config.next_spend.get(), RewardsError::SpendOutOfOrder);
    let SpendTerms { amount, destination, purpose } = terms;
    require!(amount > 0, RewardsError::NoAmount);
    let now = Clock::get()?.unix_timestamp;
    let executable_at = now.checked_add(a.config.reserve_delay_seconds.get()).ok_or(RewardsError::Overflow)?;
    let expires_at = executable_at.checked_add(EXECUTABLE_SECONDS).ok_or(RewardsError::Overflow)?;
    a.config.next_spend = id.checked_add(1).ok_or(RewardsError::Overflow)?.into();
    let seeds = [b"spend".as_slice(), &id.to_le_bytes()];
    let (mut spend, bump) = Loaded::<Spend>::create(&Rent::get()?, &a.admin, &a.spend, &seeds)?;
    spend.destination = destination;
    spend.purpose = purpose;
    spend.rent_payer = *a.admin.address();
    spend.id = id.into();
    spend.amount = amount.into();
    spend.executable_at = executable_at.into();
    spend.expires_at = expires_at.into();
    spend.bump = bump;
    let seq = next_seq(&mut a.config)?;
    emit_event!(ctx, SpendProposed { seq, id, amount, destination, purpose, executable_at, expires_at });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ExecuteSpend {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut, close = rent_payer)]
    pub spend: Loaded<Spend>,
    #[account(mut, seeds = [b"reserve"], bump)]
    pub reserve: Loaded<TokenAccount>,
    /// The token account that was proposed.
    #[account(mut, address = spend.destination @ RewardsError::WrongDestination)]
    pub destination: Loaded<TokenAccount>,
    #[account(mut, address = spend.rent_payer @ RewardsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn execute_spend(ctx: &mut Context<ExecuteSpend>) -> Result<()> {
    let a = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    require!(now >= a.spend.executable_at.get(), RewardsError::SpendNotDue);
    require!(now < a.spend.expires_at.get(), RewardsError::SpendExpired);
    let (id, amount) = (a.spend.id.get(), a.spend.amount.get());
    // a window begins with the first spend after the last window
    let window_ends = a.config.window_start.get().saturating_add(a.config.outflow_window_seconds.get());
    let in_window = if now >= window_ends {
        a.config.window_start = now.into();
        0
    } else {
        a.config.window_spent.get()
    };
    let in_window = in_window.checked_add(amount).ok_or(RewardsError::OutflowLimit)?;
    require!(in_window <= a.config.outflow_limit.get(), RewardsError::OutflowLimit);
    require!(a.reserve.amount() >= amount, RewardsError::ReserveShort);
    let spent = a.config.spent.get().checked_add(amount).ok_or(RewardsError::Overflow)?;
    a.config.window_spent = in_window.into();
    a.config.spent = spent.into();
    let seq = next_seq(&mut a.config)?;

    let (from, to) = (a.reserve.cpi_handle_mut(), a.destination.cpi_handle_mut());
    vault::pay(&a.config, &a.token_program, &a.mint, from, to, amount);
    emit_event!(ctx, SpendExecuted { seq, id, amount, spent });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CancelSpend {
    #[account(address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut, close = rent_payer)]
    pub spend: Loaded<Spend>,
    /// Often the administrator itself; no data is kept of it, so the two may be one account.
    #[account(mut, unsafe(dup), address = spend.rent_payer @ RewardsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
}

pub fn cancel_spend(ctx: &mut Context<CancelSpend>) -> Result<()> {
    let (id, seq) = (ctx.accounts.spend.id.get(), next_seq(&mut ctx.accounts.config)?);
    emit_event!(ctx, SpendCancelled { seq, id });
    Ok(())
}
