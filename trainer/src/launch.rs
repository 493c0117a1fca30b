//! Starting the workers of a run on this host and the store where they meet, and starting again what dies.

mod children;
pub mod measuring;
pub mod progress;
mod supervision;

use crate::device::{self, DeviceError};
use crate::tier::Tier;
use crate::worker::{FinishedRun, WorkerEvent};
use artefacts::{Store, StoreError};
pub use children::Meeting;
use protocol::commitment::FinalMetric;
use protocol::digest::Digest;
use protocol::manifest::Manifest;
use protocol::report::{TrainReport, UnverifiedReport};
use serde::{Deserialize, Serialize};
use std::net::TcpListener;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use supervision::supervise;

/// What to launch.
#[derive(Debug, Clone)]
pub struct LaunchOptions {
    /// The job.
    pub manifest: Manifest,
    /// Hash that the order carries, where there is an order.
    pub expect_hash: Option<Digest>,
    /// Worker processes W, at most as many as the manifest has virtual ranks.
    pub workers: u32,
    /// How gradients are reduced.
    pub tier: Tier,
    /// Threads of each worker; they never change the result.
    pub threads: NonZeroU16,
    /// Folder of the content store.
    pub store: PathBuf,
    /// Bytes of the store's disk to keep free.
    pub min_free_bytes: u64,
    /// Folder of the run's progress.
    pub work_dir: PathBuf,
    /// Port at which the workers meet; a free one where none is given.
    pub master_port: Option<u16>,
    /// How often processes are started again after they died, all together.
    pub max_restarts: u32,
    /// How long a generation waits for workers that are starting.
    pub patience: Duration,
    /// The program of one worker.
    pub worker_program: PathBuf,
    /// The program with the subcommand `rendezvous`, which holds the store.
    pub store_program: PathBuf,
}

/// Why a run did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The manifest is not the one of the order.
    #[error("the manifest hashes to {found}, the order carries {expected}: this is another job")]
    OtherManifest {
        /// Hash that the order carries.
        expected: Digest,
        /// Hash of the manifest at hand.
        found: Digest,
    },
    /// There is not a virtual rank for each worker.
    #[error("{virtual_ranks} virtual ranks cannot be shared by {workers} workers: choose from 1 to {virtual_ranks}")]
    TooManyWorkers {
        /// Virtual ranks of the manifest.
        virtual_ranks: u32,
        /// Workers asked for.
        workers: u32,
    },
    /// An average needs workers that do equal shares.
    #[error("{virtual_ranks} virtual ranks cannot be averaged evenly by {workers} workers: choose a divisor")]
    UnevenWorkers {
        /// Virtual ranks of the manifest.
        virtual_ranks: u32,
        /// Workers asked for.
        workers: u32,
    },
    /// The tier has nothing to compute on.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// Another process listens on the port.
    #[error("port {port} on 127.0.0.1 is in use ({source}): choose another --master-port, or leave it out")]
    PortInUse {
        /// The port.
        port: u16,
        /// The system's error.
        source: std::io::Error,
    },
    /// The rendezvous does not listen.
    #[error("the rendezvous, where workers meet, does not listen on any port: {0}")]
    NoRendezvous(String),
    /// The store cannot be used, or the dataset is not in it.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The dataset is not in the store.
    #[error("the dataset is not usable: {0}; import it with `aixblock-trainer dataset`")]
    Dataset(StoreError),
    /// Another file that the manifest names is not in the store.
    #[error("a file that the manifest names is not usable: {0}; put it there with `aixblock-trainer put`")]
    File(StoreError),
    /// A process cannot be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// Its program.
        program: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A worker found that the run cannot work.
    #[error("worker {worker}: {message}")]
    Permanent {
        /// The worker.
        worker: u32,
        /// What it said.
        message: String,
    },
    /// Processes died too often.
    #[error(
        "{who} stopped ({message}), and the {restarts} restarts are used up; a later launch goes on from the last finished segment"
    )]
    TooManyRestarts {
        /// The process that stopped last.
        who: String,
        /// How it stopped.
        message: String,
        /// Restarts that were allowed.
        restarts: u32,
    },
}

