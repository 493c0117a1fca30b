//! `aixblock verify`: anybody replays a job, without a key, and learns whether its result is what was ordered.
//!
//! Everything comes from the order's account and the content store; nothing of the trainer, the oracles or the platform's
//! services is believed. Exit status: 0 equal, 2 a fault was found, 1 it could not be decided.
mod inspection;
mod progress;
mod replay;
mod verdict;

use crate::{
    commands::{Connection, data_folder},
    session::Session,
    trainer_process::sibling,
};
use anyhow::{Context, Result, bail};
use artefacts::Store;
use chain::Pubkey;
use clap::Args;
use inspection::inspect;
use market::state::{Order, order_state};
use progress::Progress;
use protocol::{digest::Digest, sampling::sampled_segments};
use replay::{Ended, Replay};
use std::{num::NonZeroU16, path::PathBuf, process::ExitCode};

pub use verdict::Verdict;

/// What to verify, and how much of it.
#[derive(Args, Debug)]
pub struct VerifyOptions {
    /// Address of the order whose result is verified.
    #[arg(value_parser = crate::commands::address, required_unless_present = "log", conflicts_with = "log")]
    order: Option<Pubkey>,
    /// Content address of a job's log, where there is no order.
    #[arg(long, requires = "manifest_hash")]
    log: Option<Digest>,
    /// Hash of the manifest that was ordered.
    #[arg(long, requires = "log")]
    manifest_hash: Option<Digest>,
    /// Root that the trainer named: a log that hashes to another one is a fault.
    #[arg(long, requires = "log")]
    job_root: Option<Digest>,
    /// Replay these segments only: numbers with commas between them.
    #[arg(long, value_delimiter = ',', conflicts_with = "sample")]
    segments: Option<Vec<u32>>,
    /// Replay the first segment, the last, and so many others drawn at random.
    #[arg(long)]
    sample: Option<u32>,
    /// Threads of the replay; they never change the result.
    #[arg(long, default_value_t = NonZeroU16::MIN)]
    threads: NonZeroU16,
    /// Where verdict, evidence and progress go; beside the store of the user's data where absent.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Replay what is left also after the first fault.
    #[arg(long)]
    keep_going: bool,
    /// Replay segments again that an earlier start found equal.
    #[arg(long)]
    anew: bool,
    /// Print the verdict as JSON.
    #[arg(long)]
    json: bool,
}

/// The job that is verified.
#[derive(Debug, Clone)]
struct Subject {
    order: Option<Pubkey>,
    manifest_hash: Digest,
    log: Digest,
    submitted_root: Option<Digest>,
}

impl VerifyOptions {
    /// All of an order's result, up to the first fault.
    pub fn of_order(order: Pubkey, threads: NonZeroU16, folder: Option<PathBuf>) -> Self {
        Self {
            order: Some(order),
            log: None,
            manifest_hash: None,
            job_root: None,
            segments: None,
            sample: None,
            threads,
            folder,
            keep_going: false,
            anew: false,
            json: false,
        }
    }

    /// Verifies, and says by the exit status what came of it.
    pub async fn run(self, connection: &Connection) -> Result<ExitCode> {
        let (verdict, _) = self.find(connection).await?;
        if self.json {
            println!("{}", serde_json::to_string(&verdict)?);
        } else {
            verdict.print();
        }
        Ok(verdict.exit_code())
    }

    /// Verifies. What came of it, and the folder in which it left that.
    pub async fn find(&self, connection: &Connection) -> Result<(Verdict, PathBuf)> {
        let subject = self.subject(connection).await?;
        let store_folder = connection.store()?;
        let store = Store::open(&store_folder)?;
        let folder = match &self.folder {
            Some(folder) => folder.clone(),
            None => data_folder()?.join("verify").join(subject.log.to_string()),
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let inspection = inspect(&store, &subject);
        let wanted = self.wanted(inspection.segments)?;
        let mut progress = Progress::open(&folder.join("progress.jsonl"), &subject, self.anew)?;
        let left: Option<Vec<u32>> =
            wanted.as_ref().map(|wanted| wanted.iter().copied().filter(|index| !progress.is_equal(*index)).collect());
        let resumed = wanted.as_ref().zip(left.as_ref()).map_or(0, |(wanted, left)| wanted.len() - left.len());
        let replay = Replay {
            program: sibling("aixblock-trainer")?,
            store: store_folder,
            threads: self.threads,
            evidence: folder.join("evidence"),
            stop_at_fault: !self.keep_going,
        };
        // nothing may be left to replay; what an earlier start found still needs a log that is in order
        let ended = match left.as_deref() {
            Some([]) if inspection.fault.is_none() => Ended::Equal,
            left => replay.run(&subject, left, inspection.profile, &mut progress).await?,
        };
        let verdict = Verdict::of(&subject, &inspection, wanted.as_deref(), resumed, &progress, &ended, &replay);
        verdict.save(&folder)?;
        Ok((verdict, folder))
    }

    async fn subject(&self, connection: &Connection) -> Result<Subject> {
        if let (Some(log), Some(manifest_hash)) = (self.log, self.manifest_hash) {
            return Ok(Subject { order: None, manifest_hash, log, submitted_root: self.job_root });
        }
        let Some(order) = self.order else { bail!("name an order, or a log and a manifest's hash") };
        let session: Session = connection.session()?;
        let state: Order = session.get(&order).await.with_context(|| format!("{order} is not an order"))?;
        if state.state < order_state::SUBMITTED || state.result_log == [0; 32] {
            bail!("no result was submitted for order {order}: there is nothing to verify yet");
        }
        Ok(Subject {
            order: Some(order),
            manifest_hash: Digest(state.manifest_hash),
            log: Digest(state.result_log),
            submitted_root: Some(Digest(state.result_root)),
        })
    }

    /// Numbers of the segments to replay, ascending; `None` where nobody knows how many there are.
    fn wanted(&self, segments: Option<u32>) -> Result<Option<Vec<u32>>> {
        let Some(count) = segments else { return Ok(None) };
        if let Some(listed) = &self.segments {
            if let Some(beyond) = listed.iter().find(|index| **index >= count) {
                bail!("segment {beyond} was asked for, the job has {count}: they are numbered from 0");
            }
            let mut listed = listed.clone();
            listed.sort_unstable();
            listed.dedup();
            return Ok(Some(listed));
        }
        let Some(sample) = self.sample else { return Ok(Some((0..count).collect())) };
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
        Ok(Some(sampled_segments(seed, &[0; 64], sample, count)))
    }
}
