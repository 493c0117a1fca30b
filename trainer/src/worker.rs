//! One worker of a training run: it joins generation after generation until the job is done.

pub mod agreement;
mod generation;
pub mod history;
mod unverified;

use crate::bridge::{BridgeError, Listener, Patience};
use crate::checkpoint::CheckpointError;
use crate::device::{self, DeviceError};
use crate::job::{Job, JobError};
use crate::profile::{self, ProfileError};
use crate::recorder::RecorderError;
use crate::rendezvous::{Joined, Member, Rendezvous, RendezvousError};
use crate::run_folder::{RunFolderError, finished_segments};
use crate::step::StepError;
use crate::stopwatch::StepSeconds;
use crate::tier::Tier;
use artefacts::{Store, StoreError, WriteError};
use generation::{End, Generation};
use protocol::data_order::TooFewSamples;
use protocol::digest::Digest;
use serde::{Deserialize, Deserializer, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use tch::{Device, TchError};

/// Exit status of a worker that cannot run at all: starting it again would not help.
pub const EXIT_PERMANENT: i32 = 3;

/// How often a worker may lose its group without a step of progress before it gives up.
const MAX_FRUITLESS: u32 = 20;

/// What one worker needs to know.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// A name that no other worker of the run has; a worker that is started again keeps it.
    pub name: String,
    /// Host of the rendezvous store.
    pub master_address: String,
    /// Its port.
    pub master_port: u16,
    /// Workers that a generation waits for before it begins.
    pub wanted: u32,
    /// How long the first worker waits for the wanted ones; then it begins with those that are there.
    pub patience: Duration,
    /// How long to try to reach the store.
    pub store_timeout: Duration,
    /// Address of this host that the other workers connect to.
    pub bind_address: String,
    /// How long to wait for other ranks.
    pub group_patience: Patience,
    /// How gradients are reduced.
    pub tier: Tier,
    /// Number of this worker on its host, from 0: under NCCL it chooses the CUDA device.
    pub local_rank: u32,
    /// Hash of the manifest, which is in the store.
    pub manifest_hash: Digest,
    /// Folder of the content store.
    pub store: PathBuf,
    /// Bytes of the store's disk to keep free.
    pub min_free_bytes: u64,
    /// Folder of the run's progress.
    pub work_dir: PathBuf,
}

/// What rank 0 tells while it trains, one JSON line each.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum WorkerEvent {
    /// A generation begins: all its ranks have joined.
    Started {
        /// Steps that earlier generations did.
        from_step: u32,
        /// Number of the generation.
        generation: i64,
        /// Its workers.
        workers: u32,
    },
    /// A step is done.
    Step {
        /// Steps done so far.
        done: u32,
        /// Mean loss.
        #[serde(deserialize_with = "null_as_nan")]
        loss: f32,
        /// Where its time went on the rank that tells.
        seconds: StepSeconds,
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

/// JSON has no number for a loss that grew beyond all bounds.
fn null_as_nan<'de, D: Deserializer<'de>>(input: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(input)?.unwrap_or(f32::NAN))
}

/// What a verifiable run comes to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Commitment {
    /// Root that goes on chain.
    pub job_root: Digest,
    /// Content address of the log.
    pub log: Digest,
    /// Root of the final state.
    pub final_state_hash: Digest,
    /// Content address of the final checkpoint.
    pub final_checkpoint: Digest,
}

/// The end of a run, as rank 0 tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FinishedRun {
    /// What can be submitted; nothing where the run cannot be verified.
    pub commitment: Option<Commitment>,
    /// Content address of the final checkpoint.
    pub final_checkpoint: Digest,
    /// Right predictions on the held-out samples.
    pub correct: u64,
    /// All predictions on the held-out samples.
    pub total: u64,
    /// Mean loss of the last step.
    #[serde(deserialize_with = "null_as_nan")]
    pub final_loss: f32,
    /// Workers of the last generation.
    pub workers: u32,
    /// Steps that earlier generations did.
    pub resumed_from_step: u32,
    /// Samples trained in the last generation.
    pub samples: u64,
    /// Seconds of its training loop.
    pub training_seconds: f64,
}

