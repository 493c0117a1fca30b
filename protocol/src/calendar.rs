//! Calendar months in UTC, from Unix seconds, without a date library (it runs on chain).
//!
//! Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (proleptic Gregorian calendar), for times from
//! 1970 on. Unsigned throughout: the chain's virtual machine has no signed division. Times before 1970 count as 1970.

/// Seconds in a day of UTC as Unix time counts it (no leap seconds).
pub const DAY_SECONDS: i64 = 86_400;
const DAY: u64 = DAY_SECONDS.unsigned_abs();
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: u64 = 719_468;
const DAYS_PER_ERA: u64 = 146_097;

/// Year and month (1..=12) of a Unix time.
#[must_use]
pub fn year_month(unix_seconds: i64) -> (u32, u8) {
    let z = u64::try_from(unix_seconds).unwrap_or(0) / DAY + EPOCH_DAYS;
    let (era, day_of_era) = (z / DAYS_PER_ERA, z % DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    // i64 seconds reach a year of 3e11: later ones than fit count as the last that does
    (u32::try_from(year).unwrap_or(u32::MAX), u8::try_from(month).unwrap_or(12))
}

/// Unix time of 00:00:00 UTC on the first of a month (1..=12) of a year from 1970 on.
#[must_use]
pub fn month_start(year: u32, month: u8) -> i64 {
    let y = u64::from(year) - u64::from(month <= 2 && year > 0);
    let (era, year_of_era) = (y / 400, y % 400);
    let m = u64::from(month);
    let day_of_year = (153 * (if m > 2 { m - 3 } else { m + 9 }) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = (era * DAYS_PER_ERA + day_of_era).saturating_sub(EPOCH_DAYS);
    i64::try_from(days * DAY).unwrap_or(i64::MAX)
}

/// Unix time at which the month after the one that holds `unix_seconds` begins.
#[must_use]
pub fn next_month_start(unix_seconds: i64) -> i64 {
    let (year, month) = year_month(unix_seconds);
    if month == 12 { month_start(year.saturating_add(1), 1) } else { month_start(year, month + 1) }
}

/// Whether a Unix time is the first second of a calendar month.
#[must_use]
pub fn is_month_start(unix_seconds: i64) -> bool {
    let (year, month) = year_month(unix_seconds);
    month_start(year, month) == unix_seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_months_begin_where_they_should() {
        assert_eq!(month_start(1970, 1), 0);
        assert_eq!(month_start(2026, 1), 1_767_225_600);
        assert_eq!(month_start(2024, 3) - month_start(2024, 2), 29 * DAY_SECONDS);
        assert_eq!(month_start(2100, 3) - month_start(2100, 2), 28 * DAY_SECONDS);
        assert_eq!(next_month_start(month_start(2025, 12)), month_start(2026, 1));
        assert_eq!(next_month_start(month_start(2026, 1) - 1), month_start(2026, 1));
    }

    #[test]
    fn times_outside_the_range_do_not_panic() {
        for t in [i64::MIN, -1, i64::MAX] {
            let _ = (is_month_start(t), next_month_start(t));
        }
        assert!(!is_month_start(-86_400));
    }

    proptest! {
        #[test]
        fn a_month_has_28_to_31_days_and_holds_its_seconds(t in 0i64..8_000_000_000_000) {
            let (y, m) = year_month(t);
            let (start, end) = (month_start(y, m), next_month_start(t));
            prop_assert!(start <= t && t < end);
            prop_assert!((28..=31).contains(&((end - start) / DAY_SECONDS)));
            prop_assert!(is_month_start(end));
            prop_assert!(is_month_start(t) == (t == start));
        }
    }
}
