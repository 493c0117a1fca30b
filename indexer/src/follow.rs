//! The loop: poll, link, apply, for as long as it runs.

use crate::{
    block::Block,
    linker::{Link, link},
    settings::Settings,
    source::{RpcSource, Source, SourceError},
    store::{Store, StoreError},
};
use std::{
    future::Future,
    pin::pin,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The most blocks that are fetched to get from a detached block back to a known one.
const LONGEST_WALK: usize = 512;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// Why following stopped or a step failed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// The source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The tables.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FollowError {
    /// Whether trying again is pointless.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self {
            Self::Source(error) => error.is_fatal(),
            Self::Store(error) => !matches!(error, StoreError::Sql(_)),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Source(SourceError::Rpc(error)) => error.retry_after(),
            _ => None,
        }
    }
}

/// Moves the tables along a source.
pub struct Follower<S> {
    store: Store,
    source: S,
    commitment: &'static str,
}

impl<S: Source> Follower<S> {
    /// A follower of `source` that writes `store`.
    #[must_use]
    pub fn new(store: Store, source: S, commitment: &'static str) -> Self {
        Self { store, source, commitment }
    }

    /// The source.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// One poll and all that it brings. Returns the number of blocks applied.
    ///
    /// # Errors
    /// When source or tables fail. What was applied before stays; calling again goes on from there.
    pub async fn step(&mut self) -> Result<usize, FollowError> {
        let batch = self.source.poll(&self.store.head().await?).await?;
        let mut applied = 0;
        for block in batch.blocks {
            applied += self.take(block, batch.finalized).await?;
        }
        let head = self.store.head().await?;
        let checked = batch.checked.or(head.slot()).unwrap_or(0);
        self.store.checked(checked, batch.tip, self.commitment, now_ms()).await?;
        Ok(applied)
    }

    async fn take(&mut self, block: Block, finalized: Option<u64>) -> Result<usize, FollowError> {
        let head = self.store.head().await?;
        match link(&head, &block) {
            Link::Behind => Ok(0),
            Link::Next => {
                self.store.apply(&head, &block, finalized).await?;
                Ok(1)
            }
            Link::Detached => {
                let (ancestor, branch) = self.walk_back(block, head.finalized()).await?;
                if head.slot() != Some(ancestor) {
                    self.store.revert_to(&head, ancestor).await?;
                }
                let applied = branch.len();
                for block in branch.into_iter().rev() {
                    let head = self.store.head().await?;
                    self.store.apply(&head, &block, finalized).await?;
                }
                Ok(applied)
            }
        }
    }

    /// From a detached block back to a stored one: its slot, and the blocks above it, newest first.
    async fn walk_back(&mut self, block: Block, finalized: Option<u64>) -> Result<(u64, Vec<Block>), FollowError> {
        let mut branch = vec![block];
        while let Some(child) = branch.last() {
            let parent_slot = child.parent_slot;
            if self.store.blockhash(parent_slot).await?.as_ref() == Some(&child.parent_hash) {
                return Ok((parent_slot, branch));
            }
            if branch.len() >= LONGEST_WALK {
                let reason = format!("more than {LONGEST_WALK} blocks in a row are unknown");
                return Err(SourceError::Inconsistent { slot: parent_slot, reason }.into());
            }
            let parent = self.source.block(parent_slot).await?.ok_or(SourceError::Unavailable(parent_slot))?;
            if parent.blockhash != child.parent_hash || parent.slot >= child.slot {
                let reason = format!("block {} says that its parent is another one", child.slot);
                return Err(SourceError::Inconsistent { slot: parent_slot, reason }.into());
            }
            // only now, when the server shows both blocks: one garbled answer must not stop the indexer for good
            if let Some(finalized) = finalized.filter(|finalized| parent_slot <= *finalized) {
                return Err(StoreError::ForkBelowFinal { slot: parent_slot, finalized }.into());
            }
            branch.push(parent);
        }
        Err(SourceError::Unavailable(0).into())
    }
}

/// Indexes until `shutdown` resolves. The server may be down for any time: nothing is lost, it is asked again with growing
/// pauses.
///
/// # Errors
/// When going on would be wrong: another writer, another chain, a fork below the final mark, a database of another build.
pub async fn run(settings: Settings, shutdown: impl Future<Output = ()> + Send) -> Result<(), FollowError> {
    let store = settings.store().await?;
    let head = store.head().await?;
    tracing::info!(database = %settings.database.display(), rpc = settings.rpc_url, slot = head.slot, "indexer follows");
    let mut shutdown = pin!(shutdown);
    let mut pause = FIRST_PAUSE;
    let mut follower: Option<Follower<RpcSource>> = None;
    loop {
        let step = async {
            let follower = match &mut follower {
                Some(follower) => follower,
                None => {
                    let source = RpcSource::open(&settings).await?;
                    follower.insert(Follower::new(store.clone(), source, settings.commitment.name()))
                }
            };
            follower.step().await
        };
        // dropped in the middle, a step leaves the tables at its last whole block
        let outcome = tokio::select! {
            outcome = step => outcome,
            () = &mut shutdown => break,
        };
        let wait = match outcome {
            Ok(applied) => {
                pause = FIRST_PAUSE;
                if applied > 0 { Duration::ZERO } else { settings.poll() }
            }
            Err(error) if error.is_fatal() => {
                tracing::error!(%error, "indexer stops");
                return Err(error);
            }
            Err(error) => {
                let wait = error.retry_after().unwrap_or(pause).min(settings.backoff_max());
                tracing::warn!(%error, wait_ms = wait.as_millis(), "indexer tries again");
                pause = (pause * 2).min(settings.backoff_max());
                wait
            }
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = &mut shutdown => break,
        }
    }
    tracing::info!("indexer stopped");
    Ok(())
}

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}
