//! `/v1/reserve`: what the community's reserve was given, and what was announced and paid of it.

use super::profit::{config, not_set_up};
use crate::{
    context::Scope,
    list::{List, find, listed},
    names::SPEND_STATES,
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{RewardsConfigRow, SpendRow},
};
use serde::Deserialize;

listed!(SpendRow in "reserve/spends" of "reserve_spends", Newest by id: Amount);

view! {
    /// The reserve. Amounts are base units.
    Reserve of row: RewardsConfigRow {
        mint: String,
        /// Moved to it by months, by expiries and by profit, spent of it, and the difference. Tokens that somebody gave to it
        /// directly come on top.
        reserved: Amount,
        spent: Amount,
        left: Amount = Amount(row.reserved.0.saturating_sub(row.spent.0)),
        /// Between the announcement of a payment and the first moment at which it can be made.
        delay_seconds: i64 = row.reserve_delay_seconds,
        /// The most that leaves it within a window of so many seconds.
        outflow_limit: Amount,
        outflow_window_seconds: i64,
    }
}

view! {
    /// A payment from the reserve.
    Spend of row: SpendRow {
        id: Amount,
        /// `proposed`, `executed` or `cancelled`. One that was proposed can be executed from `executable_at` until `expires_at`.
        state: String,
        amount: Amount,
        /// A token account.
        destination: String,
        /// Hash of the document that says what for.
        purpose: String,
        executable_at: i64,
        expires_at: i64,
        proposed_at: Option<i64>,
        /// When it was executed or cancelled.
        ended_at: Option<i64>,
        /// Of the last transaction about it.
        signature: String,
        created_slot: i64,
        updated_slot: i64,
    }
}

/// The reserve.
pub async fn one(mut scope: Scope) -> Result<Response, Problem> {
    let row = config(&mut scope).await?.ok_or_else(not_set_up)?;
    Ok(scope.one(&Reserve::from(row)))
}

/// Filters of the list of payments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    state: Option<String>,
    destination: Option<Address>,
}

/// Payments, newest first.
pub async fn spends(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    if query.state.as_ref().is_some_and(|state| !SPEND_STATES.contains(&state.as_str())) {
        return Err(Problem::bad_request(format!("state must be one of {}", SPEND_STATES.join(", "))));
    }
    List::<SpendRow>::new(&page)?
        .only("state", query.state)
        .only("destination", query.destination)
        .answer(scope, Spend::from)
        .await
}

/// One payment by its number.
pub async fn spend(mut scope: Scope, Part(id): Part<u64>) -> Result<Response, Problem> {
    let row: SpendRow = find(&mut scope, "payment from the reserve", "id", Amount(id)).await?;
    Ok(scope.one(&Spend::from(row)))
}
