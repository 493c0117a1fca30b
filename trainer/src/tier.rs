//! How gradients are reduced.

use serde::{Deserialize, Serialize};

/// A way to reduce gradients; only the canonical one can be verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The canonical reducer: the same bits for any number of workers, and commitments to every step.
    #[default]
    Canonical,
    /// libtorch's gloo, averaged as DistributedDataParallel does: the bits depend on the number of workers, nothing is
    /// committed to, and no order can be paid for the result.
    Gloo,
    /// The same over NCCL, each worker on a CUDA device of its own; only in builds with the feature `nccl`.
    Nccl,
}

impl std::fmt::Display for Tier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Canonical => "canonical",
            Self::Gloo => "gloo",
            Self::Nccl => "nccl",
        })
    }
}
