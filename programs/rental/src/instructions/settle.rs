use super::open::next_seq;
use crate::{
    RentalError,
    cpi::{Tokens, emit_event},
    events::{RentalClosed, RentalEnded, RentalWithdrawn},
    foreign::Foreign,
    foreign_views::ConfigView,
    loaded::Loaded,
    state::{Rental, end_reason, rental_state},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::{accounts::SlabSchema, bytemuck, prelude::*};

#[event_cpi]
#[derive(Accounts)]
pub struct CancelRental {
    /// The renter at any time; anyone once the provider's time is over.
    pub caller: Signer,
    #[account(mut)]
    pub rental: Loaded<Rental>,
    /// The rental's token account. It is gone once the rental ended, so it is read after the rental's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"rental_vault", rental.address().as_ref()], bump = rental.vault_bump))]
    #[account(mut, constraint = rental.has_vault_at(vault.address(), rental.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// A token account that the renter owns.
    #[account(mut)]
    pub renter_tokens: Loaded<TokenAccount>,
    /// Gets the vault's rent back. Often the caller itself; no data is kept of it, so the two may be one account.
    #[account(mut, unsafe(dup), address = rental.rent_payer @ RentalError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
    #[account(address = rental.mint @ RentalError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn cancel_rental(ctx: &mut Context<CancelRental>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.rental.state == rental_state::REQUESTED, RentalError::WrongState);
    let now = Clock::get()?.unix_timestamp;
    let by_renter = *a.caller.address() == a.rental.renter;
    require!(by_renter || now >= a.rental.accept_by.get(), RentalError::DeadlineNotPassed);
    owned_by(&a.renter_tokens, &a.rental.renter, &a.rental.mint)?;
    let returned = held(&a.vault)?;
    require!(returned >= a.rental.deposit.get(), RentalError::VaultShort);
    a.rental.state = rental_state::ENDED;
    a.rental.returned = returned.into();
    a.rental.ended_at = now.into();
    let (address, seq) = (*a.rental.address(), next_seq(&mut a.rental)?);

    let (renter, id, bump) = (a.rental.renter, a.rental.id.get().to_le_bytes(), [a.rental.bump]);
    let seeds: &[&[u8]] = &[b"rental", renter.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    let (from, to) = (a.vault.cpi_handle_mut(), a.renter_tokens.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.rental.cpi_handle(), returned);
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.rental.cpi_handle());
    let reason = if by_renter { end_reason::CANCELLED } else { end_reason::NOT_STARTED };
    emit_event!(ctx, RentalEnded { rental: address, seq, reason, paid: 0, fee: 0, returned, ended_at: now });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Withdraw {
    /// The market's configuration, which names the treasury.
    pub market_config: Loaded<Foreign<ConfigView>>,
    #[account(mut)]
    pub rental: Loaded<Rental>,
    /// The rental's token account. It is gone once the rental ended, so it is read after the rental's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"rental_vault", rental.address().as_ref()], bump = rental.vault_bump))]
    #[account(mut, constraint = rental.has_vault_at(vault.address(), rental.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// A token account that the provider owns.
    #[account(mut)]
    pub provider_tokens: Loaded<TokenAccount>,
    /// A token account that the treasury owns.
    #[account(mut)]
    pub treasury_tokens: Loaded<TokenAccount>,
    #[account(address = rental.mint @ RentalError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.rental.state == rental_state::RUNNING, RentalError::WrongState);
    owned_by(&a.provider_tokens, &a.rental.provider, &a.rental.mint)?;
    owned_by(&a.treasury_tokens, &a.market_config.treasury, &a.rental.mint)?;
    let due = due(&mut a.rental, held(&a.vault)?, Clock::get()?.unix_timestamp)?;
    require!(due.paid > 0 || due.fee > 0, RentalError::NothingEarned);
    let (address, seq) = (*a.rental.address(), next_seq(&mut a.rental)?);
    let (paid, fee) = (a.rental.paid.get(), a.rental.fee.get());

    let (renter, id, bump) = (a.rental.renter, a.rental.id.get().to_le_bytes(), [a.rental.bump]);
    let seeds: &[&[u8]] = &[b"rental", renter.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    for (to, amount) in [(&mut a.provider_tokens, due.paid), (&mut a.treasury_tokens, due.fee)] {
        if amount > 0 {
            let (from, to) = (a.vault.cpi_handle_mut(), to.cpi_handle_mut());
            tokens.transfer(from, a.mint.cpi_handle(), to, a.rental.cpi_handle(), amount);
        }
    }
    emit_event!(ctx, RentalWithdrawn { rental: address, seq, paid, fee });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct StopRental {
    /// The renter or the provider at any time; anyone once the hours are over.
    pub caller: Signer,
    /// The market's configuration, which names the treasury.
    pub market_config: Loaded<Foreign<ConfigView>>,
    #[account(mut)]
    pub rental: Loaded<Rental>,
    /// The rental's token account. It is gone once the rental ended, so it is read after the rental's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"rental_vault", rental.address().as_ref()], bump = rental.vault_bump))]
    #[account(mut, constraint = rental.has_vault_at(vault.address(), rental.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// A token account that the provider owns.
    #[account(mut)]
    pub provider_tokens: Loaded<TokenAccount>,
    /// A token account that the renter owns.
    #[account(mut)]
    pub renter_tokens: Loaded<TokenAccount>,
    /// A token account that the treasury owns.
    #[account(mut)]
    pub treasury_tokens: Loaded<TokenAccount>,
    /// Gets the vault's rent back. Often the caller itself; no data is kept of it, so the two may be one account.
    #[account(mut, unsafe(dup), address = rental.rent_payer @ RentalError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
    #[account(address = rental.mint @ RentalError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn stop_rental(ctx: &mut Context<StopRental>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.rental.state == rental_state::RUNNING, RentalError::WrongState);
    let (caller, now) = (*a.caller.address(), Clock::get()?.unix_timestamp);
    let by_party = caller == a.rental.renter || caller == a.rental.provider;
    require!(by_party || now >= a.rental.ends_at.get(), RentalError::NotAParty);
    owned_by(&a.provider_tokens, &a.rental.provider, &a.rental.mint)?;
    owned_by(&a.renter_tokens, &a.rental.renter, &a.rental.mint)?;
    owned_by(&a.treasury_tokens, &a.market_config.treasury, &a.rental.mint)?;
    let held = held(&a.vault)?;
    let due = due(&mut a.rental, held, now)?;
    // what strangers may have sent to the vault goes to the renter too: an account with tokens cannot be closed
    let returned = held.checked_sub(due.paid).and_then(|h| h.checked_sub(due.fee)).ok_or(RentalError::VaultShort)?;
    a.rental.state = rental_state::ENDED;
    a.rental.returned = returned.into();
    a.rental.ended_at = now.into();
    let (address, seq) = (*a.rental.address(), next_seq(&mut a.rental)?);
    let (paid, fee) = (a.rental.paid.get(), a.rental.fee.get());

    let (renter, id, bump) = (a.rental.renter, a.rental.id.get().to_le_bytes(), [a.rental.bump]);
    let seeds: &[&[u8]] = &[b"rental", renter.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    let payments =
        [(&mut a.provider_tokens, due.paid), (&mut a.treasury_tokens, due.fee), (&mut a.renter_tokens, returned)];
    for (to, amount) in payments {
        if amount > 0 {
            let (from, to) = (a.vault.cpi_handle_mut(), to.cpi_handle_mut());
            tokens.transfer(from, a.mint.cpi_handle(), to, a.rental.cpi_handle(), amount);
        }
    }
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.rental.cpi_handle());
    let reason = end_reason::STOPPED;
    emit_event!(ctx, RentalEnded { rental: address, seq, reason, paid, fee, returned, ended_at: now });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRental {
    #[account(mut, close = rent_payer)]
    pub rental: Loaded<Rental>,
    #[account(mut, address = rental.rent_payer @ RentalError::WrongRentPayer)]
    pub rent_payer: Signer,
}

pub fn close_rental(ctx: &mut Context<CloseRental>) -> Result<()> {
    let rental = &mut ctx.accounts.rental;
    require!(rental.state == rental_state::ENDED, RentalError::WrongState);
    let (address, seq) = (*rental.address(), next_seq(rental)?);
    emit_event!(ctx, RentalClosed { rental: address, seq });
    Ok(())
}

/// Counts what was earned until `now` as paid, and says what of it was not paid before. The vault must hold the whole
/// deposit but for what was paid.
fn due(rental: &mut Rental, held: u64, now: i64) -> Result<protocol::rental::Split> {
    let (paid, fee) = (rental.paid.get(), rental.fee.get());
    let spent = paid.checked_add(fee).ok_or(RentalError::Overflow)?;
    let left = rental.deposit.get().checked_sub(spent).ok_or(RentalError::Overflow)?;
    require!(held >= left, RentalError::VaultShort);
    let earned = rental.earned(now);
    // both parts grow with the time; a clock that stepped back pays nothing again
    let due = protocol::rental::Split { paid: earned.paid.saturating_sub(paid), fee: earned.fee.saturating_sub(fee) };
    rental.paid = paid.checked_add(due.paid).ok_or(RentalError::Overflow)?.into();
    rental.fee = fee.checked_add(due.fee).ok_or(RentalError::Overflow)?.into();
    Ok(due)
}

fn owned_by(tokens: &TokenAccount, owner: &Address, mint: &Address) -> Result<()> {
    require!(tokens.owner() == owner && tokens.mint() == mint, RentalError::WrongTokenAccount);
    Ok(())
}

/// Base units in a vault, whose address was checked.
fn held(vault: &UncheckedAccount) -> Result<u64> {
    let view = vault.account();
    let data = view.try_borrow()?;
    TokenAccount::validate(view, &data).map_err(|_| RentalError::VaultShort)?;
    let tokens: &TokenAccount = data
        .get(..size_of::<TokenAccount>())
        .and_then(|d| bytemuck::try_from_bytes(d).ok())
        .ok_or(RentalError::VaultShort)?;
    Ok(tokens.amount())
}
