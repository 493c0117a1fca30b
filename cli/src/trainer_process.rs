//! Runs the trainer's binary. Training code never runs in this process, and never sees a key.
use anyhow::{Context, Result, bail};
use protocol::audit_votes::{AuditVotes, WrittenReport};
use protocol::report::{ReplayReport, TrainReport};
use serde::de::DeserializeOwned;
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{io::AsyncWriteExt, process::Command};

/// Where the trainer is and where its artefacts go.
#[derive(Clone, Debug)]
pub struct Trainer {
    pub binary: PathBuf,
    pub store: PathBuf,
}

/// One training run.
pub struct Launch<'a> {
    pub manifest: &'a Path,
    /// The manifest hash in the order: the trainer refuses a manifest that does not hash to it.
    pub expect_hash: [u8; 32],
    pub workers: u32,
    pub work_dir: &'a Path,
    pub dishonest: Option<&'a str>,
}

impl Trainer {
    /// The binary beside the running one.
    pub fn beside(store: PathBuf) -> Result<Self> {
        Ok(Self { binary: sibling("aixblock-trainer")?, store })
    }

    /// Trains on this host; progress goes to standard error.
    pub async fn launch(&self, launch: &Launch<'_>) -> Result<TrainReport> {
        let mut arguments: Vec<OsString> = vec!["launch".into(), "--manifest".into(), launch.manifest.into()];
        arguments.extend(["--expect-hash".into(), hex::encode(launch.expect_hash).into()]);
        arguments.extend(["--workers".into(), launch.workers.to_string().into()]);
        arguments.extend(["--work-dir".into(), launch.work_dir.into(), "--store".into(), self.store.clone().into()]);
        if let Some(mode) = launch.dishonest {
            arguments.extend(["--dishonest".into(), mode.into()]);
        }
        self.run(arguments).await
    }

    /// Replays every segment of a job in one process.
    pub async fn replay_all(&self, log: &[u8; 32], manifest_hash: &[u8; 32]) -> Result<ReplayReport> {
        let arguments = ["replay", "--segments", "all", "--log", &hex::encode(log)].map(OsString::from).into_iter();
        let rest = ["--manifest-hash".into(), hex::encode(manifest_hash).into(), "--store".into()];
        self.run(arguments.chain(rest).chain([self.store.clone().into()]).collect()).await
    }

    /// Imports a dataset into the store, and says its root.
    pub async fn import_digits(&self, file: &Path) -> Result<protocol::report::DatasetReport> {
        let mut arguments: Vec<OsString> = ["dataset", "--kind", "digits", "--input"].map(OsString::from).into();
        arguments.extend([file.into(), "--store".into(), self.store.clone().into()]);
        self.run(arguments).await
    }

    /// Writes the page on the audit of an order to `out`, with what the launch in `work_dir` measured, where there is one.
    pub async fn report(&self, votes: &AuditVotes, work_dir: Option<&Path>, out: &Path) -> Result<WrittenReport> {
        let mut arguments: Vec<OsString> = vec!["report".into(), "--votes".into(), "-".into()];
        arguments.extend(["--store".into(), self.store.clone().into(), "--out".into(), out.into()]);
        if let Some(folder) = work_dir {
            arguments.extend(["--work-dir".into(), folder.into()]);
        }
        self.run_with(arguments, &serde_json::to_vec(votes)?).await
    }

    async fn run<T: DeserializeOwned>(&self, arguments: Vec<OsString>) -> Result<T> {
        self.run_with(arguments, &[]).await
    }

    /// Runs the trainer with `input` on its standard input.
    async fn run_with<T: DeserializeOwned>(&self, arguments: Vec<OsString>, input: &[u8]) -> Result<T> {
        let verb = arguments.first().map(|a| a.to_string_lossy().into_owned()).unwrap_or_default();
        let mut child = Command::new(&self.binary)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}: build it with `make build`", self.binary.display()))?;
        if let Some(mut pipe) = child.stdin.take() {
            // one that ended without reading says itself why
            let _ = pipe.write_all(input).await;
        }
        let output = child.wait_with_output().await.context("the trainer is gone")?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("the trainer's `{verb}` failed ({}); its messages are above", output.status);
        }
        let line = stdout.lines().last().with_context(|| format!("the trainer's `{verb}` printed no report"))?;
        serde_json::from_str(line).with_context(|| format!("the trainer's `{verb}` printed no report but: {line}"))
    }
}

/// A binary of the platform in the folder of the running one.
pub fn sibling(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe().context("cannot find the running program's own file")?;
    let folder = here.parent().context("the running program's file has no folder")?;
    let path = folder.join(name);
    if !path.is_file() {
        bail!("{} is not there: build the platform with `make build`", path.display());
    }
    Ok(path)
}
