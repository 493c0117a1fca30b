//! The end of an order: its vault is emptied, once, as `protocol::settlement` splits it.
use super::order::next_seq;
use crate::{
    MarketError,
    cpi::{Tokens, emit_event},
    events::{OrderClosed, OrderSettled},
    loaded::Loaded,
    state::{Config, Listing, Order, Reputation, judge, order_state, refund_reason, resolution},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::{AccountView, accounts::SlabSchema, bytemuck, prelude::*};
use protocol::settlement::{Challenge, Escrow, Ruling, Shares, split};

/// Accounts of `release`, `refund` and `cancel_order`. A token account is only looked at where something goes there, so
/// that nobody who gets nothing needs one; anyone can make one for somebody who does.
#[event_cpi]
#[derive(Accounts)]
pub struct Settle {
    /// The buyer to cancel; anyone to release or refund.
    pub caller: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub order: Loaded<Order>,
    #[account(mut, address = order.listing @ MarketError::WrongState)]
    pub listing: Loaded<Listing>,
    /// The seller's, in the order's mint.
    #[account(mut, constraint = reputation.seller == order.seller && reputation.mint == order.mint @ ErrorCode::ConstraintSeeds)]
    pub reputation: Loaded<Reputation>,
    /// The order's token account. It is gone once the order is settled, so it is read after the order's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"vault", order.address().as_ref()], bump = order.vault_bump))]
    #[account(mut, constraint = order.has_vault_at(vault.address(), order.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// Token accounts that the seller, the buyer, the treasury and the challenger own. They may be the same accounts, as a
    /// buyer that disputes is its order's challenger too.
    #[account(mut, unsafe(dup))]
    pub seller_tokens: UncheckedAccount,
    #[account(mut, unsafe(dup))]
    pub buyer_tokens: UncheckedAccount,
    #[account(mut, unsafe(dup))]
    pub treasury_tokens: UncheckedAccount,
    #[account(mut, unsafe(dup))]
    pub challenger_tokens: UncheckedAccount,
    /// Gets the vault's rent back. Often the caller itself; no data is kept of it, so the two may be one account.
    #[account(mut, unsafe(dup), address = order.rent_payer @ MarketError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
    /// Writable, because what is burned lowers its supply.
    #[account(mut, address = order.mint @ MarketError::MintNotAllowed)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn release(ctx: &mut Context<Settle>) -> Result<()> {
    let end = ending(&ctx.accounts.order)?;
    require!(end.payable > 0, MarketError::NothingPayable);
    settle(ctx, &end)
}

pub fn refund(ctx: &mut Context<Settle>) -> Result<()> {
    let end = ending(&ctx.accounts.order)?;
    require!(end.payable == 0, MarketError::OrderIsPayable);
    settle(ctx, &end)
}

pub fn cancel_order(ctx: &mut Context<Settle>) -> Result<()> {
    let order = &ctx.accounts.order;
    require!(*ctx.accounts.caller.address() == order.buyer, MarketError::NotBuyer);
    require!(order.state == order_state::FUNDED, MarketError::WrongState);
    settle(ctx, &Ending::returned(refund_reason::CANCELLED))
}

/// How an order ends.
#[derive(Clone, Copy)]
struct Ending {
    payable: u64,
    reason: u8,
    at_fault: bool,
    challenge: Challenge,
    resolution: u8,
}

impl Ending {
    /// Everybody gets back what is theirs.
    fn returned(reason: u8) -> Self {
        Self { payable: 0, reason, at_fault: false, challenge: Challenge::Open, resolution: resolution::NONE }
    }
}

/// How the order ends if it is settled now.
#[inline(never)]
fn ending(order: &Order) -> Result<Ending> {
    let (mut end, mut judged) = (Ending::returned(0), false);
    end.resolution = order.resolution;
    let over;
    match order.state {
        order_state::FUNDED => (end.reason, over) = (refund_reason::NOT_ACCEPTED, order.accept_by.get()),
        order_state::ACCEPTED => {
            (end.reason, over) = (refund_reason::NOT_DELIVERED, order.deliver_by.get());
            end.at_fault = true;
        }
        // A buyer that opened its gold before `audit_by` left the seller one window to open the answers; the second is for
        // whoever applies the verdict then. After it, no verdict came: the buyer was silent.
        order_state::SUBMITTED if order.judge == judge::GOLD => {
            let windows = order.resolve_seconds.get().checked_mul(2).ok_or(MarketError::Overflow)?;
            over = order.audit_by.get().checked_add(windows).ok_or(MarketError::Overflow)?;
            end.payable = order.amount.get();
        }
        order_state::SUBMITTED | order_state::AUDITING => {
            (end.reason, over) = (refund_reason::NOT_AUDITED, order.audit_by.get());
        }
        order_state::AUDITED => {
            judged = true;
            over = order.dispute_until.get();
            end.payable = order.payable.get();
            end.challenge = match order.resolution {
                resolution::NONE => Challenge::Open,
                resolution::UPHELD => Challenge::Lost,
                _ => Challenge::Won,
            };
        }
        order_state::DISPUTED => {
            judged = true;
            end.payable = order.payable.get();
            over = if order.answered == 0 { order.answer_by.get() } else { order.resolve_by.get() };
            if order.answered == 0 {
                end.payable = if order.favours_seller() { 0 } else { order.amount.get() };
                (end.challenge, end.resolution) = (Challenge::Won, resolution::FORFEITED);
            }
        }
        _ => return Err(MarketError::WrongState.into()),
    }
    if judged && end.payable == 0 {
        end.at_fault = true;
        end.reason = if end.resolution == resolution::NONE { refund_reason::REJECTED } else { refund_reason::RESOLVED };
    }
    let early = if judged { MarketError::DisputeWindowOpen } else { MarketError::DeadlineNotPassed };
    if Clock::get()?.unix_timestamp < over {
        return Err(early.into());
    }
    Ok(end)
}

#[inline(never)]
fn settle(ctx: &mut Context<Settle>, end: &Ending) -> Result<()> {
    let a = &mut ctx.accounts;
    let (held, native) = held(a.vault.account())?;
    let escrow = Escrow {
        held,
        amount: a.order.amount.get(),
        seller_bond: a.order.seller_bond.get(),
        challenge_bond: a.order.challenge_bond.get(),
    };
    let ruling = Ruling {
        payable: end.payable,
        at_fault: end.at_fault,
        favoured_seller: a.order.favours_seller(),
        challenge: end.challenge,
        fee_bps: a.order.fee_bps.get(),
        slash_challenger_bps: a.order.slash_challenger_bps.get(),
        slash_buyer_bps: a.order.slash_buyer_bps.get(),
        burnable: !native,
    };
    let shares = split(&escrow, &ruling).ok_or(MarketError::VaultShort)?;
    let event = record(a, end, &shares)?;

    let order = &a.order;
    let (buyer, id, bump) = (order.buyer, order.id.get().to_le_bytes(), [order.bump]);
    let owners = [order.seller, order.buyer, a.config.treasury, order.challenger];
    let seeds: &[&[u8]] = &[b"order", buyer.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    let amounts = [shares.seller, shares.buyer, shares.treasury, shares.challenger];
    let accounts = [&mut a.seller_tokens, &mut a.buyer_tokens, &mut a.treasury_tokens, &mut a.challenger_tokens];
    for ((to, owner), amount) in accounts.into_iter().zip(&owners).zip(amounts) {
        if amount > 0 {
            let account = token_account(to.account()).ok_or(MarketError::WrongTokenAccount)?;
            require!(account.owner() == owner && account.mint() == a.mint.address(), MarketError::WrongTokenAccount);
            let (from, to) = (a.vault.cpi_handle_mut(), to.cpi_handle_mut());
            tokens.transfer(from, a.mint.cpi_handle(), to, a.order.cpi_handle(), amount);
        }
    }
    if shares.burned > 0 {
        tokens.burn(a.vault.cpi_handle_mut(), a.mint.cpi_handle_mut(), a.order.cpi_handle(), shares.burned);
    }
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.order.cpi_handle());
    emit_event!(ctx, event);
    Ok(())
}

/// Writes the end into the order, its listing and its seller's reputation.
#[inline(never)]
fn record(a: &mut Settle, end: &Ending, shares: &Shares) -> Result<OrderSettled> {
    let order = &mut *a.order;
    order.state = if end.payable > 0 { order_state::RELEASED } else { order_state::REFUNDED };
    order.payable = end.payable.into();
    order.resolution = end.resolution;
    order.released = shares.seller.into();
    order.fee = shares.treasury.into();
    order.refunded = shares.buyer.into();
    order.rewarded = shares.challenger.into();
    order.burned = shares.burned.into();
    order.settled_at = Clock::get()?.unix_timestamp.into();
    let seq = next_seq(order)?;
    a.listing.open_orders = a.listing.open_orders.get().checked_sub(1).ok_or(MarketError::Overflow)?.into();

    let reputation = &mut *a.reputation;
    let lost = match end.challenge {
        Challenge::Open => false,
        Challenge::Won => order.favours_seller(),
        Challenge::Lost => !order.favours_seller(),
    };
    for (counter, by) in [
        (&mut reputation.seq, 1),
        (&mut reputation.released, u64::from(end.payable > 0)),
        (&mut reputation.rejected, u64::from(end.at_fault && end.reason != refund_reason::NOT_DELIVERED)),
        (&mut reputation.not_delivered, u64::from(end.reason == refund_reason::NOT_DELIVERED)),
        (&mut reputation.disputes_lost, u64::from(lost)),
        (&mut reputation.volume, end.payable),
        (&mut reputation.slashed, shares.slashed),
    ] {
        // what has been traded in worthless tokens must not keep an order from being settled
        *counter = counter.get().saturating_add(by).into();
    }
    Ok(OrderSettled {
        order: *a.order.address(),
        seq,
        state: a.order.state,
        reason: end.reason,
        resolution: end.resolution,
        payable: end.payable,
        released: shares.seller,
        fee: shares.treasury,
        refunded: shares.buyer,
        rewarded: shares.challenger,
        burned: shares.burned,
    })
}

/// A token account that was passed without being loaded.
fn token_account(view: &AccountView) -> Option<&TokenAccount> {
    // SAFETY: nothing writes to it while the reference lives: it is read before the next call
    let data = unsafe { view.borrow_unchecked() };
    TokenAccount::validate(view, data).ok()?;
    bytemuck::try_from_bytes(data.get(..size_of::<TokenAccount>())?).ok()
}

/// Base units in a vault, whose address was checked, and whether they are lamports.
fn held(vault: &AccountView) -> Result<(u64, bool)> {
    let tokens = token_account(vault).ok_or(MarketError::VaultShort)?;
    Ok((tokens.amount(), tokens.is_native()))
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseOrder {
    #[account(mut, close = rent_payer)]
    pub order: Loaded<Order>,
    #[account(mut, address = order.rent_payer @ MarketError::NotBuyer)]
    pub rent_payer: Signer,
}

pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
    let order = &mut ctx.accounts.order;
    let now = Clock::get()?.unix_timestamp;
    require!(matches!(order.state, order_state::RELEASED | order_state::REFUNDED), MarketError::WrongState);
    // what a dispute came to decides about the oracles' bonds, and `oracles` reads it here
    let awaited = order.disputed != 0 || order.state == order_state::RELEASED && order.awarded == 0;
    let ends = order.settled_at.get().saturating_add(order.award_seconds.get());
    require!(!awaited || now >= ends, MarketError::AwardPending);
    // other programs tell apart two orders at one address by when they were opened
    require!(now > order.opened_at.get(), MarketError::ClosedTooSoon);
    let (address, seq) = (*order.address(), next_seq(order)?);
    emit_event!(ctx, OrderClosed { order: address, seq });
    Ok(())
}
