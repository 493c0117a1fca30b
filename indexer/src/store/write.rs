//! One SQL transaction of the writer: rows with their undo images, and the swap of the head.

use super::{Head, StoreError, integer};
use crate::{
    block::Block,
    rows::{Key, Row, SqliteQuery, with_row},
};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A SQL transaction about one block. Dropped without [`Write::commit`], it changes nothing.
pub(crate) struct Write<'c> {
    pub(crate) tx: Transaction<'c, Sqlite>,
    slot: i64,
    step: i64,
    writer: i64,
    budget: Option<Arc<AtomicI64>>,
}

impl<'c> Write<'c> {
    pub(crate) fn new(tx: Transaction<'c, Sqlite>, slot: i64, writer: i64, budget: Option<Arc<AtomicI64>>) -> Self {
        Self { tx, slot, step: 0, writer, budget }
    }

    /// The slot that the writes are about.
    pub(crate) fn slot(&self) -> i64 {
        self.slot
    }

    /// Turns to another block within the same SQL transaction.
    pub(crate) fn turn_to(&mut self, slot: i64) {
        (self.slot, self.step) = (slot, 0);
    }

    /// Runs a statement and returns the number of rows that it changed.
    pub(crate) async fn execute(&mut self, query: SqliteQuery<'_>) -> Result<u64, StoreError> {
        if let Some(budget) = &self.budget
            && budget.fetch_sub(1, Ordering::Relaxed) <= 0
        {
            return Err(StoreError::Crash);
        }
        Ok(query.execute(&mut *self.tx).await?.rows_affected())
    }

    /// Reads a row.
    pub(crate) async fn load<R: Row>(&mut self, key: &[Key]) -> Result<Option<R>, StoreError> {
        let mut query = sqlx::query_as::<Sqlite, R>(R::statements().select.as_str());
        for column in key {
            query = match column {
                Key::Integer(value) => query.bind(*value),
                Key::Text(value) => query.bind(value.clone()),
            };
        }
        Ok(query.fetch_optional(&mut *self.tx).await?)
    }

    /// Writes a row, and what it was before so that a fork can take it back.
    pub(crate) async fn save<R: Row>(&mut self, row: &R) -> Result<(), StoreError> {
        let key = row.key();
        let was: Option<R> = self.load(&key).await?;
        if was.as_ref() == Some(row) {
            return Ok(());
        }
        let was = was.map(|was| json(R::TABLE, &was)).transpose()?;
        let undo = sqlx::query("INSERT INTO undo (slot, step, relation, row_key, row_was) VALUES (?, ?, ?, ?, ?)")
            .bind(self.slot)
            .bind(self.step)
            .bind(R::TABLE)
            .bind(json(R::TABLE, &key)?)
            .bind(was);
        self.step += 1;
        self.execute(undo).await?;
        self.put(row).await
    }

    async fn put<R: Row>(&mut self, row: &R) -> Result<(), StoreError> {
        let query = row.bind(sqlx::query(R::statements().upsert.as_str()));
        self.execute(query).await.map(drop)
    }

    /// Takes a row back to an undo image.
    pub(crate) async fn restore(&mut self, table: &str, key: &str, was: Option<&str>) -> Result<(), StoreError> {
        let unknown = || StoreError::Corrupt { table: table.into(), reason: "unknown table in undo".into() };
        if let Some(was) = was {
            return with_row!(table, R => {
                let row: R = parse(table, was)?;
                self.put(&row).await
            })
            .ok_or_else(unknown)?;
        }
        let key: Vec<Key> = parse(table, key)?;
        let statement = with_row!(table, R => R::statements().delete.as_str()).ok_or_else(unknown)?;
        let mut query = sqlx::query(statement);
        for column in key {
            query = match column {
                Key::Integer(value) => query.bind(value),
                Key::Text(value) => query.bind(value),
            };
        }
        self.execute(query).await.map(drop)
    }

    /// Empties a table. The name is one of this crate's constants.
    pub(crate) async fn clear(&mut self, table: &str) -> Result<(), StoreError> {
        self.execute(sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}")))).await.map(drop)
    }

    /// Moves the head from `from` to a block, unless another writer moved it or took over.
    pub(crate) async fn swap_head(
        &mut self,
        from: &Head,
        slot: i64,
        blockhash: &str,
        block_time: Option<i64>,
        finalized: i64,
    ) -> Result<(), StoreError> {
        let swap = sqlx::query(
            "UPDATE head SET slot = ?, blockhash = ?, block_time = ?, finalized_slot = max(finalized_slot, ?),
             checked_slot = max(checked_slot, ?) WHERE slot = ? AND blockhash = ? AND writer = ?",
        )
        .bind(slot)
        .bind(blockhash.to_owned())
        .bind(block_time)
        .bind(finalized)
        .bind(slot)
        .bind(from.slot)
        .bind(from.blockhash.clone())
        .bind(self.writer);
        if self.execute(swap).await? == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }

    /// Inserts the block's own row.
    pub(crate) async fn insert_block(&mut self, block: &Block) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO blocks (slot, blockhash, parent_slot, parent_hash, block_time, transactions)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(self.slot)
        .bind(block.blockhash.clone())
        .bind(integer(block.parent_slot)?)
        .bind(block.parent_hash.clone())
        .bind(block.block_time)
        .bind(integer(block.transactions.len() as u64)?);
        self.execute(insert).await.map(drop)
    }

    /// Makes everything so far durable at once.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        // the last place to crash: after every statement, before the commit
        self.execute(sqlx::query("SELECT 1")).await?;
        Ok(self.tx.commit().await?)
    }
}

pub(crate) fn json<T: serde::Serialize>(table: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt { table: table.into(), reason: e.to_string() })
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(table: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt { table: table.into(), reason: e.to_string() })
}
