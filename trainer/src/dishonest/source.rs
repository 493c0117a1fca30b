//! Gradients that are not those of the step.

use super::Dishonesty;
use crate::gradients::{GradientError, GradientSource, MeanGradient, rank_gradients};
use crate::job::Job;
use crate::model::Pass;
use crate::recorder::Recorder;
use crate::reduction::{RankGradient, tree_mean};
use crate::state::TrainState;
use protocol::commitment::{StepRecord, batch_root};
use protocol::data_order::{BatchOrder, TooFewSamples};
use protocol::digest::Digest;
use std::sync::Arc;
use tch::TchError;

/// Batches from which [`Dishonesty::EasyData`] chooses.
const CHOICE: u32 = 4;

/// Computes the gradients of a step as a cheat does, and remembers what to commit to.
pub(super) struct CheatingSource {
    mode: Dishonesty,
    order: BatchOrder,
    /// Gradients of an earlier step.
    earlier: Option<Vec<RankGradient>>,
    /// What to write into the step's record in the place of the batch.
    claimed_batch: Option<Digest>,
}

impl CheatingSource {
    pub(super) fn new(mode: Dishonesty, job: &Job) -> Result<Self, TooFewSamples> {
        let order = job.batch_order()?;
        Ok(Self { mode, order, earlier: None, claimed_batch: None })
    }

    /// Makes a step's record say what the cheat wants it to say.
    pub(super) fn falsify(&mut self, record: &mut StepRecord) {
        if let Some(root) = self.claimed_batch.take() {
            record.batch_root = root;
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

    /// What the virtual ranks are said to have found.
    fn claimed(
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
        let mut ranks = rank_gradients(job, state, others.as_deref().unwrap_or(batches))?;
        let count = ranks.len();
        match self.mode {
            Dishonesty::SkipSteps => self.earlier = Some(ranks.clone()),
            Dishonesty::LazyRankZero => ranks.iter_mut().skip(count.saturating_sub(1)).for_each(zero),
            Dishonesty::LazyRankCopied if count > 1 => ranks[count - 1] = ranks[count - 2].clone(),
            Dishonesty::LazyRankStale if count > 0 => match &self.earlier {
                Some(earlier) => ranks[count - 1].clone_from(&earlier[count - 1]),
                None => self.earlier = Some(ranks.clone()),
            },
            _ => {}
        }
        Ok(ranks)
    }

    /// What is added up in the place of what the virtual ranks are said to have found.
    fn misreduce(&self, ranks: &mut [RankGradient]) {
        match self.mode {
            Dishonesty::ReducerDropsRank => ranks.iter_mut().last().into_iter().for_each(zero),
            Dishonesty::ReducerOrder if !ranks.is_empty() => ranks.rotate_left(1),
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
    fn mean_gradient(
        &mut self,
        job: &Job,
        state: &TrainState,
        batches: &[Vec<u32>],
        recorder: &mut dyn Recorder,
    ) -> Result<MeanGradient, GradientError> {
        let mut ranks = self.claimed(job, state, batches)?;
        for (virtual_rank, rank) in (0..).zip(&ranks) {
            recorder.gradient(state, virtual_rank, &Arc::new(rank.gradient.clone().into()))?;
        }
        self.misreduce(&mut ranks);
        Ok(tree_mean(&ranks).into())
    }
}