/// Why a worker stopped.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum WorkerError {
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    #[error("cannot use {}: {source}", path.display())]
    WorkDir { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    Bridge(#[from] BridgeError),
    #[error(transparent)]
    Recorder(#[from] RecorderError),
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error(transparent)]
    Rendezvous(#[from] RendezvousError),
    #[error("{virtual_ranks} virtual ranks cannot be averaged evenly by {workers} workers: choose a divisor")]
    UnevenWorkers { virtual_ranks: u32, workers: u32 },
    #[error("after step {step} rank {rank} holds another state than this one: one of the machines computes wrongly")]
    RanksDiverged { rank: usize, step: u32 },
    #[error("rank {rank} tells its roots in {found} bytes instead of {expected}: it is another version, or no worker")]
    Roots { rank: usize, expected: usize, found: usize },
    #[error("the thread that stores checkpoints stopped: start the worker again")]
    Writer,
    #[error("the group broke {times} times without a step of progress, last because {last}")]
    Fruitless { times: u32, last: String },
    #[error("the group is lost: {0}")]
    Lost(String),
}

impl WorkerError {
    /// Whether starting the worker again would end in the same error.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(
            self,
            Self::Step(_)
                | Self::Bridge(_)
                | Self::Torch(_)
                | Self::Recorder(_)
                | Self::Rendezvous(_)
                | Self::RanksDiverged { .. }
                | Self::Roots { .. }
                | Self::Writer
                | Self::Fruitless { .. }
                | Self::Lost(_)
        )
    }
}

/// Runs one worker to the end of the job. While it has rank 0, it reports to `tell`, at last the end of the run.
pub fn run(options: &WorkerOptions, tell: &mut dyn FnMut(&WorkerEvent)) -> Result<(), WorkerError> {
    let store = Store::open(&options.store)?.with_min_free_bytes(options.min_free_bytes);
    let device = device::enter(options.tier, options.local_rank)?;
    if options.tier == Tier::Canonical {
        profile::enter(Job::numeric_profile(&store, &options.manifest_hash)?)?;
    }
    let mut job = Job::load(&store, &options.manifest_hash)?;
    if let Device::Cuda(index) = device {
        job.network.move_to_cuda(index)?;
    }
    let rendezvous = Rendezvous {
        host: options.master_address.clone(),
        port: options.master_port,
        job: options.manifest_hash,
        wanted: options.wanted,
        at_most: job.manifest.virtual_ranks,
        patience: options.patience,
        timeout: options.store_timeout,
    };
    let mut fruitless = 0;
    loop {
        let listener = Listener::on(&options.bind_address)?;
        let member = Member {
            name: options.name.clone(),
            address: format!("{}:{}", options.bind_address, listener.port()),
            folder: format!("{}:{}", host_name(), std::path::absolute(&options.work_dir).unwrap_or_default().display()),
            finished_segments: finished_segments(&options.work_dir),
        };
        let lost = match rendezvous.join(&member) {
            Ok(Joined::Finished) => return Ok(()),
            Ok(Joined::Member(membership)) => {
                let mut progressed = false;
                let generation = Generation { options, job: &job, store: &store, device, membership, listener };
                let number = generation.membership.generation;
                let end = generation.run(&rendezvous, &mut progressed, tell);
                if progressed {
                    fruitless = 0;
                }
                match end {
                    Ok(End::Finished) => return Ok(()),
                    Ok(End::MakeRoom) => continue,
                    Err(WorkerError::Lost(reason)) => {
                        // who cannot tell the others now meets them at the next store
                        let _ = rendezvous.end(number);
                        reason
                    }
                    Err(error) => return Err(error),
                }
            }
            Err(error @ RendezvousError::Lost { .. }) => error.to_string(),
            Err(error) => return Err(error.into()),
        };
        fruitless += 1;
        if fruitless >= MAX_FRUITLESS {
            return Err(WorkerError::Fruitless { times: fruitless, last: lost });
        }
        tracing::warn!("{lost}; joining the next generation");
    }
}

/// This host's name; empty where it has none.
#[must_use]
pub fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}
