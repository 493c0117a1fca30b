//! Where the gradient of a step comes from: one process that plays all virtual ranks, or a group of workers.

use crate::bridge::{AveragingReducer, BridgeError, BucketSizes, ProcessGroup, TreeReducer, clear_gradients};
use crate::job::Job;
use crate::model::ParameterSpec;
use crate::pass::{LastPass, backward};
use crate::recorder::{Recorder, RecorderError};
use crate::reduction::{Program, RankGradient, TreeSum, mean_loss, merges, share_of};
use crate::state::{TrainState, Values, Weights};
use crate::stopwatch::{StepSeconds, timed};
use std::ops::Range;
use std::sync::Arc;
use tch::{TchError, Tensor};

/// Why no gradient came.
#[derive(Debug, thiserror::Error)]
pub enum GradientError {
    /// libtorch failed, or a peer is gone during the backward pass.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// The bridge failed, or a peer is gone.
    #[error(transparent)]
    Bridge(#[from] BridgeError),
    /// The recorder failed.
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    /// The step has another number of batches than the job has virtual ranks.
    #[error("{found} batches for {expected} virtual ranks")]
    Batches {
        /// Virtual ranks of the job.
        expected: u32,
        /// Batches of the step.
        found: usize,
    },
}

/// What the virtual ranks of one step come to.
#[derive(Debug, Clone, PartialEq)]
pub struct MeanGradient {
    /// Mean loss.
    pub loss: f32,
    /// Mean gradient.
    pub gradient: Arc<Values>,
}

impl From<RankGradient> for MeanGradient {
    fn from(mean: RankGradient) -> Self {
        Self { loss: mean.loss, gradient: Arc::new(mean.gradient) }
    }
}

/// Computes the gradient of one step.
pub trait GradientSource {
    /// Mean loss and mean gradient over all virtual ranks; `batches` holds each rank's sample numbers. `recorder` is shown
    /// the gradients of the virtual ranks that this process plays.
    fn mean_gradient(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
        recorder: &mut dyn Recorder,
    ) -> Result<MeanGradient, GradientError>;

    /// What the last mean gradient took in communication and additions, beside computing the virtual ranks' gradients.
    fn seconds(&self) -> StepSeconds {
        StepSeconds::default()
    }
}

/// Loss and gradient of one virtual rank in the step after `state`; `samples` are its sample numbers.
pub fn rank_gradient(
    job: &Job,
    state: &TrainState,
    virtual_rank: u32,
    samples: &[u32],
) -> Result<RankGradient, GradientError> {
    clear_gradients(state.tensors())?;
    let loss = backward::<GradientError>(job, state, virtual_rank, samples, &mut |_| Ok(()))?;
    let mut gradient = unread(state.specs());
    read_gradients(state, &mut gradient)?;
    Ok(RankGradient { loss, gradient })
}

/// Losses and gradients of all virtual ranks, in order.
pub fn rank_gradients(job: &Job, state: &TrainState, batches: &[Vec<u32>]) -> Result<Vec<RankGradient>, GradientError> {
    (0..).zip(batches).map(|(virtual_rank, samples)| rank_gradient(job, state, virtual_rank, samples)).collect()
}

fn check_batches(job: &Job, batches: &[Vec<u32>]) -> Result<(), GradientError> {
    let expected = job.manifest.virtual_ranks;
    if batches.len() == expected as usize && expected > 0 {
        return Ok(());
    }
    Err(GradientError::Batches { expected, found: batches.len() })
}

/// One process plays all virtual ranks, one after another.
#[derive(Debug, Default)]
pub struct OneProcess;

impl GradientSource for OneProcess {
    fn mean_gradient(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
        recorder: &mut dyn Recorder,
    ) -> Result<MeanGradient, GradientError> {
        check_batches(job, batches)?;
        let mut sum = TreeSum::new(job.manifest.virtual_ranks);
        for (virtual_rank, samples) in (0..).zip(batches) {
            let RankGradient { loss, gradient } = rank_gradient(job, state, virtual_rank, samples)?;
            let gradient = Arc::new(gradient);
            recorder.gradient(state, virtual_rank, &gradient)?;
            sum.push(RankGradient { loss, gradient: Arc::unwrap_or_clone(gradient) });
        }
        let expected = job.manifest.virtual_ranks;
        Ok(sum.mean().ok_or(GradientError::Batches { expected, found: batches.len() })?.into())
    }
}

/// A gradient whose values are yet to be read.
fn unread(specs: &[ParameterSpec]) -> Values {
    specs.iter().map(|spec| vec![0.0; spec.len()]).collect()
}

/// Overwrites `gradient` with what the parameters of `state` hold.
fn read_gradients(state: &TrainState, gradient: &mut Values) -> Result<(), TchError> {
    for (tensor, values) in state.tensors().iter().zip(gradient) {
        let count = values.len();
        tensor.f_grad()?.f_copy_data(values, count)?;
    }
    Ok(())
}

/// Gradients that are written again once nobody hashes them any more: the system takes longer to hand out new memory than a
/// gradient takes to be copied into it.
#[derive(Debug, Default)]
struct Buffers {
    lent: Vec<Arc<Values>>,
}

impl Buffers {
    /// A gradient of the parameters `specs`, to be overwritten in full.
    fn take(&mut self, specs: &[ParameterSpec]) -> Values {
        let free = self.lent.iter_mut().position(|gradient| Arc::get_mut(gradient).is_some());
        let gradient = free.and_then(|place| Arc::into_inner(self.lent.swap_remove(place)));
        gradient.unwrap_or_else(|| unread(specs))
    }

