//! Contradictions of a job's log that a program on the chain finds by itself, in the records that it is shown.
//!
//! The program `proofs` keeps whether something that it was shown contradicts something else. What has to be shown for that is
//! found here, from the log.

use crate::commitment::{FinalMetric, SegmentRecord, StepRecord, steps_root};
use crate::job_log::JobLog;
use crate::manifest::Manifest;
use crate::opening::StepOpening;
use crate::recompute::MAX_RANKS;

/// What has to be shown of a log that contradicts itself, its shape or its manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// A segment's record.
    Segment {
        /// Its place.
        segment: u32,
    },
    /// The record of a segment that does not end where the next begins, and that one's.
    Break {
        /// Place of the first of the two.
        segment: u32,
    },
    /// A segment's and a step's record.
    Step {
        /// Place of the segment.
        segment: u32,
        /// Place of the step's record in the segment.
        place: u32,
    },
    /// The same, and the manifest.
    Manifest {
        /// Place of the segment.
        segment: u32,
        /// Place of a step's record in the segment.
        place: u32,
    },
}

impl Contradiction {
    /// The first contradiction of a log in a job that `ordered` is the manifest of. `None` where there is none that opens under
    /// the log's root.
    #[must_use]
    pub fn of(log: &JobLog, ordered: &Manifest) -> Option<Self> {
        let of_job = log.manifest_hash != ordered.hash() || is_impossible(&log.end.metric);
        (0u32..).zip(&log.segments).find_map(|(segment, record)| {
            if of_job || contradicts(log, segment, record) {
                return Some(Self::Segment { segment });
            }
            let next = log.segments.get(segment as usize + 1);
            if next.is_some_and(|next| next.start_root != record.end_root) {
                return Some(Self::Break { segment });
            }
            let steps = log.steps_of(segment);
            if steps_root(steps) != record.steps_root {
                // other steps than the log's are committed to: none of these opens
                return None;
            }
            let mut shown = (0u32..).zip(steps).filter(|(_, step)| step.gradient_roots.len() <= MAX_RANKS);
            let flawed = shown.clone().find(|(place, step)| step_contradicts(log, record, segment, *place, step));
            if let Some((place, _)) = flawed {
                return Some(Self::Step { segment, place });
            }
            let as_ordered =
                log.shape == ordered.shape() && record.metric.is_some() == ordered.evaluates_after(segment);
            let (place, _) = shown.next().filter(|_| !as_ordered)?;
            Some(Self::Manifest { segment, place })
        })
    }

    /// Segment and step to show; the segment's first step where none has to be. `None` where the log lacks it.
    #[must_use]
    pub fn opening(self, log: &JobLog) -> Option<StepOpening> {
        match self {
            Self::Segment { segment } | Self::Break { segment } => StepOpening::of(log, segment, 0),
            Self::Step { segment, place } | Self::Manifest { segment, place } => StepOpening::of(log, segment, place),
        }
    }
}

fn is_impossible(metric: &FinalMetric) -> bool {
    metric.correct > metric.total
}

fn contradicts(log: &JobLog, place: u32, record: &SegmentRecord) -> bool {
    let (count, first) = (log.segments.len() as u64, u64::from(place) * u64::from(log.shape.segment_len));
    record.metric.as_ref().is_some_and(is_impossible)
        || count != u64::from(log.shape.segments())
        || record.index != place
        || u64::from(record.first_step) != first
        || u64::from(place) + 1 == count && record.end_root != log.end.state_root
}

fn step_contradicts(log: &JobLog, of: &SegmentRecord, segment: u32, place: u32, step: &StepRecord) -> bool {
    let (count, length) = (log.steps_of(segment).len() as u64, u64::from(log.shape.segment_len));
    let first = u64::from(segment) * length;
    count != u64::from(log.shape.steps).saturating_sub(first).min(length)
        || u64::from(step.step) != first + u64::from(place)
        || step.gradient_roots.len() as u64 != u64::from(log.shape.virtual_ranks)
        || u64::from(place) + 1 == count && step.state_root != of.end_root
}
