//! The trainer as a child process that replays, with nothing of this process's secrets in its reach.
use super::{Subject, progress::Progress};
use anyhow::{Context, Result, bail};
use protocol::{
    manifest::NumericProfile,
    report::{ReplayEvent, ReplayReport, SegmentVerdict, SelfTestReport, Verdict, reason_code},
};
use std::{
    ffi::OsString,
    num::NonZeroU16,
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

/// Variables that the child may see, with those of its store. Everything else, and so any key, stays behind.
const INHERITED: [&str; 7] = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "RUST_LOG"];
/// How often a long segment shows that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// How to replay.
pub(super) struct Replay {
    pub(super) program: PathBuf,
    pub(super) store: PathBuf,
    pub(super) threads: NonZeroU16,
    /// Folder for the evidence of a fault.
    pub(super) evidence: PathBuf,
    pub(super) stop_at_fault: bool,
}

/// How it ended.
pub(super) enum Ended {
    /// Earlier starts replayed everything, and all of it was equal.
    Equal,
    /// The trainer's report.
    Reported(Box<ReplayReport>),
    /// This host computes other bits: whatever it finds says nothing about the trainer.
    IncompatibleHost(String),
    /// The user stopped it.
    Interrupted,
}

impl Replay {
    /// Replays `segments` of the job, or all where their number is not known, under its numeric `profile` where that is known.
    pub(super) async fn run(
        &self,
        subject: &Subject,
        segments: Option<&[u32]>,
        profile: Option<NumericProfile>,
        progress: &mut Progress,
    ) -> Result<Ended> {
        // the evidence of an earlier start may be of another fault
        if self.evidence.exists() {
            std::fs::remove_dir_all(&self.evidence)
                .with_context(|| format!("cannot remove {}", self.evidence.display()))?;
        }
        let mut arguments: Vec<OsString> = vec!["replay".into(), "--progress".into()];
        let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
        option("--log", subject.log.to_string().into());
        option("--manifest-hash", subject.manifest_hash.to_string().into());
        if let Some(root) = subject.submitted_root {
            option("--job-root", root.to_string().into());
        }
        if let Some(segments) = segments.filter(|segments| !segments.is_empty()) {
            option("--segments", segments.iter().map(u32::to_string).collect::<Vec<_>>().join(",").into());
        }
        option("--threads", self.threads.to_string().into());
        option("--evidence", self.evidence.clone().into());
        option("--store", self.store.clone().into());
        if self.stop_at_fault {
            arguments.push("--stop-at-fault".into());
        }
        let mut child = self.command(&arguments).stdout(Stdio::piped()).spawn().with_context(|| self.start_failed())?;
        let output = child.stdout.take().context("the trainer has no output")?;
        let mut lines = BufReader::new(output).lines();
        let mut shown = Shown { count: segments.map(<[u32]>::len), done: 0, last: Instant::now() };
        let mut report = None;
        loop {
            let line = tokio::select! {
                line = lines.next_line() => line.context("cannot read the trainer's output")?,
                _ = tokio::signal::ctrl_c() => {
                    child.kill().await.context("cannot stop the trainer")?;
                    return Ok(Ended::Interrupted);
                }
            };
            let Some(line) = line else { break };
            if let Ok(event) = serde_json::from_str::<ReplayEvent>(&line) {
                progress.take(&event)?;
                shown.show(&event);
            } else if let Ok(found) = serde_json::from_str::<ReplayReport>(&line) {
                report = Some(found);
            }
        }
        let status = child.wait().await.context("the trainer is gone")?;
        let Some(report) = report.filter(|_| status.success()) else {
            bail!("the trainer ended without a report ({status}); its messages are above");
        };
        // equal bits speak for the host too, and hashes alone need no arithmetic: only a differing replay may be its fault
        if report.verdict == Verdict::Mismatch
            && report.reason_code() != Some(reason_code::LOG)
            && let Some(reason) = self.incompatible(profile).await?
        {
            return Ok(Ended::IncompatibleHost(reason));
        }
        Ok(Ended::Reported(Box::new(report)))
    }

    /// Why this host must not judge, where its self-test fails.
    async fn incompatible(&self, profile: Option<NumericProfile>) -> Result<Option<String>> {
        let mut arguments: Vec<OsString> = vec!["self-test".into()];
        arguments.extend(profile.into_iter().flat_map(|profile| ["--profile".into(), profile.name().into()]));
        let output = self.command(&arguments).output().await.with_context(|| self.start_failed())?;
        let text = String::from_utf8_lossy(&output.stdout);
        let report = text.lines().rev().find_map(|line| serde_json::from_str::<SelfTestReport>(line).ok());
        match report {
            Some(report) if report.compatible => Ok(None),
            Some(report) => Ok(Some(format!(
                "incompatible host: its self-test differs in {}; verify on another one",
                report.differing.join(", ")
            ))),
            None => bail!("the trainer's self-test failed ({}); its messages are above", output.status),
        }
    }

    fn start_failed(&self) -> String {
        format!("cannot start {}: build it with `make build`", self.program.display())
    }

    fn command(&self, arguments: &[OsString]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().kill_on_drop(true);
        let seen = |name: &str| INHERITED.contains(&name) || artefacts::reads_variable(&self.store, name);
        command.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(seen)));
        command.stdin(Stdio::null()).stderr(Stdio::inherit());
        command
    }
}

/// Progress for people, on standard error.
struct Shown {
    count: Option<usize>,
    done: usize,
    last: Instant,
}

impl Shown {
    fn show(&mut self, event: &ReplayEvent) {
        match event {
            ReplayEvent::Step { segment, step } if self.last.elapsed() > SIGN_OF_LIFE => {
                eprintln!("segment {segment}: step {step} is equal");
            }
            ReplayEvent::Step { .. } => return,
            ReplayEvent::Segment { report, .. } => {
                self.done += 1;
                let outcome = match &report.outcome {
                    SegmentVerdict::Match => "equal".to_owned(),
                    SegmentVerdict::Mismatch { step, part, .. } => format!("DIFFERS at step {step}: {part}"),
                    SegmentVerdict::Unavailable { detail, .. } => format!("not decided: {detail}"),
                };
                let of = self.count.map_or_else(String::new, |count| format!(" ({} of {count})", self.done));
                eprintln!("segment {}{of}: {outcome}", report.index);
            }
        }
        self.last = Instant::now();
    }
}
