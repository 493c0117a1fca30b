//! `/v1/contributors`: registered wallets.

use crate::{
    context::Scope,
    page::{self, PageQuery},
    params::{Params, Part},
    problem::Problem,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{ContributorRow, PointsRow},
};
use serde::Serialize;

#[derive(Serialize)]
struct Contributor {
    wallet: String,
    /// Token account that claims are paid to.
    destination: String,
    lifetime_points: Amount,
    registered_slot: i64,
    updated_slot: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    epochs: Option<Vec<Earned>>,
}

#[derive(Serialize)]
struct Earned {
    epoch: i64,
    points: Amount,
    claimed: bool,
    paid: Amount,
}

impl From<ContributorRow> for Contributor {
    fn from(row: ContributorRow) -> Self {
        Self {
            wallet: row.wallet,
            destination: row.destination,
            lifetime_points: row.lifetime_points,
            registered_slot: row.registered_slot,
            updated_slot: row.updated_slot,
            epochs: None,
        }
    }
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<PageQuery>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let after = page::after::<(i64, String)>("contributors", query.cursor.as_deref())?;
    let (slot, wallet) = after.unwrap_or((i64::MAX, String::new()));
    let mut found: Vec<ContributorRow> = sqlx::query_as(
        "SELECT * FROM contributors WHERE (registered_slot, wallet) < (?, ?)
         ORDER BY registered_slot DESC, wallet DESC LIMIT ?",
    )
    .bind(slot)
    .bind(wallet)
    .bind(rows)
    .fetch_all(&mut *scope.db)
    .await?;
    let next = page::cut("contributors", &mut found, rows, |row| (row.registered_slot, row.wallet.clone()));
    let data: Vec<Contributor> = found.into_iter().map(Contributor::from).collect();
    Ok(scope.page(&data, next))
}

/// One wallet, with what it earned in each epoch.
pub async fn one(mut scope: Scope, Part(wallet): Part<String>) -> Result<Response, Problem> {
    let row: Option<ContributorRow> = sqlx::query_as("SELECT * FROM contributors WHERE wallet = ?")
        .bind(&wallet)
        .fetch_optional(&mut *scope.db)
        .await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("{wallet} is not registered")))?;
    let epochs: Vec<PointsRow> = sqlx::query_as("SELECT * FROM points WHERE wallet = ? ORDER BY epoch")
        .bind(&wallet)
        .fetch_all(&mut *scope.db)
        .await?;
    let earned = |row: PointsRow| Earned { epoch: row.epoch, points: row.points, claimed: row.claimed, paid: row.paid };
    let mut contributor = Contributor::from(row);
    contributor.epochs = Some(epochs.into_iter().map(earned).collect());
    Ok(scope.one(&contributor))
}
