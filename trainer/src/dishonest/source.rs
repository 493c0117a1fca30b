//! Gradients that are not those of the step.

use super::Dishonesty;
use crate::gradients::{GradientError, GradientSource, OneProcess};
use crate::job::Job;
use crate::model::Pass;
use crate::reduction::RankGradient;
use crate::state::TrainState;
use protocol::commitment::{StepRecord, TensorGroup, batch_root};
use protocol::data_order::{BatchOrder, TooFewSamples};
use protocol::digest::Digest;
use tch::TchError;

/// Batches from which [`Dishonesty::EasyData`] chooses.
const CHOICE: u32 = 4;

/// Computes the gradients of a step as a cheat does, and remembers what to commit to.
pub(super) struct CheatingSource {
    mode: Dishonesty,
    order: BatchOrder,
    /// Gradients of an earlier step.
    earlier: Option<Vec<RankGradient>>,
    /// What to write into the step's record in the place of what was used.
    claimed_batch: Option<Digest>,
    claimed_gradients: Option<Vec<Digest>>,
}

impl CheatingSource {
    pub(super) fn new(mode: Dishonesty, job: &Job) -> Result<Self, TooFewSamples> {
        let order = job.batch_order()?;
        Ok(Self { mode, order, earlier: None, claimed_batch: None, claimed_gradients: None })
    }

    /// Makes a step's record say what the cheat wants it to say.
    pub(super) fn falsify(&mut self, record: &mut StepRecord) {
        if let Some(root) = self.claimed_batch.take() {
            record.batch_root = root;
        }
        if let Some(roots) = self.claimed_gradients.take() {
            record.gradient_roots = roots;
        }
        if self.mode == Dishonesty::ForgedLoss {
            record.loss_bits = (f32::from_bits(record.loss_bits) * 0.5).to_bits();
        }
    }

    /// Other batches than those of the step, where the mode takes others.
    fn other_batches(&mut self, job: &Job, state: &TrainState) -> Result<Option<Vec<Vec<u32>>>, GradientError> {
        let step = state.steps_done();
        Ok(match self.mode {
            Dishonesty::WrongData => Some(self.order.batches(step + 1)),
            Dishonesty::RepeatedData => Some(self.order.batches(0)),
            Dishonesty::EasyData => {
                let mut easiest: Option<(f64, Vec<Vec<u32>>)> = None;
                for candidate in step..step.saturating_add(CHOICE) {
                    let batches = self.order.batches(candidate);
                    let loss = loss_of(job, state, &batches)?;
                    if easiest.as_ref().is_none_or(|(lowest, _)| loss < *lowest) {
                        easiest = Some((loss, batches));
                    }
                }
                easiest.map(|(_, batches)| batches)
            }
            _ => None,
        })
    }

    /// Changes what the virtual ranks found.
    fn tamper(&mut self, state: &TrainState, ranks: &mut [RankGradient]) {
        let count = ranks.len();
        let roots = |ranks: &[RankGradient]| -> Vec<Digest> {
            let root = |(virtual_rank, rank): (u32, &RankGradient)| {
                state.gradient_root(TensorGroup::Gradient { virtual_rank }, &rank.gradient)
            };
            (0..).zip(ranks).map(root).collect()
        };
        match self.mode {
            Dishonesty::LazyRankZero => ranks.iter_mut().skip(count - 1).for_each(zero),
            Dishonesty::LazyRankCopied if count > 1 => ranks[count - 1] = ranks[count - 2].clone(),
            Dishonesty::LazyRankStale => match &self.earlier {
                Some(earlier) => ranks[count - 1].clone_from(&earlier[count - 1]),
                None => self.earlier = Some(ranks.to_vec()),
            },
            Dishonesty::ReducerDropsRank => {
                self.claimed_gradients = Some(roots(ranks));
                ranks.iter_mut().skip(count - 1).for_each(zero);
            }
            Dishonesty::ReducerOrder => {
                self.claimed_gradients = Some(roots(ranks));
                ranks.rotate_left(1);
            }
            _ => {}
        }
    }
}

fn zero(rank: &mut RankGradient) {
    rank.gradient.iter_mut().flatten().for_each(|value| *value = 0.0);
}

fn loss_of(job: &Job, state: &TrainState, batches: &[Vec<u32>]) -> Result<f64, GradientError> {
    let batch = job.samples.batch(&batches.concat()).map_err(TchError::from)?;
    let loss = tch::no_grad(|| job.network.loss(state.tensors(), &batch.inputs, &batch.targets, Pass::Evaluation))?;
    Ok(loss.f_double_value(&[])?)
}

impl GradientSource for CheatingSource {
    fn gradients(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
    ) -> Result<Vec<RankGradient>, GradientError> {
        if self.mode == Dishonesty::SkipSteps
            && let Some(stale) = self.earlier.take_if(|_| state.steps_done() % 2 == 1)
        {
            return Ok(stale);
        }
        let others = self.other_batches(job, state)?;
        if let Some(others) = others.as_ref().filter(|_| self.mode != Dishonesty::WrongData) {
            self.claimed_batch = Some(batch_root(others));
        }
        let mut ranks = OneProcess.gradients(job, state, others.as_deref().unwrap_or(batches))?;
        if self.mode == Dishonesty::SkipSteps {
            self.earlier = Some(ranks.clone());
        }
        if !ranks.is_empty() {
            self.tamper(state, &mut ranks);
        }
        Ok(ranks)
    }
}
