//! Every block, by `getBlocks` and `getBlock`.
//!
//! What the server leaves out proves nothing: a slot counts as skipped only when the parent of an accepted block jumps
//! over it, which the linker checks.

use super::{Batch, Rpc, Source, SourceError, rpc::BlockState};
use crate::{block::Block, store::Head};

/// Blocks fetched in one poll.
const BATCH: usize = 32;
/// Slots listed in one poll.
const WINDOW: u64 = 1_000;

/// The dense source.
pub struct Blocks {
    rpc: Rpc,
    start_slot: Option<u64>,
}

impl Blocks {
    /// Starts at `start_slot`, or at the first that the server has, when the tables are empty.
    #[must_use]
    pub fn new(rpc: Rpc, start_slot: Option<u64>) -> Self {
        Self { rpc, start_slot }
    }
}

impl Source for Blocks {
    async fn poll(&mut self, head: &Head) -> Result<Batch, SourceError> {
        let finalized = self.rpc.finalized_slot().await?;
        let tip = self.rpc.slot().await?;
        let from = match (head.slot(), self.start_slot) {
            (Some(slot), _) => slot + 1,
            (None, Some(start)) => start,
            (None, None) => self.rpc.first_slot().await?,
        };
        let mut batch = Batch { tip, finalized: Some(finalized), ..Batch::default() };
        if from > tip {
            return Ok(batch);
        }
        let to = tip.min(from.saturating_add(WINDOW));
        let slots = self.rpc.slots(from, to).await?;
        for slot in slots.iter().copied().take(BATCH) {
            match self.block(slot).await {
                Ok(Some(block)) => batch.blocks.push(block),
                // the rest may hang on this one: leave it to the next poll
                Ok(None) => return Ok(batch),
                Err(error) if batch.blocks.is_empty() => return Err(error),
                Err(_) => return Ok(batch),
            }
        }
        // empty slots at the end of the window may still become blocks; those under the last block cannot
        batch.checked = batch.blocks.last().map(|block| block.slot);
        if slots.is_empty() && to < tip {
            // a window without any block: look behind it for the one whose parent tells
            let next = self.rpc.slots(to, tip.min(to.saturating_add(100 * WINDOW))).await?;
            if let Some(slot) = next.first() {
                batch.blocks.extend(self.block(*slot).await?);
            }
        }
        Ok(batch)
    }

    async fn block(&mut self, slot: u64) -> Result<Option<Block>, SourceError> {
        match self.rpc.block(slot).await? {
            BlockState::Here(answer) => answer.block(slot).map(Some),
            BlockState::NotHere => Ok(None),
        }
    }
}
