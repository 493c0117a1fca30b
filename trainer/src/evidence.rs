//! Writing down the evidence of a fault: `evidence.json` and, in `blobs/`, a content store of the tensors behind it.
//!
//! Only roots are committed to, so the values behind a wrong root are known where the trainer serves them: states at the ends
//! of segments are checkpoints, everything between is not. What the replay computed is always there.

use crate::checkpoint::{self, CheckpointError};
use crate::gradient::Gradient;
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::model::ParameterSpec;
use crate::recorder::{Immediate, Mean, NoRecord, Recorder, RecorderError};
use crate::replay::ReplayOptions;
use crate::state::TrainState;
use crate::step::{StepError, run_step};
use artefacts::{DEFAULT_MIN_FREE_BYTES, Store, StoreError, WriteError, replace_file};
use protocol::data_order::TooFewSamples;
use protocol::digest::Digest;
use protocol::evidence::{ElementDifference, Evidence, element_difference};
use protocol::job_log::JobLog;
use protocol::report::{DifferingPart, Fault};
use safetensors::tensor::{Dtype, TensorView, serialize};
use std::path::Path;
use std::sync::Arc;
use tch::TchError;

/// Why evidence could not be collected.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum CollectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error("safetensors: {0}")]
    Format(#[from] safetensors::SafeTensorError),
    #[error("the evidence has no JSON form: {0}")]
    Json(#[from] serde_json::Error),
    #[error("segment {0} is not in the log")]
    NoSegment(u32),
}

/// Writes the evidence of `fault` to `folder`. The segment of a differing step is replayed once more, up to that step.
pub fn collect(store: &Store, options: &ReplayOptions, fault: &Fault, folder: &Path) -> Result<(), CollectError> {
    let blobs = Store::open(folder.join("blobs"))?;
    let bytes = store.get(&options.log)?;
    // bytes that are no log are all the evidence that there is
    let Ok(log) = JobLog::decode(&bytes) else {
        blobs.put(&bytes)?;
        return Ok(());
    };
    let job = Job::load(store, &options.manifest_hash)?;
    let evidence = Evidence::open(&log, options.log, options.manifest_hash, fault.clone());
    let mut collection = Collection { store, blobs, job: &job, log: &log, evidence };
    collection.copy("manifest", &options.manifest_hash)?;
    collection.copy("log", &options.log)?;
    match (fault.part, fault.segment, fault.step) {
        (DifferingPart::InitialState, ..) => collection.initial_state()?,
        (DifferingPart::StartState, Some(segment), _) => collection.start_checkpoint(segment)?,
        (DifferingPart::FinalCheckpoint | DifferingPart::Metric, ..) => {
            collection.copy("final_checkpoint", &log.end.checkpoint)?;
        }
        (DifferingPart::Evaluation, Some(segment), Some(step)) => {
            if let Some((checkpoint, _)) = collection.served_after(segment, step) {
                collection.copy("evaluated_checkpoint", &checkpoint)?;
            }
        }
        (part, Some(segment), Some(step)) if is_of_step(part) => collection.step(segment, step)?,
        _ => {}
    }
    let mut json = serde_json::to_vec_pretty(&collection.evidence)?;
    json.push(b'\n');
    Ok(replace_file(&folder.join("evidence.json"), &json, DEFAULT_MIN_FREE_BYTES)?)
}

fn is_of_step(part: DifferingPart) -> bool {
    use DifferingPart::{Batch, Gradient, Loss, ReducedGradient, State};
    matches!(part, Batch | Gradient { .. } | ReducedGradient | Loss | State)
}

struct Collection<'a> {
    store: &'a Store,
    blobs: Store,
    job: &'a Job,
    log: &'a JobLog,
    evidence: Evidence,
}

