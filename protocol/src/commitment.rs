//! What a training run commits to: state roots, step leaves, segment leaves, the job root.
//!
//! ```text
//! job root   = H(manifest hash, shape of the job, root of the segment leaves, final checkpoint, final state, metric)
//! segment j  = H(j, first step, state before, state after, root of its step leaves, checkpoint at its start,
//!                its evaluation where the manifest asks for one)
//! step t     = H(t, batch root, V gradient roots, root of the reduced gradient and its norm, state after, loss)
//! state      = Merkle root: a layout leaf (step counter, names, shapes), then 512-byte chunks of all values
//! ```
//!
//! H is SHA-256; the nodes over chunks of values are BLAKE3 ([`crate::tensor_tree`]).

use crate::digest::{Digest, tagged};
use crate::merkle;

/// Bytes of one chunk of a state or gradient: 128 values of f32. Small, so that one chunk and its proof fit into one
/// transaction.
pub const CHUNK_BYTES: usize = 512;

const LAYOUT: &[u8] = b"aixblock/tensor-layout/v1";
const BATCH: &[u8] = b"aixblock/batch/v1";
const STEP: &[u8] = b"aixblock/step/v1";
const SEGMENT: &[u8] = b"aixblock/segment/v1";
const JOB: &[u8] = b"aixblock/job/v1";

/// Values of one tensor, in row-major order.
#[derive(Debug, Clone, Copy)]
pub struct TensorValues<'a> {
    /// The parameter's name.
    pub name: &'a str,
    /// Its shape.
    pub shape: &'a [i64],
    /// One value for each element, or several such runs one after another (parameter, first moment, second moment).
    pub runs: &'a [&'a [f32]],
}

/// What a group of tensors is: groups of different kinds never share a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TensorGroup {
    /// Everything that the next step depends on: parameters and both moments after so many steps, of so many samples each.
    State {
        /// Steps done; also the number of the optimiser's updates and the position in the order of samples.
        steps_done: u32,
        /// Samples drawn so far.
        samples_drawn: u64,
    },
    /// Gradient of one virtual rank in one step.
    Gradient {
        /// The virtual rank.
        virtual_rank: u32,
    },
    /// Mean of all virtual ranks' gradients, before it is clipped.
    ReducedGradient {
        /// Bits of its norm ([`crate::clipping::global_norm`], f64) where the manifest clips; 0 where it does not.
        norm_bits: u64,
    },
}

#[cfg(not(target_os = "solana"))]
impl TensorGroup {
    fn header(self) -> [u8; 13] {
        let (tag, small, large) = match self {
            Self::State { steps_done, samples_drawn } => (1, steps_done, samples_drawn),
            Self::Gradient { virtual_rank } => (2, virtual_rank, 0),
            Self::ReducedGradient { norm_bits } => (3, 0, norm_bits),
        };
        let mut header = [tag; 13];
        header[1..5].copy_from_slice(&small.to_le_bytes());
        header[5..].copy_from_slice(&large.to_le_bytes());
        header
    }
}

/// What the layout leaf is of.
#[cfg(not(target_os = "solana"))]
pub(crate) fn layout_of(group: TensorGroup, tensors: &[TensorValues<'_>]) -> Vec<u8> {
    debug_assert!(tensors.windows(2).all(|pair| pair[0].name < pair[1].name));
    let mut layout = group.header().to_vec();
    for tensor in tensors {
        layout.extend((tensor.name.len() as u64).to_le_bytes());
        layout.extend(tensor.name.as_bytes());
        layout.extend(b"f32");
        layout.extend((tensor.runs.len() as u32).to_le_bytes());
        layout.extend((tensor.shape.len() as u32).to_le_bytes());
        tensor.shape.iter().for_each(|size| layout.extend(size.to_le_bytes()));
    }
    layout
}

/// Values in one chunk.
pub const CHUNK_VALUES: u64 = CHUNK_BYTES as u64 / 4;

/// Leaf of the layout of a group, at place 0.
#[must_use]
pub fn layout_leaf(layout: &[u8]) -> Digest {
    merkle::leaf(LAYOUT, layout)
}

/// Root of the samples of one step: one list of sample numbers for each virtual rank, in order.
#[must_use]
pub fn batch_root(samples_of_ranks: &[Vec<u32>]) -> Digest {
    let leaves: Vec<Digest> = samples_of_ranks
        .iter()
        .map(|samples| {
            let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            merkle::leaf(BATCH, &bytes)
        })
        .collect();
    merkle::root(&leaves)
}

/// What one step commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct StepRecord {
    /// Number of the step, from 0.
    pub step: u32,
    /// Root of the samples that it took.
    pub batch_root: Digest,
    /// Root of each virtual rank's gradient, in order.
    pub gradient_roots: Vec<Digest>,
    /// Root of the mean gradient.
    pub reduced_root: Digest,
    /// Root of the state after the step.
    pub state_root: Digest,
    /// Bits of the mean loss (f32).
    pub loss_bits: u32,
}

