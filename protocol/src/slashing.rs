//! What an oracle loses when its vote is overturned, and who gets it.
//!
//! ```text
//! loss       = floor(bond * slash / 10,000)
//! challenger = floor(loss * challenger share / 10,000)
//! buyer      = floor(loss * buyer share / 10,000)
//! burned     = loss - challenger - buyer
//! ```
//!
//! All amounts are base units of the token, all products are taken in 128 bits.

use crate::month::BPS;

/// A lost bond in its parts, base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// To who contested the verdict.
    pub challenger: u64,
    /// To the order's buyer.
    pub buyer: u64,
    /// Out of existence.
    pub burned: u64,
}

/// What is lost of `bond`, rounded down. `slash_bps` above 10,000 counts as 10,000.
#[must_use]
pub fn loss(bond: u64, slash_bps: u16) -> u64 {
    share(bond, slash_bps)
}

/// Splits `lost` base units; nothing where the two shares are more than the whole.
#[must_use]
pub fn split(lost: u64, challenger_bps: u16, buyer_bps: u16) -> Option<Split> {
    if u64::from(challenger_bps) + u64::from(buyer_bps) > BPS {
        return None;
    }
    let (challenger, buyer) = (share(lost, challenger_bps), share(lost, buyer_bps));
    Some(Split { challenger, buyer, burned: lost - challenger - buyer })
}

/// floor(amount * bps / 10,000) for at most 10,000 bps, which therefore fits 64 bits.
#[allow(clippy::cast_possible_truncation)]
fn share(amount: u64, bps: u16) -> u64 {
    (u128::from(amount) * u128::from(u64::from(bps).min(BPS)) / u128::from(BPS)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_burned_part_takes_what_rounding_leaves() {
        assert_eq!(loss(999, 1_000), 99);
        assert_eq!(split(99, 5_000, 2_500), Some(Split { challenger: 49, buyer: 24, burned: 26 }));
        assert_eq!(split(99, 10_000, 0), Some(Split { challenger: 99, buyer: 0, burned: 0 }));
        assert_eq!(split(99, 10_000, 1), None);
        assert_eq!(loss(u64::MAX, 10_000), u64::MAX);
        assert_eq!(loss(u64::MAX, u16::MAX), u64::MAX);
    }

    proptest! {
        #[test]
        fn nothing_is_created_and_nothing_is_lost(bond: u64, slash: u16, challenger in 0u16..=10_000, rest in 0u16..=10_000) {
            let lost = loss(bond, slash);
            prop_assert!(lost <= bond);
            let buyer = rest.min(10_000 - challenger);
            let s = split(lost, challenger, buyer).unwrap();
            prop_assert_eq!(u128::from(s.challenger) + u128::from(s.buyer) + u128::from(s.burned), u128::from(lost));
            prop_assert!(u128::from(s.challenger) * 10_000 <= u128::from(lost) * u128::from(challenger));
            prop_assert!(u128::from(s.buyer) * 10_000 <= u128::from(lost) * u128::from(buyer));
        }
    }
}
