use crate::{
    MarketError,
    cpi::{Tokens, emit_event},
    events::{OrderAccepted, OrderOpened, ResultSubmitted},
    state::{Config, Listing, OracleSet, Order, listing_kind, order_state, pause},
    tokens::{Mint, TokenAccount, TokenProgram, open_vault, screen_mint},
};
use anchor_lang::prelude::*;

/// What a buyer asks for, and the limits within which the buyer agrees.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct OrderTerms {
    pub quantity: u64,
    /// The listing's version that the buyer saw.
    pub expected_version: u32,
    /// The metadata that the buyer saw: a listing that was closed and made again starts at version 1 again.
    pub expected_metadata: [u8; 32],
    /// The most that the buyer pays, in base units.
    pub max_total: u64,
    /// Hash of the job manifest that the result must answer.
    pub manifest_hash: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct OpenOrder {
    #[account(mut)]
    pub buyer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(constraint = oracle_set.version == config.oracle_set && oracle_set.is_at(oracle_set.address()) @ ErrorCode::ConstraintSeeds)]
    pub oracle_set: Account<OracleSet>,
    #[account(mut, constraint = listing.is_at(listing.address()) @ ErrorCode::ConstraintSeeds)]
    pub listing: Account<Listing>,
    #[account(init, payer = buyer, seeds = [b"order", buyer.address().as_ref(), &id.to_le_bytes()], bump)]
    pub order: Account<Order>,
    /// The order's token account, which is created here.
    #[account(mut, seeds = [b"vault", order.address().as_ref()], bump)]
    pub vault: UncheckedAccount,
    /// The buyer's tokens.
    #[account(mut)]
    pub funding: Account<TokenAccount>,
    #[account(address = listing.mint @ MarketError::MintNotAllowed)]
    pub mint: Account<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn open_order(ctx: &mut Context<OpenOrder>, id: u64, terms: OrderTerms) -> Result<()> {
    let a = &mut ctx.accounts;
    let buyer = *a.buyer.address();
    require!(a.config.paused & pause::ORDERS == 0, MarketError::Paused);
    require!(a.oracle_set.retired == 0, MarketError::NoOracleSet);
    require!(a.listing.active != 0, MarketError::ListingInactive);
    require!(a.listing.kind == listing_kind::COMPUTE, MarketError::KindNotOrderable);
    require!(
        a.listing.version.get() == terms.expected_version && a.listing.metadata_hash == terms.expected_metadata,
        MarketError::ListingChanged
    );
    require!(a.config.mints.contains(&a.listing.mint), MarketError::MintNotAllowed);
    require!(a.listing.seller != buyer, MarketError::SelfOrder);
    require!(terms.quantity > 0, MarketError::NoQuantity);
    let amount = a.listing.price.get().checked_mul(terms.quantity).ok_or(MarketError::Overflow)?;
    require!(amount <= terms.max_total, MarketError::PriceAboveLimit);
    let now = Clock::get()?.unix_timestamp;
    let accept_by = now.checked_add(a.config.accept_seconds.get()).ok_or(MarketError::Overflow)?;

    a.listing.open_orders = a.listing.open_orders.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    let listing = *a.listing.address();
    let order = &mut a.order;
    order.listing = listing;
    order.listing_version = a.listing.version;
    order.buyer = buyer;
    order.rent_payer = buyer;
    order.seller = a.listing.seller;
    order.mint = a.listing.mint;
    order.manifest_hash = terms.manifest_hash;
    order.id = id.into();
    order.seq = 1.into();
    order.quantity = terms.quantity.into();
    order.amount = amount.into();
    order.accept_by = accept_by.into();
    order.delivery_seconds = a.config.delivery_seconds;
    order.audit_seconds = a.config.audit_seconds;
    order.dispute_seconds = a.config.dispute_seconds;
    order.resolve_seconds = a.config.resolve_seconds;
    order.award_seconds = a.config.award_seconds;
    order.oracle_set = a.config.oracle_set;
    order.fee_bps = a.config.fee_bps;
    order.award_category = a.config.award_category;
    order.state = order_state::FUNDED;
    order.bump = ctx.bumps.order;
    order.vault_bump = ctx.bumps.vault;
    let event = OrderOpened {
        order: *order.address(),
        seq: 1,
        id,
        listing,
        listing_version: order.listing_version.get(),
        buyer,
        seller: order.seller,
        mint: order.mint,
        quantity: terms.quantity,
        amount,
        fee_bps: order.fee_bps.get(),
        manifest_hash: terms.manifest_hash,
        oracle_set: order.oracle_set.get(),
        accept_by,
    };

    screen_mint(a.mint.account()).map_err(MarketError::from)?;
    let (program, vault_view) = (a.token_program.address(), *a.vault.account());
    let seeds: &[&[u8]] = &[b"vault", event.order.as_ref(), &[ctx.bumps.vault]];
    let (payer, vault) = (*a.buyer.account(), a.vault.cpi_handle_mut());
    open_vault(program, &payer, vault, &vault_view, seeds, a.mint.cpi_handle(), &event.order)?;
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.buyer.cpi_handle(), amount);
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct AcceptOrder {
    #[account(address = order.seller @ MarketError::NotSeller)]
    pub seller: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = order.is_at(order.address()) @ ErrorCode::ConstraintSeeds)]
    pub order: Account<Order>,
}

