//! One rank of a training run.

use crate::bridge::{BridgeError, BucketSizes, ProcessGroup, Rendezvous};
use crate::checkpoint::{self, CheckpointError};
use crate::evaluate::evaluate;
use crate::gradients::{GradientSource, WorkerGroup};
use crate::job::{Job, JobError};
use crate::profile::{self, ProfileError};
use crate::run_folder::{FinishedSegment, RunFolder, RunFolderError};
use crate::state::TrainState;
use crate::step::{Recording, StepError, run_step};
use artefacts::{Store, StoreError};
use protocol::commitment::{FinalMetric, JobEnd, SegmentRecord, StepRecord, steps_root};
use protocol::data_order::TooFewSamples;
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tch::{TchError, Tensor};

/// Exit status of a worker that cannot run at all: starting it again would not help.
pub const EXIT_PERMANENT: i32 = 3;

/// What one rank needs to know.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Where the ranks meet.
    pub rendezvous: Rendezvous,
    /// Hash of the manifest, which is in the store.
    pub manifest_hash: Digest,
    /// Folder of the content store.
    pub store: PathBuf,
    /// Bytes of the store's disk to keep free.
    pub min_free_bytes: u64,
    /// Folder of the run's progress; only rank 0 uses it.
    pub work_dir: PathBuf,
}

/// What rank 0 tells while it trains, one JSON line each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WorkerEvent {
    /// All ranks have joined.
    Started {
        /// Steps that an earlier start did.
        from_step: u32,
    },
    /// A step is done.
    Step {
        /// Steps done so far.
        done: u32,
        /// Mean loss.
        loss: f32,
    },
    /// The held-out samples were evaluated at the end of a segment.
    Evaluated {
        /// Steps done so far.
        done: u32,
        /// Right predictions.
        correct: u64,
        /// All predictions.
        total: u64,
    },
    /// The run is done.
    Finished(FinishedRun),
}

/// The end of a run, as rank 0 tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FinishedRun {
    /// Root that goes on chain.
    pub job_root: Digest,
    /// Content address of the log.
    pub log: Digest,
    /// Root of the final state.
    pub final_state_hash: Digest,
    /// Content address of the final checkpoint.
    pub final_checkpoint: Digest,
    /// Right predictions on the held-out samples.
    pub correct: u64,
    /// All predictions on the held-out samples.
    pub total: u64,
    /// Mean loss of the last step.
    pub final_loss: f32,
    /// Steps that an earlier start did.
    pub resumed_from_step: u32,
    /// Samples trained in this start.
    pub samples: u64,
    /// Seconds of this start's training loop.
    pub training_seconds: f64,
}

/// Why a rank stopped.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum WorkerError {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    Bridge(#[from] BridgeError),
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error("{virtual_ranks} virtual ranks cannot be shared evenly by {world_size} workers: choose a divisor")]
    UnevenWorkers { virtual_ranks: u32, world_size: u32 },
    #[error("rank {0} trains another manifest than rank 0")]
    OtherManifest(u32),
    #[error("after step {step} rank {rank} holds another state than rank 0: one of the machines computes wrongly")]
    RanksDiverged { rank: usize, step: u32 },
}

impl WorkerError {
    /// Whether starting the worker again would end in the same error.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Step(_) | Self::Bridge(_) | Self::Torch(_) | Self::RanksDiverged { .. })
    }
}

