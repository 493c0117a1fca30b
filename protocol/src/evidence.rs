//! Evidence of a fault: what a panel, a program or any third person needs to see it without a replay of the whole job.
//!
//! Everything in it hangs together by hashes: the segment's and the step's records open under the job root that the order
//! carries, and where the trainer served the values behind a differing root, one chunk of them opens under it beside the chunk
//! that the replay computed.

use crate::commitment::{CHUNK_VALUES, SegmentRecord, StepRecord, TensorGroup, TensorValues, job_root_over};
use crate::digest::Digest;
use crate::job_log::JobLog;
use crate::merkle::{self, Proof};
use crate::opening::{JobOpening, Opened, ValueOpening};
use crate::report::{DifferingPart, Fault};
use crate::tensor_tree;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The only format so far.
pub const FORMAT: &str = "aixblock/evidence/v1";

/// Evidence of one fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// [`FORMAT`].
    pub format: String,
    /// Hash of the order's manifest.
    pub manifest_hash: Digest,
    /// Content address of the log.
    pub log: Digest,
    /// What the job root hashes besides the segments.
    pub job: JobOpening,
    /// The fault.
    pub fault: Fault,
    /// The segment's record, where the fault lies in one.
    pub segment: Option<Opened<SegmentRecord>>,
    /// The record of the segment before.
    pub segment_before: Option<Opened<SegmentRecord>>,
    /// The step's record as committed, where the fault lies in one.
    pub step: Option<Opened<StepRecord>>,
    /// The record of the step before, where it belongs to the same segment: its state is the one that the step starts from.
    pub step_before: Option<Opened<StepRecord>>,
    /// The step's record as replayed.
    pub replayed: Option<StepRecord>,
    /// The first value that differs, where the trainer served the values that it committed to.
    pub element: Option<ElementDifference>,
    /// Content addresses of the blobs that belong to it, by what they are.
    pub blobs: BTreeMap<String, Digest>,
}

/// One value that differs between what was committed to and what is right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ElementDifference {
    /// Name of the parameter.
    pub tensor: String,
    /// Which of its runs: 0 the parameter, 1 and 2 its first and second moment.
    pub run: u32,
    /// Place in the run, row-major.
    pub element: u64,
    /// Place among all values of the group: in chunk `value / 128`, whose leaf is the one after.
    pub value: u64,
    /// Bits as committed (f32).
    pub committed_bits: u32,
    /// Bits as replayed.
    pub replayed_bits: u32,
    /// The chunk as committed.
    pub committed: OpenedChunk,
    /// The chunk as replayed.
    pub replayed: OpenedChunk,
}

/// One chunk of values and the proof of its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedChunk {
    /// Root of the values.
    pub root: Digest,
    /// The chunk's bytes as hex.
    pub bytes: String,
    /// Proof for its leaf.
    pub proof: Proof,
}

/// Why evidence is not evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// It is of another format.
    #[error("the evidence has the format {0:?}, this build reads {FORMAT}")]
    Format(String),
    /// A hash does not lead where it should.
    #[error("the evidence's {0} does not open under the root above it")]
    Opening(&'static str),
    /// The records do not show the fault.
    #[error("the evidence's records do not show that {0} differs")]
    Shows(DifferingPart),
}

/// The first part of a step's record that differs, in the order in which a step computes them.
#[must_use]
pub fn first_difference(segment: u32, committed: &StepRecord, replayed: &StepRecord) -> Option<Fault> {
    let roots =
        |part, left: Digest, right: Digest| (left != right).then(|| (part, left.to_string(), right.to_string()));
    let gradients = || {
        (0..)
            .zip(committed.gradient_roots.iter().zip(&replayed.gradient_roots))
            .find_map(|(virtual_rank, (left, right))| roots(DifferingPart::Gradient { virtual_rank }, *left, *right))
    };
    let loss = || {
        let [left, right] = [committed.loss_bits, replayed.loss_bits];
        (left != right).then(|| (DifferingPart::Loss, format!("{left:08x}"), format!("{right:08x}")))
    };
    let (part, committed, replayed_text) = roots(DifferingPart::Batch, committed.batch_root, replayed.batch_root)
        .or_else(gradients)
        .or_else(|| roots(DifferingPart::ReducedGradient, committed.reduced_root, replayed.reduced_root))
        .or_else(loss)
        .or_else(|| roots(DifferingPart::State, committed.state_root, replayed.state_root))?;
    Some(Fault { segment: Some(segment), step: Some(replayed.step), part, committed, replayed: replayed_text })
}

