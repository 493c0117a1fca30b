//! `/v1/claims`: shares that were paid.

use crate::{
    context::Scope,
    page::{self, PageQuery},
    params::Params,
    problem::Problem,
};
use axum::response::Response;
use indexer::{Amount, rows::ClaimRow};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

#[derive(Serialize)]
struct Claim {
    epoch: i64,
    wallet: String,
    destination: String,
    points: Amount,
    amount: Amount,
    claimed_at: Option<i64>,
    slot: i64,
    signature: String,
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    epoch: Option<u32>,
    wallet: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Query {
    pub(crate) fn of_epoch(epoch: u32, page: PageQuery) -> Self {
        Self { epoch: Some(epoch), wallet: None, limit: page.limit, cursor: page.cursor }
    }
}

/// By epoch and wallet.
pub async fn list(scope: Scope, Params(query): Params<Query>) -> Result<Response, Problem> {
    answer(scope, query).await
}

pub(crate) async fn answer(mut scope: Scope, query: Query) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let mut sql = QueryBuilder::new("SELECT * FROM claims WHERE 1 = 1");
    if let Some(epoch) = query.epoch {
        sql.push(" AND epoch = ").push_bind(epoch);
    }
    if let Some(wallet) = query.wallet {
        sql.push(" AND wallet = ").push_bind(wallet);
    }
    if let Some((epoch, wallet)) = page::after::<(i64, String)>("claims", query.cursor.as_deref())? {
        sql.push(" AND (epoch, wallet) > (").push_bind(epoch).push(", ").push_bind(wallet).push(")");
    }
    sql.push(" ORDER BY epoch, wallet LIMIT ").push_bind(rows);
    let mut found: Vec<ClaimRow> = sql.build_query_as().fetch_all(&mut *scope.db).await?;
    let next = page::cut("claims", &mut found, rows, |row| (row.epoch, row.wallet.clone()));
    let read = |row: ClaimRow| Claim {
        epoch: row.epoch,
        wallet: row.wallet,
        destination: row.destination,
        points: row.points,
        amount: row.amount,
        claimed_at: row.claimed_at,
        slot: row.slot,
        signature: row.signature,
    };
    let data: Vec<Claim> = found.into_iter().map(read).collect();
    Ok(scope.page(&data, next))
}
