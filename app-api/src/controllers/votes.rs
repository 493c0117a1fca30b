//! `/v1/votes`: oracles' votes on orders, as they were cast.

use crate::{
    context::Scope,
    list::{List, listed},
    names::VERDICT,
    page::Page,
    params::{Address, Params},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::rows::VoteRow;
use serde::Deserialize;

listed!(VoteRow in "votes" of "votes", Newest by slot: i64, order_address: String, opened_slot: i64, oracle: String);

view! {
    /// A vote. An order shows its own under `audit`.
    Vote of row: VoteRow {
        order: String = row.order_address,
        /// Of the order: tells orders at one address apart.
        opened_slot: i64,
        oracle: String,
        oracle_set: i64,
        verdict: &'static str = VERDICT.word(row.verdict),
        reason: i64,
        report: String,
        result_root: String,
        voted_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    order: Option<Address>,
    oracle: Option<Address>,
    verdict: Option<String>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<VoteRow>::new(&page)?
        .only("order_address", query.order)
        .only("oracle", query.oracle)
        .only("verdict", VERDICT.asked(query.verdict)?)
        .answer(scope, Vote::from)
        .await
}
