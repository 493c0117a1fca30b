//! Which samples are held out, and which a virtual rank takes in a step: pure functions of the manifest's seeds.
//!
//! There are two orders. A dataset of one blob (`digits`, `text`) is shuffled as a whole, as a list. A dataset of chunks
//! has no list: its held-out samples and each place of an epoch's order are computed where they are needed ([`Shuffle`]),
//! so that memory does not grow with the dataset, and a step of any epoch costs the same.
//!
//! The order of chunks mixes a few of them at a time: the training samples are cut into cells of about one chunk, an epoch
//! takes the cells in a new order, groups of `group` cells after each other, and shuffles the samples of each group. So a
//! segment of training touches few chunks, and so does its replay.

use crate::manifest::Holdout;
use crate::philox::{Purpose, Stream};
use crate::shuffle::Shuffle;

/// Sample numbers of a dataset, parted into samples that steps draw from and samples of the final metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Every sample is listed, both lists in ascending order.
    Listed {
        /// Samples that steps draw from.
        train: Vec<u32>,
        /// Samples of the final metric.
        held_out: Vec<u32>,
    },
    /// Of each run of `rule.one_in` units one is held out, drawn under the rule's seed. The last run and the last unit may
    /// be shorter.
    Runs {
        /// Number of samples.
        samples: u32,
        /// What is held out.
        rule: Holdout,
        /// Samples of a unit: 1, or those of a chunk.
        unit: u32,
    },
}

impl Split {
    /// Parts samples `0..samples`: shuffled under the rule's seed, every `one_in`-th is held out.
    #[must_use]
    pub fn listed(samples: u32, rule: &Holdout) -> Self {
        let shuffled = Stream::new(rule.seed, Purpose::Holdout, 0).permutation(samples);
        let mut held_out: Vec<u32> = shuffled.into_iter().step_by(rule.one_in.max(1) as usize).collect();
        held_out.sort_unstable();
        let train = (0..samples).filter(|sample| held_out.binary_search(sample).is_err()).collect();
        Self::Listed { train, held_out }
    }

    /// Parts samples `0..samples` run by run, without a list; what is held out are units of `unit` samples.
    #[must_use]
    pub fn runs(samples: u32, rule: &Holdout, unit: u32) -> Self {
        Self::Runs { samples, rule: Holdout { one_in: rule.one_in.max(2), ..*rule }, unit: unit.max(1) }
    }

    /// Number of samples that steps draw from.
    #[must_use]
    pub fn train_count(&self) -> u32 {
        match self {
            Self::Listed { train, .. } => train.len() as u32,
            Self::Runs { samples, .. } => samples - self.held_out_count(),
        }
    }

    /// Number of samples of the final metric.
    #[must_use]
    pub fn held_out_count(&self) -> u32 {
        match *self {
            Self::Listed { ref held_out, .. } => held_out.len() as u32,
            Self::Runs { samples: 0, .. } => 0,
            Self::Runs { samples, rule, unit } => {
                let units = samples.div_ceil(unit);
                let runs = units.div_ceil(rule.one_in);
                let last_is_held_out = held_out_unit(units, &rule, runs - 1) == units - 1;
                // the last unit lacks so many samples; neither product is larger than `units * unit`
                let missing = u64::from(units) * u64::from(unit) - u64::from(samples);
                let full = u64::from(runs) * u64::from(unit);
                (if last_is_held_out { full - missing } else { full }) as u32
            }
        }
    }

    /// The training sample at `place`, in ascending order; `place` is below [`Split::train_count`].
    #[must_use]
    pub fn train(&self, place: u32) -> u32 {
        match *self {
            Self::Listed { ref train, .. } => train[place as usize],
            Self::Runs { samples, rule, unit } => {
                let (nth, within) = (place / unit, place % unit);
                let (run, offset) = (nth / (rule.one_in - 1), nth % (rule.one_in - 1));
                let candidate = run * rule.one_in + offset;
                let skip = candidate >= held_out_unit(samples.div_ceil(unit), &rule, run);
                (candidate + u32::from(skip)) * unit + within
            }
        }
    }

    /// The held-out sample at `place`, in ascending order; `place` is below [`Split::held_out_count`].
    #[must_use]
    pub fn held_out(&self, place: u32) -> u32 {
        match *self {
            Self::Listed { ref held_out, .. } => held_out[place as usize],
            Self::Runs { samples, rule, unit } => {
                held_out_unit(samples.div_ceil(unit), &rule, place / unit) * unit + place % unit
            }
        }
    }

    /// The held-out samples, `size` at a time.
    pub fn held_out_batches(&self, size: u32) -> impl Iterator<Item = Vec<u32>> + '_ {
        let (count, size) = (self.held_out_count(), size.max(1));
        (0..count.div_ceil(size)).map(move |batch| {
            let first = batch * size;
            (first..first.saturating_add(size).min(count)).map(|place| self.held_out(place)).collect()
        })
    }
}

