//! `/v1/points`: what wallets earned in epochs.

use crate::{
    context::Scope,
    list::{List, listed},
    page::Page,
    params::{Address, Params},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::PointsRow};
use serde::Deserialize;

listed!(PointsRow in "points" of "points", Ascending by epoch: i64, wallet: String);

view! {
    /// What a wallet earned in an epoch.
    pub(super) Points of row: PointsRow {
        epoch: i64,
        wallet: String,
        points: Amount,
        claimed: bool,
        paid: Amount,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    epoch: Option<u32>,
    wallet: Option<Address>,
}

/// By epoch and wallet.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<PointsRow>::new(&page)?
        .only("epoch", query.epoch)
        .only("wallet", query.wallet)
        .answer(scope, Points::from)
        .await
}
