//! The server: listening, limits, and the way down.

use crate::{Api, Settings, controllers, problem::Problem};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use indexer::{StoreError, store::open_read_only};
use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    trace::TraceLayer,
};

/// How long the API waits for the indexer to make the database.
const DATABASE_WAIT: Duration = Duration::from_secs(30);

/// Why the API cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {reason}: stop what uses the port, or choose another with --listen")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        reason: std::io::Error,
    },
    /// No database after some time.
    #[error("no database at {path} ({reason}): start the indexer first, or correct --database")]
    Database {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        reason: StoreError,
    },
    /// An origin that is none.
    #[error("cors_origins: {0:?} is not an origin: write it as https://example.org, or *")]
    Origin(String),
    /// The server broke.
    #[error("the server stopped: {0}")]
    Io(#[from] std::io::Error),
}

/// A server that listens and waits to be run.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    router: Router,
    address: SocketAddr,
}

impl Server {
    /// Takes the port and opens the database, waiting some seconds for the indexer to make it.
    ///
    /// # Errors
    /// When the port is taken, the database does not come, or an origin does not read.
    pub async fn bind(settings: Settings) -> Result<Self, ServeError> {
        let failed = |reason| ServeError::Listen { address: settings.listen, reason };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let cors = cors(&settings)?;
        let pool = wait_for_database(&settings).await?;
        let streams = Arc::new(Semaphore::new(settings.max_streams));
        let router = router(Api { pool, settings: Arc::new(settings), streams }).layer(cors);
        Ok(Self { listener, router, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` resolves; then requests in progress are finished, streams are cut.
    ///
    /// # Errors
    /// When the listener breaks.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        tracing::info!(address = %self.address, "API listens");
        let (stopped, mut stop) = tokio::sync::watch::channel(false);
        let graceful = async move {
            shutdown.await;
            let _ = stopped.send(true);
        };
        let server = axum::serve(self.listener, self.router).with_graceful_shutdown(graceful);
        // an event stream never ends by itself
        let cut = async move {
            let _ = stop.wait_for(|stopped| *stopped).await;
            tokio::time::sleep(Duration::from_secs(2)).await;
        };
        tokio::select! {
            done = server.into_future() => Ok(done?),
            () = cut => Ok(()),
        }
    }
}

/// Binds and runs.
///
/// # Errors
/// As [`Server::bind`] and [`Server::run`].
pub async fn serve(settings: Settings, shutdown: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
    Server::bind(settings).await?.run(shutdown).await
}

/// All routes, without CORS.
pub fn router(api: Api) -> Router {
    let limit = DefaultBodyLimit::max(api.settings.body_limit_bytes);
    controllers::routes()
        .fallback(async || Problem::not_found("no such path: the README lists all of them, such as /v1/listings, /v1/orders, /v1/epochs and /v1/stats"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn_with_state(api.clone(), time_limit))
        .layer(limit)
        .layer(TraceLayer::new_for_http())
        .with_state(api)
}

async fn time_limit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let limited = tokio::time::timeout(api.settings.request_timeout(), next.run(request)).await;
    limited.unwrap_or_else(|_| Problem::timeout().into_response())
}

fn cors(settings: &Settings) -> Result<CorsLayer, ServeError> {
    let origins = if settings.cors_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let read = |origin: &String| origin.parse::<HeaderValue>().map_err(|_| ServeError::Origin(origin.clone()));
        AllowOrigin::list(settings.cors_origins.iter().map(read).collect::<Result<Vec<_>, _>>()?)
    };
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET])
        .allow_headers([header::IF_NONE_MATCH, HeaderName::from_static("last-event-id")])
        .expose_headers([header::ETAG, header::RETRY_AFTER, HeaderName::from_static("x-checked-slot")]))
}

async fn wait_for_database(settings: &Settings) -> Result<sqlx::SqlitePool, ServeError> {
    let deadline = tokio::time::Instant::now() + DATABASE_WAIT;
    loop {
        let reason = match open_read_only(&settings.database, settings.connections).await {
            Ok(pool) => match indexer::Head::of(&pool).await {
                Ok(_) => return Ok(pool),
                Err(reason) => reason,
            },
            Err(reason) => reason,
        };
        if tokio::time::Instant::now() >= deadline {
            return Err(ServeError::Database { path: settings.database.clone(), reason });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
