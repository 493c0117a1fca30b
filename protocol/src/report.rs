//! What the trainer says about a run and about a replay, as JSON on its standard output.

use crate::codec::DecodeError;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};

/// Result of a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainReport {
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// Root that goes on chain.
    pub job_root: Digest,
    /// Content address of the log.
    pub log: Digest,
    /// Root of the final state.
    pub final_state_hash: Digest,
    /// Content address of the final checkpoint.
    pub final_checkpoint: Digest,
    /// Steps of the job.
    pub steps: u32,
    /// Segments of the job.
    pub segments: u32,
    /// Virtual ranks of the job.
    pub virtual_ranks: u32,
    /// Worker processes at the end of the run.
    pub world_size: u32,
    /// Right predictions on the held-out samples.
    pub correct: u64,
    /// All predictions on the held-out samples.
    pub total: u64,
    /// Accuracy in parts per million.
    pub accuracy_ppm: u32,
    /// Mean loss of the last step.
    pub final_loss: f32,
    /// Samples trained in each second of training, without start-up and evaluation.
    pub samples_per_second: f64,
    /// How often processes were started anew after they died.
    pub restarts: u32,
    /// Step from which the last start went on; 0 for a run in one go.
    pub resumed_from_step: u32,
    /// Seconds from launch to result.
    pub seconds: f64,
}

/// Result of a training run that nobody can verify: it has no commitment, so that no order can be paid for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnverifiedReport {
    /// Always false.
    pub verified: bool,
    /// How gradients were reduced.
    pub reducer: String,
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// Content address of the final checkpoint.
    pub final_checkpoint: Digest,
    /// Steps of the job.
    pub steps: u32,
    /// Virtual ranks of the job.
    pub virtual_ranks: u32,
    /// Worker processes at the end of the run.
    pub world_size: u32,
    /// Right predictions on the held-out samples.
    pub correct: u64,
    /// All predictions on the held-out samples.
    pub total: u64,
    /// Accuracy in parts per million.
    pub accuracy_ppm: u32,
    /// Mean loss of the last step.
    pub final_loss: f32,
    /// Samples trained in each second of training, without start-up and evaluation.
    pub samples_per_second: f64,
    /// How often processes were started anew after they died.
    pub restarts: u32,
    /// Step from which the last start went on; 0 for a run in one go.
    pub resumed_from_step: u32,
    /// Seconds from launch to result.
    pub seconds: f64,
}

/// Result of a replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplayReport {
    /// What the replay says on the whole.
    pub verdict: Verdict,
    /// Why, in words, where the verdict is not a match.
    pub reason: Option<String>,
    /// Hash of the manifest that was asked for.
    pub manifest_hash: Digest,
    /// Content address of the log that was asked for.
    pub log: Digest,
    /// Root that the log hashes to, where it could be read.
    pub job_root: Option<Digest>,
    /// The first fault: in the log where it contradicts itself or the order, else in the first step that differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// One entry for each segment that was asked for and reached.
    pub segments: Vec<SegmentReport>,
    /// The final metric, where the last segment was replayed.
    pub metric: Option<MetricReport>,
    /// Root of the final state as replayed, where the last segment was replayed.
    pub final_state_hash: Option<Digest>,
    /// Seconds that the replay took.
    pub seconds: f64,
    /// The oracle's signature (`sampling::message`) from which the choice of segments follows, as hex; the trainer's program
    /// knows of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_signature: Option<String>,
}

