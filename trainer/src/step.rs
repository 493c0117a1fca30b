//! One step of training: gradients, their mean, the optimiser's update, and the record that commits to all of it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::reduction::tree_mean;
use crate::state::TrainState;
use protocol::clipping::{factor, global_norm};
use protocol::commitment::{StepRecord, TensorGroup, batch_root};
use protocol::data_order::BatchOrder;
use tch::TchError;

/// Whether a step's record is wanted: hashing costs time, and one worker's records are enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// Hash everything.
    On,
    /// Only train.
    Off,
}

/// What a step left.
#[derive(Debug)]
pub struct StepOutcome {
    /// Mean loss over all virtual ranks, before the update.
    pub loss: f32,
    /// The record, where one was wanted.
    pub record: Option<StepRecord>,
}

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// No gradients came.
    #[error(transparent)]
    Gradients(#[from] GradientError),
    /// libtorch refused the new values.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
}

/// Does the next step of `state`.
pub fn run_step(
    job: &Job,
    state: &mut TrainState,
    order: &mut BatchOrder,
    source: &mut dyn GradientSource,
    recording: Recording,
) -> Result<StepOutcome, StepError> {
    let step = state.steps_done();
    let batches = order.batches(step);
    let ranks = source.gradients(job, state, &batches)?;
    let mut mean = tree_mean(&ranks);
    let optimizer = &job.manifest.optimizer;
    let clip = optimizer.clip_norm().map(|limit| {
        let norm = global_norm(mean.gradient.iter().map(Vec::as_slice));
        (norm, factor(norm, limit))
    });
    // the root is that of the gradient before it is clipped: a disputed mean needs no norm, and a disputed update has it
    let reduced = TensorGroup::ReducedGradient { norm_bits: clip.map_or(0, |(norm, _)| norm.to_bits()) };
    let reduced_root = (recording == Recording::On).then(|| state.gradient_root(reduced, &mean.gradient));
    if let Some((_, factor)) = clip {
        mean.gradient.iter_mut().flatten().for_each(|value| *value *= factor);
    }
    state.update(|dimensions| optimizer.step_factors(step, job.manifest.steps, dimensions), &mean.gradient)?;
    let record = reduced_root.map(|reduced_root| StepRecord {
        step,
        batch_root: batch_root(&batches),
        gradient_roots: (0..)
            .zip(&ranks)
            .map(|(virtual_rank, rank)| state.gradient_root(TensorGroup::Gradient { virtual_rank }, &rank.gradient))
            .collect(),
        reduced_root,
        state_root: state.root(),
        loss_bits: mean.loss.to_bits(),
    });
    Ok(StepOutcome { loss: mean.loss, record })
}
