//! `/v1/stats`: the platform in numbers.

use crate::{
    context::Scope,
    names::{EPOCH_STATE, ORDER_STATE},
    problem::Problem,
};
use axum::response::Response;
use indexer::Amount;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Stats {
    listings: i64,
    orders: BTreeMap<&'static str, i64>,
    /// By mint, base units of all orders.
    volume: BTreeMap<String, Volume>,
    contributors: i64,
    awards: i64,
    epochs: BTreeMap<&'static str, i64>,
    /// Base units over all epochs.
    distributed: String,
    to_reserve: String,
    claimed: String,
    claims: i64,
    events: i64,
}

/// Sums can pass 64 bits, so they are kept in 128.
#[derive(Default, Serialize)]
struct Volume {
    #[serde(serialize_with = "text")]
    ordered: u128,
    #[serde(serialize_with = "text")]
    paid: u128,
    #[serde(serialize_with = "text")]
    fees: u128,
    #[serde(serialize_with = "text")]
    refunded: u128,
}

fn text<S: serde::Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Counts and sums over all tables.
pub async fn one(mut scope: Scope) -> Result<Response, Problem> {
    let db = &mut *scope.db;
    let mut stats = Stats {
        listings: sqlx::query_scalar("SELECT count(*) FROM listings WHERE NOT closed").fetch_one(&mut *db).await?,
        orders: BTreeMap::new(),
        volume: BTreeMap::new(),
        contributors: sqlx::query_scalar("SELECT count(*) FROM contributors").fetch_one(&mut *db).await?,
        awards: sqlx::query_scalar("SELECT count(*) FROM awards").fetch_one(&mut *db).await?,
        epochs: BTreeMap::new(),
        distributed: String::new(),
        to_reserve: String::new(),
        claimed: String::new(),
        claims: sqlx::query_scalar("SELECT count(*) FROM claims").fetch_one(&mut *db).await?,
        events: sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&mut *db).await?,
    };
    let orders: Vec<(i64, String, Amount, Amount, Amount, Amount)> =
        sqlx::query_as("SELECT state, mint, amount, paid, fee, refunded FROM orders").fetch_all(&mut *db).await?;
    for (state, mint, ordered, paid, fee, refunded) in orders {
        *stats.orders.entry(ORDER_STATE.word(state)).or_default() += 1;
        let volume = stats.volume.entry(mint).or_default();
        volume.ordered += u128::from(ordered.0);
        volume.paid += u128::from(paid.0);
        volume.fees += u128::from(fee.0);
        volume.refunded += u128::from(refunded.0);
    }
    let epochs: Vec<(i64, Amount, Amount, Amount)> =
        sqlx::query_as("SELECT state, distributed, to_reserve, paid FROM epochs").fetch_all(&mut *db).await?;
    let (mut distributed, mut to_reserve, mut claimed) = (0u128, 0u128, 0u128);
    for (state, shared, reserved, paid) in epochs {
        *stats.epochs.entry(EPOCH_STATE.word(state)).or_default() += 1;
        distributed += u128::from(shared.0);
        to_reserve += u128::from(reserved.0);
        claimed += u128::from(paid.0);
    }
    (stats.distributed, stats.to_reserve) = (distributed.to_string(), to_reserve.to_string());
    stats.claimed = claimed.to_string();
    Ok(scope.one(&stats))
}