/// The unit of `run` that is held out, of `units` in all.
fn held_out_unit(units: u32, rule: &Holdout, run: u32) -> u32 {
    let first = run * rule.one_in;
    let length = rule.one_in.min(units - first);
    first + Stream::new(rule.seed, Purpose::HeldOutOfRun, run).below(length)
}

/// How an epoch orders the training samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochOrder {
    /// A list of all, shuffled.
    Listed,
    /// Cells in a new order, and the samples of each group of cells shuffled.
    Cells {
        /// Training samples of a cell.
        cell: u32,
        /// Cells that are mixed with each other.
        group: u32,
    },
}

impl EpochOrder {
    /// The order that mixes cells of `cell` training samples, about those of a chunk, `group` at a time; all of them where
    /// `group` is not given.
    #[must_use]
    pub fn cells(cell: u32, group: Option<u32>) -> Self {
        Self::Cells { cell: cell.max(1), group: group.unwrap_or(u32::MAX).max(1) }
    }
}

/// Draws the batches of training: each epoch is a new order of the training samples, and the samples at its end that do
/// not fill a step are left out.
#[derive(Debug)]
pub struct BatchOrder {
    seed: u64,
    split: Split,
    order: EpochOrder,
    virtual_ranks: u32,
    batch_per_rank: u32,
    /// The list of the epoch that was drawn from last, where the order is a list.
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
    /// Order of the training samples of `split` under `seed`, for steps of `virtual_ranks` times `batch_per_rank` samples.
    pub fn new(
        seed: u64,
        split: Split,
        order: EpochOrder,
        virtual_ranks: u32,
        batch_per_rank: u32,
    ) -> Result<Self, TooFewSamples> {
        let needed = u64::from(virtual_ranks) * u64::from(batch_per_rank);
        let available = u64::from(split.train_count());
        if needed == 0 || needed > available {
            return Err(TooFewSamples { needed, available });
        }
        Ok(Self { seed, split, order, virtual_ranks, batch_per_rank, epoch: None })
    }

    /// Sample numbers of `step`, one list for each virtual rank. Depends on nothing but the seed and `step`.
    pub fn batches(&mut self, step: u32) -> Vec<Vec<u32>> {
        let (count, batch) = (self.split.train_count(), self.batch_per_rank);
        let samples = batch * self.virtual_ranks;
        let steps_per_epoch = count / samples;
        let (epoch, first) = (step / steps_per_epoch, step % steps_per_epoch * samples);
        let places: Vec<u32> = match self.order {
            EpochOrder::Listed => {
                let order = match self.epoch.take() {
                    Some((cached, order)) if cached == epoch => order,
                    _ => Stream::new(self.seed, Purpose::Epoch, epoch).permutation(count),
                };
                let places = order[first as usize..(first + samples) as usize].to_vec();
                self.epoch = Some((epoch, order));
                places
            }
            EpochOrder::Cells { cell, group } => {
                let cells = CellOrder { seed: self.seed, epoch, count, cell, group };
                (first..first + samples).map(|place| cells.at(place)).collect()
            }
        };
        let of_rank = |places: &[u32]| places.iter().map(|&place| self.split.train(place)).collect();
        places.chunks(batch as usize).map(of_rank).collect()
    }
}

/// The order of `0..count` in one epoch.
struct CellOrder {
    seed: u64,
    epoch: u32,
    count: u32,
    cell: u32,
    group: u32,
}

impl CellOrder {
    /// What stands at `place`: its group, a shuffled place within the group, and the cell that this place falls into.
    /// The cell at the end that is not full stays at the end, so that all groups but the last are equally long.
    fn at(&self, place: u32) -> u32 {
        let full_cells = self.count / self.cell;
        let group_samples = u64::from(self.cell) * u64::from(self.group);
        let group = u64::from(place) / group_samples;
        let first = group * group_samples;
        // at most `count`, like everything below
        let length = group_samples.min(u64::from(self.count) - first) as u32;
        let (group, first) = (group as u32, first as u32);
        let within = Shuffle::new(self.seed, Purpose::SampleOrder, (self.epoch, group), length).at(place - first);
        let turn = first / self.cell + within / self.cell;
        let cell = Shuffle::new(self.seed, Purpose::CellOrder, (self.epoch, 0), full_cells).at(turn);
        cell * self.cell + within % self.cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn splits(samples: u32, rule: Holdout) -> [Split; 3] {
        [Split::listed(samples, &rule), Split::runs(samples, &rule, 1), Split::runs(samples, &rule, 7)]
    }

    fn orders() -> impl Strategy<Value = EpochOrder> {
        prop_oneof![
            Just(EpochOrder::Listed),
            (1u32..80, 1u32..9).prop_map(|(cell, group)| EpochOrder::Cells { cell, group }),
            Just(EpochOrder::Cells { cell: 16, group: u32::MAX }),
        ]
    }

    proptest! {
        #[test]
        fn a_split_loses_and_repeats_nothing(samples in 0u32..600, seed: u64, one_in in 2u32..9) {
            for split in splits(samples, Holdout { seed, one_in }) {
                if !matches!(split, Split::Runs { unit: 7, .. }) {
                    prop_assert_eq!(split.held_out_count(), samples.div_ceil(one_in));
                }
                let train: Vec<u32> = (0..split.train_count()).map(|place| split.train(place)).collect();
                let held_out: Vec<u32> = split.held_out_batches(7).flatten().collect();
                prop_assert!(train.is_sorted() && held_out.is_sorted());
                let mut all = [train, held_out].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..samples).collect::<Vec<_>>());
            }
        }

