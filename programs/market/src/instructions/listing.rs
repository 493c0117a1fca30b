use crate::{
    MarketError,
    cpi::emit_event,
    events::{ListingChanged, ListingClosed},
    loaded::Loaded,
    state::{Config, Listing, MAX_URI, Reputation, listing_kind, pause, unit},
    tokens::{Mint, screen_mint},
};
use anchor_lang::{AccountInitialize, Space, prelude::*};

/// What a seller offers.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct ListingTerms {
    pub price: u64,
    pub mint: Address,
    /// `state::unit`.
    pub unit: u8,
    pub active: bool,
    pub metadata_hash: [u8; 32],
    /// Merkle root over the content of a dataset or model; zero for other kinds.
    pub content_root: [u8; 32],
    pub uri: [u8; MAX_URI],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct CreateListing {
    #[account(mut)]
    pub seller: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(init, payer = seller, seeds = [b"listing", seller.address().as_ref(), &id.to_le_bytes()], bump)]
    pub listing: Loaded<Listing>,
    /// The seller's reputation in the mint, which its first listing creates.
    #[account(mut, seeds = [b"reputation", seller.address().as_ref(), mint.address().as_ref()], bump)]
    pub reputation: UncheckedAccount,
    pub mint: Loaded<Mint>,
    pub system_program: Program<System>,
}

pub fn create_listing(ctx: &mut Context<CreateListing>, id: u64, kind: u8, terms: ListingTerms) -> Result<()> {
    require!((listing_kind::COMPUTE..=listing_kind::LABELLING).contains(&kind), MarketError::UnknownKind);
    let a = &mut ctx.accounts;
    let (seller, mint) = (*a.seller.address(), *a.mint.address());
    require!(terms.mint == mint, MarketError::MintNotAllowed);
    screen_mint(a.mint.account()).map_err(MarketError::from)?;
    let listing = &mut a.listing;
    listing.seller = seller;
    listing.mint = mint;
    listing.id = id.into();
    listing.kind = kind;
    listing.bump = ctx.bumps.listing;
    apply(listing, &a.config, &terms)?;
    // an account with data at this address is the reputation: nothing else is ever created there, and it is never closed
    if a.reputation.account().data_len() == 0 {
        let seeds: &[&[u8]] = &[b"reputation", seller.as_ref(), mint.as_ref(), &[ctx.bumps.reputation]];
        let (payer, account) = (*a.seller.account(), *a.reputation.account());
        let space = <Loaded<Reputation> as Space>::INIT_SPACE;
        let mut reputation =
            Loaded::<Reputation>::create_and_initialize(&payer, &account, space, &crate::ID, &(), Some(seeds), None)?;
        reputation.seller = seller;
        reputation.mint = mint;
        reputation.rent_payer = seller;
        reputation.bump = ctx.bumps.reputation;
    }
    let event = listing_changed(&mut a.listing)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct UpdateListing {
    #[account(address = listing.seller @ MarketError::NotSeller)]
    pub seller: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub listing: Loaded<Listing>,
}

pub fn update_listing(ctx: &mut Context<UpdateListing>, terms: ListingTerms) -> Result<()> {
    let listing = &mut ctx.accounts.listing;
    // the seller's reputation in the mint, and the mint's screening, are of the listing's creation
    require!(terms.mint == listing.mint, MarketError::MintIsFixed);
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
    #[account(mut, close = seller)]
    pub listing: Loaded<Listing>,
}

pub fn close_listing(ctx: &mut Context<CloseListing>) -> Result<()> {
    let listing = &mut ctx.accounts.listing;
    require!(listing.open_orders.is_zero(), MarketError::ListingBusy);
    let (address, seq) = (*listing.address(), next_seq(listing)?);
    emit_event!(ctx, ListingClosed { listing: address, seq });
    Ok(())
}

#[inline(never)]
fn apply(listing: &mut Listing, config: &Config, terms: &ListingTerms) -> Result<()> {
    require!(config.paused & pause::LISTINGS == 0, MarketError::Paused);
    require!(terms.price > 0, MarketError::ListingOutOfRange);
    require!(terms.mint != Address::default() && config.mints.contains(&terms.mint), MarketError::MintNotAllowed);
    let (units, has_content): (&[u8], _) = match listing.kind {
        listing_kind::COMPUTE => (&[unit::JOB, unit::HOUR], false),
        listing_kind::LABELLING => (&[unit::LABEL], false),
        _ => (&[unit::LICENCE], true),
    };
    require!(units.contains(&terms.unit), MarketError::UnitNotOfKind);
    require!((terms.content_root != [0; 32]) == has_content, MarketError::ContentRootMismatch);
    listing.price = terms.price.into();
    listing.unit = terms.unit;
    listing.active = terms.active.into();
    listing.metadata_hash = terms.metadata_hash;
    listing.content_root = terms.content_root;
    listing.uri = terms.uri;
    listing.version = listing.version.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    Ok(())
}

fn next_seq(listing: &mut Listing) -> Result<u64> {
    let seq = listing.seq.get().checked_add(1).ok_or(MarketError::Overflow)?;
    listing.seq = seq.into();
    Ok(seq)
}

#[inline(never)]
fn listing_changed(listing: &mut Loaded<Listing>) -> Result<ListingChanged> {
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
        content_root: listing.content_root,
        uri: listing.uri,
    })
}
