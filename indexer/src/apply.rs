//! Writes one block: all of it in one SQL transaction, or nothing.

use crate::{
    block::{Block, Transaction},
    decoder::{self, Found},
    project::{self, Outcome},
    store::{Head, Store, StoreError, Write, integer, write_json},
};

impl Store {
    /// Applies a block whose parent is the head, and moves the head to it. `finalized` is the source's newest final slot.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the head is no longer `head`; then and on every other error nothing was written.
    pub async fn apply(&self, head: &Head, block: &Block, finalized: Option<u64>) -> Result<(), StoreError> {
        let slot = integer(block.slot)?;
        // this block came from the source after `finalized` did: up to here its chain is the final one
        let mark = finalized.map_or(Ok(-1), |mark| integer(mark.min(block.slot)))?;
        let mut write = self.begin(slot).await?;
        write.insert_block(block).await?;
        for transaction in &block.transactions {
            insert_raw(&mut write, transaction).await?;
        }
        record(&mut write, block, true).await?;
        write.swap_head(head, slot, &block.blockhash, block.block_time, mark).await?;
        prune(&mut write, mark).await?;
        write.commit().await
    }
}

async fn insert_raw(write: &mut Write<'_>, transaction: &Transaction) -> Result<(), StoreError> {
    let insert = sqlx::query("INSERT INTO raw_transactions (slot, tx_index, signature, body) VALUES (?, ?, ?, ?)")
        .bind(write.slot())
        .bind(i64::from(transaction.index))
        .bind(transaction.signature.clone())
        .bind(write_json("raw_transactions", transaction)?);
    write.execute(insert).await.map(drop)
}

/// Decodes a block and writes its events, projections and dead letters; with `feed` also the outbox.
pub(crate) async fn record(write: &mut Write<'_>, block: &Block, feed: bool) -> Result<(), StoreError> {
    for found in decoder::decode(block) {
        match &found.event {
            Err(reason) => bury(write, block, &found, reason).await?,
            Ok(event) => {
                let body = write_json("events", &event.fields())?;
                insert_event(write, Insert::Event, block, &found, event.name(), &body).await?;
                if feed {
                    insert_event(write, Insert::Feed, block, &found, event.name(), &body).await?;
                }
                let context =
                    project::Context { slot: write.slot(), block_time: block.block_time, signature: &found.signature };
                if let Outcome::Suspect(reason) = project::project(write, &context, event).await? {
                    bury(write, block, &found, &reason).await?;
                }
            }
        }
    }
    Ok(())
}

enum Insert {
    Event,
    Feed,
}

async fn insert_event(
    write: &mut Write<'_>,
    into: Insert,
    block: &Block,
    found: &Found,
    name: &str,
    body: &str,
) -> Result<(), StoreError> {
    let statement = match into {
        Insert::Event => {
            "INSERT INTO events (slot, blockhash, tx_index, top_index, inner_index, signature, program, name, block_time,
             body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        }
        Insert::Feed => {
            "INSERT INTO outbox (kind, slot, blockhash, tx_index, top_index, inner_index, signature, program, name,
             block_time, body) VALUES ('apply', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        }
    };
    let insert = sqlx::query(statement)
        .bind(write.slot())
        .bind(block.blockhash.clone())
        .bind(i64::from(found.place.transaction))
        .bind(i64::from(found.place.top))
        .bind(i64::from(found.place.inner))
        .bind(found.signature.clone())
        .bind(found.program.name())
        .bind(name.to_owned())
        .bind(block.block_time)
        .bind(body.to_owned());
    write.execute(insert).await.map(drop)
}

async fn bury(write: &mut Write<'_>, block: &Block, found: &Found, reason: &str) -> Result<(), StoreError> {
    tracing::error!(slot = block.slot, signature = found.signature, reason, "event put into dead_letter");
    let insert = sqlx::query(
        "INSERT INTO dead_letter (slot, blockhash, tx_index, top_index, inner_index, signature, program, data, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(write.slot())
    .bind(block.blockhash.clone())
    .bind(i64::from(found.place.transaction))
    .bind(i64::from(found.place.top))
    .bind(i64::from(found.place.inner))
    .bind(found.signature.clone())
    .bind(found.program.name())
    .bind(hex::encode(&found.data))
    .bind(reason.to_owned());
    write.execute(insert).await.map(drop)
}

/// Drops what only a fork would need, up to the final mark. The newest final block stays: a fork may start there.
pub(crate) async fn prune(write: &mut Write<'_>, mark: i64) -> Result<(), StoreError> {
    write.execute(sqlx::query("DELETE FROM undo WHERE slot <= ?").bind(mark)).await?;
    let empty = sqlx::query(
        "DELETE FROM blocks WHERE transactions = 0 AND slot < (SELECT max(slot) FROM blocks WHERE slot <= ?)",
    );
    write.execute(empty.bind(mark)).await.map(drop)
}
