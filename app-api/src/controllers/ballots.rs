//! `/v1/ballots`: votes on proposals.

use crate::{
    context::Scope,
    list::{List, listed},
    names::CHOICE,
    page::Page,
    params::{Address, Params},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::BallotRow};
use serde::Deserialize;

listed!(BallotRow in "ballots" of "ballots", Ascending by proposal: String, voter: String);

view! {
    /// A voter's vote, as it was cast last.
    pub(super) Ballot of row: BallotRow {
        proposal: String,
        voter: String,
        choice: &'static str = CHOICE.word(row.choice),
        /// Points.
        weight: Amount,
        closed: bool,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    proposal: Option<Address>,
    voter: Option<Address>,
    choice: Option<String>,
}

/// By proposal and voter.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<BallotRow>::new(&page)?
        .only("proposal", query.proposal)
        .only("voter", query.voter)
        .only("choice", CHOICE.asked(query.choice)?)
        .answer(scope, Ballot::from)
        .await
}
