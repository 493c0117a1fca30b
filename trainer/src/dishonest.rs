//! A cheating trainer, so that the audit can be tested against one. Nothing that pays should ever use it.

use crate::gradients::{GradientError, GradientSource};
use crate::job::Job;
use crate::reduction::RankGradient;
use crate::state::TrainState;

/// How to cheat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dishonesty {
    /// In every other step compute nothing, pass off the gradients of the step before, and commit to a full-looking log.
    SkipSteps,
}

/// Skips the work of every odd step.
pub struct SkippedSteps<'source> {
    honest: Box<dyn GradientSource + 'source>,
    stale: Option<Vec<RankGradient>>,
}

impl<'source> SkippedSteps<'source> {
    /// Cheats on top of `honest`.
    #[must_use]
    pub fn new(honest: Box<dyn GradientSource + 'source>) -> Self {
        Self { honest, stale: None }
    }
}

impl GradientSource for SkippedSteps<'_> {
    fn gradients(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
    ) -> Result<Vec<RankGradient>, GradientError> {
        if let Some(stale) = self.stale.take_if(|_| state.steps_done() % 2 == 1) {
            return Ok(stale);
        }
        let fresh = self.honest.gradients(job, state, batches)?;
        self.stale = Some(fresh.clone());
        Ok(fresh)
    }
}
