//! Where the gradient of a step comes from: one process that plays all virtual ranks, or a group of workers.

use crate::bridge::{
    AveragingReducer, BridgeError, BucketSizes, PassResult, ProcessGroup, TreeReducer, clear_gradients,
};
use crate::gradient::{Buffers, Gradient};
use crate::job::Job;
use crate::model::ParameterSpec;
use crate::pass::{LastPass, backward};
use crate::recorder::{Recorder, RecorderError};
use crate::reduction::{Program, RankGradient, TreeSum, mean_loss, merges, share_of};
use crate::state::{TrainState, Weights};
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
    /// A recorder keeps a gradient that it has to let go of.
    #[error("a gradient of the step before is still held where the next step has to write")]
    Held,
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
    pub gradient: Arc<Gradient>,
}

impl From<RankGradient> for MeanGradient {
    fn from(mean: RankGradient) -> Self {
        Self { loss: mean.loss, gradient: Arc::new(mean.gradient.into()) }
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
    let read = |(spec, tensor): (&ParameterSpec, &Tensor)| {
        let mut values = vec![0.0; spec.len()];
        tensor.f_grad()?.f_copy_data(&mut values, spec.len())?;
        Ok::<_, TchError>(values)
    };
    let gradient = state.specs().iter().zip(state.tensors()).map(read).collect::<Result<_, _>>()?;
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
            let gradient = Arc::new(gradient.into());
            recorder.gradient(state, virtual_rank, &gradient)?;
            sum.push(RankGradient { loss, gradient: Gradient::into_lists(gradient) });
        }
        let expected = job.manifest.virtual_ranks;
        Ok(sum.mean().ok_or(GradientError::Batches { expected, found: batches.len() })?.into())
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
    /// The last virtual rank's gradient, which lies in the reducer's buckets until the next step writes there.
    in_buckets: Option<Arc<Gradient>>,
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
        let reducer = TreeReducer::new(group, state.tensors(), buckets, &program)?;
        let lengths = state.specs().iter().map(ParameterSpec::len);
        Ok(Self {
            group,
            buffers: Buffers::new(reducer.places().iter().copied().zip(lengths).collect()),
            reducer,
            virtual_ranks,
            merges: merges(virtual_ranks, &own),
            own,
            in_buckets: None,
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
        if let Some(in_buckets) = &mut self.in_buckets {
            recorder.settle_gradients()?;
            if Arc::get_mut(in_buckets).is_none() {
                return Err(GradientError::Held);
            }
            self.in_buckets = None;
        }
        let mut seconds = StepSeconds::default();
        let mut losses = Vec::new();
        let mean = self.buffers.take()?;
        // what the reducer still adds to: nobody may write there, also after it is hashed
        let mut summed: Vec<Option<Arc<Gradient>>> = Vec::new();
        for (virtual_rank, &merges) in self.own.clone().zip(&self.merges) {
            let last = virtual_rank + 1 == self.own.end;
            let copy = (recorder.wants_gradients() && !last).then(|| self.buffers.take()).transpose()?;
            let result = match &copy {
                _ if last => PassResult::Mean(mean.flat()),
                Some(copy) => PassResult::SumAndCopy(copy.flat()),
                None => PassResult::Sum,
            };
            clear_gradients(state.tensors())?;
            let samples = &batches[virtual_rank as usize];
            let mut spare_time = || recorder.use_spare_time();
            let (loss, of_pass) = self.reducer.pass(result, merges, &mut spare_time, |before| {
                backward::<GradientError>(job, state, virtual_rank, samples, before)
            })?;
            seconds += of_pass;
            losses.push(loss);
            let copy = copy.map(|copy| self.buffers.lend(copy));
            if last && recorder.wants_gradients() {
                let in_buckets = gradient_in_place(state)?;
                recorder.gradient(state, virtual_rank, self.in_buckets.insert(in_buckets))?;
            } else if let Some(copy) = &copy {
                recorder.gradient(state, virtual_rank, copy)?;
            }
            summed.truncate(summed.len().saturating_sub(merges as usize));
            summed.push(copy.filter(|_| merges == 0));
        }
        let losses = timed(&mut seconds.communication, || self.gather_losses(&losses))?;
        self.seconds = seconds;
        Ok(MeanGradient { loss: mean_loss(&losses), gradient: self.buffers.lend(mean) })
    }

    fn seconds(&self) -> StepSeconds {
        self.seconds
    }
}

/// What the parameters of `state` hold, where it is.
fn gradient_in_place(state: &TrainState) -> Result<Arc<Gradient>, TchError> {
    let gradients = state.tensors().iter().map(Tensor::f_grad).collect::<Result<_, _>>()?;
    // SAFETY: only the next step writes there, and it begins when nobody holds the gradient any more
    let gradient = unsafe { Gradient::of_tensors(gradients) };
    Ok(Arc::new(gradient.ok_or_else(|| TchError::Kind("a parameter's gradient is not contiguous f32".to_owned()))?))
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