impl StepRecord {
    /// Leaf of this step in its segment's tree.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        let gradients: Vec<u8> = self.gradient_roots.iter().flat_map(|root| root.0).collect();
        tagged(
            STEP,
            &[
                &self.step.to_le_bytes(),
                &self.batch_root.0,
                &gradients,
                &self.reduced_root.0,
                &self.state_root.0,
                &self.loss_bits.to_le_bytes(),
            ],
        )
    }
}

/// What one segment commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct SegmentRecord {
    /// Number of the segment, from 0.
    pub index: u32,
    /// Its first step.
    pub first_step: u32,
    /// Root of the state before its first step.
    pub start_root: Digest,
    /// Root of the state after its last step.
    pub end_root: Digest,
    /// Merkle root of its steps' leaves.
    pub steps_root: Digest,
    /// Content address of the checkpoint that holds the state before its first step.
    pub start_checkpoint: Digest,
    /// Result on the held-out samples after its last step, where the manifest asks for one
    /// ([`crate::manifest::Manifest::evaluates_after`]).
    pub metric: Option<FinalMetric>,
}

impl SegmentRecord {
    /// Leaf of this segment in the job's tree.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        let (index, first_step) = (self.index.to_le_bytes(), self.first_step.to_le_bytes());
        let [start, end] = [&self.start_root.0, &self.end_root.0];
        let always: [&[u8]; 6] = [&index, &first_step, start, end, &self.steps_root.0, &self.start_checkpoint.0];
        match self.metric {
            None => tagged(SEGMENT, &always),
            Some(metric) => {
                let (correct, total) = (metric.correct.to_le_bytes(), metric.total.to_le_bytes());
                let [index, first_step, start, end, steps, checkpoint] = always;
                tagged(SEGMENT, &[index, first_step, start, end, steps, checkpoint, &correct, &total])
            }
        }
    }
}

/// Merkle root of the leaves of a segment's steps.
#[must_use]
pub fn steps_root(steps: &[StepRecord]) -> Digest {
    merkle::root(&steps.iter().map(StepRecord::leaf).collect::<Vec<_>>())
}

/// How often a model was right on the held-out samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct FinalMetric {
    /// Right predictions.
    pub correct: u64,
    /// All predictions.
    pub total: u64,
}

impl FinalMetric {
    /// Accuracy in parts per million, rounded down; 0 where nothing was predicted.
    #[must_use]
    pub fn accuracy_ppm(&self) -> u32 {
        let ppm = u128::from(self.correct) * 1_000_000 / u128::from(self.total.max(1));
        u32::try_from(ppm).unwrap_or(u32::MAX)
    }
}

/// Root that goes on chain when the result is submitted.
#[must_use]
pub fn job_root(manifest_hash: &Digest, shape: &JobShape, segments: &[SegmentRecord], end: &JobEnd) -> Digest {
    let segments_root = merkle::root(&segments.iter().map(SegmentRecord::leaf).collect::<Vec<_>>());
    job_root_over(manifest_hash, shape, &segments_root, end)
}

