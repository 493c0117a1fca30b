//! Replaying segments of a job in one process and comparing every record, bit for bit.

use crate::checkpoint;
use crate::dataset::missing_data;
use crate::evaluate::evaluate;
use crate::evidence;
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::profile;
use crate::recorder::Immediate;
use crate::state::TrainState;
use crate::step::run_step;
use artefacts::{Store, StoreError};
use protocol::commitment::{FinalMetric, SegmentRecord};
use protocol::digest::Digest;
use protocol::evidence::first_difference;
use protocol::job_log::JobLog;
use protocol::manifest::Acceptance;
use protocol::report::{
    ArtefactFault, DifferingPart, Fault, MetricReport, ReplayEvent, ReplayReport, SegmentReport, SegmentVerdict,
    Verdict,
};
use std::path::PathBuf;
use std::time::Instant;

/// What to replay.
#[derive(Debug, Clone)]
pub struct ReplayOptions {
    /// Hash of the order's manifest.
    pub manifest_hash: Digest,
    /// Content address of the log.
    pub log: Digest,
    /// Root that the trainer submitted, where the log must hash to it.
    pub job_root: Option<Digest>,
    /// Which segments.
    pub segments: Segments,
    /// Folder for the evidence of the first fault.
    pub evidence: Option<PathBuf>,
    /// Whether to leave out the segments after the first that differs.
    pub stop_at_fault: bool,
}

/// Which segments to replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segments {
    /// Every segment.
    All,
    /// These.
    Some(Vec<u32>),
}

impl std::str::FromStr for Segments {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let numbers = text.split(',').map(|part| part.trim().parse()).collect::<Result<Vec<u32>, _>>();
        numbers.map(Self::Some).map_err(|_| format!("{text:?} is neither `all` nor a list of numbers like 0,3,19"))
    }
}

/// Why a whole replay ended before its segments.
struct Stopped(Verdict, String, Option<Fault>);

fn fault_of(error: &StoreError) -> ArtefactFault {
    match error {
        StoreError::Missing(_) => ArtefactFault::Missing,
        StoreError::Corrupt { .. } | StoreError::TooLong { .. } => ArtefactFault::Corrupt,
        StoreError::Read { .. } | StoreError::Write(_) => ArtefactFault::Unreadable,
    }
}

/// Replays and reports, and tells every step and segment. Whatever is wrong with the job becomes part of the report.
#[must_use]
pub fn replay(store: &Store, options: &ReplayOptions, tell: &mut dyn FnMut(&ReplayEvent)) -> ReplayReport {
    let started = Instant::now();
    let mut report = ReplayReport {
        verdict: Verdict::Match,
        reason: None,
        manifest_hash: options.manifest_hash,
        log: options.log,
        job_root: None,
        fault: None,
        segments: Vec::new(),
        metric: None,
        final_state_hash: None,
        seconds: 0.0,
        sample_signature: None,
    };
    if let Err(Stopped(verdict, reason, fault)) = replay_into(store, options, &mut report, tell) {
        report.verdict = verdict;
        report.reason = Some(reason);
        report.fault = fault;
    }
    if let (Some(fault), Some(folder)) = (&report.fault, &options.evidence)
        && let Err(error) = evidence::collect(store, options, fault, folder)
    {
        tracing::error!(%error, folder = %folder.display(), "the fault stands, but its evidence could not be written");
    }
    report.seconds = started.elapsed().as_secs_f64();
    report
}

