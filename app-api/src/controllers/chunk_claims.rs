//! `/v1/chunk-claims`: chunks of content that somebody says are faulty. A claim decides nothing; a verdict does.

use crate::{
    context::Scope,
    list::{List, find, listed},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::rows::ChunkClaimRow;
use serde::Deserialize;

listed!(ChunkClaimRow in "chunk-claims" of "chunk_claims", Newest by created_slot: i64, address: String);

view! {
    /// A chunk that somebody says is faulty.
    ChunkClaim of row: ChunkClaimRow {
        address: String,
        order: String = row.order_address,
        /// Of the order: tells orders at one address apart.
        opened_at: i64,
        claimant: String,
        /// Place of the chunk, from 0.
        chunk: i64,
        /// SHA-256 of the chunk that the seller promised, and of its ciphertext.
        plain_hash: String,
        cipher_hash: String,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    order: Option<Address>,
    claimant: Option<Address>,
    closed: Option<bool>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<ChunkClaimRow>::new(&page)?
        .only("order_address", query.order)
        .only("claimant", query.claimant)
        .only("closed", query.closed)
        .answer(scope, ChunkClaim::from)
        .await
}

/// One claim by its address.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: ChunkClaimRow = find(&mut scope, "claim", "address", address).await?;
    Ok(scope.one(&ChunkClaim::from(row)))
}
