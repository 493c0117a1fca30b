//! Which segments an oracle replays.
//!
//! The choice follows from the audit's seed, which nobody knew when the result was submitted, and from the oracle's own
//! signature over it, which nobody but the oracle can make: so the trainer cannot compute which segments will be replayed,
//! not even once the seed is public. Ed25519 signatures are deterministic (RFC 8032), and the report carries the
//! signature, so that anybody can check afterwards that the oracle replayed what it had to.

use crate::digest::tagged;

const DRAW: &[u8] = b"aixblock/audit/draw/v2";
const MESSAGE: &[u8] = b"aixblock/audit/sample/v1";

/// What an oracle signs to choose its segments of the audit of `order` with this `seed`.
#[must_use]
pub fn message(order: &[u8; 32], seed: &[u8; 32]) -> Vec<u8> {
    [MESSAGE, order, seed].concat()
}

/// The segments that the oracle replays whose `signature` over [`message`] this is, in ascending order and without repeats:
/// the first, the last, and `k` others (all of them where there are fewer).
///
/// Draws are words of `tagged(DRAW, seed, signature, counter)`, rejected where they would bias the choice and repeated where
/// they hit a segment that is already in.
#[must_use]
pub fn sampled_segments(seed: [u8; 32], signature: &[u8; 64], k: u32, segments: u32) -> Vec<u32> {
    if segments <= 2 || k >= segments - 2 {
        return (0..segments).collect();
    }
    let inner = u64::from(segments - 2);
    let unbiased = u64::MAX - u64::MAX % inner;
    let mut chosen = vec![0, segments - 1];
    let mut counter = 0u64;
    while chosen.len() < k as usize + 2 {
        let hash = tagged(DRAW, &[&seed, signature, &counter.to_le_bytes()]);
        counter += 1;
        for word in hash.0.chunks_exact(8) {
            let draw = word.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
            let segment = 1 + (draw % inner) as u32;
            if draw < unbiased && !chosen.contains(&segment) && chosen.len() < k as usize + 2 {
                chosen.push(segment);
            }
        }
    }
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_sample_is_sorted_unique_and_holds_both_ends(seed: [u8; 32], signer: u8, k in 0u32..40, segments in 1u32..200) {
            let signature = [signer; 64];
            let sample = sampled_segments(seed, &signature, k, segments);
            prop_assert!(sample.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert_eq!(sample[0], 0);
            prop_assert_eq!(*sample.last().unwrap(), segments - 1);
            prop_assert_eq!(sample.len() as u32, (k + 2).min(segments));
            prop_assert_eq!(sample, sampled_segments(seed, &signature, k, segments));
        }
    }

    #[test]
    fn every_inner_segment_is_drawn_about_equally_often() {
        let mut seen = [0u32; 12];
        for round in 0..4_000u32 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&round.to_le_bytes());
            sampled_segments(seed, &[1; 64], 2, 12).into_iter().for_each(|segment| seen[segment as usize] += 1);
        }
        assert!(seen[1..11].iter().all(|&count| (700..900).contains(&count)), "{seen:?}");
    }

    #[test]
    fn two_oracles_draw_different_segments() {
        assert_ne!(sampled_segments([7; 32], &[1; 64], 5, 200), sampled_segments([7; 32], &[2; 64], 5, 200));
    }

    #[test]
    fn a_job_without_segments_has_an_empty_sample() {
        assert!(sampled_segments([0; 32], &[0; 64], 3, 0).is_empty());
    }
}
