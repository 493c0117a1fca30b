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

/// Which part of what all workers hold one of them hashes: blocks of mean gradient and state. Worker 0, who also stores the
/// checkpoints, takes fewer, so that none waits for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The worker.
    pub worker: u32,
    /// How many workers there are.
    pub workers: u32,
    /// Steps for each of which there is a checkpoint.
    pub segment_len: u32,
}

impl Share {
    /// Of one worker that does everything.
    pub const WHOLE: Self = Self { worker: 0, workers: 1, segment_len: 1 };

    /// The worker's blocks of a tree of so many leaves.
    #[must_use]
    pub fn of(self, leaves: usize) -> Range<usize> {
        let blocks = tensor_block_count(leaves) as u32;
        let first = (u64::from(blocks) * self.parts_of_first() / Self::PARTS) as u32;
        let own = match self.worker.checked_sub(1) {
            None => 0..first,
            Some(place) => {
                let others = share_of(blocks - first, self.workers - 1, place);
                first + others.start..first + others.end
            }
        };
        own.start as usize..own.end as usize
    }

    /// All that is hashed after a step: a mean, and a state, which is three times as large.
    const PARTS: u64 = 4_000;
    /// What storing a checkpoint takes, in the same measure: as long as hashing its state six times. Only speed depends on it.
    const PARTS_OF_CHECKPOINT: u64 = 6 * 3_000;

    /// Parts of everything that worker 0 hashes, so that all have the same to do.
    fn parts_of_first(self) -> u64 {
        let storing = Self::PARTS_OF_CHECKPOINT / u64::from(self.segment_len.max(1));
        ((Self::PARTS + storing) / u64::from(self.workers.max(1))).saturating_sub(storing)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_block_is_one_workers(workers in 1u32..9, segment_len in 0u32..300, leaves in 0usize..2_000_000) {
            let mut next = 0;
            for worker in 0..workers {
                let own = Share { worker, workers, segment_len }.of(leaves);
                prop_assert_eq!(own.start, next);
                next = own.end;
            }
            prop_assert_eq!(next, tensor_block_count(leaves));
        }
    }

    #[test]
    fn who_stores_checkpoints_hashes_less_the_more_often_it_has_to() {
        let first_of_two = |segment_len| Share { worker: 0, workers: 2, segment_len }.of(1024 * 1000).len();
        assert_eq!([1, 10, 100, 100_000].map(first_of_two), [0, 275, 477, 500]);
        assert_eq!(Share { worker: 0, workers: 1, segment_len: 1 }.of(1024 * 1000).len(), 1000);
    }
}
