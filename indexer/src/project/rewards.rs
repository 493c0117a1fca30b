//! Folds the events of the rewards program.

use super::{Context, Outcome, follows, hash, seq, some_address, unknown};
use crate::{
    Amount,
    rows::{AwardRow, CategoryRow, ClaimRow, ContributorRow, EpochRow, IssuerRow, Key, PointsRow, RewardsConfigRow},
    store::{StoreError, Write},
};
use chain::event::{RewardsEvent, text};
use rewards::state::epoch_state;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &RewardsEvent,
) -> Result<Outcome, StoreError> {
    use RewardsEvent as E;
    let c = context;
    match event {
        E::ConfigChanged(e) => {
            let last = config(write).await?.map_or(0, |row| row.seq);
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
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("rewards config", last, e.seq))
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
            step_config(write, c, e.seq).await
        }
        E::IssuerSet(e) => {
            let row = IssuerRow {
                issuer: e.issuer.to_string(),
                epoch_cap: e.epoch_cap.into(),
                enabled: e.enabled,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            step_config(write, c, e.seq).await
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
            epoch(write, c, e.epoch, e.seq, |row| {
                row.state = epoch_state::FINAL.into();
                row.total_points = e.total_points.into();
                row.distributed = e.distributed.into();
                row.to_reserve = e.to_reserve.into();
            })
            .await
        }
        E::ContributorRegistered(e) => {
            let row = ContributorRow {
                wallet: e.wallet.to_string(),
                seq: seq(e.seq),
                destination: e.destination.to_string(),
                lifetime_points: Amount(0),
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
        E::RewardClaimed(e) => reward_claimed(write, c, e).await,
    }
}

async fn config(write: &mut Write<'_>) -> Result<Option<RewardsConfigRow>, StoreError> {
    write.load(&[(&1).into()]).await
}

/// Categories and issuers are counted by the configuration's sequence number.
async fn step_config(write: &mut Write<'_>, c: &Context<'_>, number: u64) -> Result<Outcome, StoreError> {
    let Some(mut row) = config(write).await? else { return Ok(unknown("rewards config")) };
    let outcome = follows("rewards config", row.seq, number);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
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
    let points: Option<PointsRow> = write.load(&points_key(e.epoch, &wallet)).await?;
    let new_contributor = i64::from(points.is_none());
    let outcome = epoch(write, c, e.epoch, e.seq, |row| {
        row.total_points = e.total_points.into();
        row.contributors += new_contributor;
    })
    .await?;
    let award = AwardRow {
        source: hash(&e.source),
        epoch: e.epoch.into(),
        wallet: wallet.clone(),
        issuer: e.issuer.to_string(),
        category: e.category.into(),
        quantity: e.quantity.into(),
        points: e.points.into(),
        issued_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&award).await?;
    let points = PointsRow {
        epoch: e.epoch.into(),
        wallet: wallet.clone(),
        points: e.wallet_points.into(),
        claimed: points.as_ref().is_some_and(|row| row.claimed),
        paid: points.map_or(Amount(0), |row| row.paid),
        updated_slot: c.slot,
    };
    write.save(&points).await?;
    let Some(mut row) = contributor(write, &wallet).await? else { return Ok(unknown("contributor")) };
    (row.lifetime_points, row.updated_slot) = (e.lifetime_points.into(), c.slot);
    write.save(&row).await?;
    Ok(outcome)
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
