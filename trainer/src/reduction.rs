//! Summing the gradients of all virtual ranks: a fixed balanced binary tree over the virtual ranks' numbers.
//!
//! The tree depends on nothing but the number of virtual ranks: neighbours are added in pairs, then pairs of pairs, and a
//! node without a partner moves up as it is. A node of the tree stands for consecutive virtual ranks, so a worker that plays
//! consecutive ones adds complete subtrees by itself, and only their sums have to travel. The sum's bits do not depend on how
//! many workers there are, on buckets, or on who answers first.

use crate::state::Values;
use std::ops::Range;

/// What one virtual rank contributes to a step, or the mean of all.
#[derive(Debug, Clone, PartialEq)]
pub struct RankGradient {
    /// Mean loss of the rank's samples.
    pub loss: f32,
    /// Its gradient.
    pub gradient: Values,
}

impl RankGradient {
    fn add(&mut self, right: &Self) {
        self.loss += right.loss;
        for (left, right) in self.gradient.iter_mut().zip(&right.gradient) {
            left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
        }
    }

    fn scale(&mut self, factor: f32) {
        self.loss *= factor;
        self.gradient.iter_mut().flatten().for_each(|value| *value *= factor);
    }
}

/// The virtual ranks that worker `worker` of `workers` plays: consecutive ones, as evenly shared as they can be.
#[must_use]
pub fn share_of(virtual_ranks: u32, workers: u32, worker: u32) -> Range<u32> {
    let bound = |worker: u32| (u64::from(virtual_ranks) * u64::from(worker) / u64::from(workers.max(1))) as u32;
    bound(worker)..bound(worker + 1)
}

/// What the sum of all virtual ranks is multiplied with.
#[must_use]
pub fn share(virtual_ranks: u32) -> f32 {
    1.0 / virtual_ranks.max(1) as f32
}

/// A node of the tree over `0..virtual_ranks`: `size`, a power of two, leaves from `first` on, as far as there are so many.
#[derive(Debug, Clone, Copy)]
struct Node {
    virtual_ranks: u32,
    first: u32,
    size: u64,
}

impl Node {
    fn root(virtual_ranks: u32) -> Self {
        Self { virtual_ranks, first: 0, size: u64::from(virtual_ranks.max(1)).next_power_of_two() }
    }

    fn leaves(self) -> Range<u32> {
        self.first..(u64::from(self.first) + self.size).min(self.virtual_ranks.into()) as u32
    }

    /// Both children; `None` where there is only one leaf.
    fn children(self) -> Option<[Self; 2]> {
        // a right half without leaves: the left one is the node itself
        let mut half = self.size / 2;
        while half > 0 && u64::from(self.first) + half >= u64::from(self.virtual_ranks) {
            half /= 2;
        }
        if half == 0 {
            return None;
        }
        let right = self.first + half as u32;
        Some([Self { size: half, ..self }, Self { first: right, size: half, ..self }])
    }

    /// Calls `complete` for each largest node within `range`, in order.
    fn complete_within(self, range: &Range<u32>, complete: &mut dyn FnMut(Self)) {
        let leaves = self.leaves();
        if leaves.end <= range.start || range.end <= leaves.start {
            return;
        }
        if range.start <= leaves.start && leaves.end <= range.end {
            complete(self);
        } else if let Some(children) = self.children() {
            children.into_iter().for_each(|child| child.complete_within(range, complete));
        }
    }

    /// How many sums are complete with each leaf of this node, in order.
    fn merges(self, merges: &mut Vec<u32>) {
        match self.children() {
            None => merges.push(0),
            Some(children) => {
                children.into_iter().for_each(|child| child.merges(merges));
                if let Some(last) = merges.last_mut() {
                    *last += 1;
                }
            }
        }
    }
}

/// For each virtual rank of `range`: how many sums a worker that plays this range takes after it. It keeps sums of complete
/// subtrees on a stack; a merge adds the two on top, the upper one to the right of the lower one.
#[must_use]
pub fn merges(virtual_ranks: u32, range: &Range<u32>) -> Vec<u32> {
    let mut merges = Vec::new();
    Node::root(virtual_ranks).complete_within(range, &mut |node| node.merges(&mut merges));
    merges
}

/// How the sums that the workers hold become the mean of all virtual ranks.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// How many sums each worker holds; they are numbered worker by worker.
    pub contributions: Vec<u32>,
    /// In postfix order: the number of a sum, or [`Program::ADD`] for the sum of the two values before.
    pub postfix: Vec<i32>,
    /// What the whole sum is multiplied with.
    pub scale: f32,
}

impl Program {
    /// The sum of the two values before.
    pub const ADD: i32 = -1;

    /// The program of `workers` that share `virtual_ranks` by [`share_of`].
    #[must_use]
    pub fn of(virtual_ranks: u32, workers: u32) -> Self {
        let root = Node::root(virtual_ranks);
        // the first leaf of each sum, in order
        let (mut contributions, mut firsts) = (Vec::new(), Vec::new());
        for worker in 0..workers {
            let before = firsts.len();
            root.complete_within(&share_of(virtual_ranks, workers, worker), &mut |node| firsts.push(node.leaves()));
            contributions.push((firsts.len() - before) as u32);
        }
        let mut postfix = Vec::new();
        Self::add_node(root, &firsts, &mut postfix);
        Self { contributions, postfix, scale: share(virtual_ranks) }
    }

