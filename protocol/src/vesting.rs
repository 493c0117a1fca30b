//! How much the months and the token generation event may give out together.

/// Months that a schedule holds: ten years.
pub const MONTHS: usize = 120;

/// The contributors' part of the supply in basis points: 9.75 %.
pub const CONTRIBUTORS_BPS: u64 = 975;

/// Base units that contributors may ever get of a `supply` in base units.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a part of a 64-bit number fits 64 bits")]
pub fn allocation(supply: u64) -> u64 {
    (u128::from(supply) * u128::from(CONTRIBUTORS_BPS) / 10_000) as u64
}

/// The sum of a schedule after some of its months, which held `before`, hold `after`. `None` when it does not fit.
#[must_use]
pub fn rescheduled(sum: u64, before: &[u64], after: &[u64]) -> Option<u64> {
    let left = before.iter().try_fold(sum, |sum, pool| sum.checked_sub(*pool))?;
    after.iter().try_fold(left, |sum, pool| sum.checked_add(*pool))
}

/// Whether the months, `scheduled` in all, and the pool of the token generation event stay within the allocation.
#[must_use]
pub fn fits(scheduled: u64, generation_pool: u64, allocation: u64) -> bool {
    scheduled.checked_add(generation_pool).is_some_and(|sum| sum <= allocation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contributors_get_975_of_10_000_rounded_down() {
        assert_eq!(allocation(1_000_000_000), 97_500_000);
        assert_eq!((allocation(0), allocation(10), allocation(11)), (0, 0, 1));
        assert_eq!(u128::from(allocation(u64::MAX)), u128::from(u64::MAX) * 975 / 10_000);
    }

    #[test]
    fn the_allocation_is_reached_and_not_passed() {
        let most = allocation(1_000_000);
        assert!(fits(most - 7, 7, most) && !fits(most - 7, 8, most) && !fits(u64::MAX, 1, u64::MAX));
    }

    proptest! {
        #[test]
        fn the_kept_sum_is_the_sum_of_the_months(
            mut months in prop::collection::vec(0u64..1 << 50, MONTHS), first in 0usize..MONTHS,
            after in prop::collection::vec(0u64..1 << 50, 1..=12),
        ) {
            let sum: u64 = months.iter().sum();
            let last = (first + after.len()).min(MONTHS);
            let after = &after[..last - first];
            let kept = rescheduled(sum, &months[first..last], after).unwrap();
            months[first..last].copy_from_slice(after);
            prop_assert_eq!(kept, months.iter().sum::<u64>());
        }
    }
}
