//! How profit is shared by lifetime points, in one step for any number of holders.
//!
//! An index says how much one point has earned since the beginning, in base units scaled by 2^64. A deposit raises it:
//!
//! ```text
//! scaled    = share * 2^64 + remainder
//! index    += floor(scaled / lifetime points of everybody)
//! remainder = scaled mod lifetime points of everybody
//! ```
//!
//! and a holder whose points did not change since the index was `then` has earned floor(points * (index - then) / 2^64) more.
//! Whoever changes a holder's points settles first. So the sum of what holders earn of a deposit is at most
//! floor(sum of points * step / 2^64) <= share, and rounding never pays more than came in.

/// What a point has earned since the beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProfitIndex {
    /// Base units for each point, scaled by 2^64.
    pub per_point: u128,
    /// What the last deposit left undistributed, scaled by 2^64; less than the points of everybody at that time.
    pub remainder: u64,
}

impl ProfitIndex {
    /// The index after `share` base units came in for the holders of `points` in all. `None` when there are no points, or
    /// when more than 2^64 base units came in altogether.
    #[must_use]
    pub fn after(self, share: u64, points: u64) -> Option<Self> {
        let scaled = (u128::from(share) << 64) + u128::from(self.remainder);
        let step = scaled.checked_div(u128::from(points))?;
        // the rest of a division by a 64-bit number
        let remainder = u64::try_from(scaled - step * u128::from(points)).ok()?;
        Some(Self { per_point: self.per_point.checked_add(step)?, remainder })
    }
}

/// Base units that `points` earned while the index went up from `then` to `now`, rounded down. `None` when it went down, or
/// when the result does not fit, which points that were counted in every deposit cannot reach.
#[must_use]
pub fn accrued(points: u64, then: u128, now: u128) -> Option<u64> {
    let step = now.checked_sub(then)?;
    let (high, low) = (u64::try_from(step >> 64).ok()?, step & u128::from(u64::MAX));
    let fraction = u64::try_from(u128::from(points) * low >> 64).ok()?;
    points.checked_mul(high)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_share_that_divides_reaches_its_holders_whole() {
        let index = ProfitIndex::default().after(1_000, 10).unwrap();
        assert_eq!((accrued(3, 0, index.per_point), accrued(7, 0, index.per_point)), (Some(300), Some(700)));
        let again = index.after(10, 10).unwrap();
        assert_eq!(accrued(3, index.per_point, again.per_point), Some(3));
    }

    #[test]
    fn what_does_not_divide_stays_for_the_next_deposit() {
        // thirds are periodic: the remainder keeps what the index cannot show
        let one = ProfitIndex::default().after(1, 3).unwrap();
        assert_eq!((accrued(3, 0, one.per_point), one.remainder), (Some(0), 1));
        let three = one.after(1, 3).and_then(|i| i.after(1, 3)).unwrap();
        assert_eq!((accrued(3, 0, three.per_point), three.remainder), (Some(3), 0));
    }

    #[test]
    fn the_largest_numbers_are_exact_and_larger_ones_are_refused() {
        let all = ProfitIndex::default().after(u64::MAX, 1).unwrap();
        assert_eq!(accrued(1, 0, all.per_point), Some(u64::MAX));
        assert_eq!(accrued(2, 0, all.per_point), None);
        assert_eq!(all.after(2, 1), None);
        assert_eq!(ProfitIndex::default().after(5, 0), None);
        assert_eq!(accrued(1, 1, 0), None);
        let spread = ProfitIndex::default().after(u64::MAX, u64::MAX).unwrap();
        assert_eq!(accrued(u64::MAX, 0, spread.per_point), Some(u64::MAX));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Deposit(u64),
        Points { holder: usize, points: u64 },
        Claim { holder: usize },
    }

    fn step() -> impl Strategy<Value = Step> {
        let points = prop_oneof![0u64..10, 0u64..1_000_000, 0u64..1 << 60];
        prop_oneof![
            prop_oneof![0u64..100, 0u64..1 << 56].prop_map(Step::Deposit),
            (0usize..6, points).prop_map(|(holder, points)| Step::Points { holder, points }),
            (0usize..6).prop_map(|holder| Step::Claim { holder }),
        ]
    }

    proptest! {
        #[test]
        fn holders_together_never_earn_more_than_came_in_and_each_almost_its_part(
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let (mut index, mut came_in) = (ProfitIndex::default(), 0u64);
            // points, index when they last changed, earned
            let mut holders = [(0u64, 0u128, 0u64); 6];
            // exact parts as fractions would grow without bound: intervals of their rounded sum do not
            let (mut least, mut settled) = ([0u64; 6], [0u64; 6]);
            for step in steps {
                let total: u64 = holders.iter().map(|h| h.0).sum();
                match step {
                    Step::Deposit(share) => {
                        if let Some(after) = index.after(share, total) {
                            prop_assert!(u128::from(after.remainder) < u128::from(total));
                            index = after;
                            came_in += share;
                            for (least, holder) in least.iter_mut().zip(&holders) {
                                let part = u128::from(share) * u128::from(holder.0) / u128::from(total);
                                *least += u64::try_from(part).unwrap();
                            }
                        } else {
                            prop_assert_eq!(total, 0);
                        }
                    }
                    Step::Points { holder, .. } | Step::Claim { holder } => {
                        let (points, then, earned) = &mut holders[holder];
                        *earned += accrued(*points, *then, index.per_point).unwrap();
                        *then = index.per_point;
                        settled[holder] += 1;
                        if let Step::Points { points: new, .. } = step {
                            *points = new;
                        }
                    }
                }
                let sum: u128 = holders.iter().map(|(points, then, earned)| {
                    u128::from(*earned) + u128::from(accrued(*points, *then, index.per_point).unwrap())
                }).sum();
                prop_assert!(sum <= u128::from(came_in));
            }
            for (((points, then, earned), least), settled) in holders.iter().zip(least).zip(settled) {
                // each settlement drops less than one base unit, and the last look another
                let earned = earned + accrued(*points, *then, index.per_point).unwrap();
                prop_assert!(earned + settled + 1 >= least, "{earned} of {least}, settled {settled} times");
            }
        }

        #[test]
        fn earning_in_two_parts_never_earns_more_than_in_one(points: u64, a in 0u128..1 << 64, b in 0u128..1 << 64) {
            let (first, second) = (accrued(points, 0, a).unwrap(), accrued(points, a, a + b).unwrap());
            if let Some(whole) = accrued(points, 0, a + b) {
                prop_assert!(u128::from(first) + u128::from(second) <= u128::from(whole));
            }
        }
    }
}
