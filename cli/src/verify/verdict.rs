//! What a verification came to: for people, as JSON, and as an exit status.
use super::{
    Subject,
    inspection::{Inspection, Withheld},
    progress::Progress,
    replay::{Ended, Replay},
};
use anyhow::{Context, Result};
use protocol::{
    digest::Digest,
    report::{self, Fault, MetricReport, reason_code},
};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Exit status of a job in which a fault was found.
const EXIT_FAULT: u8 = 2;

/// Whether a result is what was ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Everything that was replayed came out bit for bit, and everything that must be served is.
    Equal,
    /// The result is not what was ordered.
    Fault,
    /// Nobody can tell from here.
    Undecided,
}

/// The verdict.
#[derive(Debug, Serialize)]
pub struct Verdict {
    verdict: Outcome,
    /// Why, where the verdict is not that it is equal.
    reason: Option<String>,
    /// The number that an oracle's vote would carry; nothing where it would not vote.
    reason_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<String>,
    manifest_hash: Digest,
    log: Digest,
    /// Root that the trainer submitted.
    submitted_root: Option<Digest>,
    /// Root that the log hashes to.
    job_root: Option<Digest>,
    /// Segments of the job.
    segments: Option<u32>,
    /// Segments that came out equal, of this start and of earlier ones.
    equal_segments: usize,
    /// Those of earlier starts among them.
    resumed_segments: usize,
    /// Whether every segment of the job was replayed.
    whole: bool,
    /// Checkpoints that are served.
    checkpoints: u32,
    withheld: Vec<Withheld>,
    fault: Option<Fault>,
    metric: Option<MetricReport>,
    /// File of the evidence.
    evidence: Option<PathBuf>,
}

impl Verdict {
    pub(super) fn of(
        subject: &Subject,
        inspection: &Inspection,
        wanted: Option<&[u32]>,
        resumed_segments: usize,
        progress: &Progress,
        ended: &Ended,
        replay: &Replay,
    ) -> Self {
        let report = match ended {
            Ended::Reported(report) => Some(report),
            _ => None,
        };
        let below = progress.metric.is_some_and(|metric| metric.matches && !metric.accepted);
        let withheld = || {
            let Withheld { what, address, why } = inspection.withheld.first()?;
            Some(format!("{what} {address} is {why}"))
        };
        let verdict = report.map_or(report::Verdict::Match, |report| report.verdict);
        let (verdict, reason, code) = match (ended, verdict) {
            (Ended::IncompatibleHost(reason), _) => (Outcome::Undecided, Some(reason.clone()), None),
            (Ended::Interrupted, _) => {
                let reason = "interrupted: the same command goes on from the segments that are done";
                (Outcome::Undecided, Some(reason.to_owned()), None)
            }
            (_, report::Verdict::Mismatch) => {
                let reason = report.and_then(|report| report.reason.clone());
                (Outcome::Fault, reason, report.and_then(|report| report.reason_code()))
            }
            (_, report::Verdict::IncompatibleHost) => {
                (Outcome::Undecided, report.and_then(|report| report.reason.clone()), None)
            }
            (_, report::Verdict::Unavailable) => {
                let reason = withheld().or_else(|| report.and_then(|report| report.reason.clone()));
                (Outcome::Undecided, reason, Some(reason_code::UNAVAILABLE))
            }
            (_, report::Verdict::Match) if below => {
                let reason = reason_code::meaning(reason_code::NOT_ACCEPTED);
                (Outcome::Fault, Some(reason.to_owned()), Some(reason_code::NOT_ACCEPTED))
            }
            (_, report::Verdict::Match) => match withheld() {
                Some(reason) => (Outcome::Undecided, Some(reason), Some(reason_code::UNAVAILABLE)),
                None => (Outcome::Equal, None, Some(reason_code::NONE)),
            },
        };
        let evidence = Some(replay.evidence.join("evidence.json")).filter(|file| report.is_some() && file.is_file());
        let is_equal = |index: &u32| progress.is_equal(*index);
        Self {
            verdict,
            reason,
            reason_code: code,
            order: subject.order.map(|order| order.to_string()),
            manifest_hash: subject.manifest_hash,
            log: subject.log,
            submitted_root: subject.submitted_root,
            job_root: inspection.job_root,
            segments: inspection.segments,
            equal_segments: wanted.map_or(0, |wanted| wanted.iter().filter(|index| is_equal(index)).count()),
            resumed_segments,
            whole: inspection.segments.is_some_and(|count| (0..count).all(|index| is_equal(&index))),
            checkpoints: inspection.checkpoints,
            withheld: inspection.withheld.clone(),
            fault: report.and_then(|report| report.fault.clone()),
            metric: progress.metric,
            evidence,
        }
    }

    /// 0 equal, 2 a fault, 1 not decided.
    pub(super) fn exit_code(&self) -> ExitCode {
        match self.verdict {
            Outcome::Equal => ExitCode::SUCCESS,
            Outcome::Fault => ExitCode::from(EXIT_FAULT),
            Outcome::Undecided => ExitCode::FAILURE,
        }
    }

    /// Leaves the verdict beside its evidence.
    pub(super) fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join("verdict.json");
        let text = serde_json::to_string_pretty(self)? + "\n";
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    /// The first fault, where one was found.
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// Prints it for people.
    pub fn print(&self) {
        if let Some(order) = &self.order {
            println!("order        {order}");
        }
        println!("manifest     {}", self.manifest_hash);
        println!("log          {}", self.log);
        match (self.submitted_root, self.job_root) {
            (Some(submitted), Some(found)) if submitted != found => {
                println!("root         submitted {submitted}\n             the log hashes to {found}");
            }
            (_, Some(found)) => println!("root         {found}, as the log hashes"),
            (_, None) => println!("root         not known: the log cannot be read"),
        }
        println!("checkpoints  {} are served", self.checkpoints);
        for Withheld { what, address, why } in &self.withheld {
            println!("WITHHELD     {what}, {address}: {why}");
        }
        if let Some(segments) = self.segments {
            let resumed = match self.resumed_segments {
                0 => String::new(),
                resumed => format!(", {resumed} of them in an earlier start"),
            };
            println!("replayed     {} of {segments} segments came out equal{resumed}", self.equal_segments);
        }
        if let Some(metric) = self.metric {
            println!(
                "metric       {} of {} committed, {} of {} replayed",
                metric.committed_correct, metric.committed_total, metric.correct, metric.total
            );
        }
        let reason = self.reason.as_deref().unwrap_or_default();
        match self.verdict {
            Outcome::Equal if self.whole => println!("verdict      EQUAL: every bit is what was ordered"),
            Outcome::Equal => println!("verdict      EQUAL in what was replayed"),
            Outcome::Fault => println!("verdict      FAULT: {reason}"),
            Outcome::Undecided => println!("verdict      UNDECIDED: {reason}"),
        }
        if let Some(evidence) = &self.evidence {
            println!("evidence     {}", evidence.display());
        }
    }
}
