//! How sums and updates go wrong, so that the values behind a wrong root can be found.
//!
//! A step commits to its mean gradient and to its new state by their roots. Within a segment nobody serves the wrong values
//! themselves; but whoever left a rank out of the sum has the values that come out without it. A guess is checked by the root,
//! so that none is ever wrong.
use super::values::Group;
use protocol::{
    adamw::{Settings, StepFactors},
    clipping,
    commitment::TensorGroup,
    manifest::{Decay, Manifest, Optimizer},
};
use std::fmt;

/// A wrong way to come from the ranks' gradients to their mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    /// Without this rank, over the number of all.
    Without(usize),
    /// The mean of all but this rank.
    MeanWithout(usize),
    /// The tree begins at this rank.
    From(usize),
    /// From the last rank to the first.
    Backwards,
    /// One after another in place of the tree.
    InSequence,
    /// Not divided by the number of ranks.
    Undivided,
    /// One rank's gradient alone.
    Only(usize),
    /// No gradient at all.
    Zero,
}

impl Sum {
    /// All for so many ranks.
    pub(super) fn all(ranks: usize) -> impl Iterator<Item = Self> {
        let each = move |of: fn(usize) -> Self| (0..ranks).map(of);
        let others = [Self::Backwards, Self::InSequence, Self::Undivided, Self::Zero];
        each(Self::Without)
            .chain(each(Self::MeanWithout).filter(move |_| ranks > 1))
            .chain(each(Self::From).skip(1))
            .chain(others)
            .chain(each(Self::Only))
    }

    /// What comes out of the ranks' gradients.
    pub(super) fn mean(self, ranks: &[&[f32]]) -> Vec<f32> {
        let count = ranks.len() as f32;
        let length = ranks.first().map_or(0, |rank| rank.len());
        let (zeros, mut terms) = (vec![0.0; length], ranks.to_vec());
        let mut share = 1.0 / count;
        match self {
            Self::Without(rank) => terms[rank] = &zeros,
            Self::MeanWithout(rank) => {
                terms.remove(rank);
                share = 1.0 / (count - 1.0);
            }
            Self::From(rank) => terms.rotate_left(rank),
            Self::Backwards => terms.reverse(),
            Self::InSequence => {}
            Self::Undivided => share = 1.0,
            Self::Only(rank) => (terms, share) = (vec![ranks[rank]], 1.0),
            Self::Zero => return zeros,
        }
        let sum = if self == Self::InSequence { in_sequence(&terms) } else { in_tree(&terms) };
        sum.into_iter().map(|value| value * share).collect()
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(rank) => write!(f, "rank {rank} is missing in the sum"),
            Self::MeanWithout(rank) => write!(f, "it is the mean of all ranks but {rank}"),
            Self::From(rank) => write!(f, "the sum begins at rank {rank}"),
            Self::Backwards => f.write_str("the sum begins at the last rank"),
            Self::InSequence => f.write_str("the ranks are added one after another"),
            Self::Undivided => f.write_str("the sum is not divided by the number of ranks"),
            Self::Only(rank) => write!(f, "it is the gradient of rank {rank} alone"),
            Self::Zero => f.write_str("it is zero"),
        }
    }
}

fn add(left: &[f32], right: &[f32]) -> Vec<f32> {
    left.iter().zip(right).map(|(left, right)| left + right).collect()
}

fn in_sequence(terms: &[&[f32]]) -> Vec<f32> {
    let (first, rest) = terms.split_first().map_or((&[][..], &[][..]), |(first, rest)| (*first, rest));
    rest.iter().fold(first.to_vec(), |sum, term| add(&sum, term))
}

/// Neighbours first; a lone one moves up.
pub(super) fn in_tree(terms: &[&[f32]]) -> Vec<f32> {
    let mut level: Vec<Vec<f32>> = terms.iter().map(|term| term.to_vec()).collect();
    while level.len() > 1 {
        let pair = |pair: &[Vec<f32>]| match pair {
            [left, right] => add(left, right),
            lone => lone.concat(),
        };
        level = level.chunks(2).map(pair).collect();
    }
    level.pop().unwrap_or_default()
}

