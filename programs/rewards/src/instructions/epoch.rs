use super::vault;
use crate::{
    RewardsError,
    cpi::{Tokens, emit_event},
    derived::canonical_bump,
    events::{EpochClosed, EpochExpired, EpochFinalized, EpochOpened},
    loaded::Loaded,
    state::{Config, Epoch, Schedule, epoch_state},
    tokens::{Mint, TokenAccount, TokenProgram, open_vault},
};
use anchor_lang::{pinocchio::sysvars::rent::Rent, prelude::*};
use protocol::{calendar, month};

#[event_cpi]
#[derive(Accounts)]
#[instruction(index: u32)]
pub struct OpenEpoch {
    #[account(mut, address = config.admin @ RewardsError::NotAdmin)]
    pub admin: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"epoch", &index.to_le_bytes()], bump))]
    #[account(mut)]
    pub epoch: UncheckedAccount,
    /// The epoch before this one; the new epoch itself's address is not accepted. Absent for index 0.
    pub previous: Option<Loaded<Epoch>>,
    /// The months' pools. Absent for index 0.
    #[cfg_attr(feature = "idl-build", account(seeds = [b"schedule"], bump))]
    pub schedule: Option<Loaded<Schedule>>,
    /// The epoch's token account, which is created here.
    #[cfg_attr(feature = "idl-build", account(seeds = [b"epoch_vault", &index.to_le_bytes()], bump))]
    #[account(mut)]
    pub vault: UncheckedAccount,
    /// Where the pool comes from; the administrator signs for it.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn open_epoch(ctx: &mut Context<OpenEpoch>, index: u32, start: i64, end: i64) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(index == a.config.next_epoch.get(), RewardsError::EpochOutOfOrder);
    let (pool, threshold, below_bps, cap_per_point) = if index == 0 {
        // the time before the token generation event: any start, up to the first of a month; all of the pool that it gets
        // is shared out by points
        require!(start < end && calendar::is_month_start(end), RewardsError::EpochNotAMonth);
        (0, 0, 0, 0)
    } else {
        require!(a.config.tge_done != 0, RewardsError::TgeNotDone);
        let previous = a.previous.as_ref().ok_or(RewardsError::EpochNotAdjacent)?;
        require!(
            previous.index.get().checked_add(1) == Some(index) && previous.end.get() == start,
            RewardsError::EpochNotAdjacent
        );
        require!(
            calendar::is_month_start(start) && calendar::next_month_start(start) == end,
            RewardsError::EpochNotAMonth
        );
        let schedule = a.schedule.as_ref().ok_or(RewardsError::MonthOutOfRange)?;
        let config = &a.config;
        (schedule.pool(index), config.threshold.get(), config.below_bps.get(), config.cap_per_point)
    };
    a.config.allocated = a.config.allocated.get().checked_add(pool).ok_or(RewardsError::Overflow)?.into();
    a.config.next_epoch = index.checked_add(1).ok_or(RewardsError::Overflow)?.into();

    let seeds = [b"epoch".as_slice(), &index.to_le_bytes()];
    let (mut epoch, bump) = Loaded::<Epoch>::create(&Rent::get()?, &a.admin, &a.epoch, &seeds)?;
    epoch.rent_payer = *a.admin.address();
    epoch.vault = *a.vault.address();
    epoch.seq = 1.into();
    epoch.index = index.into();
    epoch.start = start.into();
    epoch.end = end.into();
    epoch.pool = pool.into();
    epoch.threshold = threshold.into();
    epoch.below_bps = below_bps.into();
    epoch.cap_per_point = cap_per_point;
    epoch.state = epoch_state::OPEN;
    epoch.bump = bump;

    let (program, payer, view) = (a.token_program.address(), *a.admin.account(), *a.vault.account());
    let seeds = [b"epoch_vault".as_slice(), &index.to_le_bytes()];
    let bump = canonical_bump(&crate::ID, a.vault.address(), &seeds).ok_or(ErrorCode::ConstraintSeeds)?;
    let seeds: &[&[u8]] = &[seeds[0], seeds[1], &[bump]];
    let vault = a.vault.cpi_handle_mut();
    open_vault(program, &payer, vault, &view, seeds, a.mint.cpi_handle(), a.config.address())?;
    if pool > 0 {
        let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
        let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.admin.cpi_handle(), pool);
    }
    let cap_per_point = cap_per_point != 0;
    emit_event!(ctx, EpochOpened { epoch: index, seq: 1, start, end, pool, threshold, below_bps, cap_per_point });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseEpoch {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
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

/// Accounts of `finalize_epoch` and `expire_epoch`: what contributors do not get goes to the reserve.
#[event_cpi]
#[derive(Accounts)]
pub struct SettleEpoch {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub epoch: Loaded<Epoch>,
    /// The epoch's token account. It is gone once the epoch expired, so it is read after the epoch's state.
    #[account(mut, address = epoch.vault @ ErrorCode::ConstraintSeeds)]
    pub vault: UncheckedAccount,
    #[account(mut, seeds = [b"reserve"], bump)]
    pub reserve: Loaded<TokenAccount>,
    /// Gets the vault's rent back when the epoch expires.
    #[account(mut, address = epoch.rent_payer @ RewardsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
    #[account(address = config.mint @ RewardsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn finalize_epoch(ctx: &mut Context<SettleEpoch>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.epoch.state == epoch_state::REVIEW, RewardsError::EpochNotInReview);
    let now = Clock::get()?.unix_timestamp;
    require!(now >= a.epoch.review_ends.get(), RewardsError::ReviewNotOver);
    require!(a.config.tge_done != 0, RewardsError::TgeNotDone);
    let (pool, total_points) = (a.epoch.pool.get(), a.epoch.total_points.get());
    require!(vault::held(&a.vault)? >= pool, RewardsError::VaultShort);
    let split = month::split(&a.epoch.terms(), total_points);
    let expires_at = now.checked_add(a.config.claim_seconds.get()).ok_or(RewardsError::Overflow)?;

    a.epoch.state = epoch_state::FINAL;
    a.epoch.distributed = split.distributed.into();
    a.epoch.to_reserve = split.to_reserve.into();
    a.epoch.expires_at = expires_at.into();
    a.config.reserved = a.config.reserved.get().checked_add(split.to_reserve).ok_or(RewardsError::Overflow)?.into();
    let (index, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);

    let (from, to) = (a.vault.cpi_handle_mut(), a.reserve.cpi_handle_mut());
    vault::pay(&a.config, &a.token_program, &a.mint, from, to, split.to_reserve);
    emit_event!(
        ctx,
        EpochFinalized {
            epoch: index,
            seq,
            total_points,
            pool,
            distributed: split.distributed,
            to_reserve: split.to_reserve,
            expires_at,
        }
    );
    Ok(())
}

pub fn expire_epoch(ctx: &mut Context<SettleEpoch>) -> Result<()> {
    let a = &mut ctx.accounts;
    match a.epoch.state {
        epoch_state::FINAL => {}
        epoch_state::EXPIRED => return Err(RewardsError::EpochExpired.into()),
        _ => return Err(RewardsError::EpochNotFinal.into()),
    }
    require!(Clock::get()?.unix_timestamp >= a.epoch.expires_at.get(), RewardsError::ClaimsOpen);
    // what strangers may have sent to the vault goes along: an account with tokens cannot be closed
    let unclaimed = vault::held(&a.vault)?;
    let owed = a.epoch.distributed.get().checked_sub(a.epoch.paid.get()).ok_or(RewardsError::Overflow)?;
    require!(unclaimed >= owed, RewardsError::VaultShort);
    a.epoch.state = epoch_state::EXPIRED;
    a.epoch.unclaimed = unclaimed.into();
    a.config.reserved = a.config.reserved.get().checked_add(unclaimed).ok_or(RewardsError::Overflow)?.into();
    let (index, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);

    let (from, to) = (a.vault.cpi_handle_mut(), a.reserve.cpi_handle_mut());
    vault::pay(&a.config, &a.token_program, &a.mint, from, to, unclaimed);
    let (program, decimals, bump) = (a.token_program.address(), a.mint.decimals(), [a.config.bump]);
    let tokens = Tokens { program, decimals, seeds: &[&[b"config", &bump]] };
    tokens.close(a.vault.cpi_handle_mut(), a.rent_payer.cpi_handle_mut(), a.config.cpi_handle());
    emit_event!(ctx, EpochExpired { epoch: index, seq, unclaimed });
    Ok(())
}

pub(crate) fn next_seq(epoch: &mut Epoch) -> Result<u64> {
    let seq = epoch.seq.get().checked_add(1).ok_or(RewardsError::Overflow)?;
    epoch.seq = seq.into();
    Ok(seq)
}
