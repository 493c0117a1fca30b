//! `/v1/listings`: what is for sale.

use crate::{
    context::Scope,
    names::{LISTING_KIND, LISTING_UNIT},
    page,
    params::{Params, Part},
    problem::Problem,
};
use axum::response::Response;
use indexer::{Amount, rows::ListingRow};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

#[derive(Serialize)]
struct Listing {
    address: String,
    id: Amount,
    seller: String,
    kind: &'static str,
    unit: &'static str,
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

impl From<ListingRow> for Listing {
    fn from(row: ListingRow) -> Self {
        Self {
            address: row.address,
            id: row.listing_id,
            seller: row.seller,
            kind: LISTING_KIND.word(row.kind),
            unit: LISTING_UNIT.word(row.unit),
            price: row.price,
            mint: row.mint,
            version: row.version,
            active: row.active,
            closed: row.closed,
            open_orders: row.open_orders,
            metadata_hash: row.metadata_hash,
            content_root: row.content_root,
            uri: row.uri,
            created_slot: row.created_slot,
            updated_slot: row.updated_slot,
        }
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    seller: Option<String>,
    kind: Option<String>,
    /// Only those that can (or cannot) be ordered now.
    active: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<Query>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let mut sql = QueryBuilder::new("SELECT * FROM listings WHERE 1 = 1");
    if let Some(seller) = query.seller {
        sql.push(" AND seller = ").push_bind(seller);
    }
    if let Some(kind) = query.kind {
        sql.push(" AND kind = ").push_bind(LISTING_KIND.code(&kind)?);
    }
    if let Some(active) = query.active {
        sql.push(" AND active = ").push_bind(active);
    }
    if let Some((slot, address)) = page::after::<(i64, String)>("listings", query.cursor.as_deref())? {
        sql.push(" AND (created_slot, address) < (").push_bind(slot).push(", ").push_bind(address).push(")");
    }
    sql.push(" ORDER BY created_slot DESC, address DESC LIMIT ").push_bind(rows);
    let mut found: Vec<ListingRow> = sql.build_query_as().fetch_all(&mut *scope.db).await?;
    let next = page::cut("listings", &mut found, rows, |row| (row.created_slot, row.address.clone()));
    let data: Vec<Listing> = found.into_iter().map(Listing::from).collect();
    Ok(scope.page(&data, next))
}

/// One listing by its address.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: Option<ListingRow> = sqlx::query_as("SELECT * FROM listings WHERE address = ?")
        .bind(&address)
        .fetch_optional(&mut *scope.db)
        .await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("no listing at {address}")))?;
    Ok(scope.one(&Listing::from(row)))
}
