//! One step of training: the mean gradient, the optimiser's update, and what a recorder is shown of it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::recorder::{Mean, Recorder, RecorderError};
use crate::state::TrainState;
use crate::stopwatch::{StepSeconds, TimedRecorder, timed};
use protocol::clipping::{factor, global_norm};
use protocol::data_order::BatchOrder;
use std::time::Instant;
use tch::TchError;

/// What a step left.
#[derive(Debug, Clone, Copy)]
pub struct StepOutcome {
    /// Mean loss over all virtual ranks, before the update.
    pub loss: f32,
    /// Where the step's time went.
    pub seconds: StepSeconds,
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
    /// The recorder failed.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
}

/// Does the next step of `state`.
pub fn run_step(
    job: &Job,
    state: &mut TrainState,
    order: &mut BatchOrder,
    source: &mut dyn GradientSource,
    recorder: &mut dyn Recorder,
) -> Result<StepOutcome, StepError> {
    let started = Instant::now();
    let mut recorder = TimedRecorder::new(recorder);
    let step = state.steps_done();
    let batches = order.batches(step);
    let mean = source.mean_gradient(job, state, &batches, &mut recorder)?;
    let mut seconds = source.seconds();
    let optimizer = &job.manifest.optimizer;
    let (mean, scale) = timed(&mut seconds.update, || {
        let norm = optimizer.clip_norm().map(|limit| (global_norm(mean.gradient.runs()), limit));
        let norm_bits = norm.map_or(0, |(norm, _)| norm.to_bits());
        let mean = Mean { loss: mean.loss, gradient: mean.gradient, norm_bits };
        (mean, norm.map(|(norm, limit)| factor(norm, limit)))
    });
    recorder.settle()?;
    timed(&mut seconds.update, || {
        let factors = |dimensions| optimizer.step_factors(step, job.manifest.steps, dimensions);
        state.update(factors, &mean.gradient, scale)
    })?;
    let loss = mean.loss;
    recorder.step(state, &batches, mean)?;
    seconds.commitment += recorder.seconds;
    seconds.total = started.elapsed().as_secs_f64();
    Ok(StepOutcome { loss, seconds })
}
