use crate::{Proofs, Receipt, Refusal, instruction::proofs as ix, passed};
use anchor_lang::Address;
use market::state::{Order, judge, listing_kind, order_state};
use proofs::state::{AFTER, BEFORE, REDUCED, SLOTS};
use protocol::{
    clipping::{factor, global_norm},
    commitment::{FinalMetric, JobEnd, SegmentRecord, StepRecord, TensorGroup, TensorValues, steps_root},
    digest::{Digest, content_address},
    job_log::JobLog,
    manifest::{Manifest, Optimizer},
    opening::{LayoutOpening, StepOpening, ValueOpening},
    tensor_blocks::tensor_root,
    tensor_layout::state_places,
};

const MANIFEST: &str = include_str!("../../trainer/jobs/digits.toml");

/// Parameters, first and second moments.
pub type State = [Vec<f32>; 3];

/// A training job whose gradients a test chose; batches, losses and checkpoints are names only.
#[derive(Clone, Debug)]
pub struct Trained {
    /// What was ordered.
    pub manifest: Manifest,
    /// Gradient of each virtual rank in each step: two tensors, one after another, of which the first has 100 values.
    pub gradients: Vec<Vec<Vec<f32>>>,
    /// What is committed to as the mean gradient of each step.
    pub reduced: Vec<Vec<f32>>,
    /// What is committed to as the state after so many steps.
    pub states: Vec<State>,
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
        let mut manifest = Manifest::from_toml(MANIFEST).unwrap();
        (manifest.virtual_ranks, manifest.steps, manifest.segment_len) = (ranks, steps, 2);
        let metric = FinalMetric { correct: 9, total: 10 };
        let end = JobEnd { checkpoint: Digest([1; 32]), state_root: Digest::ZERO, metric };
        let log =
            JobLog { manifest_hash: manifest.hash(), shape: manifest.shape(), steps: vec![], segments: vec![], end };
        let parameters = (0..elements).map(|element| (element % 7) as f32 * 0.3 - 0.8).collect();
        let states = vec![[parameters, vec![0.0; elements], vec![0.0; elements]]];
        let mut job = Self { manifest, gradients, reduced, states, log };
        job.update();
        job.commit();
        job
    }

    /// Computes the states anew, from the first one and the mean gradients.
    pub fn update(&mut self) {
        self.states.truncate(1);
        let (optimizer, steps) = (self.manifest.optimizer, self.manifest.steps);
        for (step, reduced) in (0..steps).zip(&self.reduced) {
            let norm = self.norm(reduced);
            let Optimizer::Adamw { clip_norm, .. } = optimizer;
            let scale = clip_norm.map_or(1.0, |limit| factor(norm, limit));
            let clipped: Vec<f32> = reduced.iter().map(|value| value * scale).collect();
            let [mut parameters, mut first, mut second] = self.states[step as usize].clone();
            // the second tensor has one dimension
            let (matrix, vector) = (0..reduced.len().min(100), reduced.len().min(100)..reduced.len());
            for (range, dimensions) in [(matrix, 2), (vector, 1)] {
                optimizer.step_factors(step, steps, dimensions).update_all(
                    &clipped[range.clone()],
                    &mut parameters[range.clone()],
                    &mut first[range.clone()],
                    &mut second[range],
                );
            }
            self.states.push([parameters, first, second]);
        }
    }

    /// Computes and commits anew, after a change of the manifest.
    pub fn order_anew(&mut self) {
        self.log.manifest_hash = self.manifest.hash();
        self.update();
        self.commit();
    }

    /// Norm of a mean gradient.
    fn norm(&self, reduced: &[f32]) -> f64 {
        let (first, second) = reduced.split_at(reduced.len().min(100));
        global_norm([first, second])
    }

    /// The group of a step's mean gradient.
    fn mean_group(&self, step: u32) -> TensorGroup {
        let Optimizer::Adamw { clip_norm, .. } = self.manifest.optimizer;
        let norm = self.norm(&self.reduced[step as usize]);
        TensorGroup::ReducedGradient { norm_bits: clip_norm.map_or(0, |_| norm.to_bits()) }
    }

    fn state_root(&self, steps_done: u32) -> Digest {
        let runs = self.states[steps_done as usize].each_ref().map(Vec::as_slice);
        with_tensors(&runs, |tensors| tensor_root(state_group(steps_done), tensors))
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
                reduced_root: root(self.mean_group(step), reduced),
                state_root: self.state_root(step + 1),
                loss_bits: 0,
            })
            .collect();
        self.log.end.state_root = self.state_root(self.log.shape.steps);
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
                    start_root: self.state_root(first_step),
                    end_root: self.state_root((first_step + shape.segment_len).min(shape.steps)),
                    steps_root: steps_root(self.log.steps_of(index)),
                    start_checkpoint: Digest([2; 32]),
                    metric: self.manifest.evaluates_after(index).then_some(self.log.end.metric),
                }
            })
            .collect();
    }

    /// The step with its segment, under the result root.
    #[must_use]
    pub fn step(&self, step: u32) -> StepOpening {
        StepOpening::of_step(&self.log, step).unwrap()
    }

    /// A value of a step; `slot` is a rank, [`REDUCED`], or one of the three from [`BEFORE`] or from [`AFTER`].
    #[must_use]
    pub fn value(&self, step: u32, slot: usize, element: u64) -> ix::ShownValue {
        let of = |group, runs: &[&[f32]], place| with_tensors(runs, |tensors| ValueOpening::of(group, tensors, place));
        let opening = match slot {
            BEFORE.. => {
                let (done, run) = if slot < AFTER { (step, slot - BEFORE) } else { (step + 1, slot - AFTER) };
                let runs = self.states[done as usize].each_ref().map(Vec::as_slice);
                let places = state_places(&self.layout(step).layout, element).unwrap();
                of(state_group(done), &runs, places.values[run])
            }
            REDUCED => of(self.mean_group(step), &[&self.reduced[step as usize]], element),
            rank => {
                let group = TensorGroup::Gradient { virtual_rank: u32::try_from(rank).unwrap() };
                of(group, &[&self.gradients[step as usize][rank]], element)
            }
        };
        ix::ShownValue { slot: slot.try_into().unwrap(), element, opening: opening.unwrap() }
    }

    /// The layout of the state before a step.
    #[must_use]
    pub fn layout(&self, step: u32) -> LayoutOpening {
        let runs = self.states[step as usize].each_ref().map(Vec::as_slice);
        with_tensors(&runs, |tensors| LayoutOpening::of(state_group(step), tensors))
    }

    /// The layout of a step's mean gradient.
    #[must_use]
    pub fn mean_layout(&self, step: u32) -> LayoutOpening {
        with_tensors(&[&self.reduced[step as usize]], |tensors| LayoutOpening::of(self.mean_group(step), tensors))
    }

    /// The fields of its order, in dispute.
    pub fn disputed(&self, order: &mut Order) {
        order.kind = listing_kind::COMPUTE;
        order.judge = judge::ORACLES;
        order.state = order_state::DISPUTED;
        order.disputed = 1;
        order.manifest_hash = self.manifest.hash().0;
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

fn state_group(steps_done: u32) -> TensorGroup {
    TensorGroup::State { steps_done, samples_drawn: u64::from(steps_done) * 64 }
}

/// Calls `then` with a matrix of one row, of the first 100 values of each run, and a vector of the rest.
fn with_tensors<T>(runs: &[&[f32]], then: impl FnOnce(&[TensorValues<'_>]) -> T) -> T {
    let (first, second): (Vec<&[f32]>, Vec<&[f32]>) = runs.iter().map(|run| run.split_at(run.len().min(100))).unzip();
    let [columns, length] = [&first, &second].map(|runs| i64::try_from(runs[0].len()).unwrap());
    then(&[
        TensorValues { name: "a.weight", shape: &[1, columns], runs: &first },
        TensorValues { name: "b.bias", shape: &[length], runs: &second },
    ])
}

fn root(group: TensorGroup, values: &[f32]) -> Digest {
    with_tensors(&[values], |tensors| tensor_root(group, tensors))
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

    /// Shows what the update of an element in a step depends on and comes to, except the slot `without`.
    pub fn show_update(
        &mut self,
        by: Address,
        order: Address,
        job: &Trained,
        (step, element): (u32, u64),
        without: usize,
    ) {
        let (place, length) = (step % job.manifest.segment_len, job.manifest.segment_len);
        if place > 0 {
            self.show_step(by, order, &job.step(step / length * length + place - 1));
            passed(self.world.send(ix::open_step(by, order, &job.step(step))));
        } else {
            self.show_step(by, order, &job.step(step));
        }
        passed(self.world.send(ix::open_manifest(by, order, job.manifest.encode())));
        let layout = job.layout(step);
        self.write_layout(by, order, &layout.layout);
        passed(self.world.send(ix::open_layout(by, order, element, &layout)));
        for slot in (REDUCED..SLOTS).filter(|slot| *slot != without) {
            let value = job.value(step, slot, element);
            passed(self.world.send_all(&[ix::open_leaf(by, order, &value), ix::open_values(by, order, &value)]));
        }
    }

    /// Writes a layout.
    pub fn write_layout(&mut self, by: Address, order: Address, layout: &[u8]) {
        for write in ix::write_layout(by, order, layout) {
            passed(self.world.send(write));
        }
    }

    /// Shows the norm of a step's mean gradient, whose manifest is shown.
    pub fn show_norm(&mut self, by: Address, order: Address, job: &Trained, step: u32) {
        let layout = job.mean_layout(step);
        self.write_layout(by, order, &layout.layout);
        passed(self.world.send(ix::open_norm(by, order, &layout)));
    }

    /// The proof that a shown update is wrong.
    pub fn prove_update(&mut self, by: Address, order: Address) -> Result<Receipt, Refusal> {
        self.world.send(ix::prove_update(ix::Prover { payer: by, order, claimant: by }))
    }

    /// The proof that a shown reduction is wrong.
    pub fn prove_reduction(&mut self, by: Address, order: Address) -> Result<Receipt, Refusal> {
        self.world.send(ix::prove_reduction(ix::Prover { payer: by, order, claimant: by }))
    }
}
