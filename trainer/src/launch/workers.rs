//! The worker processes of one start.

use super::{LaunchError, LaunchEvent, LaunchOptions};
use crate::profile::clean_environment;
use crate::worker::{EXIT_PERMANENT, FinishedRun, WorkerEvent};
use protocol::digest::Digest;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long the other ranks may take to stop by themselves after one did, so that their own errors are seen.
const GRACE: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(20);

/// How one start of the ranks ended.
pub(super) enum Attempt {
    /// The job is done.
    Finished(FinishedRun),
    /// A rank stopped before the end.
    Failed {
        /// The rank to blame.
        rank: u32,
        /// What it said last, or how it stopped.
        message: String,
        /// Whether another start would end the same way.
        permanent: bool,
    },
}

enum Line {
    Log { rank: u32, line: String },
    Output(String),
}

/// Running ranks; dropping them stops them.
pub(super) struct Workers {
    children: Vec<Child>,
    lines: Receiver<Line>,
}

impl Workers {
    pub(super) fn start(
        options: &LaunchOptions,
        manifest_hash: &Digest,
        port: u16,
        tell: &mut dyn FnMut(&LaunchEvent<'_>),
    ) -> Result<Self, LaunchError> {
        let (sender, lines) = channel();
        let mut workers = Self { children: Vec::new(), lines };
        for rank in 0..options.workers {
            let mut command = command_of(options, manifest_hash, port, rank);
            let mut child = command
                .spawn()
                .map_err(|source| LaunchError::Start { program: options.worker_program.clone(), source })?;
            tell(&LaunchEvent::WorkerStarted { rank, process: child.id() });
            if let Some(errors) = child.stderr.take() {
                forward(errors, sender.clone(), move |line| Line::Log { rank, line });
            }
            if let Some(output) = child.stdout.take() {
                forward(output, sender.clone(), Line::Output);
            }
            workers.children.push(child);
        }
        Ok(workers)
    }

    /// Waits until all ranks are done or one has failed.
    pub(super) fn wait(mut self, tell: &mut dyn FnMut(&LaunchEvent<'_>)) -> Attempt {
        let mut seen = Seen { finished: None, last_words: vec![None; self.children.len()] };
        let mut statuses: Vec<Option<ExitStatus>> = vec![None; self.children.len()];
        let mut first_failure: Option<(u32, Instant)> = None;
        loop {
            if let Ok(line) = self.lines.recv_timeout(POLL) {
                seen.take(line, tell);
            }
            for (rank, (child, status)) in (0..).zip(self.children.iter_mut().zip(&mut statuses)) {
                if status.is_none() {
                    *status = child.try_wait().unwrap_or(Some(ExitStatus::from_raw(1 << 8)));
                    if first_failure.is_none() && status.is_some_and(|status| !status.success()) {
                        first_failure = Some((rank, Instant::now()));
                    }
                }
            }
            let all_stopped = statuses.iter().all(Option::is_some);
            let hopeless = statuses.iter().flatten().any(|status| status.code() == Some(EXIT_PERMANENT));
            let out_of_grace = first_failure.is_some_and(|(_, since)| since.elapsed() > GRACE);
            if all_stopped || hopeless || out_of_grace {
                self.stop();
                break;
            }
        }
        // all writers are gone, so this ends
        while let Ok(line) = self.lines.recv() {
            seen.take(line, tell);
        }
        seen.conclude(&statuses, first_failure.map(|(rank, _)| rank))
    }

    fn stop(&mut self) {
        for child in &mut self.children {
            // a child that is gone already is what is wanted
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop();
    }
}

fn command_of(options: &LaunchOptions, manifest_hash: &Digest, port: u16, rank: u32) -> Command {
    let mut command = Command::new(&options.worker_program);
    clean_environment(&mut command, options.manifest.numeric_profile, options.threads);
    command
        .env("MASTER_ADDR", "127.0.0.1")
        .env("MASTER_PORT", port.to_string())
        .env("RANK", rank.to_string())
        .env("WORLD_SIZE", options.workers.to_string())
        .args(["--manifest-hash", &manifest_hash.to_string()])
        .arg("--store")
        .arg(&options.store)
        .arg("--work-dir")
        .arg(&options.work_dir)
        .args(["--min-free-bytes", &options.min_free_bytes.to_string()])
        .arg("--stop-with-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn forward(source: impl Read + Send + 'static, sender: Sender<Line>, wrap: impl Fn(String) -> Line + Send + 'static) {
    std::thread::spawn(move || {
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            if sender.send(wrap(line)).is_err() {
                break;
            }
        }
    });
}

/// What the ranks have said so far.
struct Seen {
    finished: Option<FinishedRun>,
    last_words: Vec<Option<String>>,
}

impl Seen {
    fn take(&mut self, line: Line, tell: &mut dyn FnMut(&LaunchEvent<'_>)) {
        match line {
            Line::Log { rank, line } => {
                tell(&LaunchEvent::WorkerLog { rank, line: &line });
                self.last_words[rank as usize] = Some(line);
            }
            Line::Output(line) => match serde_json::from_str::<WorkerEvent>(&line) {
                Ok(event) => {
                    tell(&LaunchEvent::Worker(&event));
                    if let WorkerEvent::Finished(run) = event {
                        self.finished = Some(run);
                    }
                }
                Err(error) => tracing::warn!(%error, line, "rank 0 wrote a line that is no event"),
            },
        }
    }

    fn conclude(mut self, statuses: &[Option<ExitStatus>], first_failure: Option<u32>) -> Attempt {
        // once rank 0 has told the end, everything is stored: how a peer leaves no longer matters
        if let Some(run) = self.finished.take() {
            return Attempt::Finished(run);
        }
        let permanent =
            (0..).zip(statuses).find(|(_, status)| status.and_then(|status| status.code()) == Some(EXIT_PERMANENT));
        let signalled = (0..).zip(statuses).find(|(_, status)| status.is_some_and(|status| status.signal().is_some()));
        let rank = permanent.or(signalled).map(|(rank, _)| rank).or(first_failure).unwrap_or(0);
        let status =
            statuses[rank as usize].map_or_else(|| "it had to be stopped".to_owned(), |status| status.to_string());
        let killed = statuses[rank as usize].is_some_and(|status| status.signal().is_some());
        let message = self.last_words[rank as usize].take().filter(|_| !killed).unwrap_or(status);
        Attempt::Failed { rank, message, permanent: permanent.is_some() }
    }
}
