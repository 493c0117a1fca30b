//! The tables: SQLite in WAL mode, with one writer.

mod digest;
mod head;
mod write;

pub use head::Head;
pub(crate) use write::{Write, json as write_json, parse as parse_json};

use crate::settings::Settings;
use sqlx::{
    SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc, sync::atomic::AtomicI64, time::Duration};

/// The schema.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");

/// Why the tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused.
    #[error("database: {0} (nothing was written; it is tried again)")]
    Sql(#[from] sqlx::Error),
    /// The schema is not this build's.
    #[error("database schema: {0}: use the build that made the file, or a new file")]
    Migrate(#[from] MigrateError),
    /// Another process took over.
    #[error("another indexer writes this database: stop one of the two, or give each a file of its own")]
    Fenced,
    /// The chain went back on a block that was final.
    #[error(
        "fork below the final slot {finalized}: block {slot} was final and is no longer on the chain: check that the RPC server follows the right chain, then index into a new file"
    )]
    ForkBelowFinal {
        /// The block that would have to be reverted.
        slot: u64,
        /// The final mark.
        finalized: u64,
    },
    /// A stored row does not read.
    #[error("row of {table} does not read ({reason}): run `rebuild`")]
    Corrupt {
        /// Which table.
        table: String,
        /// Why.
        reason: String,
    },
    /// A slot that does not fit SQL's integers.
    #[error("number {0} is beyond 63 bits: no chain has such slots, check the RPC server")]
    TooLarge(u64),
    /// A test asked for a crash here.
    #[error("crash asked for by a test")]
    Crash,
}

/// The tables, open for writing.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) pool: SqlitePool,
    writer: i64,
    budget: Option<Arc<AtomicI64>>,
}

impl Store {
    /// Opens the file for writing, makes it when it is missing, brings its schema up to date, and fences older writers. Where the
    /// schema was an older build's, all rows are derived again from the stored transactions, so that new columns are filled.
    ///
    /// # Errors
    /// When the file cannot be opened, its schema is of a newer build, or its transactions do not read.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = options(path).create_if_missing(true);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await?;
        Self::with_pool(pool).await
    }

    /// A store in memory, for tests.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        Self::with_pool(pool.connect_with(options).await?).await
    }

    async fn with_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        MIGRATIONS.run(&pool).await?;
        let writer: i64 =
            sqlx::query_scalar("UPDATE head SET writer = writer + 1 RETURNING writer").fetch_one(&pool).await?;
        let store = Self { pool, writer, budget: None };
        store.derive_for_schema().await?;
        Ok(store)
    }

    /// Derives the rows again where they were last derived for another schema. The mark is set after that, so that a crash
    /// between the migrations and the last row is made good by the next opening.
    async fn derive_for_schema(&self) -> Result<(), StoreError> {
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
        let derived: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&self.pool).await?;
        if derived != newest {
            tracing::info!(derived, newest, "the schema is new: the rows are derived again");
            self.rebuild().await?;
            let mark = format!("PRAGMA user_version = {newest}");
            sqlx::query(sqlx::AssertSqlSafe(mark)).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// The pool behind the store.
    #[must_use]
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Makes the store fail, as a crash would, once `statements` more of them were run. For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn crash_after(&self, statements: i64) -> Self {
        Self { budget: Some(Arc::new(AtomicI64::new(statements))), ..self.clone() }
    }

    pub(crate) async fn begin(&self, slot: i64) -> Result<Write<'static>, StoreError> {
        let tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Write::new(tx, slot, self.writer, self.budget.clone()))
    }
}

/// Opens the file for reading only, for the API.
///
/// # Errors
/// When it does not exist yet.
pub async fn open_read_only(path: &Path, connections: u32) -> Result<SqlitePool, StoreError> {
    let options = options(path).read_only(true);
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(5));
    Ok(pool.connect_with(options).await?)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // in WAL mode a power cut may lose the last commits, never the consistency: they are read again from the chain
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(10))
        .foreign_keys(true)
}

/// A number of the chain as SQL's integer.
pub(crate) fn integer(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::TooLarge(value))
}

impl Settings {
    /// Opens the database that the settings name.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.database).await
    }
}
