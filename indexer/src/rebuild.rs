//! Derives events and projections again from the stored transactions.

use crate::{
    apply::{prune, record},
    block::{Block, Transaction},
    rows::TABLES,
    store::{Store, StoreError, parse_json},
};

#[derive(sqlx::FromRow)]
struct Stored {
    slot: i64,
    blockhash: String,
    parent_slot: i64,
    parent_hash: String,
    block_time: Option<i64>,
}

impl Store {
    /// Empties events, projections and dead letters and derives them again, in one SQL transaction: readers see the old
    /// tables or the new ones. Run it after an upgrade that reads what went to dead_letter. The feed stays as it is.
    ///
    /// # Errors
    /// When the database cannot be written; nothing changed then.
    pub async fn rebuild(&self) -> Result<(), StoreError> {
        let mut write = self.begin(-1).await?;
        for table in TABLES.into_iter().chain(["events", "dead_letter", "undo"]) {
            write.clear(table).await?;
        }
        let blocks: Vec<Stored> = sqlx::query_as(
            "SELECT slot, blockhash, parent_slot, parent_hash, block_time FROM blocks WHERE transactions > 0 ORDER BY slot",
        )
        .fetch_all(&mut *write.tx)
        .await?;
        for stored in blocks {
            let bodies: Vec<String> =
                sqlx::query_scalar("SELECT body FROM raw_transactions WHERE slot = ? ORDER BY tx_index")
                    .bind(stored.slot)
                    .fetch_all(&mut *write.tx)
                    .await?;
            let transactions = bodies.iter().map(|body| parse_json::<Transaction>("raw_transactions", body));
            let block = Block {
                slot: stored.slot.unsigned_abs(),
                blockhash: stored.blockhash,
                parent_slot: stored.parent_slot.unsigned_abs(),
                parent_hash: stored.parent_hash,
                block_time: stored.block_time,
                transactions: transactions.collect::<Result<_, _>>()?,
            };
            write.turn_to(stored.slot);
            record(&mut write, &block, false).await?;
        }
        let mark: i64 = sqlx::query_scalar("SELECT finalized_slot FROM head").fetch_one(&mut *write.tx).await?;
        prune(&mut write, mark).await?;
        write.commit().await
    }
}
