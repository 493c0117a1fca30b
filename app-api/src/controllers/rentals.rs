//! `/v1/rentals`: compute by time, paid by the second.

use crate::{
    context::Scope,
    list::{List, find, listed},
    names::{RENTAL_END, RENTAL_STATE},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::RentalRow};
use serde::Deserialize;

listed!(RentalRow in "rentals" of "rentals", Newest by opened_slot: i64, address: String);

view! {
    /// Some hours of a listing. Amounts are base units of `mint`.
    Rental of row: RentalRow {
        address: String,
        id: Amount = row.rental_id,
        state: &'static str = RENTAL_STATE.word(row.state),
        end_reason: Option<&'static str> = row.end_reason.map(|code| RENTAL_END.word(code)),
        closed: bool,
        listing: String,
        listing_version: i64,
        renter: String,
        provider: String,
        mint: String,
        /// For an hour.
        rate: Amount,
        hours: i64,
        deposit: Amount,
        fee_bps: i64,
        /// Withdrawn so far: to the provider, to the treasury, and back to the renter.
        paid: Amount,
        fee: Amount,
        returned: Amount,
        /// The provider starts before this; Unix seconds, as all times.
        accept_by: i64,
        started_at: Option<i64>,
        /// When the whole deposit is earned.
        ends_at: Option<i64>,
        ended_at: Option<i64>,
        opened_at: Option<i64>,
        opened_slot: i64,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    state: Option<String>,
    renter: Option<Address>,
    provider: Option<Address>,
    /// Renter or provider.
    wallet: Option<Address>,
    listing: Option<Address>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<RentalRow>::new(&page)?
        .only("state", RENTAL_STATE.asked(query.state)?)
        .only("renter", query.renter)
        .only("provider", query.provider)
        .either(["renter", "provider"], query.wallet)
        .only("listing", query.listing)
        .answer(scope, Rental::from)
        .await
}

/// One rental by its address.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: RentalRow = find(&mut scope, "rental", "address", address).await?;
    Ok(scope.one(&Rental::from(row)))
}
