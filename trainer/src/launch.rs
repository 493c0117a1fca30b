//! Starting all ranks of a run on this host, and starting them again when one dies.

pub mod progress;
mod workers;

use crate::worker::WorkerEvent;
use artefacts::{Store, StoreError};
use protocol::commitment::FinalMetric;
use protocol::digest::Digest;
use protocol::manifest::Manifest;
use protocol::report::TrainReport;
use std::net::TcpListener;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Instant;
use workers::{Attempt, Workers};

/// What to launch.
#[derive(Debug, Clone)]
pub struct LaunchOptions {
    /// The job.
    pub manifest: Manifest,
    /// Hash that the order carries, where there is an order.
    pub expect_hash: Option<Digest>,
    /// Worker processes W; divides the manifest's virtual ranks.
    pub workers: u32,
    /// Threads of each worker; they never change the result.
    pub threads: NonZeroU16,
    /// Folder of the content store.
    pub store: PathBuf,
    /// Bytes of the store's disk to keep free.
    pub min_free_bytes: u64,
    /// Folder of the run's progress.
    pub work_dir: PathBuf,
    /// Port at which the ranks meet; a free one where none is given.
    pub master_port: Option<u16>,
    /// How often the ranks are started again after one died.
    pub max_restarts: u32,
    /// The program of one rank.
    pub worker_program: PathBuf,
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
    /// The workers cannot share the virtual ranks.
    #[error("{virtual_ranks} virtual ranks cannot be shared evenly by {workers} workers: choose a divisor")]
    UnevenWorkers {
        /// Virtual ranks of the manifest.
        virtual_ranks: u32,
        /// Workers asked for.
        workers: u32,
    },
    /// Another process listens on the port.
    #[error("port {port} on 127.0.0.1 is in use ({source}): choose another --master-port, or leave it out")]
    PortInUse {
        /// The port.
        port: u16,
        /// The system's error.
        source: std::io::Error,
    },
    /// No port is free.
    #[error("no free port on 127.0.0.1: {0}")]
    NoPort(std::io::Error),
    /// The store cannot be used, or the dataset is not in it.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The dataset is not in the store.
    #[error("the dataset is not usable: {0}; import it with `aixblock-trainer dataset`")]
    Dataset(StoreError),
    /// Another file that the manifest names is not in the store.
    #[error("a file that the manifest names is not usable: {0}; put it there with `aixblock-trainer put`")]
    File(StoreError),
    /// A rank cannot be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// The worker's program.
        program: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A rank found that the run cannot work.
    #[error("rank {rank}: {message}")]
    Permanent {
        /// The rank.
        rank: u32,
        /// What it said.
        message: String,
    },
    /// Ranks died too often.
    #[error(
        "rank {rank} stopped ({message}), and the {restarts} restarts are used up; a later launch goes on from the last finished segment"
    )]
    TooManyRestarts {
        /// The rank that stopped first.
        rank: u32,
        /// How it stopped.
        message: String,
        /// Restarts that were allowed.
        restarts: u32,
    },
}

/// What a launcher tells while the run goes on.
#[derive(Debug)]
pub enum LaunchEvent<'a> {
    /// A rank's process was started.
    WorkerStarted {
        /// The rank.
        rank: u32,
        /// Its process.
        process: u32,
    },
    /// A rank wrote a line to its log.
    WorkerLog {
        /// The rank.
        rank: u32,
        /// The line.
        line: &'a str,
    },
    /// Rank 0 told something.
    Worker(&'a WorkerEvent),
    /// All ranks are started again because one stopped.
    Restart {
        /// Number of this restart, from 1.
        number: u32,
        /// The rank that stopped first.
        rank: u32,
        /// How it stopped.
        message: &'a str,
    },
}

/// Runs all ranks to the end of the job.
pub fn launch(options: &LaunchOptions, tell: &mut dyn FnMut(&LaunchEvent<'_>)) -> Result<TrainReport, LaunchError> {
    let started = Instant::now();
    let manifest = &options.manifest;
    let manifest_hash = manifest.hash();
    if let Some(expected) = options.expect_hash.filter(|expected| *expected != manifest_hash) {
        return Err(LaunchError::OtherManifest { expected, found: manifest_hash });
    }
    if options.workers == 0 || !manifest.virtual_ranks.is_multiple_of(options.workers) {
        return Err(LaunchError::UnevenWorkers { virtual_ranks: manifest.virtual_ranks, workers: options.workers });
    }
    let store = Store::open(&options.store)?.with_min_free_bytes(options.min_free_bytes);
    store.get(&manifest.dataset.root).map_err(LaunchError::Dataset)?;
    for address in manifest.artefacts().iter().skip(1) {
        store.get(address).map_err(LaunchError::File)?;
    }
    store.put(&manifest.encode())?;
    let mut restarts = 0;
    loop {
        let port = free_port(options.master_port)?;
        let attempt = Workers::start(options, &manifest_hash, port, tell)?.wait(tell);
        match attempt {
            Attempt::Finished(run) => {
                let seconds = started.elapsed().as_secs_f64();
                let metric = FinalMetric { correct: run.correct, total: run.total };
                return Ok(TrainReport {
                    manifest_hash,
                    job_root: run.job_root,
                    log: run.log,
                    final_state_hash: run.final_state_hash,
                    final_checkpoint: run.final_checkpoint,
                    steps: manifest.steps,
                    segments: manifest.segments(),
                    virtual_ranks: manifest.virtual_ranks,
                    world_size: options.workers,
                    correct: run.correct,
                    total: run.total,
                    accuracy_ppm: metric.accuracy_ppm(),
                    final_loss: run.final_loss,
                    samples_per_second: if run.samples == 0 { 0.0 } else { run.samples as f64 / run.training_seconds },
                    restarts,
                    resumed_from_step: run.resumed_from_step,
                    seconds,
                });
            }
            Attempt::Failed { rank, message, permanent: true } => return Err(LaunchError::Permanent { rank, message }),
            Attempt::Failed { rank, message, .. } if restarts >= options.max_restarts => {
                return Err(LaunchError::TooManyRestarts { rank, message, restarts });
            }
            Attempt::Failed { rank, message, .. } => {
                restarts += 1;
                tell(&LaunchEvent::Restart { number: restarts, rank, message: &message });
            }
        }
    }
}

/// The port that was asked for, if it is free, or any free one.
fn free_port(wanted: Option<u16>) -> Result<u16, LaunchError> {
    match wanted {
        Some(port) => match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => Ok(port),
            Err(source) => Err(LaunchError::PortInUse { port, source }),
        },
        None => TcpListener::bind(("127.0.0.1", 0))
            .and_then(|listener| listener.local_addr())
            .map(|address| address.port())
            .map_err(LaunchError::NoPort),
    }
}
