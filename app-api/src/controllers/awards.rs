//! `/v1/awards`: contributions that scored.

use crate::{context::Scope, page, params::Params, problem::Problem};
use axum::response::Response;
use indexer::{Amount, rows::AwardRow};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

#[derive(Serialize)]
struct Award {
    /// Hash that names the contribution.
    source: String,
    epoch: i64,
    wallet: String,
    issuer: String,
    category: i64,
    quantity: Amount,
    points: Amount,
    issued_at: Option<i64>,
    slot: i64,
    signature: String,
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    epoch: Option<u32>,
    wallet: Option<String>,
    source: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<Query>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let mut sql = QueryBuilder::new("SELECT * FROM awards WHERE 1 = 1");
    if let Some(epoch) = query.epoch {
        sql.push(" AND epoch = ").push_bind(epoch);
    }
    if let Some(wallet) = query.wallet {
        sql.push(" AND wallet = ").push_bind(wallet);
    }
    if let Some(source) = query.source {
        sql.push(" AND source = ").push_bind(source);
    }
    if let Some((slot, source)) = page::after::<(i64, String)>("awards", query.cursor.as_deref())? {
        sql.push(" AND (slot, source) < (").push_bind(slot).push(", ").push_bind(source).push(")");
    }
    sql.push(" ORDER BY slot DESC, source DESC LIMIT ").push_bind(rows);
    let mut found: Vec<AwardRow> = sql.build_query_as().fetch_all(&mut *scope.db).await?;
    let next = page::cut("awards", &mut found, rows, |row| (row.slot, row.source.clone()));
    let read = |row: AwardRow| Award {
        source: row.source,
        epoch: row.epoch,
        wallet: row.wallet,
        issuer: row.issuer,
        category: row.category,
        quantity: row.quantity,
        points: row.points,
        issued_at: row.issued_at,
        slot: row.slot,
        signature: row.signature,
    };
    let data: Vec<Award> = found.into_iter().map(read).collect();
    Ok(scope.page(&data, next))
}
