//! Openings of what a training job committed to: the evidence that a challenger shows on chain, made from the job's log and
//! the values that it replayed.

use crate::commitment::{
    CHUNK_VALUES, JobEnd, JobShape, SegmentRecord, StepRecord, TensorGroup, TensorValues, layout_of,
};
use crate::digest::Digest;
use crate::job_log::JobLog;
use crate::merkle::{self, Proof};
use crate::tensor_blocks::tensor_leaves;
use crate::tensor_chunks::each_chunk;
use crate::tensor_tree;
use serde::{Deserialize, Serialize};

/// What a job root hashes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobOpening {
    /// The root that was submitted.
    pub job_root: Digest,
    /// Manifest that the log names.
    pub manifest_hash: Digest,
    /// V, T and S.
    pub shape: JobShape,
    /// Merkle root of the segments' leaves.
    pub segments_root: Digest,
    /// Final checkpoint, state and metric.
    pub end: JobEnd,
}

impl JobOpening {
    /// Opens the root of `log`.
    #[must_use]
    pub fn of(log: &JobLog) -> Self {
        let leaves: Vec<Digest> = log.segments.iter().map(SegmentRecord::leaf).collect();
        Self {
            job_root: log.job_root(),
            manifest_hash: log.manifest_hash,
            shape: log.shape,
            segments_root: merkle::root(&leaves),
            end: log.end,
        }
    }
}

/// A record and the proof of its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened<T> {
    /// The record.
    pub record: T,
    /// Proof for its leaf.
    pub proof: Proof,
}

impl<T: Clone> Opened<T> {
    /// Opens the record at `place` of `records`. `None` where there is none.
    #[must_use]
    pub fn of(records: &[T], place: usize, leaf: impl Fn(&T) -> Digest) -> Option<Self> {
        let leaves: Vec<Digest> = records.iter().map(leaf).collect();
        Some(Self { record: records.get(place)?.clone(), proof: merkle::prove(&leaves, place)? })
    }
}

/// A step and its segment, under the root that is on chain.
#[derive(Debug, Clone, PartialEq)]
pub struct StepOpening {
    /// The root.
    pub job: JobOpening,
    /// The segment, under the root of the segments.
    pub segment: Opened<SegmentRecord>,
    /// The step, under the segment's root of steps.
    pub step: Opened<StepRecord>,
}

impl StepOpening {
    /// Opens the step whose record is at `place` of segment `segment`. `None` where the log has no such record.
    #[must_use]
    pub fn of(log: &JobLog, segment: u32, place: u32) -> Option<Self> {
        Some(Self {
            job: JobOpening::of(log),
            segment: Opened::of(&log.segments, segment as usize, SegmentRecord::leaf)?,
            step: Opened::of(log.steps_of(segment), place as usize, StepRecord::leaf)?,
        })
    }

    /// Opens step `step` of the job, where it is where it should be.
    #[must_use]
    pub fn of_step(log: &JobLog, step: u32) -> Option<Self> {
        Self::of(log, step.checked_div(log.shape.segment_len)?, step % log.shape.segment_len)
    }
}

/// A chunk of a group of tensors, in the group's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueOpening {
    /// Root of the group.
    pub root: Digest,
    /// Bytes of the chunk that holds the value.
    pub chunk: Vec<u8>,
    /// The chunk's leaf in the tree.
    pub proof: Proof,
}

impl ValueOpening {
    /// Opens the chunk that holds the value at `place` of the values of all `tensors`. `None` where there are fewer.
    #[must_use]
    pub fn of(group: TensorGroup, tensors: &[TensorValues<'_>], place: u64) -> Option<Self> {
        let wanted = usize::try_from(place / CHUNK_VALUES).ok()?;
        let mut chunk = Vec::new();
        each_chunk(tensors, wanted..wanted.checked_add(1)?, |found| chunk = found.bytes().to_vec());
        if place % CHUNK_VALUES >= chunk.len() as u64 / 4 {
            return None;
        }
        let mut leaves = tensor_leaves(group, tensors);
        // the layout stands before the chunks
        let proof = tensor_tree::prove(&leaves, wanted + 1)?;
        Some(Self { root: tensor_tree::seal(leaves.len() as u64, &tensor_tree::top(&mut leaves)), chunk, proof })
    }
}

/// The layout of a group of tensors, in the group's tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutOpening {
    /// Its bytes.
    pub layout: Vec<u8>,
    /// Its leaf, the first of the tree.
    pub proof: Proof,
}

impl LayoutOpening {
    /// Opens the layout.
    #[must_use]
    pub fn of(group: TensorGroup, tensors: &[TensorValues<'_>]) -> Self {
        let none = || Proof { index: 0, count: 0, siblings: Vec::new() };
        let proof = tensor_tree::prove(&tensor_leaves(group, tensors), 0).unwrap_or_else(none);
        Self { layout: layout_of(group, tensors), proof }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor_blocks::tensor_root;
    use crate::tensor_tree::chunk_leaf;

    #[test]
    fn every_value_opens_under_the_root_of_its_group_and_none_beyond() {
        let values: Vec<f32> = (0..300u16).map(f32::from).collect();
        let runs: [&[f32]; 2] = [&values[..130], &values[130..]];
        let tensors = [TensorValues { name: "w", shape: &[300], runs: &runs }];
        let mean = TensorGroup::ReducedGradient { norm_bits: 1 };
        let root = tensor_root(mean, &tensors);
        for place in 0..300u16 {
            let opening = ValueOpening::of(mean, &tensors, place.into()).unwrap();
            assert_eq!(opening.root, root);
            assert!(tensor_tree::verify(&root, &chunk_leaf(&opening.chunk).unwrap(), &opening.proof));
            let at = usize::from(place % 128) * 4;
            assert_eq!(opening.chunk[at..at + 4], f32::from(place).to_le_bytes());
        }
        assert_eq!(ValueOpening::of(mean, &tensors, 300), None);
        assert_eq!(ValueOpening::of(mean, &tensors, u64::MAX), None);
    }
}
