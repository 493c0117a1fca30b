//! How a month's pool is shared out by points.
//!
//! Source: the rules of the platform (README, "The month"). With a total of `T` points, a pool `P`, a
//! threshold `H` and `below` basis points paid under the threshold:
//!
//! ```text
//! T = 0      D = 0
//! 0 < T < H  D = floor(P * below / 10,000)
//! T >= H     D = P
//! capped     D = min(D, floor(P * T / H)) where H > 0
//! payout(p)  = floor(D * p / T)
//! reserve    = P - D, and later the dust D - sum(payout)
//! ```
//!
//! With the cap, which is off by default, no point earns more than the pool divided by the threshold: few points in a month
//! below the threshold are otherwise worth far more than those of a month that just reaches it. From the threshold on the
//! cap never binds, because then P * p / T <= P * p / H.
//!
//! All amounts are base units of the token, all products are taken in 128 bits.

/// Basis points in a whole.
pub const BPS: u64 = 10_000;

/// The rules of one month, fixed when it opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthTerms {
    /// Base units to be shared out.
    pub pool: u64,
    /// Points from which on the whole pool is paid.
    pub threshold: u64,
    /// Basis points of the pool that are paid under the threshold; above 10,000 they count as 10,000.
    pub below_bps: u16,
    /// Whether no point may earn more than the pool divided by the threshold.
    pub cap_per_point: bool,
}

/// A month's pool after the threshold was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthSplit {
    /// Base units that contributors may claim.
    pub distributed: u64,
    /// Base units that go to the community reserve at once.
    pub to_reserve: u64,
}

/// Splits a month's pool between contributors and reserve. It never distributes more than the pool.
#[must_use]
pub fn split(terms: &MonthTerms, total_points: u64) -> MonthSplit {
    let MonthTerms { pool, threshold, below_bps, cap_per_point } = *terms;
    let distributed = if total_points == 0 {
        0
    } else if total_points < threshold {
        let below = share(pool, u64::from(below_bps).min(BPS), BPS);
        if cap_per_point { below.min(share(pool, total_points, threshold)) } else { below }
    } else {
        pool
    };
    MonthSplit { distributed, to_reserve: pool - distributed }
}

/// What `points` of a month's `total_points` earn from `distributed` base units, rounded down.
///
/// Returns 0 when the month has no points; points above the total count as the total.
#[must_use]
pub fn payout(distributed: u64, points: u64, total_points: u64) -> u64 {
    if total_points == 0 { 0 } else { share(distributed, points.min(total_points), total_points) }
}

/// floor(amount * part / whole) for part <= whole, which therefore fits 64 bits.
#[allow(clippy::cast_possible_truncation)]
fn share(amount: u64, part: u64, whole: u64) -> u64 {
    (u128::from(amount) * u128::from(part) / u128::from(whole)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(pool: u64) -> MonthTerms {
        MonthTerms { pool, threshold: 500, below_bps: 5_000, cap_per_point: false }
    }

    #[test]
    fn the_founding_vectors_hold() {
        let full = split(&terms(10_000), 1_000);
        assert_eq!(full, MonthSplit { distributed: 10_000, to_reserve: 0 });
        assert_eq!(payout(full.distributed, 100, 1_000), 1_000);
        let half = split(&terms(10_000), 400);
        assert_eq!(half, MonthSplit { distributed: 5_000, to_reserve: 5_000 });
        assert_eq!(payout(half.distributed, 100, 400), 1_250);
    }

    #[test]
    fn the_threshold_starts_at_exactly_its_value() {
        let distributed = |points| split(&terms(7), points).distributed;
        assert_eq!([0, 1, 499, 500, 501].map(distributed), [0, 3, 3, 7, 7]);
    }

    #[test]
    fn the_cap_pays_a_point_at_most_its_part_of_the_threshold() {
        let capped = MonthTerms { cap_per_point: true, ..terms(1_000_000) };
        let distributed = |points| split(&capped, points).distributed;
        // a point earns at most 2,000; from 250 points on the half that is paid anyway is less than that
        assert_eq!([0, 1, 249, 250, 251].map(distributed), [0, 2_000, 498_000, 500_000, 500_000]);
        assert_eq!([499, 500, 501].map(distributed), [500_000, 1_000_000, 1_000_000]);
        let without_threshold = MonthTerms { threshold: 0, ..capped };
        assert_eq!([0, 1].map(|points| split(&without_threshold, points).distributed), [0, 1_000_000]);
        let whole = MonthTerms { below_bps: 10_000, ..capped };
        assert_eq!(split(&whole, 499).distributed, 998_000);
    }

    proptest! {
        #[test]
        fn nothing_is_created_and_nothing_is_lost(
            pool: u64, points in prop::collection::vec(0u64..1 << 50, 0..50), threshold: u64, below_bps in 0u16..=11_000,
            cap_per_point: bool,
        ) {
            let total: u64 = points.iter().sum();
            let s = split(&MonthTerms { pool, threshold, below_bps, cap_per_point }, total);
            prop_assert_eq!(s.distributed + s.to_reserve, pool);
            let paid: u128 = points.iter().map(|p| u128::from(payout(s.distributed, *p, total))).sum();
            prop_assert!(paid <= u128::from(s.distributed));
            // flooring loses less than one base unit for each contributor
            if total > 0 { prop_assert!(u128::from(s.distributed) - paid < points.len().max(1) as u128); }
        }

        #[test]
        fn a_payout_depends_on_nobody_else(pool: u64, p in 0u64..1 << 60, rest in 0u64..1 << 60) {
            let total = p + rest;
            let d = split(&terms(pool), total).distributed;
            let expected = (u128::from(d) * u128::from(p)).checked_div(u128::from(total)).unwrap_or(0);
            prop_assert_eq!(u128::from(payout(d, p, total)), expected);
        }

        #[test]
        fn a_capped_payout_never_passes_the_cap_and_the_cap_only_lowers(
            pool: u64, threshold in 1u64.., p in 0u64..1 << 62, rest in 0u64..1 << 62, below_bps in 0u16..=10_000,
        ) {
            let open = MonthTerms { pool, threshold, below_bps, cap_per_point: false };
            let capped = split(&MonthTerms { cap_per_point: true, ..open }, p + rest);
            prop_assert!(capped.distributed <= split(&open, p + rest).distributed);
            let most = u128::from(pool) * u128::from(p) / u128::from(threshold);
            prop_assert!(u128::from(payout(capped.distributed, p, p + rest)) <= most);
        }
    }
}