    fn add_node(node: Node, sums: &[Range<u32>], postfix: &mut Vec<i32>) {
        if let Some(held) = sums.iter().position(|leaves| *leaves == node.leaves()) {
            postfix.push(held as i32);
        } else if let Some(children) = node.children() {
            children.into_iter().for_each(|child| Self::add_node(child, sums, postfix));
            postfix.push(Self::ADD);
        }
    }
}

/// The sum along the tree, as leaves come one after another: what one process does that plays all virtual ranks. Holds at
/// most one gradient for each level of the tree.
#[derive(Debug)]
pub struct TreeSum {
    virtual_ranks: u32,
    merges: std::vec::IntoIter<u32>,
    stack: Vec<RankGradient>,
}

impl TreeSum {
    /// The sum of no leaf yet.
    #[must_use]
    pub fn new(virtual_ranks: u32) -> Self {
        Self { virtual_ranks, merges: merges(virtual_ranks, &(0..virtual_ranks)).into_iter(), stack: Vec::new() }
    }

    /// Adds the next virtual rank's gradient.
    pub fn push(&mut self, leaf: RankGradient) {
        self.stack.push(leaf);
        for _ in 0..self.merges.next().unwrap_or(0) {
            if let (Some(right), Some(left)) = (self.stack.pop(), self.stack.last_mut()) {
                left.add(&right);
            }
        }
    }

    /// Mean loss and mean gradient of all virtual ranks; nothing before the last one was pushed.
    #[must_use]
    pub fn mean(mut self) -> Option<RankGradient> {
        let mut mean = self.stack.pop().filter(|_| self.stack.is_empty() && self.merges.len() == 0)?;
        mean.scale(share(self.virtual_ranks));
        Some(mean)
    }
}

/// Mean of the virtual ranks' losses, which stand in order.
#[must_use]
pub fn mean_loss(losses: &[f32]) -> f32 {
    let ranks: Vec<RankGradient> = losses.iter().map(|&loss| RankGradient { loss, gradient: Vec::new() }).collect();
    tree_mean(&ranks).loss
}

/// Mean loss and mean gradient of `ranks`, which stand in order of their numbers: the tree, level by level.
#[must_use]
pub fn tree_mean(ranks: &[RankGradient]) -> RankGradient {
    let mut level = ranks.to_vec();
    while level.len() > 1 {
        let mut nodes = level.into_iter();
        let mut above = Vec::new();
        while let Some(mut left) = nodes.next() {
            // a node without a partner moves up as it is
            if let Some(right) = nodes.next() {
                left.add(&right);
            }
            above.push(left);
        }
        level = above;
    }
    let mut mean = level.pop().unwrap_or(RankGradient { loss: 0.0, gradient: Vec::new() });
    mean.scale(share(ranks.len() as u32));
    mean
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

    #[test]
    fn workers_that_hold_whole_subtrees_make_one_contribution_each() {
        assert_eq!(Program::of(8, 4).contributions, [1, 1, 1, 1]);
        assert_eq!(Program::of(8, 4).postfix, [0, 1, -1, 2, 3, -1, -1]);
        assert_eq!(Program::of(4, 3).contributions, [1, 1, 1]);
        assert_eq!(merges(8, &(4..8)), [0, 1, 0, 2]);
    }

    /// What `workers` of the program would compute: sums on stacks, then the program.
    fn shared_mean(values: &[f32], workers: u32) -> f32 {
        let virtual_ranks = values.len() as u32;
        let program = Program::of(virtual_ranks, workers);
        let mut sums = Vec::new();
        for worker in 0..workers {
            let range = share_of(virtual_ranks, workers, worker);
            let before = sums.len();
            for (virtual_rank, merges) in range.clone().zip(merges(virtual_ranks, &range)) {
                sums.push(values[virtual_rank as usize]);
                for _ in 0..merges {
                    let right = sums.pop().unwrap();
                    *sums.last_mut().unwrap() += right;
                }
            }
            assert_eq!((sums.len() - before) as u32, program.contributions[worker as usize]);
        }
        let mut stack: Vec<f32> = Vec::new();
        for step in &program.postfix {
            if *step == Program::ADD {
                let right = stack.pop().unwrap();
                *stack.last_mut().unwrap() += right;
            } else {
                stack.push(sums[*step as usize]);
            }
        }
        assert_eq!(stack.len(), 1);
        stack[0] * program.scale
    }

    proptest! {
        #[test]
        fn the_mean_is_close_to_the_true_one(values in prop::collection::vec(-1.0f32..1.0, 1..17)) {
            let mean = tree_mean(&values.iter().map(|&value| rank(value)).collect::<Vec<_>>());
            let expected = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
            prop_assert!((f64::from(mean.loss) - expected).abs() < 1e-6);
        }

        #[test]
        fn any_number_of_workers_gets_the_bits_of_the_tree(values in prop::collection::vec(-1.0f32..1.0, 1..40)) {
            let expected = tree_mean(&values.iter().map(|&value| rank(value)).collect::<Vec<_>>());
            for workers in 1..=values.len() as u32 {
                prop_assert_eq!(shared_mean(&values, workers).to_bits(), expected.loss.to_bits(), "{} workers", workers);
            }
            let mut sum = TreeSum::new(values.len() as u32);
            values.iter().for_each(|&value| sum.push(rank(value)));
            prop_assert_eq!(sum.mean(), Some(expected));
        }
    }
}