/// [`job_root`] over segments of which only the Merkle root is known.
#[must_use]
pub fn job_root_over(manifest_hash: &Digest, shape: &JobShape, segments_root: &Digest, end: &JobEnd) -> Digest {
    tagged(
        JOB,
        &[
            &manifest_hash.0,
            &shape.virtual_ranks.to_le_bytes(),
            &shape.steps.to_le_bytes(),
            &shape.segment_len.to_le_bytes(),
            &segments_root.0,
            &end.checkpoint.0,
            &end.state_root.0,
            &end.metric.correct.to_le_bytes(),
            &end.metric.total.to_le_bytes(),
        ],
    )
}

/// The numbers of the manifest that give a log its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct JobShape {
    /// Virtual ranks V.
    pub virtual_ranks: u32,
    /// Steps T.
    pub steps: u32,
    /// Steps of a segment S.
    pub segment_len: u32,
}

impl JobShape {
    /// Number of segments: T / S, rounded up; 0 where S is 0.
    #[must_use]
    pub fn segments(&self) -> u32 {
        if self.segment_len == 0 { 0 } else { self.steps.div_ceil(self.segment_len) }
    }
}

/// Where a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "solana"), derive(serde::Serialize, serde::Deserialize))]
pub struct JobEnd {
    /// Content address of the final checkpoint: the trained model.
    pub checkpoint: Digest,
    /// Root of the final state.
    pub state_root: Digest,
    /// Result on the held-out samples.
    pub metric: FinalMetric,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor_blocks::tensor_root;

    fn root_of(group: TensorGroup, name: &str, shape: &[i64], runs: &[&[f32]]) -> Digest {
        tensor_root(group, &[TensorValues { name, shape, runs }])
    }

    #[test]
    fn a_root_binds_group_name_shape_and_every_bit() {
        let values: Vec<f32> = (0..300).map(|i| i as f32).collect();
        let state = TensorGroup::State { steps_done: 1, samples_drawn: 64 };
        let mut negative_zero = values.clone();
        negative_zero[0] = -0.0;
        let roots = [
            root_of(state, "w", &[300], &[&values]),
            root_of(TensorGroup::State { steps_done: 2, samples_drawn: 64 }, "w", &[300], &[&values]),
            root_of(TensorGroup::State { steps_done: 1, samples_drawn: 65 }, "w", &[300], &[&values]),
            root_of(TensorGroup::Gradient { virtual_rank: 0 }, "w", &[300], &[&values]),
            root_of(TensorGroup::Gradient { virtual_rank: 1 }, "w", &[300], &[&values]),
            root_of(TensorGroup::ReducedGradient { norm_bits: 0 }, "w", &[300], &[&values]),
            root_of(TensorGroup::ReducedGradient { norm_bits: 1 }, "w", &[300], &[&values]),
            root_of(state, "x", &[300], &[&values]),
            root_of(state, "w", &[3, 100], &[&values]),
            root_of(state, "w", &[300], &[&values[..100], &values[100..]]),
            root_of(state, "w", &[300], &[&negative_zero]),
        ];
        for (i, left) in roots.iter().enumerate() {
            assert!(roots[i + 1..].iter().all(|right| left != right), "{i}");
        }
    }

    #[test]
    fn chunks_do_not_depend_on_where_tensors_begin() {
        let values: Vec<f32> = (0..1000).map(|i| i as f32).collect();
        let mean = TensorGroup::ReducedGradient { norm_bits: 0 };
        let whole = root_of(mean, "w", &[1000], &[&values, &values[..1]]);
        assert_eq!(whole, root_of(mean, "w", &[1000], &[&values[..997], &[997.0, 998.0, 999.0, 0.0]]));
    }

    #[test]
    fn accuracy_is_in_parts_per_million() {
        assert_eq!(FinalMetric { correct: 1, total: 3 }.accuracy_ppm(), 333_333);
        assert_eq!(FinalMetric { correct: 0, total: 0 }.accuracy_ppm(), 0);
        assert_eq!(FinalMetric { correct: u64::MAX, total: u64::MAX }.accuracy_ppm(), 1_000_000);
    }
}