fn replay_into(
    store: &Store,
    options: &ReplayOptions,
    report: &mut ReplayReport,
    tell: &mut dyn FnMut(&ReplayEvent),
) -> Result<(), Stopped> {
    let incompatible = |error: &dyn std::fmt::Display| Stopped(Verdict::IncompatibleHost, error.to_string(), None);
    let unavailable = |error: &dyn std::fmt::Display| Stopped(Verdict::Unavailable, error.to_string(), None);
    let mismatch = |reason: String, fault| Stopped(Verdict::Mismatch, reason, Some(fault));
    let refused = |error: JobError| match error {
        JobError::OtherTrainerVersion { .. } => incompatible(&error),
        _ => unavailable(&error),
    };
    let profile = Job::numeric_profile(store, &options.manifest_hash).map_err(refused)?;
    profile::enter(profile).map_err(|error| incompatible(&error))?;
    let job = Job::load(store, &options.manifest_hash).map_err(refused)?;
    let bytes = store.get(&options.log).map_err(|error| unavailable(&error))?;
    let log = JobLog::decode(&bytes).map_err(|error| mismatch(error.to_string(), Fault::of_format(&error)))?;
    let job_root = log.job_root();
    report.job_root = Some(job_root);
    if let Some(submitted) = options.job_root.filter(|submitted| *submitted != job_root) {
        let reason = format!("the log hashes to job root {job_root}, the trainer submitted {submitted}");
        return Err(mismatch(reason, Fault::of_job_root(submitted, job_root)));
    }
    log.verify_against(&job.manifest).map_err(|fault| mismatch(fault.to_string(), fault.located()))?;
    let asked: Vec<u32> = match &options.segments {
        Segments::All => (0..job.manifest.segments()).collect(),
        Segments::Some(numbers) => numbers.clone(),
    };
    let replay = Replay { store, job: &job, log: &log };
    for index in asked {
        let Some(segment) = log.segments.get(index as usize) else {
            return Err(incompatible(&format!("segment {index} was asked for, the job has {}", log.segments.len())));
        };
        let (outcome, end) = match replay.segment(segment, tell) {
            Ok(end) => (SegmentVerdict::Match, Some(end)),
            Err(Failed::Segment(verdict)) => (verdict, None),
            Err(Failed::Host(error)) => return Err(incompatible(&error)),
        };
        let steps = log.steps_of(index).len() as u32;
        let segment = SegmentReport { index, first_step: segment.first_step, steps, outcome };
        if let Some(end) = end.filter(|_| index + 1 == job.manifest.segments()) {
            report.final_state_hash = Some(end.root());
            let undecided = |error: tch::TchError| match missing_data(&error) {
                Some(_) => unavailable(&error),
                None => incompatible(&error),
            };
            report.metric = Some(replay.metric(&end).map_err(undecided)?);
        }
        let (metric, final_state_hash) = (report.metric, report.final_state_hash);
        tell(&ReplayEvent::Segment { report: segment.clone(), metric, final_state_hash });
        let differs = Fault::of_segment(&segment).is_some();
        report.segments.push(segment);
        if differs && options.stop_at_fault {
            break;
        }
    }
    conclude(report);
    Ok(())
}

/// The verdict on the whole: a proven difference outweighs a missing artefact.
fn conclude(report: &mut ReplayReport) {
    let differing = report.segments.iter().filter_map(Fault::of_segment).min_by_key(|fault| fault.step);
    let metric = report.metric.filter(|metric| !metric.matches);
    let failed = report.segments.iter().find(|segment| segment.outcome != SegmentVerdict::Match);
    if let Some(fault) = differing {
        report.verdict = Verdict::Mismatch;
        report.reason = Some(fault.to_string());
        report.fault = Some(fault);
    } else if let Some(metric) = metric {
        let MetricReport { committed_correct, committed_total, correct, total, .. } = metric;
        report.verdict = Verdict::Mismatch;
        report.reason = Some(format!(
            "the log claims {committed_correct} of {committed_total} right, the replay counts {correct} of {total}"
        ));
        report.fault = Some(Fault::of_metric(&metric));
    } else if let Some(SegmentReport { index, outcome: SegmentVerdict::Unavailable { detail, .. }, .. }) = failed {
        report.verdict = Verdict::Unavailable;
        report.reason = Some(format!("segment {index}: {detail}"));
    }
}

/// Why a segment did not come out.
enum Failed {
    /// The trainer's fault.
    Segment(SegmentVerdict),
    /// This host's fault.
    Host(String),
}

impl From<SegmentVerdict> for Failed {
    fn from(verdict: SegmentVerdict) -> Self {
        Self::Segment(verdict)
    }
}

fn host(error: impl std::fmt::Display) -> Failed {
    Failed::Host(error.to_string())
}

