//! `/v1/awards`: contributions that scored.

use crate::{
    context::Scope,
    list::{List, find, listed},
    names::AWARD_STATE,
    page::Page,
    params::{Address, Hash, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::AwardRow};
use serde::Deserialize;

listed!(AwardRow in "awards" of "awards", Newest by slot: i64, source: String);

view! {
    /// A contribution that scored.
    Award of row: AwardRow {
        /// Hash that names the contribution.
        source: String,
        epoch: i64,
        wallet: String,
        issuer: String,
        category: i64,
        quantity: Amount,
        points: Amount,
        /// `pending` until the second key confirms it, `void` once it was taken back.
        state: &'static str = AWARD_STATE.word(row.state),
        /// Who confirmed it or took it back.
        reviewed_by: Option<String>,
        /// Hash of the document that says why it was taken back.
        reason: Option<String>,
        issued_at: Option<i64>,
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
    issuer: Option<Address>,
    source: Option<Hash>,
    state: Option<String>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<AwardRow>::new(&page)?
        .only("epoch", query.epoch)
        .only("wallet", query.wallet)
        .only("issuer", query.issuer)
        .only("source", query.source)
        .only("state", AWARD_STATE.asked(query.state)?)
        .answer(scope, Award::from)
        .await
}

/// One award by the hash of its source.
pub async fn one(mut scope: Scope, Part(source): Part<String>) -> Result<Response, Problem> {
    let row: AwardRow = find(&mut scope, "award", "source", source).await?;
    Ok(scope.one(&Award::from(row)))
}
