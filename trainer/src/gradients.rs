//! Where the gradients of a step come from: one process that plays all virtual ranks, or a group of workers.

use crate::bridge::{BridgeError, BucketSizes, GatherReducer, ProcessGroup, clear_gradients};
use crate::job::Job;
use crate::pass::{LastPass, backward};
use crate::reduction::RankGradient;
use crate::state::{TrainState, Values};
use tch::{TchError, Tensor};

/// Why no gradients came.
#[derive(Debug, thiserror::Error)]
pub enum GradientError {
    /// libtorch failed, or a peer is gone during the backward pass.
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// The bridge failed, or a peer is gone.
    #[error(transparent)]
    Bridge(#[from] BridgeError),
}

/// Computes the gradients of one step.
pub trait GradientSource {
    /// Loss and gradient of every virtual rank, in order; `batches` holds each rank's sample numbers.
    fn gradients(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
    ) -> Result<Vec<RankGradient>, GradientError>;
}

/// One process plays all virtual ranks, one after another.
#[derive(Debug, Default)]
pub struct OneProcess;

impl GradientSource for OneProcess {
    fn gradients(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
    ) -> Result<Vec<RankGradient>, GradientError> {
        (0..)
            .zip(batches)
            .map(|(virtual_rank, samples)| {
                clear_gradients(state.tensors())?;
                let loss = backward::<GradientError>(job, state, virtual_rank, samples, &mut |_| Ok(()))?;
                Ok(RankGradient { loss, gradient: read_gradients(state)? })
            })
            .collect()
    }
}

fn read_gradients(state: &TrainState) -> Result<Values, TchError> {
    state
        .tensors()
        .iter()
        .zip(state.specs())
        .map(|(tensor, spec)| {
            let mut values = vec![0.0; spec.len()];
            tensor.f_grad()?.f_copy_data(&mut values, spec.len())?;
            Ok(values)
        })
        .collect()
}

/// W workers share V virtual ranks: in round r, worker w computes virtual rank r * W + w, and libtorch's Reducer hands all
/// W gradients of the round to every worker.
#[derive(Debug)]
pub struct WorkerGroup<'group> {
    group: &'group ProcessGroup,
    reducer: GatherReducer<'group>,
}

impl<'group> WorkerGroup<'group> {
    /// Gradients of `state`'s parameters, gathered over `group`. The state must stay the same object from then on.
    pub fn new(group: &'group ProcessGroup, state: &TrainState, buckets: BucketSizes) -> Result<Self, BridgeError> {
        Ok(Self { group, reducer: GatherReducer::new(group, state.tensors(), buckets)? })
    }

    fn round(
        &self,
        job: &Job,
        state: &TrainState,
        virtual_rank: u32,
        samples: &[u32],
    ) -> Result<(f32, Vec<Values>), GradientError> {
        clear_gradients(state.tensors())?;
        // without these two calls the reducer leaves a backward pass alone: gradients of micro-batches add up first
        let loss = backward::<GradientError>(job, state, virtual_rank, samples, &mut |part| match part {
            LastPass::Forward => Ok(self.reducer.prepare_forward()?),
            LastPass::Backward => Ok(self.reducer.prepare_backward()?),
        })?;
        let of_rank = |rank| -> Result<Values, BridgeError> {
            (0..)
                .zip(state.specs())
                .map(|(place, spec)| {
                    let mut values = vec![0.0; spec.len()];
                    self.reducer.copy_gradient(place, rank, &mut values)?;
                    Ok(values)
                })
                .collect()
        };
        let gathered = (0..self.group.world_size()).map(of_rank).collect::<Result<_, _>>()?;
        Ok((loss, gathered))
    }

    /// Every worker's losses, one for each round.
    fn gather_losses(&self, own: &[f32]) -> Result<Vec<Vec<f32>>, GradientError> {
        let gathered = self.group.all_gather(&Tensor::f_from_slice(own)?)?;
        gathered
            .iter()
            .map(|losses| {
                let mut values = vec![0.0; own.len()];
                losses.f_copy_data(&mut values, own.len())?;
                Ok(values)
            })
            .collect()
    }
}

impl GradientSource for WorkerGroup<'_> {
    fn gradients(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
    ) -> Result<Vec<RankGradient>, GradientError> {
        let (mut own_losses, mut gradients) = (Vec::new(), Vec::new());
        let (rank, world_size) = (self.group.rank(), self.group.world_size());
        for (round, batches) in (0..).zip(batches.chunks(world_size as usize)) {
            let virtual_rank: u32 = round * world_size + rank;
            let (loss, gathered) = self.round(job, state, virtual_rank, &batches[rank as usize])?;
            own_losses.push(loss);
            gradients.extend(gathered);
        }
        let losses = self.gather_losses(&own_losses)?;
        let loss_of_rank = |virtual_rank: usize| losses[virtual_rank % losses.len()][virtual_rank / losses.len()];
        Ok(gradients
            .into_iter()
            .enumerate()
            .map(|(virtual_rank, gradient)| RankGradient { loss: loss_of_rank(virtual_rank), gradient })
            .collect())
    }
}
