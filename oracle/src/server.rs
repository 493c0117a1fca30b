//! The operator's port: `/metrics` for Prometheus, `/healthz` and `/readyz` as the API has them.

use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::settings::Listen;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use std::{io, net::SocketAddr, time::Duration};
use tokio::net::TcpListener;

/// Why there is no port for metrics.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot serve metrics on {address}: {reason}; stop what uses the port, or choose another with --metrics-listen"
)]
pub struct ListenError {
    /// Where.
    pub address: SocketAddr,
    /// Why not.
    pub reason: io::Error,
}

/// A server that listens and waits to be run.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
}

#[derive(Debug, Clone)]
struct Shared {
    metrics: Metrics,
    stale: Duration,
}

impl Server {
    /// Takes the port. An oracle is ready while the chain answered within `stale`.
    ///
    /// # Errors
    /// When the port is taken, or the address is not this host's.
    pub async fn bind(listen: Listen, metrics: Metrics, stale: Duration) -> Result<Self, ListenError> {
        let failed = |reason| ListenError { address: listen.0, reason };
        let listener = TcpListener::bind(listen.0).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let router = Router::new()
            .route("/metrics", get(exposition))
            .route("/healthz", get(alive))
            .route("/readyz", get(ready))
            .with_state(Shared { metrics, stale });
        Ok(Self { listener, address, router })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the future is dropped.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self) -> io::Result<()> {
        axum::serve(self.listener, self.router).await
    }
}

async fn exposition(State(shared): State<Shared>) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], shared.metrics.text()).into_response()
}

/// The process answers.
async fn alive() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok" }))).into_response()
}

/// 200 while this oracle can vote, 503 otherwise.
async fn ready(State(shared): State<Shared>) -> Response {
    let (code, body) = match shared.metrics.unready(shared.stale) {
        None => (StatusCode::OK, json!({ "status": "ready" })),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, json!({ "status": "unready", "detail": why })),
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