/// Runs one rank to the end of the job. Rank 0 reports to `tell` and returns the end of the run.
pub fn run(options: &WorkerOptions, tell: &mut dyn FnMut(&WorkerEvent)) -> Result<(), WorkerError> {
    let store = Store::open(&options.store)?.with_min_free_bytes(options.min_free_bytes);
    profile::enter(Job::numeric_profile(&store, &options.manifest_hash)?)?;
    let job = Job::load(&store, &options.manifest_hash)?;
    let Rendezvous { rank, world_size, .. } = options.rendezvous;
    if world_size == 0 || !job.manifest.virtual_ranks.is_multiple_of(world_size) {
        return Err(WorkerError::UnevenWorkers { virtual_ranks: job.manifest.virtual_ranks, world_size });
    }
    let mut history = if rank == 0 { Some(History::open(options, &job, &store)?) } else { None };
    let own_state = match history.as_mut().and_then(|history| history.reached.take()) {
        Some(state) => state,
        None => TrainState::initial(&job)?,
    };
    let group = ProcessGroup::join(&options.rendezvous)?;
    let mut state = share_state(&group, &job, &own_state)?;
    let mut source = WorkerGroup::new(&group, &state, BucketSizes::default())?;
    let from_step = state.steps_done();
    if history.is_some() {
        tell(&WorkerEvent::Started { from_step });
    }
    let started = Instant::now();
    let losses = train(&job, &mut state, &mut source, &group, history.as_mut(), tell)?;
    let training_seconds = started.elapsed().as_secs_f64();
    if let Some(history) = history {
        let log = history.finish(&job, &state)?;
        let samples = u64::from(job.manifest.steps - from_step) * job.manifest.samples_per_step();
        let final_loss = losses.unwrap_or_else(|| log.steps.last().map_or(0.0, |step| f32::from_bits(step.loss_bits)));
        tell(&WorkerEvent::Finished(FinishedRun {
            job_root: log.job_root(),
            log: store.put(&log.encode())?,
            final_state_hash: log.end.state_root,
            final_checkpoint: log.end.checkpoint,
            correct: log.end.metric.correct,
            total: log.end.metric.total,
            final_loss,
            resumed_from_step: from_step,
            samples,
            training_seconds,
        }));
    }
    // rank 0 serves the rendezvous: nobody leaves before everybody is done
    group.barrier()?;
    Ok(())
}

/// Trains to the last step; every rank holds the same state after each. Returns the last step's loss.
fn train(
    job: &Job,
    state: &mut TrainState,
    source: &mut dyn GradientSource,
    group: &ProcessGroup,
    mut history: Option<&mut History<'_>>,
    tell: &mut dyn FnMut(&WorkerEvent),
) -> Result<Option<f32>, WorkerError> {
    let mut order = job.batch_order()?;
    let recording = if history.is_some() { Recording::On } else { Recording::Off };
    let mut last_loss = None;
    while state.steps_done() < job.manifest.steps {
        let outcome = run_step(job, state, &mut order, source, recording)?;
        last_loss = Some(outcome.loss);
        let ends_segment =
            state.steps_done().is_multiple_of(job.manifest.segment_len) || state.steps_done() == job.manifest.steps;
        if ends_segment {
            check_agreement(group, state)?;
        }
        if let (Some(history), Some(record)) = (history.as_deref_mut(), outcome.record) {
            history.steps.push(record);
            let metric = if ends_segment { history.end_segment(job, state)? } else { None };
            let done = state.steps_done();
            tell(&WorkerEvent::Step { done, loss: outcome.loss });
            if let Some(FinalMetric { correct, total }) = metric {
                tell(&WorkerEvent::Evaluated { done, correct, total });
            }
        }
    }
    Ok(last_loss)
}

/// Gives every rank the state of rank 0, after checking that all train the same manifest.
fn share_state(group: &ProcessGroup, job: &Job, own: &TrainState) -> Result<TrainState, WorkerError> {
    let hashes = group.all_gather(&Tensor::f_from_slice(&job.manifest_hash.0)?)?;
    for (rank, hash) in (0..).zip(&hashes) {
        if *hash != hashes[0] {
            return Err(WorkerError::OtherManifest(rank));
        }
    }
    let mut steps_done = Tensor::f_from_slice(&[i64::from(own.steps_done())])?;
    group.broadcast(&mut steps_done)?;
    let mut groups = Vec::new();
    for own in own.values() {
        let mut shared = Vec::new();
        for values in own {
            let mut tensor = Tensor::f_from_slice(values)?;
            group.broadcast(&mut tensor)?;
            let mut received = vec![0.0; values.len()];
            tensor.f_copy_data(&mut received, values.len())?;
            shared.push(received);
        }
        groups.push(shared);
    }
    let steps_done = steps_done.f_int64_value(&[0])? as u32;
    let mut groups = groups.into_iter();
    let mut next = || groups.next().unwrap_or_default();
    Ok(TrainState::new(job, steps_done, next(), next(), next())?)
}

