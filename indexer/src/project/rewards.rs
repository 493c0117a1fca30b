//! Folds the events of the rewards program.

mod profit;
mod reserve;

use super::{Context, Outcome, follows, hash, seq, some_address, unknown};
use crate::{
    Amount, Wide,
    rows::{
        AwardRow, CategoryRow, ClaimRow, ContributorRow, EpochRow, IssuerRow, Key, PointsRow, RewardsConfigRow,
        ScheduledMonthRow,
    },
    store::{StoreError, Write},
};
use chain::event::{RewardsEvent, text};
use rewards::state::{award_state, epoch_state};

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &RewardsEvent,
) -> Result<Outcome, StoreError> {
    use RewardsEvent as E;
    let c = context;
    match event {
        E::ConfigChanged(e) => {
            let before = config(write).await?;
            let kept = before.as_ref();
            let row = RewardsConfigRow {
                id: 1,
                seq: seq(e.seq),
                admin: e.admin.to_string(),
                pending_admin: some_address(&e.pending_admin),
                mint: e.mint.to_string(),
                threshold: e.threshold.into(),
                below_bps: e.below_bps.into(),
                review_seconds: e.review_seconds,
                lifetime_allocation: e.lifetime_allocation.into(),
                awards_paused: e.awards_paused,
                cap_per_point: e.cap_per_point,
                claim_seconds: e.claim_seconds,
                confirm_points: e.confirm_points.into(),
                confirmer: some_address(&e.confirmer),
                reserve_delay_seconds: e.reserve_delay_seconds,
                outflow_limit: e.outflow_limit.into(),
                outflow_window_seconds: e.outflow_window_seconds,
                profit_share_bps: e.profit_share_bps.into(),
                scheduled: kept.map_or(Amount(0), |row| row.scheduled),
                spent: kept.map_or(Amount(0), |row| row.spent),
                profit_index: kept.map_or(Wide(0), |row| row.profit_index),
                profit_in: kept.map_or(Amount(0), |row| row.profit_in),
                profit_out: kept.map_or(Amount(0), |row| row.profit_out),
                reserved: kept.map_or(Amount(0), |row| row.reserved),
                lifetime_points: kept.map_or(Amount(0), |row| row.lifetime_points),
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("rewards config", before.map_or(0, |row| row.seq), e.seq))
        }
        E::CategorySet(e) => {
            let row = CategoryRow {
                category: e.id.into(),
                name: text(&e.name),
                weight: e.weight.into(),
                min_quantity: e.min_quantity.into(),
                max_quantity: e.max_quantity.into(),
                enabled: e.enabled,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            step_config(write, c, e.seq, |_| {}).await
        }
        E::IssuerSet(e) => {
            let row = IssuerRow {
                issuer: e.issuer.to_string(),
                epoch_cap: e.epoch_cap.into(),
                enabled: e.enabled,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            step_config(write, c, e.seq, |_| {}).await
        }
        E::EpochOpened(e) => {
            let row = EpochRow {
                epoch: e.epoch.into(),
                seq: seq(e.seq),
                starts_at: e.start,
                ends_at: e.end,
                pool: e.pool.into(),
                threshold: e.threshold.into(),
                below_bps: e.below_bps.into(),
                state: epoch_state::OPEN.into(),
                total_points: Amount(0),
                contributors: 0,
                review_ends: None,
                distributed: Amount(0),
                to_reserve: Amount(0),
                paid: Amount(0),
                claims: 0,
                cap_per_point: e.cap_per_point,
                expires_at: None,
                unclaimed: Amount(0),
                created_slot: c.slot,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("epoch", 0, e.seq))
        }
        E::EpochClosed(e) => {
            epoch(write, c, e.epoch, e.seq, |row| {
                row.state = epoch_state::REVIEW.into();
                row.total_points = e.total_points.into();
                row.review_ends = Some(e.review_ends);
            })
            .await
        }
        E::EpochFinalized(e) => {
            totals(write, |row| row.reserved = reserve::with(row.reserved, e.to_reserve)).await?;
            epoch(write, c, e.epoch, e.seq, |row| {
                row.state = epoch_state::FINAL.into();
                row.total_points = e.total_points.into();
                row.distributed = e.distributed.into();
                row.to_reserve = e.to_reserve.into();
                row.expires_at = Some(e.expires_at);
            })
            .await
        }
        E::TgeConverted(e) => epoch(write, c, e.epoch, e.seq, |row| row.pool = e.pool.into()).await,
        E::EpochExpired(e) => {
            totals(write, |row| row.reserved = reserve::with(row.reserved, e.unclaimed)).await?;
            epoch(write, c, e.epoch, e.seq, |row| {
                row.state = epoch_state::EXPIRED.into();
                row.unclaimed = e.unclaimed.into();
            })
            .await
        }
        // the tables keep what was earned and awarded after the accounts are gone
        E::PointsClosed(e) => epoch(write, c, e.epoch, e.seq, |_| {}).await,
        E::AwardClosed(e) => epoch(write, c, e.epoch, e.seq, |_| {}).await,
        E::ContributorRegistered(e) => {
            let row = ContributorRow {
                wallet: e.wallet.to_string(),
                seq: seq(e.seq),
                destination: e.destination.to_string(),
                lifetime_points: Amount(0),
                profit_paid: Amount(0),
                profit_index: Wide(0),
                profit_owed: Wide(0),
                registered_slot: c.slot,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("contributor", 0, e.seq))
        }
        E::DestinationChanged(e) => {
            let Some(mut row) = contributor(write, &e.wallet.to_string()).await? else {
                return Ok(unknown("contributor"));
            };
            let outcome = follows("contributor", row.seq, e.seq);
            (row.destination, row.seq, row.updated_slot) = (e.destination.to_string(), seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::AwardIssued(e) => award_issued(write, c, e).await,
        E::AwardReviewed(e) => award_reviewed(write, c, e).await,
        E::RewardClaimed(e) => reward_claimed(write, c, e).await,
        E::ScheduleSet(e) => {
            for (epoch, pool) in (i64::from(e.first_month)..).zip(&e.pools[..usize::from(e.count).min(12)]) {
                write.save(&ScheduledMonthRow { epoch, pool: (*pool).into(), updated_slot: c.slot }).await?;
            }
            step_config(write, c, e.seq, |row| {
                row.scheduled = e.scheduled.into();
                row.lifetime_allocation = e.lifetime_allocation.into();
            })
            .await
        }
        E::ProfitDeposited(e) => profit::deposited(write, c, e).await,
        E::ProfitClaimed(e) => profit::claimed(write, c, e).await,
        E::SpendProposed(e) => reserve::proposed(write, c, e).await,
        E::SpendExecuted(e) => reserve::executed(write, c, e).await,
        E::SpendCancelled(e) => reserve::cancelled(write, c, e).await,
    }
}

async fn config(write: &mut Write<'_>) -> Result<Option<RewardsConfigRow>, StoreError> {
    write.load(&[(&1).into()]).await
}

/// Categories, issuers, the schedule, deposits of profit and spends are counted by the configuration's sequence number.
async fn step_config(
    write: &mut Write<'_>,
    c: &Context<'_>,
    number: u64,
    change: impl FnOnce(&mut RewardsConfigRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = config(write).await? else { return Ok(unknown("rewards config")) };
    let outcome = follows("rewards config", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

/// Changes sums that the configuration keeps, by an event that another object counts.
async fn totals(write: &mut Write<'_>, change: impl FnOnce(&mut RewardsConfigRow)) -> Result<(), StoreError> {
    if let Some(mut row) = config(write).await? {
        change(&mut row);
        write.save(&row).await?;
    }
    Ok(())
}

async fn contributor(write: &mut Write<'_>, wallet: &String) -> Result<Option<ContributorRow>, StoreError> {
    write.load(&[wallet.into()]).await
}

async fn epoch(
    write: &mut Write<'_>,
    c: &Context<'_>,
    index: u32,
    number: u64,
    change: impl FnOnce(&mut EpochRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<EpochRow>(&[(&i64::from(index)).into()]).await? else {
        return Ok(unknown("epoch"));
    };
    let outcome = follows("epoch", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

fn points_key(epoch: u32, wallet: &String) -> [Key; 2] {
    [(&i64::from(epoch)).into(), wallet.into()]
}

async fn award_issued(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &rewards::events::AwardIssued,
) -> Result<Outcome, StoreError> {
    let wallet = e.wallet.to_string();
    let award = AwardRow {
        source: hash(&e.source),
        epoch: e.epoch.into(),
        wallet: wallet.clone(),
        issuer: e.issuer.to_string(),
        category: e.category.into(),
        quantity: e.quantity.into(),
        points: e.points.into(),
        state: e.state.into(),
        reviewed_by: None,
        reason: None,
        issued_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&award).await?;
    let after = Standing {
        epoch: e.epoch,
        seq: e.seq,
        wallet,
        wallet_points: e.wallet_points,
        total_points: e.total_points,
        lifetime_points: e.lifetime_points,
    };
    stand(write, c, after).await
}

async fn award_reviewed(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &rewards::events::AwardReviewed,
) -> Result<Outcome, StoreError> {
    let Some(mut award) = write.load::<AwardRow>(&[(&hash(&e.source)).into()]).await? else {
        return Ok(unknown("award"));
    };
    award.state = e.state.into();
    award.reviewed_by = Some(e.by.to_string());
    award.reason = (e.state == award_state::VOID).then(|| hash(&e.reason));
    write.save(&award).await?;
    let after = Standing {
        epoch: e.epoch,
        seq: e.seq,
        wallet: e.wallet.to_string(),
        wallet_points: e.wallet_points,
        total_points: e.total_points,
        lifetime_points: e.lifetime_points,
    };
    stand(write, c, after).await
}

/// Points after an award was issued or reviewed.
struct Standing {
    epoch: u32,
    seq: u64,
    wallet: String,
    wallet_points: u64,
    total_points: u64,
    lifetime_points: u64,
}

async fn stand(write: &mut Write<'_>, c: &Context<'_>, after: Standing) -> Result<Outcome, StoreError> {
    let Standing { wallet, wallet_points, .. } = after;
    let points: Option<PointsRow> = write.load(&points_key(after.epoch, &wallet)).await?;
    let had = points.as_ref().is_some_and(|row| row.points > Amount(0));
    let contributors = i64::from(wallet_points > 0) - i64::from(had);
    let outcome = epoch(write, c, after.epoch, after.seq, |row| {
        row.total_points = after.total_points.into();
        row.contributors += contributors;
    })
    .await?;
    let points = PointsRow {
        epoch: after.epoch.into(),
        wallet: wallet.clone(),
        points: wallet_points.into(),
        claimed: points.as_ref().is_some_and(|row| row.claimed),
        paid: points.map_or(Amount(0), |row| row.paid),
        updated_slot: c.slot,
    };
    write.save(&points).await?;
    let Some(mut row) = contributor(write, &wallet).await? else { return Ok(unknown("contributor")) };
    let settled = profit::settle(write, &mut row).await?;
    let before = core::mem::replace(&mut row.lifetime_points, after.lifetime_points.into());
    row.updated_slot = c.slot;
    write.save(&row).await?;
    totals(write, |all| {
        let others = all.lifetime_points.0.saturating_sub(before.0);
        all.lifetime_points = Amount(others.saturating_add(after.lifetime_points));
    })
    .await?;
    Ok(outcome.and(settled))
}

async fn reward_claimed(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &rewards::events::RewardClaimed,
) -> Result<Outcome, StoreError> {
    let wallet = e.wallet.to_string();
    let outcome = epoch(write, c, e.epoch, e.seq, |row| {
        row.paid = e.epoch_paid.into();
        row.claims += 1;
    })
    .await?;
    let claim = ClaimRow {
        epoch: e.epoch.into(),
        wallet: wallet.clone(),
        destination: e.destination.to_string(),
        points: e.points.into(),
        amount: e.amount.into(),
        claimed_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&claim).await?;
    let Some(mut row) = write.load::<PointsRow>(&points_key(e.epoch, &wallet)).await? else {
        return Ok(unknown("points"));
    };
    (row.claimed, row.paid, row.updated_slot) = (true, e.amount.into(), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}
