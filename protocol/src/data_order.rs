//! Which samples are held out, and which a virtual rank takes in a step: pure functions of the manifest's seeds.

use crate::manifest::Holdout;
use crate::philox::{Purpose, Stream};

/// Sample numbers of a dataset, parted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Samples that steps draw from, in ascending order.
    pub train: Vec<u32>,
    /// Samples of the final metric, in ascending order.
    pub held_out: Vec<u32>,
}

impl Split {
    /// Parts samples `0..samples`: shuffled under the rule's seed, every `one_in`-th is held out.
    #[must_use]
    pub fn new(samples: u32, rule: &Holdout) -> Self {
        let shuffled = Stream::new(rule.seed, Purpose::Holdout, 0).permutation(samples);
        let mut held_out: Vec<u32> = shuffled.into_iter().step_by(rule.one_in.max(1) as usize).collect();
        held_out.sort_unstable();
        let train = (0..samples).filter(|sample| held_out.binary_search(sample).is_err()).collect();
        Self { train, held_out }
    }
}

/// Draws the batches of training: each epoch is a new order of the training samples, and the samples at its end that do
/// not fill a step are left out.
#[derive(Debug)]
pub struct BatchOrder {
    seed: u64,
    train: Vec<u32>,
    virtual_ranks: u32,
    batch_per_rank: u32,
    epoch: Option<(u32, Vec<u32>)>,
}

/// A step needs more samples than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a step takes {needed} samples, the dataset has {available} for training")]
pub struct TooFewSamples {
    /// Samples of one step.
    pub needed: u64,
    /// Samples for training.
    pub available: u64,
}

impl BatchOrder {
    /// Order of `train` under `seed`, for steps of `virtual_ranks` times `batch_per_rank` samples.
    pub fn new(seed: u64, train: Vec<u32>, virtual_ranks: u32, batch_per_rank: u32) -> Result<Self, TooFewSamples> {
        let needed = u64::from(virtual_ranks) * u64::from(batch_per_rank);
        let available = train.len() as u64;
        if needed == 0 || needed > available {
            return Err(TooFewSamples { needed, available });
        }
        Ok(Self { seed, train, virtual_ranks, batch_per_rank, epoch: None })
    }

    /// Sample numbers of `step`, one list for each virtual rank. Depends on nothing but the seed and `step`.
    pub fn batches(&mut self, step: u32) -> Vec<Vec<u32>> {
        let batch = self.batch_per_rank as usize;
        let samples = batch * self.virtual_ranks as usize;
        let steps_per_epoch = (self.train.len() / samples) as u32;
        let (epoch, place) = (step / steps_per_epoch, (step % steps_per_epoch) as usize);
        let order = match self.epoch.take() {
            Some((cached, order)) if cached == epoch => order,
            _ => Stream::new(self.seed, Purpose::Epoch, epoch).permutation(self.train.len() as u32),
        };
        let of_step = &order[place * samples..(place + 1) * samples];
        let batches = of_step
            .chunks(batch)
            .map(|places| places.iter().map(|&place| self.train[place as usize]).collect())
            .collect();
        self.epoch = Some((epoch, order));
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_split_loses_and_repeats_nothing(samples in 0u32..600, seed: u64, one_in in 2u32..9) {
            let split = Split::new(samples, &Holdout { seed, one_in });
            prop_assert_eq!(split.held_out.len() as u32, samples.div_ceil(one_in));
            let mut all = [split.train, split.held_out].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..samples).collect::<Vec<_>>());
        }

        #[test]
        fn batches_do_not_depend_on_what_was_drawn_before(seed: u64, steps in prop::collection::vec(0u32..200, 1..8)) {
            let train: Vec<u32> = (0..50).map(|i| i * 3).collect();
            let mut order = BatchOrder::new(seed, train.clone(), 4, 3).unwrap();
            for step in steps {
                let fresh = BatchOrder::new(seed, train.clone(), 4, 3).unwrap().batches(step);
                prop_assert_eq!(order.batches(step), fresh);
            }
        }

        #[test]
        fn an_epoch_repeats_no_sample(seed: u64) {
            let mut order = BatchOrder::new(seed, (0..50).collect(), 2, 5).unwrap();
            let mut drawn: Vec<u32> = (0..5).flat_map(|step| order.batches(step).concat()).collect();
            drawn.sort_unstable();
            prop_assert_eq!(drawn, (0..50).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_batch_larger_than_the_dataset_is_an_error() {
        assert_eq!(BatchOrder::new(0, vec![1, 2, 3], 2, 2).unwrap_err(), TooFewSamples { needed: 4, available: 3 });
    }
}
