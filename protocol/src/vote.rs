//! How much a vote on a grant weighs, and what the votes come to.
//!
//! Source: the rules of the platform (ARCHITECTURE, "How a grant is decided and paid"). A vote weighs the points that its voter had before the month in
//! which the proposal was opened, so that nobody can earn weight once a proposal is known. A voter's account keeps its running
//! total and two steps back ([`crate::points::PointsHistory`]); voting takes at most [`MAX_VOTING_SECONDS`], which is less than any month, so at
//! most one month's end lies between the opening and the last vote, and two steps are always enough.
//!
//! ```text
//! quorum     for + against + abstained >= quorum
//! majority   for > (for + against) * bps / 10,000
//! ```

use crate::{calendar::DAY_SECONDS, month::BPS};

/// The longest time for votes: shorter than the shortest month.
pub const MAX_VOTING_SECONDS: i64 = 27 * DAY_SECONDS;

/// Weights of the votes cast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Votes {
    /// In favour.
    pub in_favour: u64,
    /// Against.
    pub against: u64,
    /// Neither; counts towards the quorum only.
    pub abstained: u64,
}

/// What votes come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// Quorum and majority.
    Carried,
    /// Too few points voted.
    NoQuorum,
    /// Too few of them in favour.
    NoMajority,
}

/// Whether `votes` carry a proposal: at least `quorum` points voted, and more than `approval_bps` of those that did not
/// abstain are in favour.
#[must_use]
pub fn tally(votes: Votes, quorum: u64, approval_bps: u16) -> Tally {
    let decided = u128::from(votes.in_favour) + u128::from(votes.against);
    if decided + u128::from(votes.abstained) < u128::from(quorum) {
        Tally::NoQuorum
    } else if u128::from(votes.in_favour) * u128::from(BPS) > decided * u128::from(approval_bps) {
        Tally::Carried
    } else {
        Tally::NoMajority
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn votes(in_favour: u64, against: u64, abstained: u64) -> Votes {
        Votes { in_favour, against, abstained }
    }

    #[test]
    fn a_quorum_is_reached_at_exactly_its_points_and_abstentions_count() {
        assert_eq!(tally(votes(60, 0, 39), 100, 5_000), Tally::NoQuorum);
        assert_eq!(tally(votes(60, 0, 40), 100, 5_000), Tally::Carried);
        assert_eq!(tally(votes(0, 0, 100), 100, 5_000), Tally::NoMajority);
    }

    #[test]
    fn a_majority_is_more_than_its_share_and_not_exactly_that() {
        assert_eq!(tally(votes(50, 50, 900), 1, 5_000), Tally::NoMajority);
        assert_eq!(tally(votes(51, 50, 0), 1, 5_000), Tally::Carried);
        assert_eq!(tally(votes(2, 1, 0), 1, 6_666), Tally::Carried);
        assert_eq!(tally(votes(2, 1, 0), 1, 6_667), Tally::NoMajority);
        assert_eq!(tally(votes(6_667, 3_333, 0), 1, 6_667), Tally::NoMajority);
        assert_eq!(tally(votes(u64::MAX, u64::MAX - 1, u64::MAX), u64::MAX, 5_000), Tally::Carried);
    }

    proptest! {
        #[test]
        fn a_tally_is_monotone_and_never_carries_both_ways(f: u64, a: u64, n: u64, quorum: u64, bps in 5_000u16..10_000) {
            let carried = |f, a, n| tally(votes(f, a, n), quorum, bps) == Tally::Carried;
            if carried(f, a, n) {
                prop_assert!(!carried(a, f, n));
                prop_assert!(carried(f.saturating_add(1), a, n));
                prop_assert!(carried(f, a, n.saturating_add(1)));
            }
        }
    }
}