    /// Shares a gradient with those who hash it.
    fn lend(&mut self, gradient: Values) -> Arc<Values> {
        let gradient = Arc::new(gradient);
        self.lent.push(Arc::clone(&gradient));
        gradient
    }
}

/// W workers share V virtual ranks: each plays consecutive ones and sums them along the tree, then the canonical reducer
/// joins the workers' sums while the last backward pass runs.
#[derive(Debug)]
pub struct WorkerGroup<'group> {
    group: &'group ProcessGroup,
    reducer: TreeReducer<'group>,
    virtual_ranks: u32,
    own: Range<u32>,
    merges: Vec<u32>,
    buffers: Buffers,
    seconds: StepSeconds,
}

impl<'group> WorkerGroup<'group> {
    /// Gradients of `state`'s parameters, for a job of `virtual_ranks`, at least one for each rank of `group`. The state
    /// must stay the same object from then on.
    pub fn new(
        group: &'group ProcessGroup,
        state: &TrainState,
        virtual_ranks: u32,
        buckets: BucketSizes,
    ) -> Result<Self, BridgeError> {
        let program = Program::of(virtual_ranks, group.world_size());
        let own = share_of(virtual_ranks, group.world_size(), group.rank());
        Ok(Self {
            group,
            reducer: TreeReducer::new(group, state.tensors(), buckets, &program)?,
            virtual_ranks,
            merges: merges(virtual_ranks, &own),
            own,
            buffers: Buffers::default(),
            seconds: StepSeconds::default(),
        })
    }

    /// The losses of all virtual ranks, in order.
    fn gather_losses(&self, own: &[f32]) -> Result<Vec<f32>, GradientError> {
        let mut all = vec![0.0; self.virtual_ranks as usize];
        all[self.own.start as usize..self.own.end as usize].copy_from_slice(own);
        let gathered = self.group.all_gather(&Tensor::f_from_slice(&all)?)?;
        for (worker, losses) in (0..).zip(&gathered) {
            let mut values = vec![0.0; all.len()];
            losses.f_copy_data(&mut values, all.len())?;
            for virtual_rank in share_of(self.virtual_ranks, self.group.world_size(), worker) {
                all[virtual_rank as usize] = values[virtual_rank as usize];
            }
        }
        Ok(all)
    }
}

