//! The processes of a run: their commands, what they say, how they stop.

use super::{LaunchError, LaunchOptions};
use crate::profile::clean_environment;
use crate::tier::Tier;
use protocol::digest::Digest;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child as Process, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;

/// What the variables begin with that say how CUDA and NCCL are set up.
const OF_CUDA: [&str; 3] = ["CUDA_", "NCCL_", "TORCH_NCCL_"];

/// What the rendezvous prints once it listens.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Meeting {
    /// Its port.
    pub port: u16,
}

/// What a process is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Holds the store where workers meet.
    Rendezvous,
    /// Trains.
    Worker(u32),
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rendezvous => f.write_str("the rendezvous"),
            Self::Worker(number) => write!(f, "worker {number}"),
        }
    }
}

/// A line that a process wrote.
pub(super) struct Line {
    pub(super) role: Role,
    /// On standard output, and not to its log.
    pub(super) output: bool,
    pub(super) text: String,
}

/// A running process; dropping it stops it.
pub(super) struct Child {
    pub(super) role: Role,
    process: Process,
    status: Option<ExitStatus>,
    /// The last line of its log.
    pub(super) last_words: Option<String>,
}

impl Child {
    pub(super) fn start(
        role: Role,
        options: &LaunchOptions,
        manifest_hash: &Digest,
        port: u16,
        lines: &Sender<Line>,
    ) -> Result<Self, LaunchError> {
        let (program, mut command) = command_of(role, options, manifest_hash, port);
        let mut process = command.spawn().map_err(|source| LaunchError::Start { program, source })?;
        if let Some(errors) = process.stderr.take() {
            forward(errors, lines.clone(), move |text| Line { role, output: false, text });
        }
        if let Some(output) = process.stdout.take() {
            forward(output, lines.clone(), move |text| Line { role, output: true, text });
        }
        Ok(Self { role, process, status: None, last_words: None })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    /// How it stopped, once it has.
    pub(super) fn stopped(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.process.try_wait().unwrap_or(Some(ExitStatus::from_raw(1 << 8)));
        }
        self.status
    }

    /// What to tell of how it stopped: its last words, or its status where it was killed.
    pub(super) fn epitaph(&mut self, status: ExitStatus) -> String {
        self.last_words.take().filter(|_| status.signal().is_none()).unwrap_or_else(|| status.to_string())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // a process that is gone already is what is wanted
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command_of(role: Role, options: &LaunchOptions, manifest_hash: &Digest, port: u16) -> (PathBuf, Command) {
    let program = match role {
        Role::Rendezvous => &options.store_program,
        Role::Worker(_) => &options.worker_program,
    };
    let mut command = Command::new(program);
    clean_environment(&mut command, options.manifest.numeric_profile, options.threads);
    if options.tier == Tier::Nccl {
        let of_cuda = |name: &OsStr| OF_CUDA.iter().any(|start| name.as_encoded_bytes().starts_with(start.as_bytes()));
        command.envs(std::env::vars_os().filter(|(name, _)| of_cuda(name)));
    }
    // what libtorch's store says of connections that break is no news: the worker says it in a line
    command.env("TORCH_CPP_LOG_LEVEL", "FATAL");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    match role {
        Role::Rendezvous => {
            command.arg("rendezvous").args(["--port", &port.to_string()]);
        }
        Role::Worker(number) => worker_arguments(&mut command, number, options, manifest_hash, port),
    }
    command.arg("--stop-with-stdin");
    (program.clone(), command)
}

fn worker_arguments(command: &mut Command, number: u32, options: &LaunchOptions, manifest_hash: &Digest, port: u16) {
    command
        .env("MASTER_ADDR", "127.0.0.1")
        .env("MASTER_PORT", port.to_string())
        .env("WORLD_SIZE", options.workers.to_string())
        .env("LOCAL_RANK", number.to_string())
        .args(["--name", &format!("worker {number}")])
        .args(["--manifest-hash", &manifest_hash.to_string()])
        .arg("--store")
        .arg(&options.store)
        .arg("--work-dir")
        .arg(&options.work_dir)
        .args(["--reducer", &options.tier.to_string()])
        .args(["--patience-seconds", &options.patience.as_secs().to_string()])
        .args(["--min-free-bytes", &options.min_free_bytes.to_string()]);
}

fn forward(source: impl Read + Send + 'static, lines: Sender<Line>, wrap: impl Fn(String) -> Line + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            if lines.send(wrap(line)).is_err() {
                break;
            }
        }
    });
}
