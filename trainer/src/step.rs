//! One step of training: gradients, their mean, the optimiser's update, and the record that commits to all of it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::reduction::tree_mean;
use crate::state::TrainState;
use protocol::adamw::StepFactors;
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
    let mean = tree_mean(&ranks);
    let optimizer = &job.manifest.optimizer;
    let learning_rate = optimizer.learning_rate(step, job.manifest.steps);
    state.update(&StepFactors::new(&optimizer.settings(), learning_rate, step + 1), &mean.gradient)?;
    let record = (recording == Recording::On).then(|| StepRecord {
        step,
        batch_root: batch_root(&batches),
        gradient_roots: (0..)
            .zip(&ranks)
            .map(|(virtual_rank, rank)| state.gradient_root(TensorGroup::Gradient { virtual_rank }, &rank.gradient))
            .collect(),
        reduced_root: state.gradient_root(TensorGroup::ReducedGradient, &mean.gradient),
        state_root: state.root(),
        loss_bits: mean.loss.to_bits(),
    });
    Ok(StepOutcome { loss: mean.loss, record })
}
