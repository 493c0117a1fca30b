//! `/v1/records` and `/v1/recorded-votes`: what oracles did in settled orders, and what it cost them.

use crate::{
    context::Scope,
    list::{List, find, listed, parts},
    names::VERDICT,
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{RecordRow, RecordedVoteRow},
};
use serde::{Deserialize, Serialize};

listed!(RecordRow in "records" of "records", Newest by created_slot: i64, order_address: String);
listed!(
    RecordedVoteRow in "recorded-votes" of "recorded_votes",
    Newest by slot: i64, order_address: String, opened_at: i64, oracle: String
);

view! {
    /// An order whose votes were recorded.
    Record of row: RecordRow {
        order: String = row.order_address,
        /// Of the order: tells orders at one address apart.
        opened_at: i64,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

view! {
    /// What one member of an order's oracle set did. Amounts are base units that it lost of its bond.
    RecordedVote of row: RecordedVoteRow {
        order: String = row.order_address,
        opened_at: i64,
        oracle: String,
        /// `none` where it did not vote.
        vote: &'static str = VERDICT.word(row.vote),
        /// How the order ended.
        ended: &'static str = VERDICT.word(row.ended),
        missed: bool,
        overturned: bool,
        to_challenger: Amount,
        to_buyer: Amount,
        burned: Amount,
        recorded_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    record: Record,
    votes: Vec<RecordedVote>,
}

/// Filters of the list of orders.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    closed: Option<bool>,
}

/// Orders whose votes were recorded, newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<RecordRow>::new(&page)?.only("closed", query.closed).answer(scope, Record::from).await
}

/// One order by its address, with the votes that were recorded of it.
pub async fn one(mut scope: Scope, Part(order): Part<String>) -> Result<Response, Problem> {
    let row: RecordRow = find(&mut scope, "record of order", "order_address", order.clone()).await?;
    let mut votes: Vec<RecordedVoteRow> = parts(&mut scope, "order_address", order).await?;
    votes.retain(|vote| vote.opened_at == row.opened_at);
    let votes = votes.into_iter().map(RecordedVote::from).collect();
    Ok(scope.one(&Whole { record: row.into(), votes }))
}

/// Filters of the list of votes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteQuery {
    order: Option<Address>,
    oracle: Option<Address>,
    missed: Option<bool>,
    overturned: Option<bool>,
}

/// Recorded votes, newest first.
pub async fn votes(scope: Scope, page: Page, Params(query): Params<VoteQuery>) -> Result<Response, Problem> {
    List::<RecordedVoteRow>::new(&page)?
        .only("order_address", query.order)
        .only("oracle", query.oracle)
        .only("missed", query.missed)
        .only("overturned", query.overturned)
        .answer(scope, RecordedVote::from)
        .await
}
