//! Running the trainer's program as a child with nothing of this process's secrets.

use protocol::digest::Digest;
use protocol::report::{ReplayReport, SelfTestReport};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{io::AsyncReadExt, process::Command};

/// Variables that the child may see, with those of its store. Everything else, and so any key, stays behind.
const INHERITED: [&str; 7] = ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "RUST_LOG"];

/// Whether the child sees the variable `name`: of what signs in to a store, only what its own store needs.
fn reaches_child(name: &str, store: &Path) -> bool {
    INHERITED.contains(&name) || artefacts::reads_variable(store, name)
}

/// Longest output that is read: a report has a few hundred bytes for each segment.
const MAX_OUTPUT_BYTES: u64 = 16 << 20;

/// What to replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Content address of the job's log.
    pub log: Digest,
    /// Hash of the order's manifest.
    pub manifest_hash: Digest,
    /// Root that the trainer submitted.
    pub job_root: Digest,
    /// Numbers of the segments, ascending.
    pub segments: Vec<u32>,
}

/// Why there is no report: a failure of this host, and no statement about the trainer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReplayError {
    /// The program cannot be started.
    #[error("cannot run {}: {reason}; set `trainer` to the path of aixblock-trainer", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's error.
        reason: String,
    },
    /// The program took too long.
    #[error("the trainer did not answer within {0} s")]
    Timeout(u64),
    /// The program failed.
    #[error("the trainer ended with {status}: {output}")]
    Failed {
        /// How it ended.
        status: String,
        /// The end of what it wrote.
        output: String,
    },
    /// The program's answer is not a report.
    #[error("the trainer's answer is not a report: {0}")]
    Answer(String),
    /// The host computes other bits.
    #[error(
        "incompatible host: the self-test hashes to {found} where {expected} is expected; this oracle must not vote: run it on another host"
    )]
    Incompatible {
        /// Hash that a compatible host gets.
        expected: Digest,
        /// Hash that this host got.
        found: Digest,
    },
}

/// Something that can replay a job.
pub trait Replayer: Send + Sync {
    /// Checks that this host computes the right bits.
    fn self_test(&self) -> impl Future<Output = Result<(), ReplayError>> + Send;
    /// Replays segments of a job.
    fn replay(&self, request: &Request) -> impl Future<Output = Result<ReplayReport, ReplayError>> + Send;
}

/// The trainer's program.
#[derive(Debug, Clone)]
pub struct TrainerProcess {
    /// Path of `aixblock-trainer`.
    pub program: PathBuf,
    /// The content store.
    pub store: PathBuf,
    /// Longest replay.
    pub replay_timeout: Duration,
    /// Longest self-test.
    pub self_test_timeout: Duration,
    /// Priority of replays: 0 normal to 19 lowest.
    pub nice: u8,
}

impl TrainerProcess {
    /// Runs the program and returns its exit code and its standard output. It is killed when the future is dropped.
    async fn run(
        &self,
        arguments: &[OsString],
        limit: Duration,
    ) -> Result<(std::process::ExitStatus, String, String), ReplayError> {
        let start =
            |error: std::io::Error| ReplayError::Start { program: self.program.clone(), reason: error.to_string() };
        let mut command = Command::new(&self.program);
        command.args(arguments).env_clear().kill_on_drop(true);
        let seen = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| reaches_child(name, &self.store));
        command.envs(std::env::vars_os().filter(|(name, _)| seen(name)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let nice = i32::from(self.nice.min(19));
        // SAFETY: setpriority is async-signal-safe and touches no memory of this process
        unsafe {
            command.pre_exec(move || {
                // a replay at normal priority is better than none, so the result does not matter
                libc::setpriority(libc::PRIO_PROCESS, 0, nice);
                Ok(())
            });
        }
        let mut child = command.spawn().map_err(start)?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let talk = async {
            let (out, err) = tokio::join!(read(out), read(err));
            (child.wait().await, out, err)
        };
        match tokio::time::timeout(limit, talk).await {
            Ok((Ok(status), out, err)) => Ok((status, out, err)),
            Ok((Err(error), ..)) => Err(start(error)),
            Err(_) => Err(ReplayError::Timeout(limit.as_secs())),
        }
    }
}

async fn read(pipe: Option<impl tokio::io::AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let mut limited = pipe.take(MAX_OUTPUT_BYTES);
        // half an output is no report and says so when it is parsed
        let _ = limited.read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut limited.into_inner(), &mut tokio::io::sink()).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The last line that is a JSON object.
fn last_json(output: &str) -> Option<&str> {
    output.lines().rev().map(str::trim).find(|line| line.starts_with('{'))
}

fn tail(text: &str) -> String {
    let characters: Vec<char> = text.trim().chars().collect();
    characters[characters.len().saturating_sub(600)..].iter().collect()
}

fn failed(status: std::process::ExitStatus, output: &str) -> ReplayError {
    ReplayError::Failed { status: status.to_string(), output: tail(output) }
}

impl Replayer for TrainerProcess {
    async fn self_test(&self) -> Result<(), ReplayError> {
        let (status, out, err) = self.run(&["self-test".into()], self.self_test_timeout).await?;
        let report: Option<SelfTestReport> = last_json(&out).and_then(|line| serde_json::from_str(line).ok());
        match report {
            Some(report) if !report.compatible => {
                Err(ReplayError::Incompatible { expected: report.expected, found: report.found })
            }
            _ if status.success() => Ok(()),
            _ => Err(failed(status, &err)),
        }
    }

    async fn replay(&self, request: &Request) -> Result<ReplayReport, ReplayError> {
        let segments: Vec<String> = request.segments.iter().map(u32::to_string).collect();
        let arguments: [OsString; 11] = [
            "replay".into(),
            "--log".into(),
            request.log.to_string().into(),
            "--manifest-hash".into(),
            request.manifest_hash.to_string().into(),
            "--job-root".into(),
            request.job_root.to_string().into(),
            "--segments".into(),
            segments.join(",").into(),
            "--store".into(),
            self.store.clone().into(),
        ];
        let (status, out, err) = self.run(&arguments, self.replay_timeout).await?;
        if !status.success() {
            return Err(failed(status, &err));
        }
        let line = last_json(&out).ok_or_else(|| ReplayError::Answer(tail(&out)))?;
        serde_json::from_str(line).map_err(|error| ReplayError::Answer(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_child_signs_in_to_its_own_store_only() {
        let seen = |name, store| reaches_child(name, Path::new(store));
        for store in ["/var/store", "https://example.org/store", "s3://bucket", "reports,s3://bucket"] {
            assert!(
                seen("PATH", store) && seen("AIXBLOCK_STORE_TRIES", store) && seen("AIXBLOCK_DATA_CACHE_BYTES", store)
            );
            assert!(!seen("AIXBLOCK_ORACLE_KEYPAIR", store) && !seen("SOME_TOKEN", store));
            assert_eq!(seen("AWS_SECRET_ACCESS_KEY", store), store.contains("s3:"));
        }
    }
}
