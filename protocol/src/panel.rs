//! A fresh panel of oracles for a disputed verdict: when it sits, and who sits on it.
//!
//! A dispute that was answered is decided within its window of resolution, which lasts `resolve_seconds` and ends at
//! `resolve_by`. Its first quarter is for convening, drawing and sealing, its second for showing votes; only its second half is
//! the administrator's, for where no panel came to a verdict.

use solana_sha256_hasher::hashv;

const DRAW: &[u8] = b"aixblock/panel/draw/v1";

/// The most members of a panel.
pub const MAX_MEMBERS: usize = 7;

/// What a member of a panel votes.
pub mod ballot {
    /// The result is what the manifest leads to.
    pub const ACCEPT: u8 = 1;
    /// It is not.
    pub const REJECT: u8 = 2;
    /// It is not, and every oracle that judged it had to find that: in what each of them reads, or replays.
    pub const REJECT_PLAIN: u8 = 3;
}

/// The second from which no member seals a vote any more and votes are shown, even if members are missing.
#[must_use]
pub const fn sealing_ends(resolve_by: i64, resolve_seconds: i64) -> i64 {
    sits_until(resolve_by, resolve_seconds).saturating_sub(resolve_seconds >> 2)
}

/// The second from which the administrator may decide.
#[must_use]
pub const fn sits_until(resolve_by: i64, resolve_seconds: i64) -> i64 {
    // a shift: the chain's machine cannot divide signed numbers; rounded so that the shortest window leaves the administrator a
    // second
    resolve_by.saturating_sub(resolve_seconds - (resolve_seconds >> 1))
}

/// Votes that decide on a panel of `size` members.
#[must_use]
pub const fn threshold(size: u8) -> u8 {
    size / 2 + 1
}

/// Draws `size` of the `candidates`, a bit for each; nothing where there are fewer.
///
/// The i-th member drawn is the (h mod n)-th of the n candidates that are left, from the lowest bit, where h is the little-endian
/// number in the first 8 bytes of `SHA-256("aixblock/panel/draw/v1" | seed | i)`.
#[must_use]
pub fn draw(candidates: u16, size: u8, seed: &[u8; 32]) -> Option<u16> {
    let (mut left, mut drawn) = (candidates, 0);
    for i in 0..size {
        let count = u64::from(left.count_ones());
        let hash = hashv(&[DRAW, seed, &[i]]).to_bytes();
        let number = u64::from_le_bytes(*hash.first_chunk()?);
        let place = number.checked_rem(count)?;
        let mut rest = left;
        for _ in 0..place {
            // without its lowest bit
            rest &= rest.wrapping_sub(1);
        }
        let member = rest & rest.wrapping_neg();
        left &= !member;
        drawn |= member;
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn as_many_candidates_are_drawn_as_a_panel_has_seats(candidates: u16, size in 0u8..=16, seed: [u8; 32]) {
            let drawn = draw(candidates, size, &seed);
            if u32::from(size) <= candidates.count_ones() {
                let drawn = drawn.unwrap();
                prop_assert_eq!(drawn.count_ones(), u32::from(size));
                prop_assert_eq!(drawn & !candidates, 0);
            } else {
                prop_assert_eq!(drawn, None);
            }
        }
    }

    #[test]
    fn every_candidate_is_drawn_about_equally_often() {
        let mut times = [0u32; 16];
        for trial in 0..8_000u32 {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&trial.to_le_bytes());
            let drawn = draw(0b0101_0110_1110_0011, 3, &seed).unwrap();
            (0..16).filter(|bit| drawn & (1 << bit) != 0).for_each(|bit| times[bit] += 1);
        }
        // 9 candidates, 3 seats: 2,667 times each, with a standard deviation of 42
        assert!(times.iter().all(|times| *times == 0 || (2_450..2_880).contains(times)), "{times:?}");
        assert_eq!(times.iter().filter(|times| **times > 0).count(), 9);
    }

    #[test]
    fn a_panel_seals_in_the_first_quarter_and_shows_in_the_second() {
        assert_eq!((sealing_ends(1_000, 400), sits_until(1_000, 400)), (700, 800));
        assert_eq!((sealing_ends(1_000, 7), sits_until(1_000, 7)), (995, 996));
        assert_eq!((sealing_ends(1_000, 1), sits_until(1_000, 1)), (999, 999));
        assert_eq!(sealing_ends(i64::MIN, i64::MAX), i64::MIN);
        assert_eq!([1, 2, 3, 5, 7].map(threshold), [1, 2, 2, 3, 4]);
    }
}
