//! `/v1/reputations`: what the chain knows about sellers, in each token.

use crate::{
    context::Scope,
    list::{List, listed, parts},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::ReputationRow};
use serde::Deserialize;

listed!(ReputationRow in "reputations" of "reputations", Ascending by seller: String, mint: String);

view! {
    /// A seller's orders in one token. Orders that are still open are counted in `accepted` and `disputed` only.
    Reputation of row: ReputationRow {
        seller: String,
        mint: String,
        accepted: i64,
        released: i64,
        rejected: i64,
        not_delivered: i64,
        disputed: i64,
        disputes_lost: i64,
        /// Base units paid for released orders, fees included.
        volume: Amount,
        /// Base units of bonds lost.
        slashed: Amount,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    seller: Option<Address>,
    mint: Option<Address>,
}

/// By seller and mint.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<ReputationRow>::new(&page)?
        .only("seller", query.seller)
        .only("mint", query.mint)
        .answer(scope, Reputation::from)
        .await
}

/// One seller in one token.
pub async fn one(mut scope: Scope, Part((seller, mint)): Part<(String, String)>) -> Result<Response, Problem> {
    let known: Vec<ReputationRow> = parts(&mut scope, "seller", seller.clone()).await?;
    let row = known.into_iter().find(|row| row.mint == mint).ok_or_else(|| {
        Problem::not_found(format!(
            "{seller} took no order in {mint}: GET /v1/reputations?seller={seller} lists its tokens"
        ))
    })?;
    Ok(scope.one(&Reputation::from(row)))
}
