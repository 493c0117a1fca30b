//! Only the blocks with transactions of our programs, by `getSignaturesForAddress` and `getBlock`.
//!
//! Made for the embedded chain, where hashes of blocks with and without transactions do not link, where a jump in time
//! leaves millions of empty slots, and where there are no forks. The blocks that it yields are linked to each other, so
//! forks go unseen: elsewhere it insists on commitment `finalized`.

use super::{
    Batch, Rpc, Source, SourceError,
    rpc::BlockState,
    wire::{SignatureAnswer, programs},
};
use crate::{block::Block, settings::Commitment, store::Head};
use std::collections::BTreeMap;

/// Blocks fetched in one poll.
const BATCH: usize = 64;
/// Signatures in one answer: the first page is small, because there is rarely much that is new.
const PAGES: [usize; 2] = [50, 1_000];
/// How far the chain may be behind the tables after its restart.
const RESTART_SLOTS: u64 = 150;

/// The sparse source.
pub struct Signatures {
    rpc: Rpc,
    start_slot: u64,
    /// The server's count of transactions when all of them had been listed.
    settled: Option<u64>,
    checked_chain: bool,
}

impl Signatures {
    /// Starts at `start_slot` when the tables are empty.
    ///
    /// # Errors
    /// [`SourceError::ForksUnseen`] unless the chain is embedded or the commitment `finalized`.
    pub fn new(rpc: Rpc, start_slot: Option<u64>, embedded: bool) -> Result<Self, SourceError> {
        if !embedded && rpc.commitment() != Commitment::Finalized {
            return Err(SourceError::ForksUnseen);
        }
        Ok(Self { rpc, start_slot: start_slot.unwrap_or(0), settled: None, checked_chain: false })
    }

    /// The head's block must be on this chain.
    async fn check_chain(&mut self, head: &Head, slot: u64, tip: u64) -> Result<(), SourceError> {
        let theirs = match self.rpc.block(slot).await? {
            BlockState::Here(answer) => answer.block(slot)?.blockhash,
            BlockState::NotHere if tip + RESTART_SLOTS >= slot => return Err(SourceError::Unavailable(slot)),
            BlockState::NotHere => format!("which ends at {tip}"),
        };
        if theirs == head.blockhash {
            Ok(())
        } else {
            Err(SourceError::ForeignChain { slot, ours: head.blockhash.clone(), theirs })
        }
    }

    /// Signatures of our programs above `after`, by slot, and whether some are above `tip`.
    async fn list(&self, after: Option<u64>, tip: u64) -> Result<(BTreeMap<u64, Vec<String>>, bool), SourceError> {
        let (mut slots, mut newer) = (BTreeMap::<u64, Vec<String>>::new(), false);
        let low = after.map_or(self.start_slot, |slot| slot + 1);
        for program in programs() {
            let mut before: Option<String> = None;
            loop {
                let limit = PAGES[usize::from(before.is_some())];
                let page: Vec<SignatureAnswer> = self.rpc.signatures(program, before.as_deref(), limit).await?;
                let end = page.len() < limit || page.last().is_some_and(|oldest| oldest.slot < low);
                before = page.last().map(|oldest| oldest.signature.clone());
                for answer in page {
                    newer |= answer.slot > tip;
                    if (low..=tip).contains(&answer.slot) {
                        slots.entry(answer.slot).or_default().push(answer.signature);
                    }
                }
                if end {
                    break;
                }
            }
        }
        Ok((slots, newer))
    }

    async fn whole_block(&mut self, slot: u64, signatures: &[String]) -> Result<Block, SourceError> {
        let block = self.block(slot).await?.ok_or(SourceError::Unavailable(slot))?;
        let has = |wanted: &String| block.transactions.iter().any(|transaction| transaction.signature == *wanted);
        match signatures.iter().find(|signature| !has(signature)) {
            None => Ok(block),
            Some(missing) => {
                let reason = format!("transaction {missing} is listed there but not in the block");
                Err(SourceError::Inconsistent { slot, reason })
            }
        }
    }
}

impl Source for Signatures {
    async fn poll(&mut self, head: &Head) -> Result<Batch, SourceError> {
        let finalized = self.rpc.finalized_slot().await?;
        let tip = self.rpc.slot().await?;
        if let Some(slot) = head.slot().filter(|_| !self.checked_chain) {
            self.check_chain(head, slot, tip).await?;
        }
        self.checked_chain = true;
        let mut batch = Batch { tip, checked: Some(tip), finalized: Some(finalized), ..Batch::default() };
        let count = self.rpc.transaction_count().await?;
        if self.settled == Some(count) {
            return Ok(batch);
        }
        let (slots, newer) = self.list(head.slot(), tip).await?;
        let complete = slots.len() <= BATCH;
        let (mut parent_slot, mut parent_hash) = (head.slot().unwrap_or(0), head.blockhash.clone());
        for (slot, signatures) in slots.iter().take(BATCH) {
            let block = match self.whole_block(*slot, signatures).await {
                Ok(block) => Block { parent_slot, parent_hash, ..block },
                Err(error) if batch.blocks.is_empty() => return Err(error),
                Err(_) => {
                    batch.checked = batch.blocks.last().map(|block| block.slot);
                    return Ok(batch);
                }
            };
            (parent_slot, parent_hash) = (block.slot, block.blockhash.clone());
            batch.blocks.push(block);
        }
        if complete {
            self.settled = (!newer).then_some(count);
        } else {
            batch.checked = batch.blocks.last().map(|block| block.slot);
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
