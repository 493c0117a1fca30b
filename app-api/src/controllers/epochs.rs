//! `/v1/epochs`: months, their points, claims and recomputation.

use super::{claims::Claim, points::Points};
use crate::{
    context::Scope,
    list::{List, find, listed},
    names::EPOCH_STATE,
    page::Page,
    params::{Params, Part, Unfiltered},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{ClaimRow, EpochRow, PointsRow},
};

listed!(EpochRow in "epochs" of "epochs", Newest by epoch: i64);

view! {
    /// A month.
    Epoch of row: EpochRow {
        index: i64 = row.epoch,
        state: &'static str = EPOCH_STATE.word(row.state),
        /// First second, and first second after it, Unix time.
        start: i64 = row.starts_at,
        end: i64 = row.ends_at,
        review_ends: Option<i64>,
        /// From here on, what nobody claimed can go to the reserve.
        expires_at: Option<i64>,
        pool: Amount,
        threshold: Amount,
        below_bps: i64,
        /// Whether no point may earn more than the pool divided by the threshold.
        cap_per_point: bool,
        total_points: Amount,
        contributors: i64,
        distributed: Amount,
        to_reserve: Amount,
        paid: Amount,
        /// Moved to the reserve when the month expired.
        unclaimed: Amount,
        claims: i64,
        updated_slot: i64,
    }
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    List::<EpochRow>::new(&page)?.answer(scope, Epoch::from).await
}

async fn row(scope: &mut Scope, index: u32) -> Result<EpochRow, Problem> {
    find(scope, "epoch", "epoch", index).await
}

/// One month.
pub async fn one(mut scope: Scope, Part(index): Part<u32>) -> Result<Response, Problem> {
    let row = row(&mut scope, index).await?;
    Ok(scope.one(&Epoch::from(row)))
}

/// Who earned what in it.
pub async fn points(
    mut scope: Scope,
    Part(index): Part<u32>,
    page: Page,
    _: Params<Unfiltered>,
) -> Result<Response, Problem> {
    row(&mut scope, index).await?;
    List::<PointsRow>::new(&page)?.only("epoch", Some(index)).answer(scope, Points::from).await
}

/// What was paid from it.
pub async fn claims(
    mut scope: Scope,
    Part(index): Part<u32>,
    page: Page,
    _: Params<Unfiltered>,
) -> Result<Response, Problem> {
    row(&mut scope, index).await?;
    List::<ClaimRow>::new(&page)?.only("epoch", Some(index)).answer(scope, Claim::from).await
}

/// The month recomputed from chain events alone, against what was paid.
pub async fn audit(mut scope: Scope, Part(index): Part<u32>) -> Result<Response, Problem> {
    row(&mut scope, index).await?;
    let audit = indexer::audit::month(&mut scope.db, index).await?;
    let audit = audit.ok_or_else(|| Problem::not_found(format!("no events of epoch {index}")))?;
    Ok(scope.one(&audit))
}
