//! Where the time of a step goes.

use crate::gradient::Gradient;
use crate::recorder::{Mean, Recorder, RecorderError};
use crate::state::TrainState;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Instant;

/// Where the time of one step went on one rank, in seconds. What is left of the total is computing: the forward and backward
/// passes, and evaluations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepSeconds {
    /// The whole step.
    pub total: f64,
    /// Waiting for other ranks and for their bytes, beyond what the backward pass hides.
    pub communication: f64,
    /// The reduction's additions, as far as the backward pass does not hide them, and the optimiser's update.
    pub update: f64,
    /// Hashing gradients and state, as far as it holds up training, and storing checkpoints.
    pub commitment: f64,
}

impl AddAssign for StepSeconds {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.communication += other.communication;
        self.update += other.update;
        self.commitment += other.commitment;
    }
}

/// Does `work`, and adds the seconds that it takes to `spent`.
pub fn timed<T>(spent: &mut f64, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    *spent += started.elapsed().as_secs_f64();
    done
}

/// Passes everything on to another recorder, and measures how long that takes.
pub struct TimedRecorder<'recorder> {
    recorder: &'recorder mut dyn Recorder,
    /// Seconds spent in the recorder so far.
    pub seconds: f64,
}

impl<'recorder> TimedRecorder<'recorder> {
    /// Measures `recorder`.
    pub fn new(recorder: &'recorder mut dyn Recorder) -> Self {
        Self { recorder, seconds: 0.0 }
    }
}

impl Recorder for TimedRecorder<'_> {
    fn wants_gradients(&self) -> bool {
        self.recorder.wants_gradients()
    }

    fn gradient(
        &mut self,
        state: &TrainState,
        virtual_rank: u32,
        gradient: &Arc<Gradient>,
    ) -> Result<(), RecorderError> {
        timed(&mut self.seconds, || self.recorder.gradient(state, virtual_rank, gradient))
    }

    fn use_spare_time(&mut self) -> bool {
        // who waits measures the wait
        self.recorder.use_spare_time()
    }

    fn settle_gradients(&mut self) -> Result<(), RecorderError> {
        timed(&mut self.seconds, || self.recorder.settle_gradients())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        timed(&mut self.seconds, || self.recorder.settle())
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        timed(&mut self.seconds, || self.recorder.step(state, batches, mean))
    }
}
