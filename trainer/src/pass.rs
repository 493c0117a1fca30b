//! The forward and backward passes of one virtual rank in one step.
//!
//! Where the manifest asks for several micro-batches, each is computed by itself; its mean loss is multiplied by the share
//! 1 / `micro_batches` (f32), and libtorch adds its gradient to those of the micro-batches before it: a chain in their order,
//! below the tree over virtual ranks.

use crate::job::Job;
use crate::model::Pass;
use crate::state::Weights;
use tch::{TchError, Tensor};

/// Parts of the last micro-batch, whose backward pass completes the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastPass {
    /// Its forward pass comes next.
    Forward,
    /// Its backward pass comes next.
    Backward,
}

/// Computes the gradient of `virtual_rank` for the next step of `state` into the parameters, which hold none, and returns the
/// mean loss of its `samples`. `before` is called before the two parts of the last micro-batch.
pub fn backward<E: From<TchError>>(
    job: &Job,
    state: &impl Weights,
    virtual_rank: u32,
    samples: &[u32],
    before: &mut dyn FnMut(LastPass) -> Result<(), E>,
) -> Result<f32, E> {
    let parts = job.manifest.micro_batches;
    let share = 1.0 / parts as f32;
    let mut mean = 0.0;
    for (micro_batch, samples) in (0..).zip(samples.chunks(samples.len().div_ceil(parts as usize).max(1))) {
        let last = micro_batch + 1 == parts;
        if last {
            before(LastPass::Forward)?;
        }
        let loss = loss_of(job, state, virtual_rank, micro_batch, samples)?;
        let loss = if parts == 1 { loss } else { loss.f_mul_scalar(f64::from(share))? };
        if last {
            before(LastPass::Backward)?;
        }
        loss.f_backward()?;
        let value = loss.f_double_value(&[])? as f32;
        mean = if micro_batch == 0 { value } else { mean + value };
    }
    Ok(mean)
}

/// Mean loss of some samples, with its history.
fn loss_of(
    job: &Job,
    state: &impl Weights,
    virtual_rank: u32,
    micro_batch: u32,
    samples: &[u32],
) -> Result<Tensor, TchError> {
    let batch = job.samples.batch(samples)?.on(state.device())?;
    let pass = Pass::Training { seed: job.manifest.init_seed, step: state.steps_done(), virtual_rank, micro_batch };
    job.network.loss(state.tensors(), &batch.inputs, &batch.targets, pass)
}