/// Compares the states of all ranks.
fn check_agreement(group: &ProcessGroup, state: &TrainState) -> Result<(), WorkerError> {
    if group.world_size() == 1 {
        return Ok(());
    }
    let roots = group.all_gather(&Tensor::f_from_slice(&state.root().0)?)?;
    match roots.iter().position(|root| *root != roots[0]) {
        None => Ok(()),
        Some(rank) => Err(WorkerError::RanksDiverged { rank, step: state.steps_done().saturating_sub(1) }),
    }
}

/// What rank 0 keeps of a run: finished segments, and the records of the one in progress.
struct History<'store> {
    folder: RunFolder,
    store: &'store Store,
    finished: Vec<FinishedSegment>,
    steps: Vec<StepRecord>,
    /// Checkpoint and root at the start of the segment in progress.
    start: (Digest, Digest),
    reached: Option<TrainState>,
}

impl<'store> History<'store> {
    fn open(options: &WorkerOptions, job: &Job, store: &'store Store) -> Result<Self, WorkerError> {
        let folder = RunFolder::open(&options.work_dir, job.manifest_hash)?;
        let (finished, reached) = folder.resume(job, store)?;
        let start = match finished.last() {
            Some(segment) => (segment.end_checkpoint, segment.record.end_root),
            None => {
                let initial = TrainState::initial(job)?;
                (store.put(&checkpoint::encode(job, &initial)?)?, initial.root())
            }
        };
        Ok(Self { folder, store, finished, steps: Vec::new(), start, reached })
    }

    /// Keeps the segment that `state` ends, and returns its evaluation where the manifest asks for one.
    fn end_segment(&mut self, job: &Job, state: &TrainState) -> Result<Option<FinalMetric>, WorkerError> {
        let end_checkpoint = self.store.put(&checkpoint::encode(job, state)?)?;
        let steps = std::mem::take(&mut self.steps);
        let (start_checkpoint, start_root) = self.start;
        let end_root = steps.last().map_or(start_root, |step| step.state_root);
        let index = self.finished.len() as u32;
        let record = SegmentRecord {
            index,
            first_step: job.manifest.segment_steps(index).start,
            start_root,
            end_root,
            steps_root: steps_root(&steps),
            start_checkpoint,
            metric: job.manifest.evaluates_after(index).then(|| evaluate(job, state)).transpose()?,
        };
        let segment = FinishedSegment { record, steps, end_checkpoint };
        self.folder.record(&segment)?;
        self.start = (end_checkpoint, end_root);
        let metric = segment.record.metric;
        self.finished.push(segment);
        Ok(metric)
    }

    fn finish(self, job: &Job, state: &TrainState) -> Result<JobLog, WorkerError> {
        let metric = evaluate(job, state)?;
        let (checkpoint, state_root) = self.start;
        let (segments, steps): (Vec<_>, Vec<_>) =
            self.finished.into_iter().map(|segment| (segment.record, segment.steps)).unzip();
        Ok(JobLog {
            manifest_hash: job.manifest_hash,
            shape: job.manifest.shape(),
            steps: steps.concat(),
            segments,
            end: JobEnd { checkpoint, state_root, metric },
        })
    }
}

/// How long a rank waits for another before it gives up, unless told otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);
