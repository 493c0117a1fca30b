//! The log of a training run: every record that the job root is computed from, as one canonical file.

use crate::codec::{DecodeError, Reader, Writer};
use crate::commitment::{FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord, job_root, steps_root};
use crate::digest::Digest;
use crate::manifest::Manifest;
use crate::report::{DifferingPart, Fault};

const MAGIC: &[u8] = b"aixblock/job-log/v2\0";
const SEGMENT_BYTES: usize = 4 + 4 + 4 * 32 + 1;

/// Every record of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobLog {
    /// Hash of the manifest that the run followed.
    pub manifest_hash: Digest,
    /// V, T and S of that manifest.
    pub shape: JobShape,
    /// One record for each step.
    pub steps: Vec<StepRecord>,
    /// One record for each segment.
    pub segments: Vec<SegmentRecord>,
    /// Final checkpoint, state and metric.
    pub end: JobEnd,
}

/// The first way in which a log contradicts itself or its manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFault {
    /// The log names another manifest.
    #[error("the log is of manifest {found}, the order's manifest is {expected}")]
    OtherManifest {
        /// Hash of the order's manifest.
        expected: Digest,
        /// Hash in the log.
        found: Digest,
    },
    /// V, T or S differ from the manifest's.
    #[error("the log has V = {}, T = {}, S = {}, the manifest has V = {}, T = {}, S = {}", found.virtual_ranks, found.steps, found.segment_len, expected.virtual_ranks, expected.steps, expected.segment_len)]
    OtherShape {
        /// The manifest's shape.
        expected: JobShape,
        /// The log's shape.
        found: JobShape,
    },
    /// The number of step records is not T.
    #[error("the log has {found} step records, the job has {expected} steps")]
    StepCount {
        /// Steps of the job.
        expected: u32,
        /// Records in the log.
        found: usize,
    },
    /// The number of segment records is not T / S, rounded up.
    #[error("the log has {found} segment records, the job has {expected} segments")]
    SegmentCount {
        /// Segments of the job.
        expected: u32,
        /// Records in the log.
        found: usize,
    },
    /// A step record stands at another step's place.
    #[error("the record at place {place} is of step {found}")]
    StepOutOfPlace {
        /// Place in the log.
        place: u32,
        /// Step that the record names.
        found: u32,
    },
    /// A segment record stands at another segment's place, or names another first step.
    #[error("the segment record at place {place} is of segment {index} from step {first_step}")]
    SegmentOutOfPlace {
        /// Place in the log.
        place: u32,
        /// Segment that the record names.
        index: u32,
        /// First step that the record names.
        first_step: u32,
    },
    /// A step does not have one gradient root for each virtual rank.
    #[error("step {step} has {found} gradient roots, the job has {expected} virtual ranks")]
    GradientCount {
        /// The step.
        step: u32,
        /// Virtual ranks of the job.
        expected: u32,
        /// Roots in the record.
        found: usize,
    },
    /// A segment does not start where the one before it ended.
    #[error("segment {segment} starts at state {found}, the one before it ended at {expected}")]
    BrokenChain {
        /// The later segment.
        segment: u32,
        /// End of the one before.
        expected: Digest,
        /// Start of the later one.
        found: Digest,
    },
    /// A segment's end is not the state after its last step.
    #[error("segment {segment} ends at state {found}, its last step at {expected}")]
    SegmentEnd {
        /// The segment.
        segment: u32,
        /// State after the segment's last step.
        expected: Digest,
        /// End in the segment's record.
        found: Digest,
    },
    /// A segment's root is not the root of its steps.
    #[error("segment {segment} commits to steps {found}, its records hash to {expected}")]
    StepsRoot {
        /// The segment.
        segment: u32,
        /// Root of the step records.
        expected: Digest,
        /// Root in the segment's record.
        found: Digest,
    },
    /// The final state is not the end of the last segment.
    #[error("the final state is {found}, the last segment ends at {expected}")]
    FinalState {
        /// End of the last segment.
        expected: Digest,
        /// Final state in the log.
        found: Digest,
    },
    /// A segment has an evaluation that the manifest does not ask for, or lacks one.
    #[error("segment {segment} has {}, the manifest asks for {}", if *found { "an evaluation" } else { "no evaluation" }, if *found { "none" } else { "one" })]
    Evaluation {
        /// The segment.
        segment: u32,
        /// Whether its record has an evaluation.
        found: bool,
    },
    /// More right predictions than predictions.
    #[error("{correct} of {total} predictions cannot be right")]
    ImpossibleMetric {
        /// Right predictions.
        correct: u64,
        /// All predictions.
        total: u64,
    },
}

