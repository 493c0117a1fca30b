//! Cheating trainers, one for each way of cheating that the audit must catch (docs/attacks.md). Nothing that pays uses them.
//!
//! A cheat trains in one process: the commitments of an honest run do not depend on the number of workers, so neither do those
//! of a dishonest one. The honest path of a run knows of none of this.

mod run;
mod source;

pub use run::{CheatError, train};

/// How to cheat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dishonesty {
    /// In every other step compute nothing, and pass off the gradients of the step before.
    SkipSteps,
    /// Train on other samples than the batch that is committed to.
    WrongData,
    /// Train on the first batch over and over, and commit to it.
    RepeatedData,
    /// Of several batches take the one with the lowest loss, and commit to it.
    EasyData,
    /// The last virtual rank computes nothing: its gradient is zero.
    LazyRankZero,
    /// The last virtual rank repeats its first gradient in every step.
    LazyRankStale,
    /// The last virtual rank copies the gradient of the one before; needs two.
    LazyRankCopied,
    /// Add the virtual ranks' gradients in another order; needs three.
    ReducerOrder,
    /// Leave the last virtual rank out of the sum.
    ReducerDropsRank,
    /// Update with twice the manifest's learning rate.
    LearningRate,
    /// Update without the manifest's decay of weights.
    NoWeightDecay,
    /// Start from the initial weights of another seed.
    WrongStart,
    /// After the first segment go on from another run's state, and claim that the last step led there.
    SplicedCheckpoint,
    /// After the first segment go on from another run's state, and do not hide the seam.
    BrokenLink,
    /// Commit to half of the true loss in every step.
    ForgedLoss,
    /// Claim that every prediction on the held-out samples is right.
    ForgedMetric,
    /// Claim that in evaluations during training every prediction is right; needs a manifest that asks for some.
    ForgedEvaluation,
    /// Submit the log and the root of another job, which was trained honestly.
    OtherJobsProof,
    /// Do not serve the checkpoint at the start of the second segment, or of the first where there is one only.
    WithheldCheckpoint,
    /// Do not serve the log.
    WithheldLog,
}
