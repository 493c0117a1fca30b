//! `/v1/epochs`: months, their points, claims and recomputation.

use super::{claims, points};
use crate::{
    context::Scope,
    names::EPOCH_STATE,
    page::{self, PageQuery},
    params::{Params, Part},
    problem::Problem,
};
use axum::response::Response;
use indexer::{Amount, rows::EpochRow};
use serde::Serialize;

#[derive(Serialize)]
struct Epoch {
    index: i64,
    state: &'static str,
    /// First second, and first second after it, Unix time.
    start: i64,
    end: i64,
    review_ends: Option<i64>,
    pool: Amount,
    threshold: Amount,
    below_bps: i64,
    total_points: Amount,
    contributors: i64,
    distributed: Amount,
    to_reserve: Amount,
    paid: Amount,
    claims: i64,
    updated_slot: i64,
}

impl From<EpochRow> for Epoch {
    fn from(row: EpochRow) -> Self {
        Self {
            index: row.epoch,
            state: EPOCH_STATE.word(row.state),
            start: row.starts_at,
            end: row.ends_at,
            review_ends: row.review_ends,
            pool: row.pool,
            threshold: row.threshold,
            below_bps: row.below_bps,
            total_points: row.total_points,
            contributors: row.contributors,
            distributed: row.distributed,
            to_reserve: row.to_reserve,
            paid: row.paid,
            claims: row.claims,
            updated_slot: row.updated_slot,
        }
    }
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<PageQuery>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let before = page::after::<i64>("epochs", query.cursor.as_deref())?.unwrap_or(i64::MAX);
    let mut found: Vec<EpochRow> = sqlx::query_as("SELECT * FROM epochs WHERE epoch < ? ORDER BY epoch DESC LIMIT ?")
        .bind(before)
        .bind(rows)
        .fetch_all(&mut *scope.db)
        .await?;
    let next = page::cut("epochs", &mut found, rows, |row| row.epoch);
    let data: Vec<Epoch> = found.into_iter().map(Epoch::from).collect();
    Ok(scope.page(&data, next))
}

async fn find(scope: &mut Scope, index: u32) -> Result<EpochRow, Problem> {
    let row: Option<EpochRow> =
        sqlx::query_as("SELECT * FROM epochs WHERE epoch = ?").bind(index).fetch_optional(&mut *scope.db).await?;
    row.ok_or_else(|| Problem::not_found(format!("no epoch {index}")))
}

/// One month.
pub async fn one(mut scope: Scope, Part(index): Part<u32>) -> Result<Response, Problem> {
    let row = find(&mut scope, index).await?;
    Ok(scope.one(&Epoch::from(row)))
}

/// Who earned what in it.
pub async fn points(
    mut scope: Scope,
    Part(index): Part<u32>,
    Params(query): Params<PageQuery>,
) -> Result<Response, Problem> {
    find(&mut scope, index).await?;
    points::answer(scope, points::Query::of_epoch(index, query)).await
}

/// What was paid from it.
pub async fn claims(
    mut scope: Scope,
    Part(index): Part<u32>,
    Params(query): Params<PageQuery>,
) -> Result<Response, Problem> {
    find(&mut scope, index).await?;
    claims::answer(scope, claims::Query::of_epoch(index, query)).await
}

/// The month recomputed from chain events alone, against what was paid.
pub async fn audit(mut scope: Scope, Part(index): Part<u32>) -> Result<Response, Problem> {
    let audit = indexer::audit::month(&mut scope.db, index).await?;
    let audit = audit.ok_or_else(|| Problem::not_found(format!("no epoch {index}")))?;
    Ok(scope.one(&audit))
}