impl LogFault {
    /// Where the fault lies, in the form of a replay's report.
    #[must_use]
    pub fn located(&self) -> Fault {
        let fault = |segment: Option<u32>, step: Option<u32>, part, committed: String, replayed: String| Fault {
            segment,
            step,
            part,
            committed,
            replayed,
        };
        match *self {
            Self::OtherManifest { expected, found } => {
                fault(None, None, DifferingPart::Manifest, found.to_string(), expected.to_string())
            }
            Self::OtherShape { expected, found } => {
                let text = |shape: JobShape| {
                    format!("V = {}, T = {}, S = {}", shape.virtual_ranks, shape.steps, shape.segment_len)
                };
                fault(None, None, DifferingPart::Shape, text(found), text(expected))
            }
            Self::StepCount { expected, found } | Self::SegmentCount { expected, found } => {
                fault(None, None, DifferingPart::Shape, found.to_string(), expected.to_string())
            }
            Self::GradientCount { step, expected, found } => {
                fault(None, Some(step), DifferingPart::Shape, found.to_string(), expected.to_string())
            }
            Self::StepOutOfPlace { place, found } => {
                fault(None, Some(place), DifferingPart::Numbering, found.to_string(), place.to_string())
            }
            Self::SegmentOutOfPlace { place, index, .. } => {
                fault(Some(place), None, DifferingPart::Numbering, index.to_string(), place.to_string())
            }
            Self::BrokenChain { segment, expected, found } | Self::SegmentEnd { segment, expected, found } => {
                fault(Some(segment), None, DifferingPart::SegmentLink, found.to_string(), expected.to_string())
            }
            Self::StepsRoot { segment, expected, found } => {
                fault(Some(segment), None, DifferingPart::SegmentSteps, found.to_string(), expected.to_string())
            }
            Self::FinalState { expected, found } => {
                fault(None, None, DifferingPart::SegmentLink, found.to_string(), expected.to_string())
            }
            Self::Evaluation { segment, found } => {
                let text = |there: bool| if there { "an evaluation" } else { "none" }.to_owned();
                fault(Some(segment), None, DifferingPart::Evaluation, text(found), text(!found))
            }
            Self::ImpossibleMetric { correct, total } => {
                fault(None, None, DifferingPart::Metric, format!("{correct} of {total}"), format!("at most {total}"))
            }
        }
    }
}

impl JobLog {
    /// The root that goes on chain.
    #[must_use]
    pub fn job_root(&self) -> Digest {
        job_root(&self.manifest_hash, &self.shape, &self.segments, &self.end)
    }

    /// Records of the steps of segment `index`.
    #[must_use]
    pub fn steps_of(&self, index: u32) -> &[StepRecord] {
        let first = (index as usize).saturating_mul(self.shape.segment_len as usize).min(self.steps.len());
        let end = first.saturating_add(self.shape.segment_len as usize).min(self.steps.len());
        &self.steps[first..end]
    }

    /// Checks that the log agrees with itself; says nothing about whether the training happened.
    pub fn verify(&self) -> Result<(), LogFault> {
        if self.steps.len() != self.shape.steps as usize {
            return Err(LogFault::StepCount { expected: self.shape.steps, found: self.steps.len() });
        }
        if self.segments.len() != self.shape.segments() as usize {
            return Err(LogFault::SegmentCount { expected: self.shape.segments(), found: self.segments.len() });
        }
        for (place, record) in (0..).zip(&self.steps) {
            if record.step != place {
                return Err(LogFault::StepOutOfPlace { place, found: record.step });
            }
            if record.gradient_roots.len() != self.shape.virtual_ranks as usize {
                return Err(LogFault::GradientCount {
                    step: place,
                    expected: self.shape.virtual_ranks,
                    found: record.gradient_roots.len(),
                });
            }
        }
        let mut before: Option<Digest> = None;
        for (place, segment) in (0..).zip(&self.segments) {
            self.verify_segment(place, segment, before)?;
            before = Some(segment.end_root);
        }
        match before {
            Some(expected) if expected != self.end.state_root => {
                return Err(LogFault::FinalState { expected, found: self.end.state_root });
            }
            _ => {}
        }
        let evaluations = self.segments.iter().filter_map(|segment| segment.metric);
        match evaluations.chain([self.end.metric]).find(|metric| metric.correct > metric.total) {
            Some(FinalMetric { correct, total }) => Err(LogFault::ImpossibleMetric { correct, total }),
            None => Ok(()),
        }
    }

    fn verify_segment(&self, place: u32, segment: &SegmentRecord, before: Option<Digest>) -> Result<(), LogFault> {
        if segment.index != place
            || u64::from(segment.first_step) != u64::from(place) * u64::from(self.shape.segment_len)
        {
            return Err(LogFault::SegmentOutOfPlace { place, index: segment.index, first_step: segment.first_step });
        }
        match before {
            Some(expected) if expected != segment.start_root => {
                return Err(LogFault::BrokenChain { segment: place, expected, found: segment.start_root });
            }
            _ => {}
        }
        let steps = self.steps_of(place);
        let last = steps.last().map_or(segment.start_root, |step| step.state_root);
        if last != segment.end_root {
            return Err(LogFault::SegmentEnd { segment: place, expected: last, found: segment.end_root });
        }
        let expected = steps_root(steps);
        if expected != segment.steps_root {
            return Err(LogFault::StepsRoot { segment: place, expected, found: segment.steps_root });
        }
        Ok(())
    }

