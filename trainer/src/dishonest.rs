//! A cheating trainer, so that the audit can be tested against one. Nothing that pays should ever use it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::recorder::{Recorder, RecorderError};
use crate::reduction::RankGradient;
use crate::state::{TrainState, Values};
use std::sync::Arc;

/// How to cheat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dishonesty {
    /// In every other step compute nothing, pass off the gradients of the step before, and commit to a full-looking log.
    SkipSteps,
}

/// Skips the work of every odd step.
pub struct SkippedSteps<'source> {
    honest: Box<dyn GradientSource + 'source>,
    stale: Option<(Vec<(u32, Arc<Values>)>, RankGradient)>,
}

impl<'source> SkippedSteps<'source> {
    /// Cheats on top of `honest`.
    #[must_use]
    pub fn new(honest: Box<dyn GradientSource + 'source>) -> Self {
        Self { honest, stale: None }
    }
}

impl GradientSource for SkippedSteps<'_> {
    fn mean_gradient(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
        recorder: &mut dyn Recorder,
    ) -> Result<RankGradient, GradientError> {
        if let Some((gradients, mean)) = self.stale.take_if(|_| state.steps_done() % 2 == 1) {
            for (virtual_rank, gradient) in gradients {
                recorder.gradient(state, virtual_rank, &gradient)?;
            }
            return Ok(mean);
        }
        let mut keeping = Keeping { recorder, gradients: Vec::new() };
        let mean = self.honest.mean_gradient(job, state, batches, &mut keeping)?;
        self.stale = Some((keeping.gradients, mean.clone()));
        Ok(mean)
    }
}

/// Keeps the gradients that pass by.
struct Keeping<'recorder> {
    recorder: &'recorder mut dyn Recorder,
    gradients: Vec<(u32, Arc<Values>)>,
}

impl Recorder for Keeping<'_> {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(&mut self, state: &TrainState, virtual_rank: u32, gradient: &Arc<Values>) -> Result<(), RecorderError> {
        self.gradients.push((virtual_rank, Arc::clone(gradient)));
        self.recorder.gradient(state, virtual_rank, gradient)
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        self.recorder.settle()
    }

    fn step(
        &mut self,
        state: &TrainState,
        batches: &[Vec<u32>],
        loss: f32,
        mean: Arc<Values>,
    ) -> Result<(), RecorderError> {
        self.recorder.step(state, batches, loss, mean)
    }
}