/// The first value in which two groups of the same names and shapes differ, with its chunk opened in both; `None` where they
/// are equal.
#[must_use]
pub fn element_difference(
    group: TensorGroup,
    committed: &[TensorValues<'_>],
    replayed: &[TensorValues<'_>],
) -> Option<ElementDifference> {
    let mut value = 0u64;
    for (left, right) in committed.iter().zip(replayed) {
        for (run, (left_run, right_run)) in (0..).zip(left.runs.iter().zip(right.runs)) {
            let differs = left_run.iter().zip(*right_run).position(|(left, right)| left.to_bits() != right.to_bits());
            let Some(element) = differs else {
                value += left_run.len() as u64;
                continue;
            };
            value += element as u64;
            return Some(ElementDifference {
                tensor: left.name.to_owned(),
                run,
                element: element as u64,
                value,
                committed_bits: left_run[element].to_bits(),
                replayed_bits: right_run[element].to_bits(),
                committed: OpenedChunk::of(group, committed, value)?,
                replayed: OpenedChunk::of(group, replayed, value)?,
            });
        }
    }
    None
}

impl OpenedChunk {
    /// The chunk that holds the value at place `value` of all the group's values.
    #[must_use]
    pub fn of(group: TensorGroup, tensors: &[TensorValues<'_>], value: u64) -> Option<Self> {
        let ValueOpening { root, chunk, proof } = ValueOpening::of(group, tensors, value)?;
        Some(Self { root, bytes: hex::encode(chunk), proof })
    }

    /// Bits of the value at place `value`, where the chunk opens under `root` and holds it.
    #[must_use]
    pub fn value(&self, root: &Digest, value: u64) -> Option<u32> {
        let bytes = hex::decode(&self.bytes).ok()?;
        let opens = self.root == *root
            && self.proof.index == value / CHUNK_VALUES + 1
            && tensor_tree::chunk_leaf(&bytes).is_some_and(|leaf| tensor_tree::verify(root, &leaf, &self.proof));
        let at = (value % CHUNK_VALUES) as usize * 4;
        let bits = bytes.get(at..at + 4).filter(|_| opens)?;
        Some(u32::from_le_bytes(bits.try_into().ok()?))
    }
}

impl Evidence {
    /// What `log`, whose content address is `address`, opens about `fault` in a job of the order's `manifest_hash`.
    #[must_use]
    pub fn open(log: &JobLog, address: Digest, manifest_hash: Digest, fault: Fault) -> Self {
        let place = fault
            .segment
            .or_else(|| fault.step.and_then(|step| step.checked_div(log.shape.segment_len)))
            .map(|segment| segment as usize);
        let segment_at = |place: Option<usize>| Opened::of(&log.segments, place?, SegmentRecord::leaf);
        let step_at = |step: Option<u32>| {
            let place = place?;
            let steps = log.steps_of(place as u32);
            // a fault of the log itself may lie in just this
            let bound = crate::commitment::steps_root(steps) == log.segments.get(place)?.steps_root;
            let first = (place as u32).saturating_mul(log.shape.segment_len);
            Opened::of(steps, step?.checked_sub(first)? as usize, StepRecord::leaf).filter(|_| bound)
        };
        Self {
            format: FORMAT.to_owned(),
            manifest_hash,
            log: address,
            job: JobOpening::of(log),
            segment: segment_at(place),
            segment_before: segment_at(place.and_then(|place| place.checked_sub(1))),
            step: step_at(fault.step),
            step_before: step_at(fault.step.and_then(|step| step.checked_sub(1))),
            fault,
            replayed: None,
            element: None,
            blobs: BTreeMap::new(),
        }
    }

    /// Checks every hash in the evidence, and that its records show the fault. Whether what was `replayed` is right is the only
    /// thing that is left to believe, or to compute again from the blobs.
    pub fn check(&self) -> Result<(), EvidenceError> {
        if self.format != FORMAT {
            return Err(EvidenceError::Format(self.format.clone()));
        }
        let job = &self.job;
        if job_root_over(&job.manifest_hash, &job.shape, &job.segments_root, &job.end) != job.job_root {
            return Err(EvidenceError::Opening("job"));
        }
        for segment in [&self.segment, &self.segment_before].into_iter().flatten() {
            if !merkle::verify(&job.segments_root, &segment.record.leaf(), &segment.proof) {
                return Err(EvidenceError::Opening("segment"));
            }
        }
        for step in [&self.step, &self.step_before].into_iter().flatten() {
            let segment = self.segment.as_ref().ok_or(EvidenceError::Opening("step"))?;
            if !merkle::verify(&segment.record.steps_root, &step.record.leaf(), &step.proof) {
                return Err(EvidenceError::Opening("step"));
            }
        }
        // by their places under the roots: what the records say of themselves may be the fault
        let follows = |before: &Proof, after: &Proof| before.index.checked_add(1) == Some(after.index);
        if let (Some(step), Some(before)) = (&self.step, &self.step_before)
            && !follows(&before.proof, &step.proof)
        {
            return Err(EvidenceError::Opening("step before"));
        }
        if let (Some(segment), Some(before)) = (&self.segment, &self.segment_before)
            && !follows(&before.proof, &segment.proof)
        {
            return Err(EvidenceError::Opening("segment before"));
        }
        if let (Some(step), Some(replayed)) = (&self.step, &self.replayed)
            && first_difference(self.fault.segment.unwrap_or_default(), &step.record, replayed).as_ref()
                != Some(&self.fault)
        {
            return Err(EvidenceError::Shows(self.fault.part));
        }
        self.element.as_ref().map_or(Ok(()), |element| self.check_element(element))
    }

    fn check_element(&self, element: &ElementDifference) -> Result<(), EvidenceError> {
        let [committed, replayed] = [&self.fault.committed, &self.fault.replayed].map(|root| root.parse::<Digest>());
        let (Ok(committed), Ok(replayed)) = (committed, replayed) else {
            return Err(EvidenceError::Opening("chunk"));
        };
        let [left, right] = [(&element.committed, committed), (&element.replayed, replayed)]
            .map(|(chunk, root)| chunk.value(&root, element.value).ok_or(EvidenceError::Opening("chunk")));
        if (left?, right?) != (element.committed_bits, element.replayed_bits)
            || element.committed_bits == element.replayed_bits
        {
            return Err(EvidenceError::Shows(self.fault.part));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::{FinalMetric, JobEnd, JobShape, steps_root};
    use crate::digest::content_address;
    use crate::tensor_blocks::tensor_root;
    use proptest::prelude::*;

    const SHAPE: JobShape = JobShape { virtual_ranks: 2, steps: 7, segment_len: 3 };

    fn digest(name: &str, number: u32) -> Digest {
        content_address(format!("{name} {number}").as_bytes())
    }

    fn log() -> JobLog {
        let steps: Vec<StepRecord> = (0..SHAPE.steps)
            .map(|step| StepRecord {
                step,
                batch_root: digest("batch", step),
                gradient_roots: vec![digest("first", step), digest("second", step)],
                reduced_root: digest("mean", step),
                state_root: digest("state", step + 1),
                loss_bits: step,
            })
            .collect();
        let segments = (0..SHAPE.segments()).map(|index| {
            let first_step = index * SHAPE.segment_len;
            let own = &steps[first_step as usize..((first_step + SHAPE.segment_len).min(SHAPE.steps)) as usize];
            SegmentRecord {
                index,
                first_step,
                start_root: digest("state", first_step),
                end_root: digest("state", first_step + own.len() as u32),
                steps_root: steps_root(own),
                start_checkpoint: digest("checkpoint", index),
                metric: None,
            }
        });
        let end = JobEnd {
            checkpoint: digest("checkpoint", 3),
            state_root: digest("state", SHAPE.steps),
            metric: FinalMetric { correct: 1, total: 2 },
        };
        JobLog { manifest_hash: digest("manifest", 0), shape: SHAPE, segments: segments.collect(), steps, end }
    }

    fn evidence(step: u32, change: impl Fn(&mut StepRecord)) -> Option<Evidence> {
        let log = log();
        let mut replayed = log.steps[step as usize].clone();
        change(&mut replayed);
        let fault = first_difference(step / SHAPE.segment_len, &log.steps[step as usize], &replayed)?;
        let address = content_address(&log.encode());
        Some(Evidence { replayed: Some(replayed), ..Evidence::open(&log, address, log.manifest_hash, fault) })
    }

    #[test]
    fn a_step_opens_under_the_job_root_wherever_it_stands() {
        for step in 0..SHAPE.steps {
            let evidence = evidence(step, |record| record.loss_bits ^= 1).unwrap();
            evidence.check().unwrap();
            assert_eq!(evidence.step.as_ref().unwrap().record.step, step);
            assert_eq!(evidence.step_before.is_some(), step % SHAPE.segment_len != 0);
            assert_eq!(evidence.segment_before.is_some(), step >= SHAPE.segment_len);
            let text = serde_json::to_string(&evidence).unwrap();
            assert_eq!(serde_json::from_str::<Evidence>(&text).unwrap(), evidence);
        }
    }

    #[test]
    fn the_first_part_that_differs_is_named() {
        let part = |change: fn(&mut StepRecord)| evidence(4, change).map(|evidence| evidence.fault.part);
        assert_eq!(part(|_| ()), None);
        assert_eq!(part(|record| record.state_root = Digest::ZERO), Some(DifferingPart::State));
        assert_eq!(
            part(|record| {
                record.gradient_roots[1] = Digest::ZERO;
                record.reduced_root = Digest::ZERO;
                record.state_root = Digest::ZERO;
            }),
            Some(DifferingPart::Gradient { virtual_rank: 1 })
        );
    }

    #[test]
    fn forged_evidence_is_no_evidence() {
        let honest = evidence(4, |record| record.reduced_root = Digest::ZERO).unwrap();
        let forged = |change: &dyn Fn(&mut Evidence)| {
            let mut forged = honest.clone();
            change(&mut forged);
            forged.check().unwrap_err()
        };
        assert_eq!(forged(&|e| e.job.end.metric.correct += 1), EvidenceError::Opening("job"));
        assert_eq!(forged(&|e| e.segment.as_mut().unwrap().record.first_step += 1), EvidenceError::Opening("segment"));
        assert_eq!(forged(&|e| e.step.as_mut().unwrap().record.loss_bits ^= 1), EvidenceError::Opening("step"));
        assert_eq!(forged(&|e| e.step_before.as_mut().unwrap().proof.index += 1), EvidenceError::Opening("step"));
        // the step itself in the place of the one before it
        assert_eq!(forged(&|e| e.step_before = e.step.clone()), EvidenceError::Opening("step before"));
        assert_eq!(forged(&|e| e.segment_before = e.segment.clone()), EvidenceError::Opening("segment before"));
        let equal = forged(&|e| e.replayed = e.step.clone().map(|step| step.record));
        assert_eq!(equal, EvidenceError::Shows(DifferingPart::ReducedGradient));
        assert!(matches!(forged(&|e| e.format.clear()), EvidenceError::Format(_)));
    }

    /// Values cut into parameters of these lengths.
    fn with_tensors<T>(values: &[f32], lengths: &[usize], then: impl FnOnce(&[TensorValues<'_>]) -> T) -> T {
        let names: Vec<String> = (0..lengths.len()).map(|place| format!("{place:03}")).collect();
        let shapes: Vec<[i64; 1]> = lengths.iter().map(|&length| [length as i64]).collect();
        let mut rest = values;
        let mut runs: Vec<[&[f32]; 1]> = Vec::new();
        for &length in lengths {
            let (now, later) = rest.split_at(length);
            runs.push([now]);
            rest = later;
        }
        let tensors: Vec<TensorValues<'_>> = names
            .iter()
            .zip(&shapes)
            .zip(&runs)
            .map(|((name, shape), runs)| TensorValues { name, shape, runs })
            .collect();
        then(&tensors)
    }

    proptest! {
        #[test]
        fn the_first_differing_value_opens_in_both_states(
            lengths in prop::collection::vec(1usize..200, 1..4), at: prop::sample::Index,
        ) {
            let total: usize = lengths.iter().sum();
            let left: Vec<f32> = (0..total).map(|value| value as f32).collect();
            let mut right = left.clone();
            right[at.index(total)] += 0.5;
            let group = TensorGroup::State { steps_done: 1, samples_drawn: 2 };
            let compare = |left: &[f32], right: &[f32]| {
                with_tensors(left, &lengths, |left| {
                    with_tensors(right, &lengths, |right| element_difference(group, left, right))
                })
            };
            let root = |values: &[f32]| with_tensors(values, &lengths, |tensors| tensor_root(group, tensors));
            let difference = compare(&left, &right).unwrap();
            prop_assert_eq!(difference.value as usize, at.index(total));
            prop_assert_eq!(difference.committed.value(&root(&left), difference.value), Some(difference.committed_bits));
            prop_assert_eq!(difference.replayed.value(&root(&right), difference.value), Some(difference.replayed_bits));
            prop_assert_eq!(difference.committed.value(&root(&right), difference.value), None);
            prop_assert!(compare(&left, &left).is_none());
        }
    }
}
