//! How much a vote on a grant weighs, and what the votes come to.
//!
//! Source: the rules of the platform (ARCHITECTURE, "How a grant is decided and paid"). A vote weighs the points that its voter had before the month in
//! which the proposal was opened, so that nobody can earn weight once a proposal is known. A voter's account keeps its running
//! total and two steps back ([`History`]); voting takes at most [`MAX_VOTING_SECONDS`], which is less than any month, so at
//! most one month's end lies between the opening and the last vote, and two steps are always enough.
//!
//! ```text
//! quorum     for + against + abstained >= quorum
//! majority   for > (for + against) * bps / 10,000
//! ```

use crate::{calendar::DAY_SECONDS, month::BPS};

/// The longest time for votes: shorter than the shortest month.
pub const MAX_VOTING_SECONDS: i64 = 27 * DAY_SECONDS;

/// A wallet's points of all time, and what they were before the two latest epochs in which it earned any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Points of all time.
    pub lifetime: u64,
    /// Epoch of the latest award.
    pub last_epoch: u32,
    /// Points of the epochs before `last_epoch`.
    pub before_last: u64,
    /// The epoch with awards before `last_epoch`; 0 where there is none.
    pub previous_epoch: u32,
    /// Points of the epochs before `previous_epoch`.
    pub before_previous: u64,
}

impl History {
    /// Counts an award of `points` in `epoch`, which is never earlier than the last one's; `None` where it is, or where the
    /// points pass 64 bits.
    #[must_use]
    pub fn award(self, epoch: u32, points: u64) -> Option<Self> {
        let lifetime = self.lifetime.checked_add(points)?;
        match epoch.checked_sub(self.last_epoch)? {
            0 => Some(Self { lifetime, ..self }),
            _ => Some(Self {
                lifetime,
                last_epoch: epoch,
                before_last: self.lifetime,
                previous_epoch: self.last_epoch,
                before_previous: self.before_last,
            }),
        }
    }

    /// Takes back `points` that were awarded in `epoch`; `None` where it never had so many.
    #[must_use]
    pub fn void(self, epoch: u32, points: u64) -> Option<Self> {
        let holds = |before: u64, step: u32| if step > epoch { before.checked_sub(points) } else { Some(before) };
        Some(Self {
            lifetime: self.lifetime.checked_sub(points)?,
            before_last: holds(self.before_last, self.last_epoch)?,
            before_previous: holds(self.before_previous, self.previous_epoch)?,
            ..self
        })
    }

    /// Points of the epochs before `snapshot`, or `None` where both steps are later: the wallet earned in two epochs after
    /// the snapshot's.
    #[must_use]
    pub fn before(&self, snapshot: u32) -> Option<u64> {
        if self.last_epoch < snapshot {
            Some(self.lifetime)
        } else if self.previous_epoch < snapshot {
            // nothing was earned between the two steps
            Some(self.before_last)
        } else if self.previous_epoch == snapshot {
            Some(self.before_previous)
        } else {
            None
        }
    }
}

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

    #[test]
    fn points_of_the_opening_month_and_later_ones_do_not_weigh() {
        let history = History::default().award(0, 5).unwrap().award(2, 10).unwrap().award(3, 100).unwrap();
        assert_eq!(history.before(4), Some(115));
        assert_eq!(history.before(3), Some(15));
        assert_eq!(history.before(2), Some(5));
        assert_eq!(history.before(1), None);
    }

    /// What really happened: points by epoch.
    #[derive(Debug)]
    struct Ledger(Vec<u64>);

    impl Ledger {
        fn before(&self, snapshot: usize) -> u64 {
            self.0[..snapshot].iter().sum()
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// Epochs later, points.
        Award(usize, u64),
        /// Epochs back, a share of what was earned there in 1/8.
        Void(usize, u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (prop_oneof![3 => Just(0usize), 2 => Just(1), 1 => 2..5usize], 1..1_000_000u64).prop_map(|(e, p)| Step::Award(e, p)),
            1 => (0..3usize, 0..=8u64).prop_map(|(e, p)| Step::Void(e, p)),
        ]
    }

    proptest! {
        #[test]
        fn a_weight_is_what_was_earned_before_the_snapshot(steps in prop::collection::vec(step(), 0..60)) {
            let (mut ledger, mut history, mut now) = (Ledger(vec![0; 400]), History::default(), 0usize);
            for step in steps {
                match step {
                    Step::Award(later, points) => {
                        now += later;
                        ledger.0[now] += points;
                        history = history.award(u32::try_from(now).unwrap(), points).unwrap();
                    }
                    Step::Void(back, eighths) => {
                        let epoch = now.saturating_sub(back);
                        let points = ledger.0[epoch] * eighths / 8;
                        ledger.0[epoch] -= points;
                        history = history.void(u32::try_from(epoch).unwrap(), points).unwrap();
                    }
                }
                prop_assert_eq!(history.lifetime, ledger.before(400));
                // a vote comes in the epoch of its proposal's opening or the next
                for snapshot in now.saturating_sub(1)..now + 4 {
                    prop_assert_eq!(history.before(u32::try_from(snapshot).unwrap()), Some(ledger.before(snapshot)));
                }
                // and further back the answer is right or none
                for snapshot in 0..now {
                    let weight = history.before(u32::try_from(snapshot).unwrap());
                    prop_assert!(weight.is_none_or(|weight| weight == ledger.before(snapshot)));
                }
            }
        }

        #[test]
        fn an_award_of_an_earlier_epoch_is_refused(epoch in 1u32.., back in 1u32.., points: u64) {
            let history = History::default().award(epoch, 1).unwrap();
            prop_assert_eq!(history.award(epoch.saturating_sub(back), points), None);
        }

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
