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
//! and a holder whose points did not change since the index was `then` has earned points * (index - then) more, scaled by 2^64
//! too, so that nothing is lost however often a holder is settled. Whoever changes a holder's points settles first. So the sum
//! of what holders earn of a deposit is sum of points * step <= share * 2^64, and what is paid, rounded down, never passes what
//! came in.

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

/// What `points` earned while the index went up from `then` to `now`, in base units scaled by 2^64. `None` when it went down, or
/// when the result does not fit, which points that were counted in every deposit cannot reach.
#[must_use]
pub fn accrued(points: u64, then: u128, now: u128) -> Option<u128> {
    now.checked_sub(then)?.checked_mul(u128::from(points))
}

/// Splits what is owed, scaled by 2^64, into the base units that can be paid and the fraction that stays owed.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "the upper half of 128 bits")]
pub fn payable(owed: u128) -> (u64, u128) {
    ((owed >> 64) as u64, owed & u128::from(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base_units(points: u64, then: u128, now: u128) -> Option<u64> {
        accrued(points, then, now).map(|owed| payable(owed).0)
    }

    #[test]
    fn a_share_that_divides_reaches_its_holders_whole() {
        let index = ProfitIndex::default().after(1_000, 10).unwrap();
        assert_eq!((base_units(3, 0, index.per_point), base_units(7, 0, index.per_point)), (Some(300), Some(700)));
        let again = index.after(10, 10).unwrap();
        assert_eq!(base_units(3, index.per_point, again.per_point), Some(3));
    }

    #[test]
    fn what_does_not_divide_stays_for_the_next_deposit() {
        // thirds are periodic: the remainder keeps what the index cannot show
        let one = ProfitIndex::default().after(1, 3).unwrap();
        assert_eq!((base_units(3, 0, one.per_point), one.remainder), (Some(0), 1));
        let three = one.after(1, 3).and_then(|i| i.after(1, 3)).unwrap();
        assert_eq!((base_units(3, 0, three.per_point), three.remainder), (Some(3), 0));
    }

    #[test]
    fn the_largest_numbers_are_exact_and_larger_ones_are_refused() {
        let all = ProfitIndex::default().after(u64::MAX, 1).unwrap();
        assert_eq!(base_units(1, 0, all.per_point), Some(u64::MAX));
        assert_eq!(accrued(2, 0, all.per_point), None);
        assert_eq!(all.after(2, 1), None);
        assert_eq!(ProfitIndex::default().after(5, 0), None);
        assert_eq!(accrued(1, 1, 0), None);
        let spread = ProfitIndex::default().after(u64::MAX, u64::MAX).unwrap();
        assert_eq!(base_units(u64::MAX, 0, spread.per_point), Some(u64::MAX));
        assert_eq!(payable(u128::MAX), (u64::MAX, u128::from(u64::MAX)));
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

    #[derive(Clone, Copy, Default)]
    struct Holder {
        points: u64,
        then: u128,
        owed: u128,
        paid: u64,
        /// At least this much, by whole base units of each deposit.
        least: u64,
    }

    proptest! {
        #[test]
        fn holders_together_are_never_paid_more_than_came_in_and_each_gets_its_part(
            steps in prop::collection::vec(step(), 1..120),
        ) {
            let (mut index, mut came_in) = (ProfitIndex::default(), 0u64);
            let mut holders = [Holder::default(); 6];
            for step in steps {
                let total: u64 = holders.iter().map(|h| h.points).sum();
                match step {
                    Step::Deposit(share) => {
                        let Some(after) = index.after(share, total) else {
                            prop_assert_eq!(total, 0);
                            continue;
                        };
                        prop_assert!(u128::from(after.remainder) < u128::from(total));
                        index = after;
                        came_in += share;
                        for holder in &mut holders {
                            let part = u128::from(share) * u128::from(holder.points) / u128::from(total);
                            holder.least += u64::try_from(part).unwrap();
                        }
                    }
                    Step::Points { holder, .. } | Step::Claim { holder } => {
                        let holder = &mut holders[holder];
                        holder.owed += accrued(holder.points, holder.then, index.per_point).unwrap();
                        holder.then = index.per_point;
                        if let Step::Points { points, .. } = step {
                            holder.points = points;
                        } else {
                            let (paid, rest) = payable(holder.owed);
                            (holder.owed, holder.paid) = (rest, holder.paid + paid);
                        }
                    }
                }
                // all that was paid and is owed, exactly
                let sum = holders.iter().try_fold(0u128, |sum, h| {
                    let owed = h.owed.checked_add(accrued(h.points, h.then, index.per_point)?)?;
                    sum.checked_add((u128::from(h.paid) << 64).checked_add(owed)?)
                });
                prop_assert!(sum.unwrap() <= u128::from(came_in) << 64);
            }
            for h in holders {
                let owed = h.owed + accrued(h.points, h.then, index.per_point).unwrap();
                // a deposit that does not divide leaves less than a base unit for all points together
                prop_assert!(h.paid + payable(owed).0 + 1 >= h.least, "{} and {} of {}", h.paid, owed, h.least);
            }
        }

        #[test]
        fn settling_often_earns_what_settling_once_earns(points in 0u64..1 << 40, a in 0u128..1 << 80, b in 0u128..1 << 80) {
            let (first, second) = (accrued(points, 0, a).unwrap(), accrued(points, a, a + b).unwrap());
            prop_assert_eq!(first + second, accrued(points, 0, a + b).unwrap());
        }
    }
}