/// Why an oracle votes against a result, as the number that goes on chain with its vote.
pub mod reason_code {
    /// Nothing to object to.
    pub const NONE: u16 = 0;
    /// The log contradicts itself, its manifest or the submitted root.
    pub const LOG: u16 = 1;
    /// An artefact that the trainer must serve is missing or damaged.
    pub const UNAVAILABLE: u16 = 2;
    /// The run did not start from the manifest's initial state.
    pub const INITIAL_STATE: u16 = 10;
    /// A checkpoint does not hold the state that its segment starts from.
    pub const START_STATE: u16 = 11;
    /// Another batch.
    pub const BATCH: u16 = 12;
    /// Another gradient of one virtual rank.
    pub const GRADIENT: u16 = 13;
    /// Another mean gradient.
    pub const REDUCED_GRADIENT: u16 = 14;
    /// Another loss.
    pub const LOSS: u16 = 15;
    /// Another state after the optimiser's update.
    pub const STATE: u16 = 16;
    /// The final checkpoint does not hold the final state.
    pub const FINAL_CHECKPOINT: u16 = 17;
    /// Another final metric.
    pub const METRIC: u16 = 20;
    /// The final metric is true, but below the manifest's minimum.
    pub const NOT_ACCEPTED: u16 = 21;

    /// What a code means, for people.
    #[must_use]
    pub fn meaning(code: u16) -> &'static str {
        match code {
            NONE => "nothing to object to",
            LOG => "the log contradicts itself, its manifest or the submitted root",
            UNAVAILABLE => "an artefact is missing or damaged",
            INITIAL_STATE => "the initial state differs",
            START_STATE => "a checkpoint differs",
            BATCH => "a batch differs",
            GRADIENT => "a gradient differs",
            REDUCED_GRADIENT => "a mean gradient differs",
            LOSS => "a loss differs",
            STATE => "a state after the update differs",
            FINAL_CHECKPOINT => "the final checkpoint differs",
            METRIC => "the final metric differs",
            NOT_ACCEPTED => "the final metric is below the minimum",
            _ => "a reason that this build does not know",
        }
    }
}

impl ReplayReport {
    /// The report's [`reason_code`]; `None` for a host that cannot judge. A true result below the manifest's minimum has a code
    /// too, although everything matches.
    #[must_use]
    pub fn reason_code(&self) -> Option<u16> {
        let part = self.segments.iter().find_map(|segment| match segment.outcome {
            SegmentVerdict::Mismatch { part, .. } => Some(part.reason_code()),
            _ => None,
        });
        let metric_differs = self.metric.is_some_and(|metric| !metric.matches);
        match self.verdict {
            Verdict::IncompatibleHost => None,
            Verdict::Unavailable => Some(reason_code::UNAVAILABLE),
            Verdict::Mismatch if metric_differs => Some(part.unwrap_or(reason_code::METRIC)),
            Verdict::Mismatch => Some(part.unwrap_or(reason_code::LOG)),
            Verdict::Match if self.metric.is_some_and(|metric| !metric.accepted) => Some(reason_code::NOT_ACCEPTED),
            Verdict::Match => Some(reason_code::NONE),
        }
    }
}

impl DifferingPart {
    /// The part's [`reason_code`].
    #[must_use]
    pub fn reason_code(self) -> u16 {
        match self {
            Self::InitialState => reason_code::INITIAL_STATE,
            Self::StartState => reason_code::START_STATE,
            Self::Batch => reason_code::BATCH,
            Self::Gradient { .. } => reason_code::GRADIENT,
            Self::ReducedGradient => reason_code::REDUCED_GRADIENT,
            Self::Loss => reason_code::LOSS,
            Self::State => reason_code::STATE,
            Self::FinalCheckpoint => reason_code::FINAL_CHECKPOINT,
            Self::Evaluation => reason_code::METRIC,
            Self::LogFormat
            | Self::JobRoot
            | Self::Manifest
            | Self::Shape
            | Self::Numbering
            | Self::SegmentLink
            | Self::SegmentSteps => reason_code::LOG,
            Self::Metric => reason_code::METRIC,
        }
    }
}

/// What a replay says on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was replayed came out bit for bit.
    Match,
    /// Something that was committed is not what the manifest leads to.
    Mismatch,
    /// Something that the trainer must serve is missing or damaged, and nothing else differed.
    Unavailable,
    /// This host or build cannot replay the job: no statement about the trainer.
    IncompatibleHost,
}

