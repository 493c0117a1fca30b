//! `/v1/claims`: shares that were paid.

use crate::{
    context::Scope,
    list::{List, listed},
    page::Page,
    params::{Address, Params},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::ClaimRow};
use serde::Deserialize;

listed!(ClaimRow in "claims" of "claims", Ascending by epoch: i64, wallet: String);

view! {
    /// A share that was paid.
    pub(super) Claim of row: ClaimRow {
        epoch: i64,
        wallet: String,
        destination: String,
        points: Amount,
        amount: Amount,
        claimed_at: Option<i64>,
        slot: i64,
        signature: String,
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
    List::<ClaimRow>::new(&page)?
        .only("epoch", query.epoch)
        .only("wallet", query.wallet)
        .answer(scope, Claim::from)
        .await
}
