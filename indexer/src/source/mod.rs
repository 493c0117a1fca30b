//! Where blocks come from.

mod blocks;
pub mod memory;
mod rpc;
mod signatures;
mod wire;

pub use blocks::Blocks;
pub use rpc::{Rpc, RpcError};
pub use signatures::Signatures;

use crate::{
    block::Block,
    settings::{Settings, SourceKind},
    store::Head,
};
use std::future::Future;

/// Why a source has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The call failed.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A block that must exist is not there (yet).
    #[error("block {0} is not available yet (skipped, cleaned up or not yet confirmed): it is asked for again")]
    Unavailable(u64),
    /// The answers contradict each other.
    #[error("the RPC server contradicts itself about slot {slot}: {reason}: it is asked again")]
    Inconsistent {
        /// Which slot.
        slot: u64,
        /// In which way.
        reason: String,
    },
    /// The database follows another chain.
    #[error(
        "the database's block {slot} ({ours}) is not on this chain ({theirs}): give each chain a database of its own"
    )]
    ForeignChain {
        /// The head's slot.
        slot: u64,
        /// The head's hash.
        ours: String,
        /// What the server has there.
        theirs: String,
    },
    /// Signatures cannot tell forks.
    #[error("source `signatures` does not see forks: set commitment = \"finalized\" or source = \"blocks\"")]
    ForksUnseen,
}

impl SourceError {
    /// Whether trying again is pointless.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::ForeignChain { .. } | Self::ForksUnseen)
    }
}

/// What a source has that is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Blocks above the head, usually in order. They may be duplicated, reordered or of another fork: the linker decides.
    pub blocks: Vec<Block>,
    /// With these blocks, everything up to here was read.
    pub checked: Option<u64>,
    /// The newest slot at the commitment followed.
    pub tip: u64,
    /// The newest final slot, asked for before the blocks.
    pub finalized: Option<u64>,
}

/// A chain, as the pipeline sees it.
pub trait Source: Send {
    /// What comes after the head. While there is no head, the first block handed out is where the tables start.
    fn poll(&mut self, head: &Head) -> impl Future<Output = Result<Batch, SourceError>> + Send;

    /// The block at a slot, to walk back to a common ancestor; `None` where there is none (yet).
    fn block(&mut self, slot: u64) -> impl Future<Output = Result<Option<Block>, SourceError>> + Send;
}

/// One of the sources over JSON-RPC.
pub enum RpcSource {
    /// See [`SourceKind::Blocks`].
    Blocks(Blocks),
    /// See [`SourceKind::Signatures`].
    Signatures(Signatures),
}

impl RpcSource {
    /// The source that the settings ask for.
    ///
    /// # Errors
    /// When the server must be asked what it is, and does not answer; when the settings would miss forks.
    pub async fn open(settings: &Settings) -> Result<Self, SourceError> {
        let rpc = Rpc::new(&settings.rpc_url, settings.commitment, settings.request_timeout())?;
        if settings.source == SourceKind::Blocks {
            return Ok(Self::Blocks(Blocks::new(rpc, settings.start_slot)));
        }
        let embedded = rpc.is_embedded().await?;
        match settings.source {
            SourceKind::Auto if !embedded => Ok(Self::Blocks(Blocks::new(rpc, settings.start_slot))),
            _ => Signatures::new(rpc, settings.start_slot, embedded).map(Self::Signatures),
        }
    }
}

impl Source for RpcSource {
    async fn poll(&mut self, head: &Head) -> Result<Batch, SourceError> {
        match self {
            Self::Blocks(source) => source.poll(head).await,
            Self::Signatures(source) => source.poll(head).await,
        }
    }

    async fn block(&mut self, slot: u64) -> Result<Option<Block>, SourceError> {
        match self {
            Self::Blocks(source) => source.block(slot).await,
            Self::Signatures(source) => source.block(slot).await,
        }
    }
}
