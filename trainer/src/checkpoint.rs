//! A training state as a safetensors file: parameters under their own names, moments under `adamw.first/` and
//! `adamw.second/`, and the step counter in the metadata. One state always gives the same bytes.

use crate::job::Job;
use crate::model::weights::{WeightsError, read_one};
use crate::state::{StateSnapshot, TrainState, Values};
use protocol::digest::Digest;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use tch::TchError;

/// Before the names of the parameters, the first moments, the second moments.
const PREFIXES: [&str; 3] = ["", "adamw.first/", "adamw.second/"];
/// The only key of the metadata: with several, their order in the file would be random.
const METADATA_KEY: &str = "aixblock";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metadata {
    manifest: Digest,
    steps_done: u32,
}

/// Why bytes are not a checkpoint of the job.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file is not safetensors.
    #[error("the checkpoint is no safetensors file: {0}")]
    Format(#[from] safetensors::SafeTensorError),
    /// The metadata is missing or of another format.
    #[error("the checkpoint's metadata is missing or damaged")]
    Metadata,
    /// The checkpoint belongs to another job.
    #[error("the checkpoint is of manifest {0}")]
    OtherManifest(Digest),
    /// A tensor is missing, or there is one too many.
    #[error("the checkpoint has {found} tensors, the model needs {expected}")]
    TensorCount {
        /// What the model needs.
        expected: usize,
        /// What the file has.
        found: usize,
    },
    /// A tensor is missing or does not fit the model.
    #[error("the checkpoint does not fit the model: {0}")]
    Weights(#[from] WeightsError),
    /// libtorch refused the values.
    #[error(transparent)]
    Torch(#[from] TchError),
}

/// The file that holds `state`.
pub fn encode(job: &Job, state: &TrainState) -> Result<Vec<u8>, CheckpointError> {
    encode_snapshot(job.manifest_hash, &state.snapshot())
}

/// The file that holds `state`, of the job whose manifest has this hash.
pub fn encode_snapshot(manifest: Digest, state: &StateSnapshot) -> Result<Vec<u8>, CheckpointError> {
    let mut views = Vec::new();
    for (prefix, group) in PREFIXES.into_iter().zip(state.values()) {
        for (spec, values) in state.specs().iter().zip(group) {
            let shape = spec.shape.iter().map(|&size| size as usize).collect();
            views.push((format!("{prefix}{}", spec.name), TensorView::new(Dtype::F32, shape, bytes_of(values))?));
        }
    }
    let metadata = Metadata { manifest, steps_done: state.steps_done() };
    let metadata = serde_json::to_string(&metadata).map_err(|_| CheckpointError::Metadata)?;
    Ok(serialize(views, Some(HashMap::from([(METADATA_KEY.to_owned(), metadata)])))?)
}

/// The bytes of `values` as a file has them: each value's least significant byte first.
fn bytes_of(values: &[f32]) -> &[u8] {
    const { assert!(cfg!(target_endian = "little"), "values lie in memory as they do in a file") };
    // SAFETY: an f32 is four initialised bytes, and bytes may lie anywhere
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Reads a file that [`encode`] wrote for the same job.
pub fn decode(job: &Job, bytes: &[u8]) -> Result<TrainState, CheckpointError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let text =
        header.metadata().as_ref().and_then(|metadata| metadata.get(METADATA_KEY)).ok_or(CheckpointError::Metadata)?;
    let metadata: Metadata = serde_json::from_str(text).map_err(|_| CheckpointError::Metadata)?;
    if metadata.manifest != job.manifest_hash {
        return Err(CheckpointError::OtherManifest(metadata.manifest));
    }
    let file = SafeTensors::deserialize(bytes)?;
    let expected = PREFIXES.len() * job.network.specs().len();
    if file.len() != expected {
        return Err(CheckpointError::TensorCount { expected, found: file.len() });
    }
    let [parameters, first, second] = PREFIXES.map(|prefix| read_group(job, &file, prefix));
    Ok(TrainState::new(job, metadata.steps_done, parameters?, first?, second?)?)
}

fn read_group(job: &Job, file: &SafeTensors<'_>, prefix: &str) -> Result<Values, CheckpointError> {
    job.network.specs().iter().map(|spec| Ok(read_one(file, spec, &format!("{prefix}{}", spec.name))?)).collect()
}
