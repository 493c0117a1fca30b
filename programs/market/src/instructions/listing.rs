use crate::{
    MarketError,
    cpi::emit_event,
    events::{ListingChanged, ListingClosed},
    state::{Config, Listing, MAX_URI, listing_kind, pause},
};
use anchor_lang::prelude::*;

/// What a seller offers.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct ListingTerms {
    pub price: u64,
    pub mint: Address,
    pub unit: u8,
    pub active: bool,
    pub metadata_hash: [u8; 32],
    pub uri: [u8; MAX_URI],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateListing {
    #[account(mut)]
    pub seller: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = seller, seeds = [b"listing", seller.address().as_ref(), &id.to_le_bytes()], bump)]
    pub listing: Account<Listing>,
    pub system_program: Program<System>,
}

pub fn create_listing(ctx: &mut Context<CreateListing>, id: u64, kind: u8, terms: ListingTerms) -> Result<()> {
    require!((listing_kind::COMPUTE..=listing_kind::LABELLING).contains(&kind), MarketError::UnknownKind);
    let listing = &mut ctx.accounts.listing;
    listing.seller = *ctx.accounts.seller.address();
    listing.id = id.into();
    listing.kind = kind;
    listing.bump = ctx.bumps.listing;
    apply(listing, &ctx.accounts.config, &terms)?;
    let event = listing_changed(listing)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct UpdateListing {
    #[account(address = listing.seller @ MarketError::NotSeller)]
    pub seller: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = listing.is_at(listing.address()) @ ErrorCode::ConstraintSeeds)]
    pub listing: Account<Listing>,
}

pub fn update_listing(ctx: &mut Context<UpdateListing>, terms: ListingTerms) -> Result<()> {
    let listing = &mut ctx.accounts.listing;
    apply(listing, &ctx.accounts.config, &terms)?;
    let event = listing_changed(listing)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseListing {
    #[account(mut, address = listing.seller @ MarketError::NotSeller)]
    pub seller: Signer,
    #[account(mut, close = seller, constraint = listing.is_at(listing.address()) @ ErrorCode::ConstraintSeeds)]
    pub listing: Account<Listing>,
}

pub fn close_listing(ctx: &mut Context<CloseListing>) -> Result<()> {
    let listing = &mut ctx.accounts.listing;
    require!(listing.open_orders.is_zero(), MarketError::ListingBusy);
    let (address, seq) = (*listing.address(), next_seq(listing)?);
    emit_event!(ctx, ListingClosed { listing: address, seq });
    Ok(())
}

fn apply(listing: &mut Listing, config: &Config, terms: &ListingTerms) -> Result<()> {
    require!(config.paused & pause::LISTINGS == 0, MarketError::Paused);
    require!(terms.price > 0, MarketError::ListingOutOfRange);
    require!(terms.mint != Address::default() && config.mints.contains(&terms.mint), MarketError::MintNotAllowed);
    listing.price = terms.price.into();
    listing.mint = terms.mint;
    listing.unit = terms.unit;
    listing.active = terms.active.into();
    listing.metadata_hash = terms.metadata_hash;
    listing.uri = terms.uri;
    listing.version = listing.version.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    Ok(())
}

fn next_seq(listing: &mut Listing) -> Result<u64> {
    let seq = listing.seq.get().checked_add(1).ok_or(MarketError::Overflow)?;
    listing.seq = seq.into();
    Ok(seq)
}

fn listing_changed(listing: &mut Account<Listing>) -> Result<ListingChanged> {
    Ok(ListingChanged {
        seq: next_seq(listing)?,
        listing: *listing.address(),
        seller: listing.seller,
        id: listing.id.get(),
        version: listing.version.get(),
        kind: listing.kind,
        unit: listing.unit,
        active: listing.active != 0,
        price: listing.price.get(),
        mint: listing.mint,
        metadata_hash: listing.metadata_hash,
        uri: listing.uri,
    })
}
