//! One step of training: the mean gradient, the optimiser's update, and what a recorder is shown of it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::recorder::{Recorder, RecorderError};
use crate::state::TrainState;
use protocol::adamw::StepFactors;
use protocol::data_order::BatchOrder;
use std::sync::Arc;
use tch::TchError;

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// No gradients came.
    #[error(transparent)]
    Gradients(#[from] GradientError),
    /// libtorch refused the new values.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// The recorder failed.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
}

/// Does the next step of `state`; the mean loss over all virtual ranks, before the update.
pub fn run_step(
    job: &Job,
    state: &mut TrainState,
    order: &mut BatchOrder,
    source: &mut dyn GradientSource,
    recorder: &mut dyn Recorder,
) -> Result<f32, StepError> {
    let step = state.steps_done();
    let batches = order.batches(step);
    let mean = source.mean_gradient(job, state, &batches, recorder)?;
    let optimizer = &job.manifest.optimizer;
    let learning_rate = optimizer.learning_rate(step, job.manifest.steps);
    recorder.settle()?;
    state.update(&StepFactors::new(&optimizer.settings(), learning_rate, step + 1), &mean.gradient)?;
    recorder.step(state, &batches, mean.loss, Arc::new(mean.gradient))?;
    Ok(mean.loss)
}