/// Where a job is not what was ordered, and what it should have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The segment, where the fault lies in one.
    pub segment: Option<u32>,
    /// The step, where the fault lies in one.
    pub step: Option<u32>,
    /// What differs.
    pub part: DifferingPart,
    /// What the trainer committed to: hex of a digest or of a loss, or a number.
    pub committed: String,
    /// What it should have been, in the same form.
    pub replayed: String,
}

impl Fault {
    /// A fault of the job as a whole.
    fn of_job(part: DifferingPart, committed: impl ToString, replayed: impl ToString) -> Self {
        Self { segment: None, step: None, part, committed: committed.to_string(), replayed: replayed.to_string() }
    }

    /// The log hashes to another root than the `submitted` one.
    #[must_use]
    pub fn of_job_root(submitted: Digest, found: Digest) -> Self {
        Self::of_job(DifferingPart::JobRoot, submitted, found)
    }

    /// The bytes at the log's address are no log.
    #[must_use]
    pub fn of_format(error: &DecodeError) -> Self {
        Self::of_job(DifferingPart::LogFormat, error, "a log in canonical form")
    }

    /// The log claims another metric than the final state has; both as right predictions of all.
    #[must_use]
    pub fn of_metric(metric: &MetricReport) -> Self {
        let MetricReport { committed_correct, committed_total, correct, total, .. } = metric;
        let of = |correct: &u64, total: &u64| format!("{correct} of {total}");
        Self::of_job(DifferingPart::Metric, of(committed_correct, committed_total), of(correct, total))
    }

    /// What differs in a segment's replay; `None` where nothing does.
    #[must_use]
    pub fn of_segment(report: &SegmentReport) -> Option<Self> {
        let SegmentVerdict::Mismatch { step, part, committed, replayed } = &report.outcome else { return None };
        Some(Self {
            segment: Some(report.index),
            step: Some(*step),
            part: *part,
            committed: committed.clone(),
            replayed: replayed.clone(),
        })
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.segment, self.step) {
            (Some(segment), Some(step)) => write!(f, "segment {segment} differs first at step {step}: ")?,
            (Some(segment), None) => write!(f, "segment {segment}: ")?,
            (None, Some(step)) => write!(f, "step {step}: ")?,
            (None, None) => {}
        }
        write!(f, "{}: committed {}, should be {}", self.part, self.committed, self.replayed)
    }
}

/// What a replay tells while it runs, one JSON line each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ReplayEvent {
    /// A step came out as committed.
    Step {
        /// Its segment.
        segment: u32,
        /// The step.
        step: u32,
    },
    /// A segment is done.
    Segment {
        /// What came of it.
        report: SegmentReport,
        /// The final metric, after the last segment.
        metric: Option<MetricReport>,
        /// Root of the final state as replayed, after the last segment.
        final_state_hash: Option<Digest>,
    },
}

/// Result of one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentReport {
    /// Number of the segment.
    pub index: u32,
    /// Its first step.
    pub first_step: u32,
    /// Number of its steps.
    pub steps: u32,
    /// What came out.
    #[serde(flatten)]
    pub outcome: SegmentVerdict,
}

/// What came out of one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum SegmentVerdict {
    /// Every record of the segment came out bit for bit.
    Match,
    /// A record differs.
    Mismatch {
        /// First step that differs.
        step: u32,
        /// First part of that step's record that differs.
        part: DifferingPart,
        /// What the trainer committed to, as hex.
        committed: String,
        /// What the replay computed, as hex.
        replayed: String,
    },
    /// An artefact that the segment needs is not there, or not intact.
    Unavailable {
        /// What is wrong with it.
        fault: ArtefactFault,
        /// Which artefact, and the details.
        detail: String,
    },
}