        #[test]
        fn batches_do_not_depend_on_what_was_drawn_before(
            seed: u64,
            order in orders(),
            steps in prop::collection::vec(0u32..200, 1..8),
        ) {
            for split in splits(70, Holdout { seed, one_in: 3 }) {
                let mut batches = BatchOrder::new(seed, split.clone(), order, 4, 3).unwrap();
                for step in steps.iter().copied() {
                    let fresh = BatchOrder::new(seed, split.clone(), order, 4, 3).unwrap().batches(step);
                    prop_assert_eq!(batches.batches(step), fresh);
                }
            }
        }

        #[test]
        fn an_epoch_repeats_no_sample(seed: u64, order in orders(), epoch in 0u32..3) {
            for split in splits(112, Holdout { seed, one_in: 2 }) {
                prop_assert_eq!(split.train_count(), 56);
                let mut batches = BatchOrder::new(seed, split.clone(), order, 2, 4).unwrap();
                let mut drawn: Vec<u32> =
                    (0..7).flat_map(|step| batches.batches(epoch * 7 + step).concat()).collect();
                drawn.sort_unstable();
                prop_assert_eq!(drawn, (0..56).map(|place| split.train(place)).collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_step_stays_within_a_group_of_chunks(seed: u64, chunk in 10u32..40, group in 1u32..4, step in 0u32..500) {
            // samples held out: a cell lies over two chunks at most; chunks held out: a cell is a chunk
            for (unit, cell, chunks_of_cell) in [(1, chunk * 4 / 5, 2), (chunk, chunk, 1)] {
                let split = Split::runs(2_000, &Holdout { seed, one_in: 5 }, unit);
                let order = EpochOrder::cells(cell, Some(group));
                let batch = BatchOrder::new(seed, split, order, 2, 3).unwrap().batches(step).concat();
                let touched: BTreeSet<u32> = batch.iter().map(|sample| sample / chunk).collect();
                // a step lies in two groups at most, and the cell at the end adds one
                prop_assert!(touched.len() as u32 <= (2 * group + 1) * chunks_of_cell, "{touched:?}");
            }
        }
    }

    #[test]
    fn every_sample_of_a_run_is_held_out_about_equally_often() {
        let mut seen = [0u32; 4];
        for seed in 0..2_000 {
            let split = Split::runs(40, &Holdout { seed, one_in: 4 }, 1);
            (0..10).for_each(|run| seen[(split.held_out(run) % 4) as usize] += 1);
        }
        assert!(seen.iter().all(|&times| (4_700..5_300).contains(&times)), "{seen:?}");
    }

    #[test]
    fn a_huge_dataset_has_an_order_without_a_list() {
        let split = Split::runs(u32::MAX, &Holdout { seed: 1, one_in: 10 }, 1 << 14);
        for chunks in [None, Some(64)] {
            let order = EpochOrder::cells(1 << 14, chunks);
            let mut batches = BatchOrder::new(3, split.clone(), order, 8, 32).unwrap();
            let last = split.train_count() / 256 - 1;
            let drawn =
                [batches.batches(0).concat(), batches.batches(last).concat(), batches.batches(last + 1).concat()];
            assert_eq!(drawn.concat().iter().collect::<BTreeSet<_>>().len(), 3 * 256);
        }
    }

    #[test]
    fn a_batch_larger_than_the_dataset_is_an_error() {
        let split = Split::Listed { train: vec![1, 2, 3], held_out: vec![0] };
        let error = BatchOrder::new(0, split, EpochOrder::Listed, 2, 2).unwrap_err();
        assert_eq!(error, TooFewSamples { needed: 4, available: 3 });
    }
}
