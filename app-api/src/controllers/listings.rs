//! `/v1/listings`: what is for sale.

use crate::{
    context::Scope,
    list::{List, find, listed},
    names::{LISTING_KIND, LISTING_UNIT},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{Amount, rows::ListingRow};
use serde::Deserialize;

listed!(ListingRow in "listings" of "listings", Newest by created_slot: i64, address: String);

view! {
    /// Something for sale.
    Listing of row: ListingRow {
        address: String,
        id: Amount = row.listing_id,
        seller: String,
        kind: &'static str = LISTING_KIND.word(row.kind),
        unit: &'static str = LISTING_UNIT.word(row.unit),
        price: Amount,
        mint: String,
        version: i64,
        active: bool,
        closed: bool,
        open_orders: i64,
        metadata_hash: String,
        /// Merkle root over the content of a dataset or a model.
        content_root: Option<String>,
        uri: String,
        created_slot: i64,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    seller: Option<Address>,
    kind: Option<String>,
    /// Only those that can (or cannot) be ordered now.
    active: Option<bool>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<ListingRow>::new(&page)?
        .only("seller", query.seller)
        .only("kind", LISTING_KIND.asked(query.kind)?)
        .only("active", query.active)
        .answer(scope, Listing::from)
        .await
}

/// One listing by its address.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: ListingRow = find(&mut scope, "listing", "address", address).await?;
    Ok(scope.one(&Listing::from(row)))
}