/// Part of the commitments that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferingPart {
    /// The state before step 0 is not the one that the manifest's seed gives.
    InitialState,
    /// The checkpoint does not hold the state that the segment starts from.
    StartState,
    /// The samples of the step.
    Batch,
    /// The gradient of one virtual rank.
    Gradient {
        /// First virtual rank whose gradient differs.
        virtual_rank: u32,
    },
    /// The mean gradient.
    ReducedGradient,
    /// The loss.
    Loss,
    /// The state after the step: the optimiser's update.
    State,
    /// The final checkpoint does not hold the final state.
    FinalCheckpoint,
    /// The result on the held-out samples at the segment's end.
    Evaluation,
    /// The log is no log.
    LogFormat,
    /// The log is not the one whose root was submitted.
    JobRoot,
    /// The log is of another manifest: another job's.
    Manifest,
    /// Virtual ranks, steps or segments are not as many as the manifest says.
    Shape,
    /// A record stands at another step's or segment's place.
    Numbering,
    /// A segment does not start where the one before it ended, or does not end where its last step did.
    SegmentLink,
    /// A segment does not commit to its own steps.
    SegmentSteps,
    /// The final metric.
    Metric,
}

impl std::fmt::Display for DifferingPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InitialState => f.write_str("the initial state"),
            Self::StartState => f.write_str("the state at the segment's start"),
            Self::Batch => f.write_str("the batch"),
            Self::Gradient { virtual_rank } => write!(f, "the gradient of virtual rank {virtual_rank}"),
            Self::ReducedGradient => f.write_str("the mean gradient"),
            Self::Loss => f.write_str("the loss"),
            Self::State => f.write_str("the state after the update"),
            Self::FinalCheckpoint => f.write_str("the final checkpoint"),
            Self::Evaluation => f.write_str("the evaluation on the held-out samples"),
            Self::LogFormat => f.write_str("the log's format"),
            Self::JobRoot => f.write_str("the job root"),
            Self::Manifest => f.write_str("the manifest"),
            Self::Shape => f.write_str("the number of records"),
            Self::Numbering => f.write_str("the numbering of records"),
            Self::SegmentLink => f.write_str("the link between segments"),
            Self::SegmentSteps => f.write_str("the segment's root over its steps"),
            Self::Metric => f.write_str("the final metric"),
        }
    }
}

/// What is wrong with an artefact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtefactFault {
    /// It is not in the store.
    Missing,
    /// Its bytes do not hash to its address.
    Corrupt,
    /// Its bytes hash to its address but are not what they should be.
    Malformed,
    /// The store could not be read.
    Unreadable,
}

/// The final metric as committed and as replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricReport {
    /// Right predictions in the log.
    pub committed_correct: u64,
    /// All predictions in the log.
    pub committed_total: u64,
    /// Right predictions as replayed.
    pub correct: u64,
    /// All predictions as replayed.
    pub total: u64,
    /// Replayed accuracy in parts per million.
    pub accuracy_ppm: u32,
    /// Whether the log's numbers are the replayed ones.
    pub matches: bool,
    /// Whether the replayed accuracy reaches the manifest's minimum.
    pub accepted: bool,
}

/// Result of the trainer's self-test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfTestReport {
    /// Whether this host computes the bits that every verifying host must compute.
    pub compatible: bool,
    /// The numeric contract that was tested.
    pub trainer_version: String,
    /// Hash that a compatible host gets.
    pub expected: Digest,
    /// Hash that this host got.
    pub found: Digest,
    /// What differs here: operators and test jobs by name.
    #[serde(default)]
    pub differing: Vec<String>,
}

/// Result of importing a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetReport {
    /// The manifest's `dataset.root`.
    pub root: Digest,
    /// Number of images, rows or tokens.
    pub items: u64,
    /// Number of classes, or of different tokens.
    pub classes: u32,
    /// Size of the blob, or of all chunks, in bytes.
    pub bytes: u64,
    /// Number of chunks; 0 for a dataset of one blob.
    #[serde(default)]
    pub chunks: u32,
    /// Names of the classes in their order, where they have some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}
