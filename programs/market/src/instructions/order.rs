use crate::{
    MarketError,
    cpi::{Tokens, emit_event},
    events::{OrderAccepted, OrderOpened},
    loaded::Loaded,
    state::{Config, Listing, OracleSet, Order, Reputation, judge, listing_kind, order_state, pause, unit},
    tokens::{Mint, TokenProgram, open_vault, screen_mint},
};
use anchor_lang::prelude::*;
use protocol::settlement::share;

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
    /// Hash of the manifest that the result must answer: of a training job, a licence's request or a labelling task.
    pub manifest_hash: [u8; 32],
    /// `state::judge`: who decides whether the result is paid.
    pub judge: u8,
    /// Whether a dispute may end with a part of the amount.
    pub allow_partial: bool,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64)]
pub struct OpenOrder {
    #[account(mut)]
    pub buyer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    /// The configuration's current set; only for orders that oracles judge.
    pub oracle_set: Option<Loaded<OracleSet>>,
    #[account(mut)]
    pub listing: Loaded<Listing>,
    #[account(init, payer = buyer, seeds = [b"order", buyer.address().as_ref(), &id.to_le_bytes()], bump)]
    pub order: Loaded<Order>,
    /// The order's token account, which is created here.
    #[account(mut, seeds = [b"vault", order.address().as_ref()], bump)]
    pub vault: UncheckedAccount,
    /// The buyer's tokens, which the token program checks.
    #[account(mut)]
    pub funding: UncheckedAccount,
    #[account(address = listing.mint @ MarketError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn open_order(ctx: &mut Context<OpenOrder>, id: u64, terms: OrderTerms) -> Result<()> {
    let a = &mut ctx.accounts;
    let buyer = *a.buyer.address();
    require!(a.config.paused & pause::ORDERS == 0, MarketError::Paused);
    require!(a.listing.active != 0, MarketError::ListingInactive);
    require!(a.listing.unit != unit::HOUR, MarketError::RentedByTheHour);
    let judges: &[u8] = match a.listing.kind {
        listing_kind::COMPUTE => &[judge::ORACLES, judge::APPROVAL],
        listing_kind::LABELLING => &[judge::APPROVAL, judge::GOLD],
        _ => &[judge::PROOF],
    };
    require!(judges.contains(&terms.judge), MarketError::JudgeNotOfKind);
    if terms.judge == judge::ORACLES {
        let current = a.config.oracle_set;
        let set = a.oracle_set.as_ref().filter(|set| set.version == current && set.retired == 0);
        require!(set.is_some(), MarketError::NoOracleSet);
        a.order.oracle_set = current;
    }
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
    let order = &mut *a.order;
    order.listing = listing;
    order.listing_version = a.listing.version;
    order.buyer = buyer;
    order.rent_payer = buyer;
    order.seller = a.listing.seller;
    order.mint = a.listing.mint;
    order.manifest_hash = terms.manifest_hash;
    order.content_root = a.listing.content_root;
    order.id = id.into();
    order.seq = 1.into();
    order.quantity = terms.quantity.into();
    order.amount = amount.into();
    order.opened_at = now.into();
    order.accept_by = accept_by.into();
    order.delivery_seconds = a.config.delivery_seconds;
    order.audit_seconds = a.config.audit_seconds;
    order.dispute_seconds = a.config.dispute_seconds;
    order.answer_seconds = a.config.answer_seconds;
    order.resolve_seconds = a.config.resolve_seconds;
    order.award_seconds = a.config.award_seconds;
    order.fee_bps = a.config.fee_bps;
    order.award_category = a.config.award_category;
    order.seller_bond_bps = a.config.seller_bond_bps;
    order.challenge_bond_bps = a.config.challenge_bond_bps;
    order.slash_challenger_bps = a.config.slash_challenger_bps;
    order.slash_buyer_bps = a.config.slash_buyer_bps;
    order.kind = a.listing.kind;
    order.judge = terms.judge;
    order.allow_partial = terms.allow_partial.into();
    order.state = order_state::FUNDED;
    order.bump = ctx.bumps.order;
    order.vault_bump = ctx.bumps.vault;
    let event = OrderOpened {
        order: *a.order.address(),
        seq: 1,
        id,
        listing,
        listing_version: a.order.listing_version.get(),
        buyer,
        seller: a.order.seller,
        mint: a.order.mint,
        quantity: terms.quantity,
        amount,
        fee_bps: a.order.fee_bps.get(),
        manifest_hash: terms.manifest_hash,
        content_root: a.order.content_root,
        judge: terms.judge,
        allow_partial: terms.allow_partial,
        oracle_set: a.order.oracle_set.get(),
        opened_at: now,
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

/// Accounts of `accept_order` and `dispute`: somebody deposits a bond in the order's vault.
#[event_cpi]
#[derive(Accounts)]
pub struct Deposit {
    /// The seller to accept, the challenger to dispute. Pays the bond.
    pub actor: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub order: Loaded<Order>,
    /// The seller's, in the order's mint.
    #[account(mut, constraint = reputation.seller == order.seller && reputation.mint == order.mint @ ErrorCode::ConstraintSeeds)]
    pub reputation: Loaded<Reputation>,
    /// The order's token account.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"vault", order.address().as_ref()], bump = order.vault_bump))]
    #[account(mut, constraint = order.has_vault_at(vault.address(), order.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// The actor's tokens, which the token program checks. Not used where the bond is 0.
    #[account(mut)]
    pub funding: UncheckedAccount,
    #[account(address = order.mint @ MarketError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

impl Deposit {
    /// Moves the bond into the vault.
    #[inline(never)]
    pub(crate) fn take(&mut self, bond: u64) {
        if bond > 0 {
            let tokens = Tokens { program: self.token_program.address(), decimals: self.mint.decimals(), seeds: &[] };
            let (from, to) = (self.funding.cpi_handle_mut(), self.vault.cpi_handle_mut());
            tokens.transfer(from, self.mint.cpi_handle(), to, self.actor.cpi_handle(), bond);
        }
    }
}

pub fn accept_order(ctx: &mut Context<Deposit>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(*a.actor.address() == a.order.seller, MarketError::NotSeller);
    require!(a.config.paused & pause::ACCEPTANCE == 0, MarketError::Paused);
    let order = &mut *a.order;
    require!(order.state == order_state::FUNDED, MarketError::WrongState);
    let now = Clock::get()?.unix_timestamp;
    require!(now < order.accept_by.get(), MarketError::DeadlinePassed);
    let deliver_by = now.checked_add(order.delivery_seconds.get()).ok_or(MarketError::Overflow)?;
    let seller_bond = share(order.amount.get(), order.seller_bond_bps.get());
    order.state = order_state::ACCEPTED;
    order.deliver_by = deliver_by.into();
    order.seller_bond = seller_bond.into();
    let seq = next_seq(order)?;
    a.reputation.accepted = a.reputation.accepted.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    a.reputation.seq = a.reputation.seq.get().checked_add(1).ok_or(MarketError::Overflow)?.into();
    let event = OrderAccepted { order: *a.order.address(), seq, deliver_by, seller_bond };
    a.take(seller_bond);
    emit_event!(ctx, event);
    Ok(())
}

pub(crate) fn next_seq(order: &mut Order) -> Result<u64> {
    let seq = order.seq.get().checked_add(1).ok_or(MarketError::Overflow)?;
    order.seq = seq.into();
    Ok(seq)
}
