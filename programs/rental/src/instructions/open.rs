use crate::{
    RentalError,
    cpi::{Tokens, emit_event},
    events::{RentalExtended, RentalOpened, RentalStarted},
    foreign::Foreign,
    foreign_views::{ConfigView, KIND_COMPUTE, ListingView, PAUSE_ORDERS, UNIT_HOUR},
    loaded::Loaded,
    state::{Rental, rental_state},
    tokens::{Mint, TokenAccount, TokenProgram, open_vault, screen_mint},
};
use anchor_lang::prelude::*;
use protocol::rental::{self as metering, HOUR_SECONDS};

/// What a renter asks for, and the limits within which the renter agrees.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct RentalTerms {
    pub hours: u64,
    /// The listing's version that the renter saw.
    pub expected_version: u32,
    /// The metadata that the renter saw: a listing that was closed and made again starts at version 1 again.
    pub expected_metadata: [u8; 32],
    /// The most that the renter pays, in base units.
    pub max_total: u64,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct OpenRental {
    #[account(mut)]
    pub renter: Signer,
    /// The market's configuration.
    pub market_config: Loaded<Foreign<ConfigView>>,
    /// The market's listing.
    pub listing: Loaded<Foreign<ListingView>>,
    #[account(init, payer = renter, seeds = [b"rental", renter.address().as_ref(), &id.to_le_bytes()], bump)]
    pub rental: Loaded<Rental>,
    /// The rental's token account, which is created here.
    #[account(mut, seeds = [b"rental_vault", rental.address().as_ref()], bump)]
    pub vault: UncheckedAccount,
    /// The renter's tokens.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = listing.mint @ RentalError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn open_rental(ctx: &mut Context<OpenRental>, id: u64, terms: RentalTerms) -> Result<()> {
    let a = &mut ctx.accounts;
    let renter = *a.renter.address();
    require!(a.market_config.paused & PAUSE_ORDERS == 0, RentalError::Paused);
    require!(a.listing.active != 0, RentalError::ListingInactive);
    require!(a.listing.kind == KIND_COMPUTE && a.listing.unit == UNIT_HOUR, RentalError::NotByTheHour);
    require!(
        a.listing.version.get() == terms.expected_version && a.listing.metadata_hash == terms.expected_metadata,
        RentalError::ListingChanged
    );
    require!(a.market_config.mints.contains(&a.listing.mint), RentalError::MintNotAllowed);
    require!(a.listing.seller != renter, RentalError::SelfRental);
    require!(terms.hours > 0, RentalError::NoHours);
    // the end must be a time, whenever the provider starts
    require!(terms.hours <= MAX_HOURS, RentalError::Overflow);
    let deposit = metering::deposit(a.listing.price.get(), terms.hours).ok_or(RentalError::Overflow)?;
    require!(deposit <= terms.max_total, RentalError::PriceAboveLimit);
    let now = Clock::get()?.unix_timestamp;
    let accept_by = now.checked_add(a.market_config.accept_seconds.get()).ok_or(RentalError::Overflow)?;

    let (listing, rental) = (*a.listing.address(), &mut a.rental);
    rental.listing = listing;
    rental.renter = renter;
    rental.provider = a.listing.seller;
    rental.mint = a.listing.mint;
    rental.rent_payer = renter;
    rental.id = id.into();
    rental.seq = 1.into();
    rental.rate = a.listing.price;
    rental.hours = terms.hours.into();
    rental.deposit = deposit.into();
    rental.accept_by = accept_by.into();
    rental.listing_version = a.listing.version;
    rental.fee_bps = a.market_config.fee_bps;
    rental.state = rental_state::REQUESTED;
    rental.bump = ctx.bumps.rental;
    rental.vault_bump = ctx.bumps.vault;
    let event = RentalOpened {
        rental: *rental.address(),
        seq: 1,
        id,
        listing,
        listing_version: rental.listing_version.get(),
        renter,
        provider: rental.provider,
        mint: rental.mint,
        rate: rental.rate.get(),
        hours: terms.hours,
        deposit,
        fee_bps: rental.fee_bps.get(),
        accept_by,
    };

    screen_mint(a.mint.account()).map_err(RentalError::from)?;
    let (program, vault_view) = (a.token_program.address(), *a.vault.account());
    let seeds: &[&[u8]] = &[b"rental_vault", event.rental.as_ref(), &[ctx.bumps.vault]];
    let (payer, vault) = (*a.renter.account(), a.vault.cpi_handle_mut());
    open_vault(program, &payer, vault, &vault_view, seeds, a.mint.cpi_handle(), &event.rental)?;
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.renter.cpi_handle(), deposit);
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct StartRental {
    #[account(address = rental.provider @ RentalError::NotProvider)]
    pub provider: Signer,
    #[account(mut)]
    pub rental: Loaded<Rental>,
}