/// What a launcher tells while the run goes on.
#[derive(Debug)]
pub enum LaunchEvent<'a> {
    /// A process was started.
    Started {
        /// `worker 0`, or `the rendezvous`.
        who: &'a str,
        /// Its process.
        process: u32,
    },
    /// A process wrote a line to its log.
    Log {
        /// Which process.
        who: &'a str,
        /// The line.
        line: &'a str,
    },
    /// Rank 0 told something.
    Worker(&'a WorkerEvent),
    /// A process stopped and is started again.
    Restart {
        /// Number of this restart, from 1.
        number: u32,
        /// Which process.
        who: &'a str,
        /// How it stopped.
        message: &'a str,
    },
    /// A process stopped, and no restart is left: the run goes on without it.
    Gone {
        /// Which process.
        who: &'a str,
        /// How it stopped.
        message: &'a str,
    },
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LaunchReport {
    /// Anyone can verify it.
    Verifiable(TrainReport),
    /// Nobody can.
    Unverified(UnverifiedReport),
}

impl LaunchReport {
    /// Accuracy on the held-out samples in parts per million.
    #[must_use]
    pub fn accuracy_ppm(&self) -> u32 {
        match self {
            Self::Verifiable(report) => report.accuracy_ppm,
            Self::Unverified(report) => report.accuracy_ppm,
        }
    }
}

/// Runs all workers to the end of the job.
pub fn launch(options: &LaunchOptions, tell: &mut dyn FnMut(&LaunchEvent<'_>)) -> Result<LaunchReport, LaunchError> {
    let started = Instant::now();
    let manifest = &options.manifest;
    let manifest_hash = manifest.hash();
    if let Some(expected) = options.expect_hash.filter(|expected| *expected != manifest_hash) {
        return Err(LaunchError::OtherManifest { expected, found: manifest_hash });
    }
    let (virtual_ranks, workers) = (manifest.virtual_ranks, options.workers);
    if workers == 0 || workers > virtual_ranks {
        return Err(LaunchError::TooManyWorkers { virtual_ranks, workers });
    }
    if options.tier != Tier::Canonical && !virtual_ranks.is_multiple_of(workers) {
        return Err(LaunchError::UnevenWorkers { virtual_ranks, workers });
    }
    device::check(options.tier, workers)?;
    let store = Store::open(&options.store)?.with_min_free_bytes(options.min_free_bytes);
    store.get(&manifest.dataset.root).map_err(LaunchError::Dataset)?;
    for address in manifest.artefacts().iter().skip(1) {
        store.get(address).map_err(LaunchError::File)?;
    }
    store.put(&manifest.encode())?;
    check_port(options.master_port)?;
    let (run, restarts) = supervise(options, &manifest_hash, tell)?;
    Ok(report(options, manifest_hash, &run, restarts, started.elapsed().as_secs_f64()))
}

fn report(
    options: &LaunchOptions,
    manifest_hash: Digest,
    run: &FinishedRun,
    restarts: u32,
    seconds: f64,
) -> LaunchReport {
    let manifest = &options.manifest;
    let accuracy_ppm = FinalMetric { correct: run.correct, total: run.total }.accuracy_ppm();
    let samples_per_second = if run.samples == 0 { 0.0 } else { run.samples as f64 / run.training_seconds };
    let Some(commitment) = &run.commitment else {
        return LaunchReport::Unverified(UnverifiedReport {
            verified: false,
            reducer: options.tier.to_string(),
            manifest_hash,
            final_checkpoint: run.final_checkpoint,
            steps: manifest.steps,
            virtual_ranks: manifest.virtual_ranks,
            world_size: run.workers,
            correct: run.correct,
            total: run.total,
            accuracy_ppm,
            final_loss: run.final_loss,
            samples_per_second,
            restarts,
            resumed_from_step: run.resumed_from_step,
            seconds,
        });
    };
    LaunchReport::Verifiable(TrainReport {
        manifest_hash,
        job_root: commitment.job_root,
        log: commitment.log,
        final_state_hash: commitment.final_state_hash,
        final_checkpoint: commitment.final_checkpoint,
        steps: manifest.steps,
        segments: manifest.segments(),
        virtual_ranks: manifest.virtual_ranks,
        world_size: run.workers,
        correct: run.correct,
        total: run.total,
        accuracy_ppm,
        final_loss: run.final_loss,
        samples_per_second,
        restarts,
        resumed_from_step: run.resumed_from_step,
        seconds,
    })
}

/// Whether the port that was asked for, if any, is free.
fn check_port(wanted: Option<u16>) -> Result<(), LaunchError> {
    let Some(port) = wanted else { return Ok(()) };
    TcpListener::bind(("127.0.0.1", port)).map(drop).map_err(|source| LaunchError::PortInUse { port, source })
}