/// A step or an evaluation that lacks its data says nothing about this host.
fn computing(error: &(dyn std::error::Error + 'static)) -> Failed {
    match missing_data(error) {
        Some(fault) => SegmentVerdict::Unavailable { fault: fault_of(fault), detail: error.to_string() }.into(),
        None => host(error),
    }
}

fn differs(
    step: u32,
    part: DifferingPart,
    committed: impl std::fmt::Display,
    replayed: impl std::fmt::Display,
) -> SegmentVerdict {
    SegmentVerdict::Mismatch { step, part, committed: committed.to_string(), replayed: replayed.to_string() }
}

struct Replay<'a> {
    store: &'a Store,
    job: &'a Job,
    log: &'a JobLog,
}

impl Replay<'_> {
    /// Replays one segment; the state at its end.
    fn segment(&self, segment: &SegmentRecord, tell: &mut dyn FnMut(&ReplayEvent)) -> Result<TrainState, Failed> {
        let mut state = self.start_of(segment)?;
        let mut order = self.job.batch_order().map_err(host)?;
        let mut recorder = Immediate::default();
        for committed in self.log.steps_of(segment.index) {
            run_step(self.job, &mut state, &mut order, &mut OneProcess, &mut recorder)
                .map_err(|error| computing(&error))?;
            let replayed = recorder.take().ok_or_else(|| host("a recorded step has no record"))?;
            if let Some(fault) = first_difference(segment.index, committed, &replayed) {
                return Err(differs(replayed.step, fault.part, fault.committed, fault.replayed).into());
            }
            tell(&ReplayEvent::Step { segment: segment.index, step: committed.step });
        }
        if let Some(committed) = segment.metric {
            let replayed = evaluate(self.job, &state).map_err(|error| computing(&error))?;
            if committed != replayed {
                let right = |metric: FinalMetric| format!("{} of {}", metric.correct, metric.total);
                let last = segment.first_step + self.log.steps_of(segment.index).len().saturating_sub(1) as u32;
                return Err(differs(last, DifferingPart::Evaluation, right(committed), right(replayed)).into());
            }
        }
        if segment.index + 1 == self.job.manifest.segments() {
            self.check_final_checkpoint()?;
        }
        Ok(state)
    }

    fn start_of(&self, segment: &SegmentRecord) -> Result<TrainState, Failed> {
        if segment.index == 0 {
            let initial = TrainState::initial(self.job).map_err(host)?;
            let root = initial.root();
            if root != segment.start_root {
                return Err(differs(0, DifferingPart::InitialState, segment.start_root, root).into());
            }
        }
        let state = self.checkpoint(&segment.start_checkpoint)?;
        let root = state.root();
        if root != segment.start_root || state.steps_done() != segment.first_step {
            return Err(differs(segment.first_step, DifferingPart::StartState, segment.start_root, root).into());
        }
        Ok(state)
    }

    /// The buyer pays for the final checkpoint: it must be there and hold the final state.
    fn check_final_checkpoint(&self) -> Result<(), Failed> {
        let root = self.checkpoint(&self.log.end.checkpoint)?.root();
        if root == self.log.end.state_root {
            return Ok(());
        }
        Err(differs(self.job.manifest.steps, DifferingPart::FinalCheckpoint, self.log.end.state_root, root).into())
    }

    fn checkpoint(&self, address: &Digest) -> Result<TrainState, SegmentVerdict> {
        let bytes = self
            .store
            .get(address)
            .map_err(|error| SegmentVerdict::Unavailable { fault: fault_of(&error), detail: error.to_string() })?;
        checkpoint::decode(self.job, &bytes).map_err(|error| SegmentVerdict::Unavailable {
            fault: ArtefactFault::Malformed,
            detail: format!("checkpoint {address}: {error}"),
        })
    }

    fn metric(&self, end: &TrainState) -> Result<MetricReport, tch::TchError> {
        let (committed, replayed) = (self.log.end.metric, evaluate(self.job, end)?);
        let Acceptance::Accuracy { minimum_ppm } = self.job.manifest.acceptance;
        Ok(MetricReport {
            committed_correct: committed.correct,
            committed_total: committed.total,
            correct: replayed.correct,
            total: replayed.total,
            accuracy_ppm: replayed.accuracy_ppm(),
            matches: committed == replayed,
            accepted: replayed.accuracy_ppm() >= minimum_ppm,
        })
    }
}
