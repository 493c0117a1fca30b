use super::order::next_seq;
use crate::{
    MarketError,
    cpi::{Tokens, emit_event},
    events::{OrderClosed, OrderRefunded, OrderReleased},
    state::{Config, Listing, Order, order_state, refund_reason},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::{accounts::SlabSchema, bytemuck, prelude::*};
use protocol::month::BPS;

#[event_cpi]
#[derive(Accounts)]
pub struct Release {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = order.is_at(order.address()) @ ErrorCode::ConstraintSeeds)]
    pub order: Account<Order>,
    #[account(mut, address = order.listing @ MarketError::WrongState)]
    pub listing: Account<Listing>,
    /// The order's token account. It is gone once the order is settled, so it is read after the order's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"vault", order.address().as_ref()], bump = order.vault_bump))]
    #[account(mut, constraint = order.has_vault_at(vault.address(), order.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// A token account that the seller owns.
    #[account(mut)]
    pub seller_tokens: Account<TokenAccount>,
    /// A token account that the buyer owns.
    #[account(mut)]
    pub buyer_tokens: Account<TokenAccount>,
    /// A token account that the treasury owns.
    #[account(mut)]
    pub treasury_tokens: Account<TokenAccount>,
    /// Gets the vault's rent back.
    #[account(mut, address = order.rent_payer @ MarketError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
    #[account(address = order.mint @ MarketError::MintNotAllowed)]
    pub mint: Account<Mint>,
    pub token_program: TokenProgram,
}

pub fn release(ctx: &mut Context<Release>) -> Result<()> {
    let a = &mut ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    verdict_stands(&a.order, now)?;
    let (amount, payable, mint) = (a.order.amount.get(), a.order.payable.get(), a.order.mint);
    require!(payable > 0, MarketError::NothingPayable);
    owned_by(&a.seller_tokens, &a.order.seller, &mint)?;
    owned_by(&a.buyer_tokens, &a.order.buyer, &mint)?;
    owned_by(&a.treasury_tokens, &a.config.treasury, &mint)?;
    let held = held(&a.vault)?;
    require!(held >= amount && payable <= amount, MarketError::VaultShort);
    let fee = fee(payable, a.order.fee_bps.get())?;
    let paid = payable.checked_sub(fee).ok_or(MarketError::Overflow)?;
    // what strangers may have sent to the vault goes to the buyer too: an account with tokens cannot be closed
    let refunded = held.checked_sub(payable).ok_or(MarketError::Overflow)?;

    a.order.state = order_state::RELEASED;
    a.order.released = paid.into();
    a.order.fee = fee.into();
    a.order.refunded = refunded.into();
    a.order.settled_at = now.into();
    leave_listing(&mut a.listing)?;
    let (address, seq) = (*a.order.address(), next_seq(&mut a.order)?);

    let (buyer, id, bump) = (a.order.buyer, a.order.id.get().to_le_bytes(), [a.order.bump]);
    let seeds: &[&[u8]] = &[b"order", buyer.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    for (to, amount) in [(&mut a.seller_tokens, paid), (&mut a.treasury_tokens, fee), (&mut a.buyer_tokens, refunded)] {
        if amount > 0 {
            let (from, to) = (a.vault.cpi_handle_mut(), to.cpi_handle_mut());
            tokens.transfer(from, a.mint.cpi_handle(), to, a.order.cpi_handle(), amount);
        }
    }
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.order.cpi_handle());
    emit_event!(ctx, OrderReleased { order: address, seq, paid, fee, refunded });
    Ok(())
}

/// Accounts of `cancel_order` and `refund`: everything goes back to the buyer.
#[event_cpi]
#[derive(Accounts)]
pub struct ReturnOrder {
    /// The buyer to cancel; anyone to refund.
    pub caller: Signer,
    #[account(mut, constraint = order.is_at(order.address()) @ ErrorCode::ConstraintSeeds)]
    pub order: Account<Order>,
    #[account(mut, address = order.listing @ MarketError::WrongState)]
    pub listing: Account<Listing>,
    /// The order's token account. It is gone once the order is settled, so it is read after the order's state.
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"vault", order.address().as_ref()], bump = order.vault_bump))]
    #[account(mut, constraint = order.has_vault_at(vault.address(), order.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// A token account that the buyer owns.
    #[account(mut)]
    pub buyer_tokens: Account<TokenAccount>,
    /// Gets the vault's rent back. Often the caller itself; no data is kept of it, so the two may be one account.
    #[account(mut, unsafe(dup), address = order.rent_payer @ MarketError::WrongTokenAccount)]
    pub rent_payer: UncheckedAccount,
    #[account(address = order.mint @ MarketError::MintNotAllowed)]
    pub mint: Account<Mint>,
    pub token_program: TokenProgram,
}

pub fn cancel_order(ctx: &mut Context<ReturnOrder>) -> Result<()> {
    require!(*ctx.accounts.caller.address() == ctx.accounts.order.buyer, MarketError::NotBuyer);
    require!(ctx.accounts.order.state == order_state::FUNDED, MarketError::WrongState);
    return_to_buyer(ctx, refund_reason::CANCELLED)
}

