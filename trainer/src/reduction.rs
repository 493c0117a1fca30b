//! Summing the gradients of all virtual ranks: a fixed balanced binary tree over the virtual ranks' numbers.
//!
//! The tree depends on nothing but the number of virtual ranks, so the sum's bits do not depend on how many workers there
//! are, on buckets, or on who answers first.

use crate::state::Values;

/// What one virtual rank contributes to a step.
#[derive(Debug, Clone, PartialEq)]
pub struct RankGradient {
    /// Mean loss of the rank's samples.
    pub loss: f32,
    /// Its gradient.
    pub gradient: Values,
}

/// Mean loss and mean gradient of `ranks`, which stand in order of their numbers.
#[must_use]
pub fn tree_mean(ranks: &[RankGradient]) -> RankGradient {
    let mut level = ranks.to_vec();
    while level.len() > 1 {
        let mut nodes = level.into_iter();
        let mut above = Vec::new();
        while let Some(mut left) = nodes.next() {
            // a node without a partner moves up as it is
            if let Some(right) = nodes.next() {
                add(&mut left, &right);
            }
            above.push(left);
        }
        level = above;
    }
    let mut mean = level.pop().unwrap_or(RankGradient { loss: 0.0, gradient: Vec::new() });
    let share = 1.0 / ranks.len().max(1) as f32;
    mean.loss *= share;
    mean.gradient.iter_mut().flatten().for_each(|value| *value *= share);
    mean
}

fn add(left: &mut RankGradient, right: &RankGradient) {
    left.loss += right.loss;
    for (left, right) in left.gradient.iter_mut().zip(&right.gradient) {
        left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rank(value: f32) -> RankGradient {
        RankGradient { loss: value, gradient: vec![vec![value]] }
    }

    #[test]
    fn pairs_are_added_first_and_a_lone_rank_moves_up() {
        let [a, b, c, d, e] = [1.0f32, 1e-8, 2e-8, 3.0, 4e-8];
        let mean = tree_mean(&[a, b, c, d, e].map(rank));
        assert_eq!(mean.loss.to_bits(), ((((a + b) + (c + d)) + e) * (1.0 / 5.0f32)).to_bits());
        assert_eq!(mean.gradient, vec![vec![mean.loss]]);
    }

    proptest! {
        #[test]
        fn the_mean_is_close_to_the_true_one(values in prop::collection::vec(-1.0f32..1.0, 1..17)) {
            let mean = tree_mean(&values.iter().map(|&value| rank(value)).collect::<Vec<_>>());
            let expected = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
            prop_assert!((f64::from(mean.loss) - expected).abs() < 1e-6);
        }
    }
}