    /// Checks that the log agrees with itself and is of `manifest`.
    pub fn verify_against(&self, manifest: &Manifest) -> Result<(), LogFault> {
        let expected = manifest.hash();
        if self.manifest_hash != expected {
            return Err(LogFault::OtherManifest { expected, found: self.manifest_hash });
        }
        if self.shape != manifest.shape() {
            return Err(LogFault::OtherShape { expected: manifest.shape(), found: self.shape });
        }
        let misplaced = |segment: &&SegmentRecord| segment.metric.is_some() != manifest.evaluates_after(segment.index);
        if let Some(segment) = self.segments.iter().find(misplaced) {
            return Err(LogFault::Evaluation { segment: segment.index, found: segment.metric.is_some() });
        }
        self.verify()
    }

    /// The canonical file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new(MAGIC);
        out.digest(&self.manifest_hash);
        for value in [self.shape.virtual_ranks, self.shape.steps, self.shape.segment_len] {
            out.u32(value);
        }
        encode_steps(&mut out, &self.steps);
        out.u32(self.segments.len() as u32);
        self.segments.iter().for_each(|segment| encode_segment(&mut out, segment));
        out.digest(&self.end.checkpoint);
        out.digest(&self.end.state_root);
        out.u64(self.end.metric.correct);
        out.u64(self.end.metric.total);
        out.finish()
    }

    /// Reads a canonical file; call [`JobLog::verify_against`] next.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut input = Reader::new(bytes, MAGIC, "a job log")?;
        let log = Self {
            manifest_hash: input.digest()?,
            shape: JobShape { virtual_ranks: input.u32()?, steps: input.u32()?, segment_len: input.u32()? },
            steps: decode_steps(&mut input)?,
            segments: {
                let count = input.count(SEGMENT_BYTES)?;
                (0..count).map(|_| decode_segment(&mut input)).collect::<Result<_, _>>()?
            },
            end: JobEnd {
                checkpoint: input.digest()?,
                state_root: input.digest()?,
                metric: FinalMetric { correct: input.u64()?, total: input.u64()? },
            },
        };
        input.finish()?;
        Ok(log)
    }
}

impl Manifest {
    /// The numbers that give the job's log its shape.
    #[must_use]
    pub fn shape(&self) -> JobShape {
        JobShape { virtual_ranks: self.virtual_ranks, steps: self.steps, segment_len: self.segment_len }
    }
}

/// Appends a count and so many step records.
pub fn encode_steps(out: &mut Writer, steps: &[StepRecord]) {
    out.u32(steps.len() as u32);
    for record in steps {
        out.u32(record.step);
        out.digest(&record.batch_root);
        out.u32(record.gradient_roots.len() as u32);
        record.gradient_roots.iter().for_each(|root| out.digest(root));
        out.digest(&record.reduced_root);
        out.digest(&record.state_root);
        out.u32(record.loss_bits);
    }
}

/// Reads a count and so many step records.
pub fn decode_steps(input: &mut Reader<'_>) -> Result<Vec<StepRecord>, DecodeError> {
    let count = input.count(4 + 4 + 3 * 32 + 4)?;
    (0..count)
        .map(|_| {
            Ok(StepRecord {
                step: input.u32()?,
                batch_root: input.digest()?,
                gradient_roots: {
                    let ranks = input.count(32)?;
                    (0..ranks).map(|_| input.digest()).collect::<Result<_, _>>()?
                },
                reduced_root: input.digest()?,
                state_root: input.digest()?,
                loss_bits: input.u32()?,
            })
        })
        .collect()
}

/// Appends a segment record.
pub fn encode_segment(out: &mut Writer, segment: &SegmentRecord) {
    out.u32(segment.index);
    out.u32(segment.first_step);
    for digest in [&segment.start_root, &segment.end_root, &segment.steps_root, &segment.start_checkpoint] {
        out.digest(digest);
    }
    out.u8(segment.metric.is_some().into());
    if let Some(metric) = segment.metric {
        out.u64(metric.correct);
        out.u64(metric.total);
    }
}

/// Reads a segment record.
pub fn decode_segment(input: &mut Reader<'_>) -> Result<SegmentRecord, DecodeError> {
    Ok(SegmentRecord {
        index: input.u32()?,
        first_step: input.u32()?,
        start_root: input.digest()?,
        end_root: input.digest()?,
        steps_root: input.digest()?,
        start_checkpoint: input.digest()?,
        metric: match input.u8()? {
            0 => None,
            1 => Some(FinalMetric { correct: input.u64()?, total: input.u64()? }),
            _ => return Err(DecodeError::BadValue("a segment's metric")),
        },
    })
}
