use crate::{Proofs, Receipt, Refusal, instruction::proofs as ix, passed};
use anchor_lang::Address;
use market::state::{Order, judge, listing_kind, order_state};
use proofs::state::REDUCED;
use protocol::{
    commitment::{
        FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord, TensorGroup, TensorValues, steps_root, tensor_root,
    },
    digest::{Digest, content_address},
    job_log::JobLog,
    opening::{StepOpening, ValueOpening},
};

/// Hash of the manifest of the world's training jobs.
pub const JOB_MANIFEST: [u8; 32] = [0x3a; 32];

/// Records of a training job whose gradients a test chose; states and batches are names only.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Gradient of each virtual rank in each step: two tensors, one after another, of which the first has 100 values.
    pub gradients: Vec<Vec<Vec<f32>>>,
    /// What is committed to as the mean gradient of each step.
    pub reduced: Vec<Vec<f32>>,
    /// The log.
    pub log: JobLog,
}

impl Trained {
    /// A job of `steps` steps in segments of two; `gradient` gives the value of an element of a rank in a step.
    #[must_use]
    pub fn new(steps: u32, ranks: u32, elements: usize, gradient: impl Fn(u32, u32, usize) -> f32) -> Self {
        let of_rank = |step, rank| (0..elements).map(|element| gradient(step, rank, element)).collect();
        let of_step = |step| (0..ranks).map(|rank| of_rank(step, rank)).collect();
        let gradients: Vec<Vec<Vec<f32>>> = (0..steps).map(of_step).collect();
        let reduced = gradients.iter().map(|ranks| mean(ranks)).collect();
        let shape = JobShape { virtual_ranks: ranks, steps, segment_len: 2 };
        let metric = FinalMetric { correct: 9, total: 10 };
        let end = JobEnd { checkpoint: Digest([1; 32]), state_root: state(steps), metric };
        let log = JobLog { manifest_hash: Digest(JOB_MANIFEST), shape, steps: vec![], segments: vec![], end };
        let mut job = Self { gradients, reduced, log };
        job.commit();
        job
    }

    /// Writes the records anew, after a change of values.
    pub fn commit(&mut self) {
        let ranks = self.log.shape.virtual_ranks;
        self.log.steps = (0..self.log.shape.steps)
            .zip(self.gradients.iter().zip(&self.reduced))
            .map(|(step, (gradients, reduced))| StepRecord {
                step,
                batch_root: content_address(&step.to_le_bytes()),
                gradient_roots: (0..ranks)
                    .zip(gradients)
                    .map(|(virtual_rank, values)| root(TensorGroup::Gradient { virtual_rank }, values))
                    .collect(),
                reduced_root: root(TensorGroup::ReducedGradient, reduced),
                state_root: state(step + 1),
                loss_bits: 0,
            })
            .collect();
        self.seal();
    }

    /// Writes the segments' records anew, after a change of steps.
    pub fn seal(&mut self) {
        let shape = self.log.shape;
        self.log.segments = (0..shape.segments())
            .map(|index| {
                let first_step = index * shape.segment_len;
                SegmentRecord {
                    index,
                    first_step,
                    start_root: state(first_step),
                    end_root: state((first_step + shape.segment_len).min(shape.steps)),
                    steps_root: steps_root(self.log.steps_of(index)),
                    start_checkpoint: Digest([2; 32]),
                }
            })
            .collect();
    }

    /// The step with its segment, under the result root.
    #[must_use]
    pub fn step(&self, step: u32) -> StepOpening {
        StepOpening::of_step(&self.log, step).unwrap()
    }

    /// A value of a step; `slot` is a rank or [`REDUCED`].
    #[must_use]
    pub fn value(&self, step: u32, slot: usize, element: u64) -> ix::ShownValue {
        let (group, values) = match slot {
            REDUCED => (TensorGroup::ReducedGradient, &self.reduced[step as usize]),
            rank => {
                let virtual_rank = u32::try_from(rank).unwrap();
                (TensorGroup::Gradient { virtual_rank }, &self.gradients[step as usize][rank])
            }
        };
        let opening = ValueOpening::of(group, &tensors(&runs(values)), element).unwrap();
        ix::ShownValue { slot: slot.try_into().unwrap(), element, opening }
    }

    /// The fields of its order, in dispute.
    pub fn disputed(&self, order: &mut Order) {
        order.kind = listing_kind::COMPUTE;
        order.judge = judge::ORACLES;
        order.state = order_state::DISPUTED;
        order.disputed = 1;
        order.manifest_hash = JOB_MANIFEST;
        order.result_root = self.log.job_root().0;
    }
}

/// Mean of all ranks' values as the trainer computes it.
#[must_use]
pub fn mean(ranks: &[Vec<f32>]) -> Vec<f32> {
    let mut level = ranks.to_vec();
    while level.len() > 1 {
        let add = |l: Vec<f32>, r: &Vec<f32>| l.iter().zip(r).map(|(l, r)| l + r).collect();
        level = level.chunks(2).map(|pair| pair[1..].iter().fold(pair[0].clone(), add)).collect();
    }
    let share = 1.0 / ranks.len() as f32;
    level[0].iter().map(|value| value * share).collect()
}

fn state(steps_done: u32) -> Digest {
    content_address(format!("state {steps_done}").as_bytes())
}

fn runs(values: &[f32]) -> [[&[f32]; 1]; 2] {
    let (first, second) = values.split_at(values.len().min(100));
    [[first], [second]]
}

fn tensors<'a>(runs: &'a [[&'a [f32]; 1]; 2]) -> [TensorValues<'a>; 2] {
    [
        TensorValues { name: "a.weight", shape: &[10, 10], runs: &runs[0] },
        TensorValues { name: "b.weight", shape: &[-1], runs: &runs[1] },
    ]
}

fn root(group: TensorGroup, values: &[f32]) -> Digest {
    tensor_root(group, &tensors(&runs(values)))
}

impl Proofs {
    /// The order of a training job, in dispute.
    pub fn trained(&mut self, job: &Trained) -> Address {
        self.order(|order| job.disputed(order))
    }

    /// Shows a step.
    pub fn show_step(&mut self, by: Address, order: Address, opening: &StepOpening) {
        passed(self.world.send(ix::open_segment(by, order, opening)));
        passed(self.world.send(ix::open_step(by, order, opening)));
    }

    /// Shows a step and all values of an element in it, each leaf and its chunk in one transaction.
    pub fn show_element(&mut self, by: Address, order: Address, job: &Trained, step: u32, element: u64) {
        self.show_step(by, order, &job.step(step));
        let ranks = 0..job.log.shape.virtual_ranks as usize;
        for slot in ranks.chain([REDUCED]) {
            let value = job.value(step, slot, element);
            passed(self.world.send_all(&[ix::open_leaf(by, order, &value), ix::open_values(by, order, &value)]));
        }
    }

    /// The proof that a shown reduction is wrong.
    pub fn prove_reduction(&mut self, by: Address, order: Address) -> Result<Receipt, Refusal> {
        self.world.send(ix::prove_reduction(ix::Prover { payer: by, order, claimant: by }))
    }
}
