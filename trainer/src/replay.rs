//! Replaying segments of a job in one process and comparing every record, bit for bit.

use crate::checkpoint;
use crate::evaluate::evaluate;
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::profile;
use crate::recorder::Immediate;
use crate::state::TrainState;
use crate::step::run_step;
use artefacts::{Store, StoreError};
use protocol::commitment::{SegmentRecord, StepRecord};
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use protocol::manifest::Acceptance;
use protocol::report::{
    ArtefactFault, DifferingPart, MetricReport, ReplayReport, SegmentReport, SegmentVerdict, Verdict,
};
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
struct Stopped(Verdict, String);

fn fault_of(error: &StoreError) -> ArtefactFault {
    match error {
        StoreError::Missing(_) => ArtefactFault::Missing,
        StoreError::Corrupt { .. } => ArtefactFault::Corrupt,
        StoreError::Read { .. } | StoreError::Write(_) => ArtefactFault::Unreadable,
    }
}

/// Replays and reports. Whatever is wrong with the job becomes part of the report.
#[must_use]
pub fn replay(store: &Store, options: &ReplayOptions) -> ReplayReport {
    let started = Instant::now();
    let mut report = ReplayReport {
        verdict: Verdict::Match,
        reason: None,
        manifest_hash: options.manifest_hash,
        log: options.log,
        job_root: None,
        segments: Vec::new(),
        metric: None,
        final_state_hash: None,
        seconds: 0.0,
        sample_signature: None,
    };
    if let Err(Stopped(verdict, reason)) = replay_into(store, options, &mut report) {
        report.verdict = verdict;
        report.reason = Some(reason);
    }
    report.seconds = started.elapsed().as_secs_f64();
    report
}

fn replay_into(store: &Store, options: &ReplayOptions, report: &mut ReplayReport) -> Result<(), Stopped> {
    let incompatible = |error: &dyn std::fmt::Display| Stopped(Verdict::IncompatibleHost, error.to_string());
    let unavailable = |error: &dyn std::fmt::Display| Stopped(Verdict::Unavailable, error.to_string());
    let mismatch = |reason: String| Stopped(Verdict::Mismatch, reason);
    let refused = |error: JobError| match error {
        JobError::OtherTrainerVersion { .. } => incompatible(&error),
        _ => unavailable(&error),
    };
    let profile = Job::numeric_profile(store, &options.manifest_hash).map_err(refused)?;
    profile::enter(profile).map_err(|error| incompatible(&error))?;
    let job = Job::load(store, &options.manifest_hash).map_err(refused)?;
    let bytes = store.get(&options.log).map_err(|error| unavailable(&error))?;
    let log = JobLog::decode(&bytes).map_err(|error| mismatch(error.to_string()))?;
    let job_root = log.job_root();
    report.job_root = Some(job_root);
    if let Some(submitted) = options.job_root.filter(|submitted| *submitted != job_root) {
        return Err(mismatch(format!("the log hashes to job root {job_root}, the trainer submitted {submitted}")));
    }
    log.verify_against(&job.manifest).map_err(|fault| mismatch(fault.to_string()))?;
    let asked: Vec<u32> = match &options.segments {
        Segments::All => (0..job.manifest.segments()).collect(),
        Segments::Some(numbers) => numbers.clone(),
    };
    let replay = Replay { store, job: &job, log: &log };
    for index in asked {
        let Some(segment) = log.segments.get(index as usize) else {
            return Err(incompatible(&format!("segment {index} was asked for, the job has {}", log.segments.len())));
        };
        let (outcome, end) = match replay.segment(segment) {
            Ok(end) => (SegmentVerdict::Match, Some(end)),
            Err(Failed::Segment(verdict)) => (verdict, None),
            Err(Failed::Host(error)) => return Err(incompatible(&error)),
        };
        let steps = log.steps_of(index).len() as u32;
        report.segments.push(SegmentReport { index, first_step: segment.first_step, steps, outcome });
        if let Some(end) = end.filter(|_| index + 1 == job.manifest.segments()) {
            report.final_state_hash = Some(end.root());
            report.metric = Some(replay.metric(&end).map_err(|error| incompatible(&error))?);
        }
    }
    conclude(report);
    Ok(())
}

/// The verdict on the whole: a proven difference outweighs a missing artefact.
fn conclude(report: &mut ReplayReport) {
    let failures = report.segments.iter().filter(|segment| segment.outcome != SegmentVerdict::Match);
    let differing = failures.clone().find(|segment| matches!(segment.outcome, SegmentVerdict::Mismatch { .. }));
    if let Some(SegmentReport { index, outcome: SegmentVerdict::Mismatch { step, part, .. }, .. }) = differing {
        report.verdict = Verdict::Mismatch;
        report.reason = Some(format!("segment {index} differs first at step {step}: {part}"));
    } else if let Some(metric) = report.metric.filter(|metric| !metric.matches) {
        let MetricReport { committed_correct, committed_total, correct, total, .. } = metric;
        report.verdict = Verdict::Mismatch;
        report.reason = Some(format!(
            "the log claims {committed_correct} of {committed_total} right, the replay counts {correct} of {total}"
        ));
    } else if let Some(SegmentReport { index, outcome: SegmentVerdict::Unavailable { detail, .. }, .. }) =
        failures.clone().next()
    {
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
    fn segment(&self, segment: &SegmentRecord) -> Result<TrainState, Failed> {
        let mut state = self.start_of(segment)?;
        let mut order = self.job.batch_order().map_err(host)?;
        let mut recorder = Immediate::default();
        for committed in self.log.steps_of(segment.index) {
            run_step(self.job, &mut state, &mut order, &mut OneProcess, &mut recorder).map_err(host)?;
            let replayed = recorder.take().ok_or_else(|| host("a recorded step has no record"))?;
            if let Some(difference) = first_difference(committed, &replayed) {
                return Err(difference.into());
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

/// The first part of a step's record that differs, in the order in which a step computes them.
fn first_difference(committed: &StepRecord, replayed: &StepRecord) -> Option<SegmentVerdict> {
    let step = replayed.step;
    let compare = |part, committed: Digest, replayed: Digest| {
        (committed != replayed).then(|| differs(step, part, committed, replayed))
    };
    let gradients = || {
        let roots = (0..).zip(committed.gradient_roots.iter().zip(&replayed.gradient_roots));
        roots.into_iter().find_map(|(virtual_rank, (committed, replayed))| {
            compare(DifferingPart::Gradient { virtual_rank }, *committed, *replayed)
        })
    };
    let loss = || {
        let [left, right] = [committed.loss_bits, replayed.loss_bits];
        (left != right).then(|| differs(step, DifferingPart::Loss, format!("{left:08x}"), format!("{right:08x}")))
    };
    compare(DifferingPart::Batch, committed.batch_root, replayed.batch_root)
        .or_else(gradients)
        .or_else(|| compare(DifferingPart::ReducedGradient, committed.reduced_root, replayed.reduced_root))
        .or_else(loss)
        .or_else(|| compare(DifferingPart::State, committed.state_root, replayed.state_root))
}
