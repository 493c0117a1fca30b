//! How likely an audit finds a bad segment: the design's formula, the exact expression, and a simulation that draws with the
//! protocol's own sampling.
//!
//! A cheat leaves segment 0 and the last alone, which every oracle replays. Of the `N - 2` others `b` are bad, and each of `m`
//! oracles draws `k` of them. One oracle misses with `C(N-2-b, k) / C(N-2, k)`, all of them with its `m`-th power. The
//! formula `1 - (1 - f)^(k m)` with `f = b / (N - 2)` is that of drawing with repeats: never above the exact chance.

pub mod plot;

use protocol::digest::tagged;
use protocol::philox::{Purpose, Stream};
use protocol::sampling::sampled_segments;
use serde::Serialize;

const SEED: &[u8] = b"aixblock/detection/seed/v1";
const SIGNATURE: &[u8] = b"aixblock/detection/signature/v1";

/// One combination of the four numbers that decide the chance, and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Segments of the job, N.
    pub segments: u32,
    /// Segments that an oracle draws besides the first and the last, k.
    pub samples: u32,
    /// Oracles, m.
    pub oracles: u32,
    /// Bad segments, b.
    pub bad: u32,
    /// Share of the segments that can be drawn, `b / (N - 2)`.
    pub fraction: f64,
    /// Share of the trials in which an oracle drew a bad segment.
    pub simulated: f64,
    /// [`exact`].
    pub exact: f64,
    /// [`formula`].
    pub formula: f64,
}

/// Chance that at least one of `oracles` draws one of `bad` segments among the `inner` that can be drawn, `samples` each.
#[must_use]
pub fn exact(inner: u32, samples: u32, oracles: u32, bad: u32) -> f64 {
    // C(inner - bad, samples) / C(inner, samples), factor by factor
    let missed: f64 = (0..samples.min(inner))
        .map(|drawn| f64::from(inner.saturating_sub(bad).saturating_sub(drawn)) / f64::from(inner - drawn))
        .product();
    1.0 - missed.powi(oracles.cast_signed())
}

/// The design's approximation `1 - (1 - f)^(k m)`.
#[must_use]
pub fn formula(fraction: f64, samples: u32, oracles: u32) -> f64 {
    1.0 - (1.0 - fraction).powf(f64::from(samples) * f64::from(oracles))
}

/// Simulates every combination of `oracles` and `bad` for jobs of `segments`, of which each oracle draws `samples`.
///
/// One trial serves them all: it draws the samples of the most oracles and an order of the inner segments, of which the first
/// `b` are the bad ones.
#[must_use]
pub fn simulate(trials: u32, segments: u32, samples: u32, oracles: &[u32], bad: &[u32]) -> Vec<Case> {
    let inner = segments.saturating_sub(2);
    let most = oracles.iter().copied().max().unwrap_or(0);
    let mut caught = vec![vec![0u32; bad.len()]; oracles.len()];
    for trial in 0..trials {
        let name = [trial.to_le_bytes(), segments.to_le_bytes(), samples.to_le_bytes()].concat();
        let seed = tagged(SEED, &[&name]).0;
        // place of each inner segment in the order in which they go bad
        let mut place = vec![0u32; inner as usize];
        let order = Stream::new(u64::from(trial), Purpose::Synthetic, segments).permutation(inner);
        (0..).zip(order).for_each(|(at, segment)| place[segment as usize] = at);
        let mut earliest = u32::MAX;
        for oracle in 0..most {
            let mut signature = [0; 64];
            signature[..32].copy_from_slice(&tagged(SIGNATURE, &[&seed, &oracle.to_le_bytes()]).0);
            for segment in sampled_segments(seed, &signature, samples, segments) {
                if segment > 0 && segment + 1 < segments {
                    earliest = earliest.min(place[segment as usize - 1]);
                }
            }
            // a set of b bad segments is caught once one of the first b places was drawn
            for (counts, _) in caught.iter_mut().zip(oracles).filter(|(_, count)| **count == oracle + 1) {
                for (count, bad) in counts.iter_mut().zip(bad) {
                    *count += u32::from(earliest < *bad);
                }
            }
        }
    }
    let case = |(oracles, counts): (&u32, &Vec<u32>)| -> Vec<Case> {
        let of = |(bad, count): (&u32, &u32)| {
            let fraction = f64::from(*bad) / f64::from(inner.max(1));
            Case {
                segments,
                samples,
                oracles: *oracles,
                bad: *bad,
                fraction,
                simulated: f64::from(*count) / f64::from(trials.max(1)),
                exact: exact(inner, samples, *oracles, *bad),
                formula: formula(fraction, samples, *oracles),
            }
        };
        bad.iter().zip(counts).map(of).collect()
    };
    oracles.iter().zip(&caught).flat_map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_designs_example_is_right() {
        // k = 10, m = 3, a tenth of N = 200 segments
        assert!((formula(0.1, 10, 3) - 0.96).abs() < 0.003);
        // a single poisoned segment is found with about m k / N
        let single = exact(198, 10, 3, 1);
        assert!((single - (1.0 - (1.0 - 10.0 / 198.0f64).powi(3))).abs() < 1e-12);
        assert!((single - 0.15).abs() < 0.01);
    }

    #[test]
    fn the_formula_is_never_above_the_exact_chance() {
        for inner in [5, 48, 198] {
            for (samples, oracles) in [(1, 1), (3, 2), (10, 3)] {
                for bad in 0..=inner {
                    let [formula, exact] = [
                        formula(f64::from(bad) / f64::from(inner), samples, oracles),
                        exact(inner, samples, oracles, bad),
                    ];
                    assert!(formula <= exact + 1e-12, "{inner} {samples} {oracles} {bad}: {formula} {exact}");
                }
            }
        }
    }

    #[test]
    fn drawing_everything_always_finds_it_and_drawing_nothing_never() {
        assert_eq!(
            (exact(10, 10, 1, 1), exact(10, 20, 1, 1), exact(10, 0, 5, 3), exact(10, 5, 2, 0)),
            (1.0, 1.0, 0.0, 0.0)
        );
    }

    #[test]
    fn the_protocols_sampling_finds_as_much_as_it_should() {
        let trials = 10_000;
        for case in simulate(trials, 60, 6, &[1, 3], &[1, 6]) {
            let deviation = (case.exact * (1.0 - case.exact) / f64::from(trials)).sqrt();
            assert!((case.simulated - case.exact).abs() < 4.0 * deviation, "{case:?}");
        }
    }
}
