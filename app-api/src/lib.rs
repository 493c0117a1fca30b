//! The HTTP API over the indexer's tables. It only reads.
//!
//! Every answer is `{"context": {...}, "data": ..., "next": ...}`: `context` says how far the tables follow the chain,
//! `next` is the cursor of the next page. Amounts, points and ids are strings, because they use all 64 bits. Errors are
//! `application/problem+json` with stable types ([`problem`]). One file per resource is in [`controllers`].

pub mod context;
pub mod controllers;
pub mod list;
pub mod names;
pub mod page;
pub mod params;
pub mod problem;
mod server;
pub mod settings;
mod view;

pub use server::{ServeError, Server, router, serve};
pub use settings::Settings;

use sqlx::SqlitePool;
use std::sync::Arc;

/// What handlers share.
#[derive(Clone, Debug)]
pub struct Api {
    pub(crate) pool: SqlitePool,
    pub(crate) settings: Arc<Settings>,
    pub(crate) streams: Arc<tokio::sync::Semaphore>,
}
