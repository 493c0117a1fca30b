//! One file per resource.

pub mod awards;
pub mod claims;
pub mod config;
pub mod contributors;
pub mod epochs;
pub mod events;
pub mod health;
pub mod listings;
pub mod oracle_sets;
pub mod orders;
pub mod points;
pub mod proposals;
pub mod stats;

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
        .route("/v1/contributors", get(contributors::list))
        .route("/v1/contributors/{wallet}", get(contributors::one))
        .route("/v1/epochs", get(epochs::list))
        .route("/v1/epochs/{index}", get(epochs::one))
        .route("/v1/epochs/{index}/points", get(epochs::points))
        .route("/v1/epochs/{index}/claims", get(epochs::claims))
        .route("/v1/epochs/{index}/audit", get(epochs::audit))
        .route("/v1/points", get(points::list))
        .route("/v1/awards", get(awards::list))
        .route("/v1/claims", get(claims::list))
        .route("/v1/proposals", get(proposals::list))
        .route("/v1/proposals/{address}", get(proposals::one))
        .route("/v1/proposals/{address}/ballots", get(proposals::ballots))
        .route("/v1/config", get(config::one))
        .route("/v1/events", get(events::list))
        .route("/v1/stats", get(stats::one))
}
