use super::{admin, epoch};
use crate::{
    RewardsError,
    cpi::{Tokens, emit_event},
    events::{ScheduleSet, TgeConverted},
    loaded::Loaded,
    state::{Config, Epoch, Schedule, epoch_state},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;
use protocol::vesting;

/// Pools of some months in a row.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct MonthPools {
    /// Index of the epoch that the first pool is for.
    pub first_month: u32,
    /// How many of `pools` are meant.
    pub count: u8,
    /// Base units.
    pub pools: [u64; 12],
}

#[event_cpi]
#[derive(Accounts)]
pub struct SetSchedule {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"schedule"], bump))]
    #[account(mut)]
    pub schedule: UncheckedAccount,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub system_program: Program<System>,
}

pub fn set_schedule(ctx: &mut Context<SetSchedule>, months: MonthPools) -> Result<()> {
    let a = &mut ctx.accounts;
    let (first_month, count) = (months.first_month, usize::from(months.count));
    let after = months.pools.get(..count).ok_or(RewardsError::MonthOutOfRange)?;
    require!(count > 0 && first_month > 0 && first_month >= a.config.next_epoch.get(), RewardsError::MonthOutOfRange);
    // the first of the pools is that of epoch 1
    let first = first_month as usize - 1;
    let months_of = first..first.saturating_add(count);
    let (mut schedule, bump) = Loaded::<Schedule>::create_if_needed(&a.admin, &a.schedule, &[b"schedule"])?;
    let stored = schedule.pools.as_flattened_mut().get_mut(months_of).ok_or(RewardsError::MonthOutOfRange)?;
    let mut before = [0; 12];
    for (place, (stored, after)) in before.iter_mut().zip(stored.iter_mut().zip(after)) {
        *place = stored.get();
        *stored = (*after).into();
    }
    let scheduled = vesting::rescheduled(a.config.scheduled.get(), &before[..count], after);
    let scheduled = scheduled.ok_or(RewardsError::AllocationExceeded)?;
    let lifetime_allocation = vesting::allocation(a.mint.supply());
    require!(vesting::fits(scheduled, a.config.tge_pool.get(), lifetime_allocation), RewardsError::AllocationExceeded);
    schedule.bump = bump;
    a.config.scheduled = scheduled.into();
    a.config.lifetime_allocation = lifetime_allocation.into();
    let (seq, count, pools) = (admin::next_seq(&mut a.config)?, months.count, months.pools);
    emit_event!(ctx, ScheduleSet { seq, first_month, count, pools, scheduled, lifetime_allocation });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ConvertTge {
    #[account(address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
    /// The epoch's token account. It is gone once the epoch expired, so it is named after the epoch's state was checked.
    #[account(mut, address = epoch.vault @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    /// Where the pool comes from; the administrator signs for it.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn convert_tge(ctx: &mut Context<ConvertTge>, pool: u64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.epoch.index.get() == 0, RewardsError::NotEpochZero);
    require!(a.config.tge_done == 0, RewardsError::TgeDone);
    require!(a.epoch.state == epoch_state::REVIEW, RewardsError::EpochNotInReview);
    require!(
        vesting::fits(a.config.scheduled.get(), pool, a.config.lifetime_allocation.get()),
        RewardsError::AllocationExceeded
    );
    a.config.tge_done = 1;
    a.config.tge_pool = pool.into();
    a.config.allocated = pool.into();
    a.epoch.pool = pool.into();
    let seq = epoch::next_seq(&mut a.epoch)?;

    if pool > 0 {
        let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
        let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.admin.cpi_handle(), pool);
    }
    emit_event!(ctx, TgeConverted { epoch: 0, seq, pool });
    Ok(())
}
