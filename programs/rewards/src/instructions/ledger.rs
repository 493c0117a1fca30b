//! The one place where points change: the wallet's in the epoch, the epoch's, the wallet's of all time, everybody's, and the
//! profit that was earned with them until now.
use crate::{
    RewardsError,
    state::{Config, Contributor, Epoch, Points},
};
use anchor_lang::prelude::*;
use protocol::profit;

/// Points after a change, as events tell them.
pub(crate) struct Standing {
    pub(crate) wallet_points: u64,
    pub(crate) total_points: u64,
    pub(crate) lifetime_points: u64,
}

/// As things stand.
pub(crate) fn standing(epoch: &Epoch, contributor: &Contributor, points: &Points) -> Standing {
    Standing {
        wallet_points: points.points.get(),
        total_points: epoch.total_points.get(),
        lifetime_points: contributor.lifetime_points.get(),
    }
}

/// Adds points of the epoch.
#[inline(never)]
pub(crate) fn count(
    config: &mut Config,
    epoch: &mut Epoch,
    contributor: &mut Contributor,
    points: &mut Points,
    earned: u64,
) -> Result<Standing> {
    settle(config, contributor)?;
    let add = |before: PodU64| before.get().checked_add(earned).ok_or(RewardsError::Overflow);
    if points.points.is_zero() {
        epoch.contributors = epoch.contributors.get().checked_add(1).ok_or(RewardsError::Overflow)?.into();
    }
    config.lifetime_points = add(config.lifetime_points)?.into();
    epoch.total_points = add(epoch.total_points)?.into();
    points.points = add(points.points)?.into();
    let history = contributor.history().count(epoch.index.get(), earned).ok_or(RewardsError::Overflow)?;
    contributor.set_history(&history);
    Ok(standing(epoch, contributor, points))
}

/// Takes back points that were counted in the epoch. Profit that they earned until now stays.
#[inline(never)]
pub(crate) fn take_back(
    config: &mut Config,
    epoch: &mut Epoch,
    contributor: &mut Contributor,
    points: &mut Points,
    earned: u64,
) -> Result<Standing> {
    settle(config, contributor)?;
    let sub = |before: PodU64| before.get().checked_sub(earned).ok_or(RewardsError::Overflow);
    config.lifetime_points = sub(config.lifetime_points)?.into();
    epoch.total_points = sub(epoch.total_points)?.into();
    points.points = sub(points.points)?.into();
    if points.points.is_zero() {
        epoch.contributors = epoch.contributors.get().checked_sub(1).ok_or(RewardsError::Overflow)?.into();
    }
    let history = contributor.history().take_back(epoch.index.get(), earned).ok_or(RewardsError::Overflow)?;
    contributor.set_history(&history);
    Ok(standing(epoch, contributor, points))
}

/// Credits a contributor with the profit since it was last settled.
pub(crate) fn settle(config: &Config, contributor: &mut Contributor) -> Result<()> {
    if contributor.profit_index == config.profit_index {
        return Ok(());
    }
    let (then, now) = (contributor.profit_index.get(), config.profit_index.get());
    let accrued = profit::accrued(contributor.lifetime_points.get(), then, now).ok_or(RewardsError::Overflow)?;
    let owed = contributor.profit_owed.get().checked_add(accrued).ok_or(RewardsError::Overflow)?;
    contributor.profit_owed = owed.into();
    contributor.profit_index = config.profit_index;
    Ok(())
}
