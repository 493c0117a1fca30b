//! What a rental earns by the second.
//!
//! ```text
//! deposit      = rate * hours
//! earned(s)    = min(floor(rate * s / 3,600), deposit)
//! fee(earned)  = floor(earned * fee / 10,000)
//! paid(earned) = earned - fee(earned)
//! ```
//!
//! Rates are base units for an hour. All functions grow with the time, so that what is earned, its fee and its payment at any
//! second do not depend on how often somebody withdrew before. All products are taken in 128 bits.

use crate::month::BPS;

/// Seconds in an hour.
pub const HOUR_SECONDS: u64 = 3_600;

/// What was earned, in its parts, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To the provider.
    pub paid: u64,
    /// To the treasury.
    pub fee: u64,
}

/// The price of `hours` at `rate`; nothing where it does not fit 64 bits.
#[must_use]
pub const fn deposit(rate: u64, hours: u64) -> Option<u64> {
    rate.checked_mul(hours)
}

/// What `seconds` at `rate` earn, rounded down, and never more than `deposit`.
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn earned(rate: u64, seconds: u64, deposit: u64) -> u64 {
    // 128 bits hold the product of two numbers of 64; what is at most a number of 64 bits fits 64
    (u128::from(rate) * u128::from(seconds) / u128::from(HOUR_SECONDS)).min(u128::from(deposit)) as u64
}

/// Splits all that was `earned` since the start; the fee is rounded down in the provider's favour. `fee_bps` above 10,000
/// counts as 10,000.
#[must_use]
#[allow(clippy::cast_possible_truncation)]
pub fn split(earned: u64, fee_bps: u16) -> Split {
    let fee = (u128::from(earned) * u128::from(u64::from(fee_bps).min(BPS)) / u128::from(BPS)) as u64;
    Split { paid: earned - fee, fee }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_second_counts_and_none_twice() {
        let deposit = deposit(3_600, 2).unwrap();
        assert_eq!(earned(3_600, 0, deposit), 0);
        assert_eq!(earned(3_600, 1, deposit), 1);
        assert_eq!(earned(3_600, 7_199, deposit), 7_199);
        assert_eq!(earned(3_600, 7_200, deposit), 7_200);
        assert_eq!(earned(3_600, 7_201, deposit), 7_200);
        // less than a unit a second: the unit is earned in the second in which it is whole
        assert_eq!((earned(1, 3_599, 1), earned(1, 3_600, 1)), (0, 1));
    }

    #[test]
    fn the_largest_amounts_are_exact() {
        assert_eq!(deposit(u64::MAX, 1), Some(u64::MAX));
        assert_eq!(deposit(u64::MAX, 2), None);
        assert_eq!(earned(u64::MAX, 3_600, u64::MAX), u64::MAX);
        assert_eq!(earned(u64::MAX, 3_599, u64::MAX), (u128::from(u64::MAX) * 3_599 / 3_600) as u64);
        assert_eq!(earned(u64::MAX, u64::MAX, u64::MAX), u64::MAX);
        assert_eq!(split(u64::MAX, 1_000), Split { paid: u64::MAX - u64::MAX / 10, fee: u64::MAX / 10 });
        assert_eq!(split(u64::MAX, u16::MAX), Split { paid: 0, fee: u64::MAX });
    }

    proptest! {
        #[test]
        fn the_deposit_is_earned_in_exactly_its_hours(rate in 1u64..1 << 40, hours in 1u64..1 << 20) {
            let (deposit, end) = (deposit(rate, hours).unwrap(), hours * HOUR_SECONDS);
            prop_assert_eq!(earned(rate, end, deposit), deposit);
            prop_assert!(earned(rate, end - 1, deposit) < deposit || rate < HOUR_SECONDS);
            prop_assert_eq!(earned(rate, end + 1, deposit), deposit);
        }

        #[test]
        fn nobody_gains_by_withdrawing_more_often(
            rate: u64, deposit: u64, fee in 0u16..=10_000, mut seconds in prop::collection::vec(0u64..1 << 34, 1..20),
        ) {
            seconds.sort_unstable();
            let mut last = Split::default();
            for second in &seconds {
                let now = split(earned(rate, *second, deposit), fee);
                prop_assert!(now.paid >= last.paid && now.fee >= last.fee);
                prop_assert!(u128::from(now.paid) + u128::from(now.fee) <= u128::from(deposit));
                last = now;
            }
        }

        #[test]
        fn what_is_earned_is_the_rate_rounded_down(rate: u64, seconds: u64, deposit: u64) {
            let earned = u128::from(earned(rate, seconds, deposit));
            let exact = u128::from(rate) * u128::from(seconds);
            prop_assert!(earned * 3_600 <= exact);
            prop_assert!(earned == u128::from(deposit) || (earned + 1) * 3_600 > exact);
        }
    }
}