/// A wrong update of the optimiser, by what of it is wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Update {
    what: &'static str,
    /// Whether anything happens.
    happens: bool,
    /// The learning rate is multiplied by it.
    rate: f64,
    /// Added to the step whose learning rate is taken, and to the update's number.
    offset: [i64; 2],
    decays: bool,
    decay: Decay,
    clips: bool,
}

impl Update {
    /// All ways in which the optimiser of `manifest` can go wrong, and that it did nothing.
    pub(super) fn all(manifest: &Manifest) -> Vec<Self> {
        let Optimizer::Adamw { decay, .. } = manifest.optimizer;
        let right = Self { what: "", happens: true, rate: 1.0, offset: [0, 0], decays: true, decay, clips: true };
        let other = if decay == Decay::All { Decay::Matrices } else { Decay::All };
        vec![
            Self { what: "nothing was updated", happens: false, ..right },
            Self { what: "weights do not decay", decays: false, ..right },
            Self { what: "other parameters decay than the manifest says", decay: other, ..right },
            Self { what: "the gradient is not clipped", clips: false, ..right },
            Self { what: "the learning rate is twice the manifest's", rate: 2.0, ..right },
            Self { what: "the learning rate is half the manifest's", rate: 0.5, ..right },
            Self { what: "the learning rate is ten times the manifest's", rate: 10.0, ..right },
            Self { what: "the learning rate is a tenth of the manifest's", rate: 0.1, ..right },
            Self { what: "the learning rate is 0", rate: 0.0, ..right },
            Self { what: "the learning rate is that of the step before", offset: [-1, 0], ..right },
            Self { what: "the learning rate is that of the next step", offset: [1, 0], ..right },
            Self { what: "the update's number is one too low", offset: [0, -1], ..right },
            Self { what: "the update's number is one too high", offset: [0, 1], ..right },
            Self { what: "step and update are those before", offset: [-1, -1], ..right },
            Self { what: "step and update are the next ones", offset: [1, 1], ..right },
        ]
    }

    /// The state that comes out of `before` and the step's `mean` gradient in `step`; `None` where there is no such update.
    pub(super) fn after(&self, manifest: &Manifest, step: u32, before: &Group, mean: &Group) -> Option<Group> {
        let group = state_group(manifest, step + 1);
        if !self.happens {
            return Some(before.with_runs(group, before.runs.clone()));
        }
        let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, clip_norm, .. } = manifest.optimizer;
        let of_rate = u32::try_from(i64::from(step) + self.offset[0]).ok()?;
        let update = u32::try_from(i64::from(step) + 1 + self.offset[1]).ok().filter(|update| *update > 0)?;
        let rate = lr * self.rate * schedule.ratio(of_rate, manifest.steps);
        let factor = match clip_norm.filter(|_| self.clips) {
            Some(limit) => clipping::factor(norm(mean), limit),
            None => 1.0,
        };
        let gradient: Vec<f32> = mean.runs.first()?.iter().map(|value| value * factor).collect();
        let mut runs = before.runs.clone();
        let [parameters, first, second] = &mut runs[..] else { return None };
        let mut begin = 0;
        for parameter in before.parameters.iter() {
            let own = begin..begin + parameter.length();
            begin = own.end;
            let decays = self.decays && (self.decay == Decay::All || parameter.dimensions() > 1);
            let settings = Settings { beta1, beta2, eps, weight_decay: if decays { weight_decay } else { 0.0 } };
            let factors = StepFactors::new(&settings, rate, update);
            let gradient = gradient.get(own.clone())?;
            let [parameter, first, second] = [&mut *parameters, first, second].map(|run| run.get_mut(own.clone()));
            factors.update_all(gradient, parameter?, first?, second?);
        }
        Some(before.with_runs(group, runs))
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

/// Norm of a mean gradient.
pub(super) fn norm(mean: &Group) -> f64 {
    clipping::global_norm(mean.by_parameter())
}

/// What the state after so many steps is committed to as.
pub(super) fn state_group(manifest: &Manifest, steps_done: u32) -> TensorGroup {
    TensorGroup::State { steps_done, samples_drawn: u64::from(steps_done) * manifest.samples_per_step() }
}

/// What a mean gradient is committed to as.
pub(super) fn mean_group(manifest: &Manifest, mean: &Group) -> TensorGroup {
    TensorGroup::ReducedGradient { norm_bits: manifest.optimizer.clip_norm().map_or(0, |_| norm(mean).to_bits()) }
}
