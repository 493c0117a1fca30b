//! A training state as a safetensors file: parameters under their own names, moments under `adamw.first/` and
//! `adamw.second/`, and the step counter in the metadata. One state always gives the same bytes.

use crate::job::Job;
use crate::model::weights::{WeightsError, read_one};
use crate::state::{TrainState, Values};
use protocol::digest::Digest;
use protocol::tensor_chunks::bytes_of;
use safetensors::tensor::{Dtype, Metadata as Header, SafeTensors, TensorInfo};
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
    let mut file = Vec::new();
    encode_into(job, state, &mut file)?;
    Ok(file)
}

/// Replaces `file` by what [`encode`] gives, in the same memory: a system may take ten times as long to hand out new memory as
/// it takes to copy a state.
pub fn encode_into(job: &Job, state: &TrainState, file: &mut Vec<u8>) -> Result<(), CheckpointError> {
    let mut tensors = Vec::new();
    for (prefix, group) in PREFIXES.into_iter().zip(state.values()) {
        let named = state.specs().iter().zip(group);
        tensors.extend(named.map(|(spec, values)| (format!("{prefix}{}", spec.name), &spec.shape[..], &values[..])));
    }
    let metadata = Metadata { manifest: job.manifest_hash, steps_done: state.steps_done() };
    let metadata = serde_json::to_string(&metadata).map_err(|_| CheckpointError::Metadata)?;
    write_safetensors(metadata, tensors, file)
}

/// What [`safetensors::serialize`] gives, in memory that is there.
fn write_safetensors(
    metadata: String,
    mut tensors: Vec<(String, &[i64], &[f32])>,
    file: &mut Vec<u8>,
) -> Result<(), CheckpointError> {
    tensors.sort_unstable_by(|(left, ..), (right, ..)| left.cmp(right));
    let mut end = 0;
    let infos = tensors.iter().map(|(name, shape, values)| {
        let start = end;
        end += size_of_val(*values);
        let shape = shape.iter().map(|&size| size as usize).collect();
        (name.clone(), TensorInfo { dtype: Dtype::F32, shape, data_offsets: (start, end) })
    });
    let header = Header::new(Some(HashMap::from([(METADATA_KEY.to_owned(), metadata)])), infos.collect())?;
    let mut header = serde_json::to_string(&header).map_err(|_| CheckpointError::Metadata)?;
    // tensors begin at a multiple of eight bytes
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    file.clear();
    file.extend((header.len() as u64).to_le_bytes());
    file.extend(header.as_bytes());
    tensors.iter().for_each(|(.., values)| file.extend_from_slice(bytes_of(values)));
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::{TensorView, serialize};

    #[test]
    fn a_file_has_the_bytes_that_safetensors_would_give_it_whatever_was_in_its_memory() {
        let values: Vec<f32> = (0..60u8).map(f32::from).collect();
        let tensors: [(&str, &[i64], usize); 4] =
            [("b", &[2, 3], 6), ("adamw.first/b", &[6], 6), ("a", &[], 1), ("c", &[0], 0)];
        let parts = tensors.map(|(name, shape, count)| (name.to_owned(), shape, &values[..count]));
        let mut file = vec![7; 1000];
        write_safetensors("{}".to_owned(), parts.to_vec(), &mut file).unwrap();
        let views = parts.map(|(name, shape, values)| {
            let shape = shape.iter().map(|&size| size as usize).collect();
            (name, TensorView::new(Dtype::F32, shape, bytes_of(values)).unwrap())
        });
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), "{}".to_owned())]);
        assert_eq!(file, serialize(views, Some(metadata)).unwrap());
    }
}
