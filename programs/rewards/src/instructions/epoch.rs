use crate::{
    RewardsError,
    cpi::{Tokens, emit_event},
    events::{EpochClosed, EpochFinalized, EpochOpened},
    state::{Config, Epoch, epoch_state},
};
use anchor_lang::prelude::*;
use anchor_spl::{
    Mint, TokenAccount,
    token::{self, Token},
};
use protocol::{calendar, month};

#[event_cpi]
#[derive(Accounts)]
#[instruction(index: u32)]
pub struct OpenEpoch {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = admin, seeds = [b"epoch", &index.to_le_bytes()], bump)]
    pub epoch: Account<Epoch>,
    /// The epoch before this one; the new epoch itself's address is not accepted. Absent for index 0.
    pub previous: Option<Account<Epoch>>,
    #[account(init, payer = admin, seeds = [b"epoch_vault", &index.to_le_bytes()], bump, token::mint = mint, token::authority = config)]
    pub vault: Account<TokenAccount>,
    /// Where the pool comes from; the administrator signs for it.
    #[account(mut)]
    pub funding: Account<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn open_epoch(ctx: &mut Context<OpenEpoch>, index: u32, start: i64, end: i64, pool: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(index == a.config.next_epoch.get(), RewardsError::EpochOutOfOrder);
    if index == 0 {
        // the time before the token generation event: any start, up to the first of a month
        require!(start < end && calendar::is_month_start(end), RewardsError::EpochNotAMonth);
    } else {
        let previous = a.previous.as_ref().ok_or(RewardsError::EpochNotAdjacent)?;
        require!(
            previous.index.get().checked_add(1) == Some(index) && previous.end.get() == start,
            RewardsError::EpochNotAdjacent
        );
        require!(
            calendar::is_month_start(start) && calendar::next_month_start(start) == end,
            RewardsError::EpochNotAMonth
        );
    }
    let allocated = a.config.allocated.get().checked_add(pool).ok_or(RewardsError::Overflow)?;
    require!(allocated <= a.config.lifetime_allocation.get(), RewardsError::AllocationExceeded);
    let (threshold, below_bps) = (a.config.threshold.get(), a.config.below_bps.get());
    a.config.allocated = allocated.into();
    a.config.next_epoch = index.checked_add(1).ok_or(RewardsError::Overflow)?.into();

    let epoch = &mut a.epoch;
    epoch.rent_payer = *a.admin.address();
    epoch.seq = 1.into();
    epoch.index = index.into();
    epoch.start = start.into();
    epoch.end = end.into();
    epoch.pool = pool.into();
    epoch.threshold = threshold.into();
    epoch.below_bps = below_bps.into();
    epoch.state = epoch_state::OPEN;
    epoch.bump = ctx.bumps.epoch;
    epoch.vault_bump = ctx.bumps.vault;

    let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
    let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
    tokens.transfer(from, a.mint.cpi_handle(), to, a.admin.cpi_handle(), pool);
    emit_event!(ctx, EpochOpened { epoch: index, seq: 1, start, end, pool, threshold, below_bps });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseEpoch {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = epoch.is_at(epoch.address()) @ ErrorCode::ConstraintSeeds)]
    pub epoch: Account<Epoch>,
}

pub fn close_epoch(ctx: &mut Context<CloseEpoch>) -> Result<()> {
    let review = ctx.accounts.config.review_seconds.get();
    let epoch = &mut ctx.accounts.epoch;
    require!(epoch.state == epoch_state::OPEN, RewardsError::EpochNotOpen);
    let now = Clock::get()?.unix_timestamp;
    require!(now >= epoch.end.get(), RewardsError::EpochNotEnded);
    let review_ends = now.checked_add(review).ok_or(RewardsError::Overflow)?;
    epoch.state = epoch_state::REVIEW;
    epoch.review_ends = review_ends.into();
    let (index, seq, total_points) = (epoch.index.get(), next_seq(epoch)?, epoch.total_points.get());
    emit_event!(ctx, EpochClosed { epoch: index, seq, total_points, review_ends });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct FinalizeEpoch {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = epoch.is_at(epoch.address()) @ ErrorCode::ConstraintSeeds)]
    pub epoch: Account<Epoch>,
    #[account(mut, constraint = epoch.has_vault_at(vault.address()) @ ErrorCode::ConstraintSeeds)]
    pub vault: Account<TokenAccount>,
    #[account(mut, seeds = [b"reserve"], bump)]
    pub reserve: Account<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn finalize_epoch(ctx: &mut Context<FinalizeEpoch>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.epoch.state == epoch_state::REVIEW, RewardsError::EpochNotInReview);
    require!(Clock::get()?.unix_timestamp >= a.epoch.review_ends.get(), RewardsError::ReviewNotOver);
    let (pool, total_points) = (a.epoch.pool.get(), a.epoch.total_points.get());
    require!(a.vault.amount() >= pool, RewardsError::VaultShort);
    let split = month::split(pool, total_points, a.epoch.threshold.get(), a.epoch.below_bps.get());

    a.epoch.state = epoch_state::FINAL;
    a.epoch.distributed = split.distributed.into();
    a.epoch.to_reserve = split.to_reserve.into();
    a.config.reserved = a.config.reserved.get().checked_add(split.to_reserve).ok_or(RewardsError::Overflow)?.into();
    let (index, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);

    if split.to_reserve > 0 {
        let bump = [ctx.bumps.config];
        let (program, decimals) = (a.token_program.address(), a.mint.decimals());
        let tokens = Tokens { program, decimals, seeds: &[&[b"config", &bump]] };
        let (from, to) = (a.vault.cpi_handle_mut(), a.reserve.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.config.cpi_handle(), split.to_reserve);
    }
    emit_event!(
        ctx,
        EpochFinalized {
            epoch: index,
            seq,
            total_points,
            pool,
            distributed: split.distributed,
            to_reserve: split.to_reserve,
        }
    );
    Ok(())
}

pub(crate) fn next_seq(epoch: &mut Epoch) -> Result<u64> {
    let seq = epoch.seq.get().checked_add(1).ok_or(RewardsError::Overflow)?;
    epoch.seq = seq.into();
    Ok(seq)
}