pub fn start_rental(ctx: &mut Context<StartRental>) -> Result<()> {
    let rental = &mut ctx.accounts.rental;
    require!(rental.state == rental_state::REQUESTED, RentalError::WrongState);
    let started_at = Clock::get()?.unix_timestamp;
    require!(started_at < rental.accept_by.get(), RentalError::DeadlinePassed);
    let ends_at = end(started_at, rental.hours.get())?;
    rental.state = rental_state::RUNNING;
    rental.started_at = started_at.into();
    rental.ends_at = ends_at.into();
    let (address, seq) = (*rental.address(), next_seq(rental)?);
    emit_event!(ctx, RentalStarted { rental: address, seq, started_at, ends_at });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ExtendRental {
    #[account(address = rental.renter @ RentalError::NotRenter)]
    pub renter: Signer,
    #[account(mut)]
    pub rental: Loaded<Rental>,
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"rental_vault", rental.address().as_ref()], bump = rental.vault_bump))]
    #[account(mut, constraint = rental.has_vault_at(vault.address(), rental.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// The renter's tokens.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = rental.mint @ RentalError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn extend_rental(ctx: &mut Context<ExtendRental>, hours: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.rental.state == rental_state::RUNNING, RentalError::WrongState);
    require!(Clock::get()?.unix_timestamp < a.rental.ends_at.get(), RentalError::RentalOver);
    require!(hours > 0, RentalError::NoHours);
    let all = a.rental.hours.get().checked_add(hours).filter(|all| *all <= MAX_HOURS).ok_or(RentalError::Overflow)?;
    let deposit = metering::deposit(a.rental.rate.get(), all).ok_or(RentalError::Overflow)?;
    let more = deposit.checked_sub(a.rental.deposit.get()).ok_or(RentalError::Overflow)?;
    let ends_at = end(a.rental.started_at.get(), all)?;
    a.rental.hours = all.into();
    a.rental.deposit = deposit.into();
    a.rental.ends_at = ends_at.into();
    let (address, seq) = (*a.rental.address(), next_seq(&mut a.rental)?);

    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.renter.cpi_handle(), more);
    emit_event!(ctx, RentalExtended { rental: address, seq, hours: all, deposit, ends_at });
    Ok(())
}

/// Hours that one rental can have: ten years.
const MAX_HOURS: u64 = 87_600;

/// When the last of `hours` is over.
fn end(started_at: i64, hours: u64) -> Result<i64> {
    let seconds = hours.checked_mul(HOUR_SECONDS).and_then(|s| i64::try_from(s).ok()).ok_or(RentalError::Overflow)?;
    Ok(started_at.checked_add(seconds).ok_or(RentalError::Overflow)?)
}

pub(crate) fn next_seq(rental: &mut Rental) -> Result<u64> {
    let seq = rental.seq.get().checked_add(1).ok_or(RentalError::Overflow)?;
    rental.seq = seq.into();
    Ok(seq)
}
