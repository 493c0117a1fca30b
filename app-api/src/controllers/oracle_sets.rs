//! `/v1/oracle-sets`: who may vote.

use crate::{
    context::Scope,
    page::{self, PageQuery},
    params::Params,
    problem::Problem,
};
use axum::response::Response;
use indexer::rows::OracleSetRow;
use serde::Serialize;

#[derive(Serialize)]
struct OracleSet {
    version: i64,
    threshold: i64,
    samples: i64,
    members: serde_json::Value,
    retired: bool,
    created_slot: i64,
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<PageQuery>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let before = page::after::<i64>("oracle-sets", query.cursor.as_deref())?.unwrap_or(i64::MAX);
    let mut found: Vec<OracleSetRow> =
        sqlx::query_as("SELECT * FROM oracle_sets WHERE version < ? ORDER BY version DESC LIMIT ?")
            .bind(before)
            .bind(rows)
            .fetch_all(&mut *scope.db)
            .await?;
    let next = page::cut("oracle-sets", &mut found, rows, |row| row.version);
    let data: Result<Vec<OracleSet>, Problem> = found.into_iter().map(OracleSet::read).collect();
    Ok(scope.page(&data?, next))
}

impl OracleSet {
    fn read(row: OracleSetRow) -> Result<Self, Problem> {
        Ok(Self {
            version: row.version,
            threshold: row.threshold,
            samples: row.samples,
            members: serde_json::from_str(&row.members).map_err(|_| Problem::internal())?,
            retired: row.retired,
            created_slot: row.created_slot,
        })
    }
}
