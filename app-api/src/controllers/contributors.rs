//! `/v1/contributors`: registered wallets.

use super::profit::{self, Share};
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
use indexer::{Amount, Wide, rows::ContributorRow};
use protocol::month;
use serde::Serialize;

listed!(ContributorRow in "contributors" of "contributors", Newest by registered_slot: i64, wallet: String);

#[derive(Serialize)]
struct Contributor {
    wallet: String,
    /// Token account that claims are paid to.
    destination: String,
    lifetime_points: Amount,
    profit: Share,
    registered_slot: i64,
    updated_slot: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    epochs: Option<Vec<Earned>>,
}

/// A wallet's points in an epoch, with what decides their share.
#[derive(sqlx::FromRow)]
struct EarnedRow {
    epoch: i64,
    points: Amount,
    claimed: bool,
    paid: Amount,
    state: i64,
    distributed: Amount,
    total_points: Amount,
}

view! {
    Earned of row: EarnedRow {
        epoch: i64,
        points: Amount,
        claimed: bool,
        paid: Amount,
        /// What `claim` would pay now, in base units; `null` where it would refuse.
        claimable: Option<Amount> = row.claimable(),
    }
}

impl EarnedRow {
    fn claimable(&self) -> Option<Amount> {
        let open = EPOCH_STATE.word(self.state) == "final" && !self.claimed && self.points > Amount(0);
        open.then(|| Amount(month::payout(self.distributed.0, self.points.0, self.total_points.0)))
    }
}

impl Contributor {
    /// A wallet while a point earned `index` of profit since the beginning.
    fn of(row: ContributorRow, index: Wide) -> Self {
        Self {
            profit: Share::of(&row, index),
            wallet: row.wallet,
            destination: row.destination,
            lifetime_points: row.lifetime_points,
            registered_slot: row.registered_slot,
            updated_slot: row.updated_slot,
            epochs: None,
        }
    }
}

async fn profit_index(scope: &mut Scope) -> Result<Wide, Problem> {
    Ok(profit::config(scope).await?.map_or(Wide(0), |config| config.profit_index))
}

/// Newest first.
pub async fn list(mut scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    let index = profit_index(&mut scope).await?;
    List::<ContributorRow>::new(&page)?.answer(scope, |row| Contributor::of(row, index)).await
}

/// One wallet, with what it earned in each epoch.
pub async fn one(mut scope: Scope, Part(wallet): Part<String>) -> Result<Response, Problem> {
    let row: ContributorRow = find(&mut scope, "contributor", "wallet", wallet.clone()).await?;
    let epochs: Vec<EarnedRow> = sqlx::query_as(
        "SELECT points.*, epochs.state, epochs.distributed, epochs.total_points
         FROM points JOIN epochs ON epochs.epoch = points.epoch WHERE wallet = ? ORDER BY points.epoch",
    )
    .bind(wallet)
    .fetch_all(&mut *scope.db)
    .await?;
    let index = profit_index(&mut scope).await?;
    let mut contributor = Contributor::of(row, index);
    contributor.epochs = Some(epochs.into_iter().map(Earned::from).collect());
    Ok(scope.one(&contributor))
}
