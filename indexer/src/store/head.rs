//! How far the tables follow the chain.

use super::{Store, StoreError, integer};
use sqlx::{SqliteConnection, SqlitePool};

/// The last applied block, and how far the source was read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Head {
    /// Slot of the last applied block; -1 before the first.
    pub slot: i64,
    /// Its hash; empty before the first.
    pub blockhash: String,
    /// Its time, Unix seconds.
    pub block_time: Option<i64>,
    /// Every block up to here was read.
    pub checked_slot: i64,
    /// The source's newest slot.
    pub tip_slot: i64,
    /// Blocks up to here are never reverted.
    pub finalized_slot: i64,
    /// The commitment that is followed.
    pub commitment: String,
    /// When the source last answered, Unix milliseconds.
    pub polled_at: i64,
}

impl Head {
    /// Reads the head.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        Ok(sqlx::query_as(
            "SELECT slot, blockhash, block_time, checked_slot, tip_slot, finalized_slot, commitment, polled_at FROM head",
        )
        .fetch_one(connection)
        .await?)
    }

    /// Reads the head over a connection of the pool.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(pool: &SqlitePool) -> Result<Self, StoreError> {
        Self::read(&mut *pool.acquire().await?).await
    }

    /// Whether a block was applied yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slot < 0
    }

    /// Slot of the last applied block.
    #[must_use]
    pub fn slot(&self) -> Option<u64> {
        u64::try_from(self.slot).ok()
    }

    /// The final mark.
    #[must_use]
    pub fn finalized(&self) -> Option<u64> {
        u64::try_from(self.finalized_slot).ok()
    }
}

impl Store {
    /// Reads the head.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn head(&self) -> Result<Head, StoreError> {
        Head::of(&self.pool).await
    }

    /// The hash of a stored block.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn blockhash(&self, slot: u64) -> Result<Option<String>, StoreError> {
        let slot = integer(slot)?;
        Ok(sqlx::query_scalar("SELECT blockhash FROM blocks WHERE slot = ?")
            .bind(slot)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Notes that the source answered: every block up to `checked` was read, and its newest slot is `tip`.
    ///
    /// # Errors
    /// When the database cannot be written, or another writer took over.
    pub async fn checked(&self, checked: u64, tip: u64, commitment: &str, now_ms: i64) -> Result<(), StoreError> {
        let (checked, tip) = (integer(checked)?, integer(tip)?);
        let done = sqlx::query(
            "UPDATE head SET checked_slot = max(checked_slot, ?), tip_slot = ?, commitment = ?, polled_at = ? WHERE writer = ?",
        )
        .bind(checked)
        .bind(tip)
        .bind(commitment)
        .bind(now_ms)
        .bind(self.writer)
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }
}