impl Collection<'_> {
    fn keep(&mut self, name: &str, bytes: &[u8]) -> Result<(), CollectError> {
        let address = self.blobs.put(bytes)?;
        self.evidence.blobs.insert(name.to_owned(), address);
        Ok(())
    }

    fn copy(&mut self, name: &str, address: &Digest) -> Result<(), CollectError> {
        let bytes = self.store.get(address)?;
        self.keep(name, &bytes)
    }

    fn keep_state(&mut self, name: &str, state: &TrainState) -> Result<(), CollectError> {
        let bytes = checkpoint::encode(self.job, state)?;
        self.keep(name, &bytes)
    }

    fn start_checkpoint(&mut self, segment: u32) -> Result<(), CollectError> {
        let record = self.log.segments.get(segment as usize).ok_or(CollectError::NoSegment(segment))?;
        self.copy("start_checkpoint", &record.start_checkpoint)
    }

    fn initial_state(&mut self) -> Result<(), CollectError> {
        let initial = TrainState::initial(self.job)?;
        self.keep_state("replayed_state", &initial)?;
        let record = self.log.segments.first().ok_or(CollectError::NoSegment(0))?;
        self.compare(&record.start_checkpoint, record.start_root, &initial)
    }

    /// Opens the first differing value, where `address` holds the state that hashes to `committed`.
    fn compare(&mut self, address: &Digest, committed: Digest, replayed: &TrainState) -> Result<(), CollectError> {
        let served = self.store.get(address).ok().and_then(|bytes| checkpoint::decode(self.job, &bytes).ok());
        if let Some(served) = served.filter(|state| state.root() == committed) {
            self.keep_state("committed_state", &served)?;
            self.evidence.element = compare_states(&served, replayed);
        }
        Ok(())
    }

    /// Everything that goes into step `step` and comes out of it.
    fn step(&mut self, segment: u32, step: u32) -> Result<(), CollectError> {
        self.start_checkpoint(segment)?;
        let record = self.log.segments.get(segment as usize).ok_or(CollectError::NoSegment(segment))?;
        let mut state = checkpoint::decode(self.job, &self.store.get(&record.start_checkpoint)?)?;
        let mut order = self.job.batch_order()?;
        for _ in record.first_step..step {
            run_step(self.job, &mut state, &mut order, &mut OneProcess, &mut NoRecord)?;
        }
        self.keep_state("state_before", &state)?;
        let mut shown = Capture::default();
        run_step(self.job, &mut state, &mut order, &mut OneProcess, &mut shown)?;
        self.keep_state("replayed_state", &state)?;
        let gradients: Vec<(String, &Gradient)> = (0..)
            .zip(&shown.gradients)
            .map(|(rank, gradient): (u32, _)| (format!("rank{rank:05}/"), &**gradient))
            .collect();
        let file = values_file(state.specs(), &gradients)?;
        self.keep("gradients", &file)?;
        if let Some(mean) = &shown.mean {
            let file = values_file(state.specs(), &[(String::new(), mean)])?;
            self.keep("mean_gradient", &file)?;
        }
        self.evidence.replayed = shown.record.take();
        if self.evidence.fault.part == DifferingPart::State
            && let Some((address, committed)) = self.served_after(segment, step)
        {
            self.compare(&address, committed, &state)?;
        }
        Ok(())
    }

    /// Address of the checkpoint after `step`, where a segment ends there, and the root that the step committed to.
    fn served_after(&self, segment: u32, step: u32) -> Option<(Digest, Digest)> {
        let last = self.log.steps_of(segment).last().filter(|record| record.step == step)?;
        let next = self.log.segments.get(segment as usize + 1);
        Some((next.map_or(self.log.end.checkpoint, |next| next.start_checkpoint), last.state_root))
    }
}

fn compare_states(committed: &TrainState, replayed: &TrainState) -> Option<ElementDifference> {
    committed.with_tensors(|group, committed| {
        replayed.with_tensors(|_, replayed| element_difference(group, committed, replayed))
    })
}

/// Keeps the gradients of a step, and its record.
#[derive(Debug, Default)]
struct Capture {
    gradients: Vec<Arc<Gradient>>,
    mean: Option<Arc<Gradient>>,
    record: Immediate,
}

impl Recorder for Capture {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(
        &mut self,
        state: &TrainState,
        virtual_rank: u32,
        gradient: &Arc<Gradient>,
    ) -> Result<(), RecorderError> {
        self.gradients.push(Arc::clone(gradient));
        self.record.gradient(state, virtual_rank, gradient)
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        self.record.settle()
    }

    fn step(&mut self, state: &TrainState, batches: &[Vec<u32>], mean: Mean) -> Result<(), RecorderError> {
        self.mean = Some(Arc::clone(&mean.gradient));
        self.record.step(state, batches, mean)
    }
}

/// A safetensors file of groups of values, each under a prefix of its own.
fn values_file(specs: &[ParameterSpec], groups: &[(String, &Gradient)]) -> Result<Vec<u8>, CollectError> {
    let mut named: Vec<(String, Vec<usize>, Vec<u8>)> = Vec::new();
    for (prefix, group) in groups {
        for (spec, values) in specs.iter().zip(group.runs()) {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            named.push((
                format!("{prefix}{}", spec.name),
                spec.shape.iter().map(|&size| size as usize).collect(),
                bytes,
            ));
        }
    }
    let views = named
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    Ok(serialize(views, None)?)
}