pub fn accept_order(ctx: &mut Context<AcceptOrder>) -> Result<()> {
    require!(ctx.accounts.config.paused & pause::ACCEPTANCE == 0, MarketError::Paused);
    let order = &mut ctx.accounts.order;
    require!(order.state == order_state::FUNDED, MarketError::WrongState);
    let now = Clock::get()?.unix_timestamp;
    require!(now < order.accept_by.get(), MarketError::DeadlinePassed);
    let deliver_by = now.checked_add(order.delivery_seconds.get()).ok_or(MarketError::Overflow)?;
    order.state = order_state::ACCEPTED;
    order.deliver_by = deliver_by.into();
    let (address, seq) = (*order.address(), next_seq(order)?);
    emit_event!(ctx, OrderAccepted { order: address, seq, deliver_by });
    Ok(())
}

/// What a seller commits to.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct SubmittedResult {
    pub root: [u8; 32],
    pub log: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct SubmitResult {
    #[account(address = order.seller @ MarketError::NotSeller)]
    pub seller: Signer,
    #[account(mut, constraint = order.is_at(order.address()) @ ErrorCode::ConstraintSeeds)]
    pub order: Account<Order>,
}

pub fn submit_result(ctx: &mut Context<SubmitResult>, result: SubmittedResult) -> Result<()> {
    let order = &mut ctx.accounts.order;
    require!(order.state == order_state::ACCEPTED, MarketError::WrongState);
    let clock = Clock::get()?;
    require!(clock.unix_timestamp < order.deliver_by.get(), MarketError::DeadlinePassed);
    require!(result.root != [0; 32] && result.log != [0; 32], MarketError::EmptyResult);
    let audit_by = clock.unix_timestamp.checked_add(order.audit_seconds.get()).ok_or(MarketError::Overflow)?;
    order.state = order_state::SUBMITTED;
    order.result_root = result.root;
    order.result_log = result.log;
    order.audit_slot = clock.slot.into();
    order.audit_by = audit_by.into();
    let (address, seq) = (*order.address(), next_seq(order)?);
    emit_event!(
        ctx,
        ResultSubmitted {
            order: address,
            seq,
            result_root: result.root,
            result_log: result.log,
            audit_slot: clock.slot,
            audit_by,
        }
    );
    Ok(())
}

pub(crate) fn next_seq(order: &mut Order) -> Result<u64> {
    let seq = order.seq.get().checked_add(1).ok_or(MarketError::Overflow)?;
    order.seq = seq.into();
    Ok(seq)
}
