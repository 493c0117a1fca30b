//! A digest of what the tables say, to compare a live database with a replay or a rebuild.

use super::{Store, StoreError, write::json};
use crate::rows::{Row, TABLES, with_row};
use solana_sha256_hasher::Hasher;
use sqlx::Row as _;

impl Store {
    /// SHA-256 over the head's block, all projections, events and dead letters, in the order of their keys. The feed is
    /// not part of it, because it tells the history of forks too.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn digest(&self) -> Result<String, StoreError> {
        let mut hasher = Hasher::default();
        let head = self.head().await?;
        hasher.hash(format!("head {} {}\n", head.slot, head.blockhash).as_bytes());
        for table in TABLES {
            hasher.hash(format!("table {table}\n").as_bytes());
            if let Some(lines) = with_row!(table, R => self.lines::<R>().await?) {
                hasher.hash(lines.as_bytes());
            }
        }
        let events = "SELECT slot, blockhash || tx_index || '/' || top_index || '/' || inner_index || signature || program || name || body
             FROM events ORDER BY slot, tx_index, top_index, inner_index";
        let dead = "SELECT slot, blockhash || tx_index || '/' || top_index || '/' || inner_index || signature || program || data
             FROM dead_letter ORDER BY slot, tx_index, top_index, inner_index";
        for statement in [events, dead] {
            for row in sqlx::query(statement).fetch_all(&self.pool).await? {
                hasher.hash(format!("{} {}\n", row.try_get::<i64, _>(0)?, row.try_get::<String, _>(1)?).as_bytes());
            }
        }
        Ok(protocol::digest::Digest(hasher.result().to_bytes()).to_string())
    }

    async fn lines<R: Row>(&self) -> Result<String, StoreError> {
        let rows: Vec<R> = sqlx::query_as(R::statements().all.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(|row| json(R::TABLE, row).map(|line| line + "\n")).collect()
    }
}