pub fn refund(ctx: &mut Context<ReturnOrder>) -> Result<()> {
    let order = &ctx.accounts.order;
    let now = Clock::get()?.unix_timestamp;
    let expired = |deadline: PodI64, reason: u8| -> Result<u8> {
        require!(now >= deadline.get(), MarketError::DeadlineNotPassed);
        Ok(reason)
    };
    let reason = match order.state {
        order_state::FUNDED => expired(order.accept_by, refund_reason::NOT_ACCEPTED)?,
        order_state::ACCEPTED => expired(order.deliver_by, refund_reason::NOT_DELIVERED)?,
        order_state::SUBMITTED | order_state::AUDITING => expired(order.audit_by, refund_reason::NOT_AUDITED)?,
        _ => {
            verdict_stands(order, now)?;
            require!(order.payable.is_zero(), MarketError::OrderIsPayable);
            if order.disputed != 0 && order.state == order_state::AUDITED {
                refund_reason::RESOLVED
            } else {
                refund_reason::REJECTED
            }
        }
    };
    return_to_buyer(ctx, reason)
}

fn return_to_buyer(ctx: &mut Context<ReturnOrder>, reason: u8) -> Result<()> {
    let a = &mut ctx.accounts;
    owned_by(&a.buyer_tokens, &a.order.buyer, &a.order.mint)?;
    let refunded = held(&a.vault)?;
    require!(refunded >= a.order.amount.get(), MarketError::VaultShort);
    a.order.state = order_state::REFUNDED;
    a.order.refunded = refunded.into();
    a.order.settled_at = Clock::get()?.unix_timestamp.into();
    leave_listing(&mut a.listing)?;
    let (address, seq) = (*a.order.address(), next_seq(&mut a.order)?);

    let (buyer, id, bump) = (a.order.buyer, a.order.id.get().to_le_bytes(), [a.order.bump]);
    let seeds: &[&[u8]] = &[b"order", buyer.as_ref(), &id, &bump];
    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[seeds] };
    if refunded > 0 {
        let (from, to) = (a.vault.cpi_handle_mut(), a.buyer_tokens.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.order.cpi_handle(), refunded);
    }
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.order.cpi_handle());
    emit_event!(ctx, OrderRefunded { order: address, seq, refunded, reason });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseOrder {
    #[account(mut, close = rent_payer, constraint = order.is_at(order.address()) @ ErrorCode::ConstraintSeeds)]
    pub order: Account<Order>,
    #[account(mut, address = order.rent_payer @ MarketError::NotBuyer)]
    pub rent_payer: Signer,
}

pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
    let order = &mut ctx.accounts.order;
    match order.state {
        order_state::REFUNDED => {}
        order_state::RELEASED => {
            let ends = order.settled_at.get().saturating_add(order.award_seconds.get());
            let over = Clock::get()?.unix_timestamp >= ends;
            require!(order.awarded != 0 || over, MarketError::AwardPending);
        }
        _ => return Err(MarketError::WrongState.into()),
    }
    let (address, seq) = (*order.address(), next_seq(order)?);
    emit_event!(ctx, OrderClosed { order: address, seq });
    Ok(())
}

/// The audit decided, and nobody can contest it any more.
fn verdict_stands(order: &Order, now: i64) -> Result<()> {
    let ends = match order.state {
        order_state::AUDITED => order.dispute_until.get(),
        order_state::DISPUTED => order.resolve_by.get(),
        _ => return Err(MarketError::WrongState.into()),
    };
    require!(now >= ends, MarketError::DisputeWindowOpen);
    Ok(())
}

fn owned_by(tokens: &TokenAccount, owner: &Address, mint: &Address) -> Result<()> {
    require!(tokens.owner() == owner && tokens.mint() == mint, MarketError::WrongTokenAccount);
    Ok(())
}

/// Base units in a vault, whose address was checked.
fn held(vault: &UncheckedAccount) -> Result<u64> {
    let view = vault.account();
    let data = view.try_borrow()?;
    TokenAccount::validate(view, &data).map_err(|_| MarketError::VaultShort)?;
    let tokens: &TokenAccount = data
        .get(..size_of::<TokenAccount>())
        .and_then(|d| bytemuck::try_from_bytes(d).ok())
        .ok_or(MarketError::VaultShort)?;
    Ok(tokens.amount())
}

fn leave_listing(listing: &mut Listing) -> Result<()> {
    listing.open_orders = listing.open_orders.get().checked_sub(1).ok_or(MarketError::Overflow)?.into();
    Ok(())
}

/// The market's share, rounded down in the seller's favour.
fn fee(payable: u64, fee_bps: u16) -> Result<u64> {
    let fee = u128::from(payable) * u128::from(fee_bps) / u128::from(BPS);
    u64::try_from(fee).map_err(|_| MarketError::Overflow.into())
}
