//! How a month's pool is shared out by points.
//!
//! Source: the rules of the platform (README, "The month"). With a total of `T` points, a pool `P`, a
//! threshold `H` and `below` basis points paid under the threshold:
//!
//! ```text
//! T = 0      D = 0
//! 0 < T < H  D = floor(P * below / 10,000)
//! T >= H     D = P
//! payout(p)  = floor(D * p / T)
//! reserve    = P - D, and later the dust D - sum(payout)
//! ```
//!
//! All amounts are base units of the token, all products are taken in 128 bits.

/// Basis points in a whole.
pub const BPS: u64 = 10_000;

/// A month's pool after the threshold was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthSplit {
    /// Base units that contributors may claim.
    pub distributed: u64,
    /// Base units that go to the community reserve at once.
    pub to_reserve: u64,
}

/// Splits a month's `pool` (base units) between contributors and reserve.
///
/// `below_bps` above 10,000 counts as 10,000, so that a month never distributes more than its pool.
#[must_use]
pub fn split(pool: u64, total_points: u64, threshold: u64, below_bps: u16) -> MonthSplit {
    let distributed = if total_points == 0 {
        0
    } else if total_points < threshold {
        share(pool, u64::from(below_bps).min(BPS), BPS)
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

    #[test]
    fn the_founding_vectors_hold() {
        let full = split(10_000, 1_000, 500, 5_000);
        assert_eq!(full, MonthSplit { distributed: 10_000, to_reserve: 0 });
        assert_eq!(payout(full.distributed, 100, 1_000), 1_000);
        let half = split(10_000, 400, 500, 5_000);
        assert_eq!(half, MonthSplit { distributed: 5_000, to_reserve: 5_000 });
        assert_eq!(payout(half.distributed, 100, 400), 1_250);
    }

    #[test]
    fn the_threshold_starts_at_exactly_its_value() {
        assert_eq!(split(7, 0, 500, 5_000).distributed, 0);
        assert_eq!(split(7, 1, 500, 5_000).distributed, 3);
        assert_eq!(split(7, 499, 500, 5_000).distributed, 3);
        assert_eq!(split(7, 500, 500, 5_000).distributed, 7);
        assert_eq!(split(7, 501, 500, 5_000).distributed, 7);
    }

    proptest! {
        #[test]
        fn nothing_is_created_and_nothing_is_lost(
            pool: u64, points in prop::collection::vec(0u64..1 << 50, 0..50), threshold: u64, below in 0u16..=10_000,
        ) {
            let total: u64 = points.iter().sum();
            let s = split(pool, total, threshold, below);
            prop_assert_eq!(s.distributed + s.to_reserve, pool);
            let paid: u128 = points.iter().map(|p| u128::from(payout(s.distributed, *p, total))).sum();
            prop_assert!(paid <= u128::from(s.distributed));
            // flooring loses less than one base unit for each contributor
            if total > 0 { prop_assert!(u128::from(s.distributed) - paid < points.len().max(1) as u128); }
        }

        #[test]
        fn a_payout_depends_on_nobody_else(pool: u64, p in 0u64..1 << 60, rest in 0u64..1 << 60) {
            let total = p + rest;
            let d = split(pool, total, 500, 5_000).distributed;
            let expected = (u128::from(d) * u128::from(p)).checked_div(u128::from(total)).unwrap_or(0);
            prop_assert_eq!(u128::from(payout(d, p, total)), expected);
        }
    }
}
