//! One file per resource.

pub mod awards;
pub mod ballots;
pub mod chunk_claims;
pub mod claims;
pub mod config;
pub mod contributors;
pub mod dead_letters;
pub mod epochs;
pub mod events;
pub mod health;
pub mod listings;
pub mod oracle_sets;
pub mod oracles;
pub mod orders;
pub mod panels;
pub mod points;
pub mod profit;
pub mod proposals;
pub mod records;
pub mod rentals;
pub mod reputations;
pub mod reserve;
pub mod schedule;
pub mod stats;
pub mod verdicts;
pub mod votes;

use crate::Api;
use axum::{Router, routing::get};

/// Paths and their handlers.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/v1/listings", get(listings::list))
        .route("/v1/listings/{address}", get(listings::one))
        .route("/v1/orders", get(orders::list))
        .route("/v1/orders/{address}", get(orders::one))
        .route("/v1/oracle-sets", get(oracle_sets::list))
        .route("/v1/oracle-sets/{version}", get(oracle_sets::one))
        .route("/v1/votes", get(votes::list))
        .route("/v1/reputations", get(reputations::list))
        .route("/v1/reputations/{seller}/{mint}", get(reputations::one))
        .route("/v1/oracles", get(oracles::list))
        .route("/v1/oracles/{oracle}", get(oracles::one))
        .route("/v1/records", get(records::list))
        .route("/v1/records/{order}", get(records::one))
        .route("/v1/recorded-votes", get(records::votes))
        .route("/v1/panels", get(panels::list))
        .route("/v1/panels/{order}", get(panels::one))
        .route("/v1/panel-votes", get(panels::votes))
        .route("/v1/verdicts", get(verdicts::list))
        .route("/v1/verdicts/{address}", get(verdicts::one))
        .route("/v1/chunk-claims", get(chunk_claims::list))
        .route("/v1/chunk-claims/{address}", get(chunk_claims::one))
        .route("/v1/rentals", get(rentals::list))
        .route("/v1/rentals/{address}", get(rentals::one))
        .route("/v1/contributors", get(contributors::list))
        .route("/v1/contributors/{wallet}", get(contributors::one))
        .route("/v1/epochs", get(epochs::list))
        .route("/v1/epochs/{index}", get(epochs::one))
        .route("/v1/epochs/{index}/points", get(epochs::points))
        .route("/v1/epochs/{index}/claims", get(epochs::claims))
        .route("/v1/epochs/{index}/audit", get(epochs::audit))
        .route("/v1/points", get(points::list))
        .route("/v1/awards", get(awards::list))
        .route("/v1/awards/{source}", get(awards::one))
        .route("/v1/claims", get(claims::list))
        .route("/v1/schedule", get(schedule::list))
        .route("/v1/schedule/{epoch}", get(schedule::one))
        .route("/v1/profit", get(profit::one))
        .route("/v1/profit/deposits", get(profit::deposits))
        .route("/v1/profit/claims", get(profit::claims))
        .route("/v1/reserve", get(reserve::one))
        .route("/v1/reserve/spends", get(reserve::spends))
        .route("/v1/reserve/spends/{id}", get(reserve::spend))
        .route("/v1/proposals", get(proposals::list))
        .route("/v1/proposals/{address}", get(proposals::one))
        .route("/v1/proposals/{address}/ballots", get(proposals::ballots))
        .route("/v1/ballots", get(ballots::list))
        .route("/v1/config", get(config::one))
        .route("/v1/events", get(events::list))
        .route("/v1/dead-letters", get(dead_letters::list))
        .route("/v1/stats", get(stats::one))
}
