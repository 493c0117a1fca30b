//! Takes blocks back after a fork.

use crate::store::{Head, Store, StoreError, integer};

#[derive(sqlx::FromRow)]
struct Undo {
    relation: String,
    row_key: String,
    row_was: Option<String>,
}

impl Store {
    /// Takes back every block above `ancestor`, newest first, and moves the head to it, in one SQL transaction. The feed
    /// tells each event that was taken back.
    ///
    /// # Errors
    /// [`StoreError::ForkBelowFinal`] when a final block would have to go; nothing was written then.
    pub async fn revert_to(&self, head: &Head, ancestor: u64) -> Result<(), StoreError> {
        let to = integer(ancestor)?;
        let mut write = self.begin(to).await?;
        let slots: Vec<i64> = sqlx::query_scalar("SELECT slot FROM blocks WHERE slot > ? ORDER BY slot DESC")
            .bind(to)
            .fetch_all(&mut *write.tx)
            .await?;
        if let Some(lowest) = slots.last().filter(|lowest| **lowest <= head.finalized_slot) {
            let finalized = head.finalized().unwrap_or_default();
            return Err(StoreError::ForkBelowFinal { slot: lowest.unsigned_abs(), finalized });
        }
        for slot in &slots {
            let feed = sqlx::query(
                "INSERT INTO outbox (kind, slot, blockhash, tx_index, top_index, inner_index, signature, program, name,
                 block_time, body)
                 SELECT 'revert', slot, blockhash, tx_index, top_index, inner_index, signature, program, name, block_time,
                 body FROM events WHERE slot = ? ORDER BY tx_index DESC, top_index DESC, inner_index DESC",
            );
            write.execute(feed.bind(slot)).await?;
            let images: Vec<Undo> =
                sqlx::query_as("SELECT relation, row_key, row_was FROM undo WHERE slot = ? ORDER BY step DESC")
                    .bind(slot)
                    .fetch_all(&mut *write.tx)
                    .await?;
            for undo in images {
                write.restore(&undo.relation, &undo.row_key, undo.row_was.as_deref()).await?;
            }
            write.execute(sqlx::query("DELETE FROM blocks WHERE slot = ?").bind(slot)).await?;
        }
        let (blockhash, block_time): (String, Option<i64>) =
            sqlx::query_as("SELECT blockhash, block_time FROM blocks WHERE slot = ?")
                .bind(to)
                .fetch_one(&mut *write.tx)
                .await?;
        let back = sqlx::query("UPDATE head SET checked_slot = ?").bind(to);
        write.execute(back).await?;
        write.swap_head(head, to, &blockhash, block_time, -1).await?;
        write.commit().await?;
        tracing::warn!(from = head.slot, to, blocks = slots.len(), "fork: blocks taken back");
        Ok(())
    }
}
