//! Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3" (SC 2011). Any draw can be computed from its position alone, so the generator's whole state is a number.

const MULTIPLIER: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The four words that Philox4x32-10 assigns to `counter` under `key`.
#[must_use]
pub fn block(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let [left, right] =
            [u64::from(counter[0]) * u64::from(MULTIPLIER[0]), u64::from(counter[2]) * u64::from(MULTIPLIER[1])];
        counter = [
            (right >> 32) as u32 ^ counter[1] ^ key[0],
            right as u32,
            (left >> 32) as u32 ^ counter[3] ^ key[1],
            left as u32,
        ];
    }
    counter
}

/// What a stream is used for: streams of different purposes never overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Initial values of one parameter; the id is its place in name order.
    Weights = 1,
    /// The order of the training samples in one epoch; the id is the epoch.
    Epoch = 2,
    /// Which samples are held out; the id is 0.
    Holdout = 3,
    /// Made-up data of self-tests; the id is free.
    Synthetic = 4,
    /// What training drops; see [`crate::dropout`] for its counters, of which no [`Stream`] is made.
    Dropout = 5,
    /// Which sample of a run of samples is held out; the id is the run's number.
    HeldOutOfRun = 16,
    /// The order of the cells of a chunked dataset in one epoch, see [`crate::shuffle`].
    CellOrder = 17,
    /// The order of the samples of a group of cells in one epoch, see [`crate::shuffle`].
    SampleOrder = 18,
}

/// A sequence of 2^66 words: one seed, one purpose, one id.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    id: u32,
    purpose: Purpose,
    position: u64,
    words: [u32; 4],
}

impl Stream {
    /// The stream of `purpose` and `id` under `seed`, at its start.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, id: u32) -> Self {
        Self { key: [seed as u32, (seed >> 32) as u32], id, purpose, position: 0, words: [0; 4] }
    }

    /// The next word.
    pub fn next_u32(&mut self) -> u32 {
        let lane = (self.position % 4) as usize;
        if lane == 0 {
            let index = self.position / 4;
            self.words = block([index as u32, (index >> 32) as u32, self.id, self.purpose as u32], self.key);
        }
        self.position += 1;
        self.words[lane]
    }

    /// A number in `0..bound` without bias (Lemire, "Fast random integer generation in an interval", 2019); 0 where `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// A number in `[0, 1)`: 24 random bits times 2^-24, exact in f32.
    pub fn unit_f32(&mut self) -> f32 {
        (self.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A uniformly random order of `0..count` (Fisher and Yates).
    #[must_use]
    pub fn permutation(mut self, count: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last as usize, self.below(last + 1) as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Random123 1.14, tests/kat_vectors, "philox4x32 10"
    #[test]
    fn the_published_known_answers_come_out() {
        assert_eq!(block([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(block([u32::MAX; 4], [u32::MAX; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            block([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn draws_below_three_are_even() {
        let mut stream = Stream::new(7, Purpose::Synthetic, 0);
        let mut seen = [0u32; 3];
        (0..30_000).for_each(|_| seen[stream.below(3) as usize] += 1);
        assert!(seen.iter().all(|&count| (9_700..10_300).contains(&count)), "{seen:?}");
    }

    proptest! {
        #[test]
        fn a_permutation_holds_every_number_once(seed: u64, count in 0u32..500) {
            let mut order = Stream::new(seed, Purpose::Epoch, 3).permutation(count);
            order.sort_unstable();
            prop_assert_eq!(order, (0..count).collect::<Vec<_>>());
        }

        #[test]
        fn draws_stay_in_their_range(seed: u64, bound in 1u32..) {
            let mut stream = Stream::new(seed, Purpose::Synthetic, 1);
            prop_assert!(stream.below(bound) < bound);
            prop_assert!((0.0..1.0).contains(&stream.unit_f32()));
        }
    }
}
