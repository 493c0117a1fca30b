//! Who hashes what a step commits to: nobody, the training thread itself, or a thread beside it.

mod beside;

pub use beside::Beside;

use crate::gradient::Gradient;
use crate::reduction::share_of;
use crate::state::{TrainState, gradient_root};
use protocol::commitment::{StepRecord, TensorGroup, batch_root};
use protocol::digest::Digest;
use protocol::tensor_blocks::tensor_block_count;
use std::ops::Range;
use std::sync::Arc;

/// What is committed to cannot be hashed any more.
#[derive(Debug, thiserror::Error)]
#[error("hashing gradients and states stopped by a panic: start the worker again")]
pub struct RecorderError;

/// What the virtual ranks of a step come to.
#[derive(Debug, Clone)]
pub struct Mean {
    /// Mean loss, before the update.
    pub loss: f32,
    /// Mean gradient, before it is clipped: a disputed mean needs no norm, and a disputed update has it.
    pub gradient: Arc<Gradient>,
    /// Bits of the gradient's norm (f64) where the manifest clips; 0 where it does not.
    pub norm_bits: u64,
}

impl Mean {
    fn group(&self) -> TensorGroup {
        TensorGroup::ReducedGradient { norm_bits: self.norm_bits }
    }
}

/// Is shown what a step computes, in the order in which it happens.
pub trait Recorder {
    /// Whether the gradients of single virtual ranks are wanted.
    fn wants_gradients(&self) -> bool;

    /// Virtual rank `virtual_rank`, which this process plays, has this gradient in the step after `state`.
    fn gradient(
        &mut self,
        state: &TrainState,
        virtual_rank: u32,
        gradient: &Arc<Gradient>,
    ) -> Result<(), RecorderError>;

    /// The training thread has to wait for others: a little of what is still to be hashed. False where there is nothing to do.
    fn use_spare_time(&mut self) -> bool {
        false
    }

    /// The last gradient's memory is about to be written to: to be called before, after which no gradient may be held.
    fn settle_gradients(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    /// The state is about to change: to be called before, so that nobody has to copy it.
    fn settle(&mut self) -> Result<(), RecorderError>;

    /// A step on `batches` is done: it led to `state`.
    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError>;
}

/// Hashes nothing.
#[derive(Debug, Default)]
pub struct NoRecord;

impl Recorder for NoRecord {
    fn wants_gradients(&self) -> bool {
        false
    }

    fn gradient(&mut self, _: &TrainState, _: u32, _: &Arc<Gradient>) -> Result<(), RecorderError> {
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, _: &TrainState, _: &[Vec<u32>], _: Mean) -> Result<(), RecorderError> {
        Ok(())
    }
}

/// Hashes at once; for a process that plays all virtual ranks and needs each step's record before the next.
#[derive(Debug, Default)]
pub struct Immediate {
    gradient_roots: Vec<Digest>,
    record: Option<StepRecord>,
}

impl Immediate {
    /// The record of the last step.
    pub fn take(&mut self) -> Option<StepRecord> {
        self.record.take()
    }
}

impl Recorder for Immediate {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(
        &mut self,
        state: &TrainState,
        virtual_rank: u32,
        gradient: &Arc<Gradient>,
    ) -> Result<(), RecorderError> {
        self.gradient_roots.push(gradient_root(state.specs(), TensorGroup::Gradient { virtual_rank }, gradient));
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        self.record = Some(StepRecord {
            step: state.steps_done().saturating_sub(1),
            batch_root: batch_root(batches),
            gradient_roots: std::mem::take(&mut self.gradient_roots),
            reduced_root: gradient_root(state.specs(), mean.group(), &mean.gradient),
            state_root: state.root(),
            loss_bits: mean.loss.to_bits(),
        });
        Ok(())
    }
}

/// What one worker knows of a step's record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PartialRecord {
    /// Root of the samples.
    pub batch_root: Digest,
    /// Roots of the gradients of the virtual ranks that this worker plays, in order.
    pub gradient_roots: Vec<Digest>,
    /// Roots of this worker's share of the mean gradient's blocks.
    pub reduced_blocks: Vec<Digest>,
    /// Roots of this worker's share of the blocks of the state after the step.
    pub state_blocks: Vec<Digest>,
    /// Bits of the mean loss.
    pub loss_bits: u32,
}

/// Which part of what all workers hold one of them hashes: the blocks of mean gradient and state are shared like virtual
/// ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The worker.
    pub worker: u32,
    /// How many workers there are.
    pub workers: u32,
}

impl Share {
    /// Of one worker that does everything.
    pub const WHOLE: Self = Self { worker: 0, workers: 1 };

    /// The worker's blocks of a tree of so many leaves.
    #[must_use]
    pub fn of(self, leaves: usize) -> Range<usize> {
        let blocks = share_of(tensor_block_count(leaves) as u32, self.workers, self.worker);
        blocks.start as usize..blocks.end as usize
    }
}

/// Gives the calling thread less of the processor than those that train. With as many workers as cores it then works while the
/// training thread waits for other workers, who would otherwise wait for it.
pub(crate) fn let_training_go_first() {
    const NICENESS: libc::c_int = 15;
    // where the system refuses, only the speed is another
    // SAFETY: changes nothing but the priority of this thread, which 0 stands for
    let _ = unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
}