impl GradientSource for WorkerGroup<'_> {
    fn mean_gradient(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
        recorder: &mut dyn Recorder,
    ) -> Result<MeanGradient, GradientError> {
        check_batches(job, batches)?;
        let mut seconds = StepSeconds::default();
        let mut losses = Vec::new();
        for (virtual_rank, &merges) in self.own.clone().zip(&self.merges) {
            let mut gradient = recorder.wants_gradients().then(|| self.buffers.take(state.specs()));
            clear_gradients(state.tensors())?;
            let last = virtual_rank + 1 == self.own.end;
            let samples = &batches[virtual_rank as usize];
            let mut spare_time = || recorder.use_spare_time();
            let (loss, of_pass) =
                self.reducer.pass(gradient.as_deref_mut(), merges, last, &mut spare_time, |before| {
                    backward::<GradientError>(job, state, virtual_rank, samples, before)
                })?;
            seconds += of_pass;
            losses.push(loss);
            if let Some(gradient) = gradient {
                recorder.gradient(state, virtual_rank, &self.buffers.lend(gradient))?;
            }
        }
        let losses = timed(&mut seconds.communication, || self.gather_losses(&losses))?;
        self.seconds = seconds;
        let mut mean = self.buffers.take(state.specs());
        read_gradients(state, &mut mean)?;
        Ok(MeanGradient { loss: mean_loss(&losses), gradient: self.buffers.lend(mean) })
    }

    fn seconds(&self) -> StepSeconds {
        self.seconds
    }
}

/// W workers average their gradients as torch's DistributedDataParallel does: fast, and with bits that depend on W.
#[derive(Debug)]
pub struct AveragingGroup<'group> {
    group: &'group ProcessGroup,
    reducer: AveragingReducer<'group>,
    own: Range<u32>,
}

impl<'group> AveragingGroup<'group> {
    /// Gradients of `state`'s parameters, for a job of `virtual_ranks`, a multiple of the ranks of `group`. The state must
    /// stay the same object from then on.
    pub fn new(group: &'group ProcessGroup, state: &impl Weights, virtual_ranks: u32) -> Result<Self, BridgeError> {
        let own = share_of(virtual_ranks, group.world_size(), group.rank());
        let reducer = AveragingReducer::new(group, state.tensors(), BucketSizes::default())?;
        Ok(Self { group, reducer, own })
    }

    /// What the gradients that [`AveragingGroup::backward`] leaves are multiplied by to be the mean.
    #[must_use]
    pub fn scale(&self) -> f64 {
        1.0 / self.own.len() as f64
    }

    /// Mean loss over all virtual ranks; `batches` holds each rank's sample numbers. The parameters of `state` hold the sum of
    /// one worker's virtual ranks' gradients, averaged over the workers. The seconds are only those that wait after the
    /// backward pass: how long the pass itself waits is not known.
    pub fn backward(
        &self,
        job: &Job,
        state: &impl Weights,
        batches: &[Vec<u32>],
    ) -> Result<(f32, StepSeconds), GradientError> {
        check_batches(job, batches)?;
        let mut loss_sum = 0.0;
        clear_gradients(state.tensors())?;
        for virtual_rank in self.own.clone() {
            let last = virtual_rank + 1 == self.own.end;
            let samples = &batches[virtual_rank as usize];
            loss_sum += backward::<GradientError>(job, state, virtual_rank, samples, &mut |part| match part {
                LastPass::Forward => Ok(self.reducer.prepare_forward()?),
                // before it the gradients of the virtual ranks only add up
                LastPass::Backward if last => Ok(self.reducer.prepare_backward()?),
                LastPass::Backward => Ok(()),
            })?;
        }
        let mut loss = Tensor::f_from_slice(&[loss_sum])?;
        let mut seconds = StepSeconds::default();
        timed(&mut seconds.communication, || self.group.all_reduce(&mut loss))?;
        Ok((loss.f_double_value(&[0])? as f32 / batches.len() as f32, seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_is_written_again_only_when_nobody_holds_it() {
        let specs: [ParameterSpec; 0] = [];
        let mut buffers = Buffers::default();
        let held = buffers.lend(vec![vec![1.0]]);
        assert!(buffers.take(&specs).is_empty(), "another one than that which is held");
        drop(held);
        assert_eq!(buffers.take(&specs), [[1.0]]);
        assert!(buffers.take(&specs).is_empty());
    }
}
