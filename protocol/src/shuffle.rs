//! A pseudorandom order of `0..count` of which every place can be computed alone, in constant memory.
//!
//! A Feistel network (Luby and Rackoff, "How to construct pseudorandom permutations", 1988) over the bits that `count` needs,
//! with [`philox`](crate::philox) as its round function. What falls outside of `0..count` goes through the network again
//! until it falls inside (cycle walking; Black and Rogaway, "Ciphers with arbitrary finite domains", 2002): the network's
//! domain is less than twice as large, so that takes two passes on average at most.

use crate::philox::{Purpose, block};

/// Both halves are replaced six times: four rounds make an order that cannot be told from a random one by asking for
/// places, the rest is margin for the short halves of small counts.
const ROUNDS: u32 = 12;

/// A pseudorandom order of `0..count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shuffle {
    key: [u32; 2],
    purpose: Purpose,
    epoch: u32,
    group: u32,
    count: u32,
    left_bits: u32,
    right_bits: u32,
}

impl Shuffle {
    /// The order of `0..count` that `seed`, `purpose`, `epoch` and `group` name.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, (epoch, group): (u32, u32), count: u32) -> Self {
        let bits = (u32::BITS - count.saturating_sub(1).leading_zeros()).max(2);
        let left_bits = bits / 2;
        let key = [seed as u32, (seed >> 32) as u32];
        Self { key, purpose, epoch, group, count, left_bits, right_bits: bits - left_bits }
    }

    /// What stands at `place` of the order. Every place below `count` has another number below `count`; a place outside of
    /// the order stays where it is.
    #[must_use]
    pub fn at(&self, place: u32) -> u32 {
        if place >= self.count {
            return place;
        }
        // ends: the network permutes its domain, so it leads back to `place` itself at the latest
        let mut value = self.pass(place);
        while value >= self.count {
            value = self.pass(value);
        }
        value
    }

    fn pass(&self, value: u32) -> u32 {
        let (left_mask, right_mask) = ((1u32 << self.left_bits) - 1, (1u32 << self.right_bits) - 1);
        let (mut left, mut right) = (value >> self.right_bits, value & right_mask);
        for round in 0..ROUNDS {
            // a half has 16 bits at most
            let mix = |half: u32| block([half | round << 16, self.group, self.epoch, self.purpose as u32], self.key)[0];
            if round % 2 == 0 {
                left ^= mix(right) & left_mask;
            } else {
                right ^= mix(left) & right_mask;
            }
        }
        left << self.right_bits | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(seed: u64, epoch: u32, count: u32) -> Vec<u32> {
        let shuffle = Shuffle::new(seed, Purpose::SampleOrder, (epoch, 0), count);
        (0..count).map(|place| shuffle.at(place)).collect()
    }

    proptest! {
        #[test]
        fn every_number_stands_at_one_place(seed: u64, epoch: u32, count in 0u32..3_000) {
            let mut numbers = order(seed, epoch, count);
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (0..count).collect::<Vec<_>>());
        }

        #[test]
        fn the_largest_orders_stay_in_their_range(seed: u64, count in 1u32 << 31.., places in prop::collection::vec(any::<u32>(), 1..20)) {
            let shuffle = Shuffle::new(seed, Purpose::SampleOrder, (0, 0), count);
            for place in places {
                prop_assert_eq!(shuffle.at(place) < count, place < count);
            }
        }
    }

    #[test]
    fn seed_purpose_epoch_and_group_each_give_another_order() {
        let of = |seed, purpose, name| {
            let shuffle = Shuffle::new(seed, purpose, name, 50);
            (0..50).map(|place| shuffle.at(place)).collect::<Vec<_>>()
        };
        let orders = [
            of(1, Purpose::SampleOrder, (0, 0)),
            of(1 << 32, Purpose::SampleOrder, (0, 0)),
            of(1, Purpose::CellOrder, (0, 0)),
            of(1, Purpose::SampleOrder, (1, 0)),
            of(1, Purpose::SampleOrder, (0, 1)),
        ];
        for (index, order) in orders.iter().enumerate() {
            assert!(orders[index + 1..].iter().all(|other| other != order), "{index}");
        }
    }

    /// Pearson's statistic of how often number `n` stands at place `p`, over many seeds.
    #[test]
    fn every_number_comes_to_every_place_equally_often() {
        for count in [2u32, 3, 5, 7, 12, 31] {
            let rounds = 400 * count;
            let mut seen = vec![0u32; (count * count) as usize];
            for seed in 0..rounds {
                for (place, number) in (0..).zip(order(seed.into(), 3, count)) {
                    seen[(place * count + number) as usize] += 1;
                }
            }
            let expected = f64::from(rounds) / f64::from(count);
            let statistic: f64 = seen.iter().map(|&times| (f64::from(times) - expected).powi(2) / expected).sum();
            // chi squared with (count - 1)^2 degrees of freedom: mean d, variance 2 d; five deviations away
            let degrees = f64::from(count - 1).powi(2);
            assert!(statistic < degrees + 5.0 * (2.0 * degrees).sqrt(), "{count}: {statistic} of {degrees}");
        }
    }

    #[test]
    fn neighbours_come_apart() {
        // of n random pairs, about n * 2 / n are neighbours: a handful, not hundreds
        let numbers = order(9, 0, 10_000);
        let close = numbers.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
        assert!(close < 15, "{close}");
    }

    #[test]
    fn the_order_never_changes() {
        // manifests name it by its seed alone: other numbers here need another kind of order. Computed by a second
        // implementation.
        assert_eq!(order(7, 2, 10), [6, 5, 8, 7, 3, 2, 4, 1, 9, 0]);
    }
}
