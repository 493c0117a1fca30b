//! `/v1/oracles`: bonds, and what the votes of their owners came to.

use crate::{
    context::Scope,
    list::{List, find, listed},
    page::Page,
    params::{Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::OracleRow};
use serde::Deserialize;

listed!(OracleRow in "oracles" of "oracles", Newest by registered_slot: i64, oracle: String);

view! {
    /// An oracle's bond and its record. Amounts are base units of the bonds' mint (`/v1/config`).
    Oracle of row: OracleRow {
        /// The key that votes.
        oracle: String,
        bond: Amount,
        /// The part of the bond that is on its way out: it no longer counts for votes and can still be slashed.
        unbonding: Amount,
        /// When it can be withdrawn, Unix seconds.
        unbond_at: Option<i64>,
        /// Votes on settled orders, those that agreed with how the order ended and those that did not, orders without a vote in
        /// time, and votes that a judgement overturned.
        votes: i64,
        agreed: i64,
        dissented: i64,
        missed: i64,
        /// Of those missed, the ones that it had sealed and never showed.
        hidden: i64,
        overturned: i64,
        /// Lost so far.
        slashed: Amount,
        rent_payer: String,
        closed: bool,
        registered_slot: i64,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    closed: Option<bool>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<OracleRow>::new(&page)?.only("closed", query.closed).answer(scope, Oracle::from).await
}

/// One oracle by its key.
pub async fn one(mut scope: Scope, Part(oracle): Part<String>) -> Result<Response, Problem> {
    let row: OracleRow = find(&mut scope, "oracle", "oracle", oracle).await?;
    Ok(scope.one(&Oracle::from(row)))
}
