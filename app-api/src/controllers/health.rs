//! `/healthz` and `/readyz`: whether the process lives, and whether its answers are fresh.

use crate::{Api, context::Context, problem::Problem};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use indexer::Head;
use serde::Serialize;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// The process answers.
pub async fn alive() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok" }))).into_response()
}

#[derive(Serialize)]
struct Ready {
    /// `ready`; `degraded` with events in dead_letter; `stale` when the indexer hears nothing from the chain.
    status: &'static str,
    context: Context,
    checked_slot: i64,
    tip_slot: i64,
    finalized_slot: i64,
    /// Seconds since the indexer last heard from the chain.
    polled_seconds_ago: i64,
    dead_letters: i64,
}

/// 200 while the indexer follows the chain, 503 otherwise.
pub async fn ready(State(api): State<Api>) -> Result<Response, Problem> {
    let head = Head::of(&api.pool).await?;
    let dead_letters: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter").fetch_one(&api.pool).await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let age_ms = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(head.polled_at).max(0);
    let fresh = u64::try_from(age_ms / 1_000).unwrap_or(0) <= api.settings.stale_seconds;
    let status = match (fresh, dead_letters) {
        (false, _) => "stale",
        (true, 0) => "ready",
        (true, _) => "degraded",
    };
    let ready = Ready {
        status,
        context: Context::from(&head),
        checked_slot: head.checked_slot,
        tip_slot: head.tip_slot,
        finalized_slot: head.finalized_slot,
        polled_seconds_ago: age_ms / 1_000,
        dead_letters,
    };
    let code = if fresh { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((code, [(header::CACHE_CONTROL, "no-store")], Json(ready)).into_response())
}
