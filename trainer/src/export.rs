//! What a finished job trained, as a safetensors file for other programs, and the metric of such a file.

use crate::checkpoint::{self, CheckpointError};
use crate::evaluate::evaluate;
use crate::job::{Job, JobError};
use crate::profile::{self, ProfileError};
use crate::state::TrainState;
use artefacts::{Store, StoreError};
use protocol::commitment::FinalMetric;
use protocol::digest::{Digest, content_address};
use protocol::job_log::{JobLog, LogFault};
use protocol::manifest::Start;
use safetensors::tensor::{Dtype, TensorView, serialize};
use tch::{TchError, Tensor};

/// Which of a job's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Every weight of the model; where adapters were trained, with their products added.
    Weights,
    /// The adapters alone, under the names that the Python library peft gives them after `base_model.model.`.
    Adapters,
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the log is damaged: {0}")]
    Log(#[from] protocol::codec::DecodeError),
    #[error("the log contradicts itself: {0}")]
    Fault(#[from] LogFault),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error("the final checkpoint holds state {found}, the log ends at {expected}")]
    OtherState { expected: Digest, found: Digest },
    #[error("the job trained no adapters: export its weights")]
    NoAdapters,
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error("cannot write safetensors: {0}")]
    Format(#[from] safetensors::SafeTensorError),
}

/// The manifest that the log at `log` is of.
pub fn manifest_of(store: &Store, log: &Digest) -> Result<Digest, ExportError> {
    Ok(JobLog::decode(&store.get(log)?)?.manifest_hash)
}

/// A safetensors file with the final weights of the job whose log is at `log`, after the log and the final checkpoint were
/// checked against each other. The process must be set up for the job's numeric profile.
pub fn export(store: &Store, log: &Digest, part: Part) -> Result<Vec<u8>, ExportError> {
    let log = JobLog::decode(&store.get(log)?)?;
    profile::enter(Job::numeric_profile(store, &log.manifest_hash)?)?;
    let job = Job::load(store, &log.manifest_hash)?;
    log.verify_against(&job.manifest)?;
    let state = checkpoint::decode(&job, &store.get(&log.end.checkpoint)?)?;
    let (expected, found) = (log.end.state_root, state.root());
    if found != expected {
        return Err(ExportError::OtherState { expected, found });
    }
    if part == Part::Adapters && job.network.adapters().is_none() {
        return Err(ExportError::NoAdapters);
    }
    let named = match part {
        Part::Weights => tch::no_grad(|| job.network.weights(state.tensors()))?,
        Part::Adapters => {
            let tensors = state.tensors().iter().map(Tensor::shallow_clone);
            state.specs().iter().map(|spec| spec.name.clone()).zip(tensors).collect()
        }
    };
    encode(&named)
}

fn encode(named: &[(String, Tensor)]) -> Result<Vec<u8>, ExportError> {
    let mut values = Vec::new();
    for (name, tensor) in named {
        let flat = tensor.f_detach()?.f_contiguous()?.f_reshape([-1])?;
        let mut of_tensor = vec![0.0f32; flat.numel()];
        let count = of_tensor.len();
        flat.f_copy_data(&mut of_tensor, count)?;
        let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
        values.push((name, shape, of_tensor.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>()));
    }
    let views = values
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    Ok(serialize(views, None)?)
}

/// How often the model of a manifest is right on its held-out samples with the weights in `file`.
pub fn evaluate_weights(store: &Store, manifest_hash: &Digest, file: &[u8]) -> Result<FinalMetric, ExportError> {
    profile::enter(Job::numeric_profile(store, manifest_hash)?)?;
    let job = Job::load_started(store, manifest_hash, Start { weights: content_address(file), lora: None }, file)?;
    Ok(evaluate(&job, &TrainState::initial(&job)?)?)
}
