//! How contributions earn points: their names, and the call by which one program awards them through another.

use solana_sha256_hasher::hashv;

/// The source hash under which a released order of the market scores, from the order's address.
#[must_use]
pub fn order_source(order: &[u8; 32]) -> [u8; 32] {
    hashv(&[b"aixblock:award:order:v1", order]).to_bytes()
}

/// The source hash of a contribution outside the chain, from the link that names it (a pull request, a dataset).
#[must_use]
pub fn link_source(link: &str) -> [u8; 32] {
    hashv(&[b"aixblock:award:link:v1", link.as_bytes()]).to_bytes()
}

/// Discriminator of the rewards program's instruction `issue_award` (`sha256("global:issue_award")[..8]`).
pub const ISSUE_AWARD: [u8; 8] = [127, 98, 219, 75, 40, 47, 52, 26];

/// Instruction data of `issue_award`, as the market sends it: discriminator, source, category (u16), quantity (u64).
#[must_use]
pub fn issue_award_data(source: &[u8; 32], category: u16, quantity: u64) -> [u8; 50] {
    let mut data = [0; 50];
    data[..8].copy_from_slice(&ISSUE_AWARD);
    data[8..40].copy_from_slice(source);
    data[40..42].copy_from_slice(&category.to_le_bytes());
    data[42..].copy_from_slice(&quantity.to_le_bytes());
    data
}

/// A holder's points of all time, with as much of their past as a vote needs: what they were before the last two epochs in
/// which the holder earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointsHistory {
    /// Points of all epochs.
    pub lifetime: u64,
    /// The last epoch with points; 0 also before there were any.
    pub last_epoch: u32,
    /// Points of the epochs before `last_epoch`.
    pub before_last: u64,
    /// The epoch with points before `last_epoch`; 0 also where there is none.
    pub previous_epoch: u32,
    /// Points of the epochs before `previous_epoch`.
    pub before_previous: u64,
}

impl PointsHistory {
    /// The history after `points` of `epoch` were counted. An award that a second key confirmed late may be of an epoch
    /// before the last. `None` when the sum does not fit 64 bits.
    #[must_use]
    pub fn count(mut self, epoch: u32, points: u64) -> Option<Self> {
        let lifetime = self.lifetime.checked_add(points)?;
        if epoch > self.last_epoch {
            (self.previous_epoch, self.before_previous) = (self.last_epoch, self.before_last);
            (self.last_epoch, self.before_last) = (epoch, self.lifetime);
        } else if epoch < self.last_epoch {
            if epoch > self.previous_epoch {
                (self.previous_epoch, self.before_previous) = (epoch, self.before_last);
            } else if epoch < self.previous_epoch {
                self.before_previous += points;
            }
            self.before_last += points;
        }
        self.lifetime = lifetime;
        Some(self)
    }

    /// The history after `points` of `epoch`, which were counted, were taken back. `None` when they were not.
    #[must_use]
    pub fn take_back(mut self, epoch: u32, points: u64) -> Option<Self> {
        self.lifetime = self.lifetime.checked_sub(points)?;
        if epoch < self.last_epoch {
            self.before_last = self.before_last.checked_sub(points)?;
        }
        if epoch < self.previous_epoch {
            self.before_previous = self.before_previous.checked_sub(points)?;
        }
        Some(self)
    }

    /// Points of the epochs before `epoch`: exact unless points were earned in two later epochs and an earlier one, where it
    /// is `None`.
    #[must_use]
    pub fn before(&self, epoch: u32) -> Option<u64> {
        if epoch > self.last_epoch {
            Some(self.lifetime)
        } else if epoch > self.previous_epoch || epoch == self.last_epoch {
            Some(self.before_last)
        } else if epoch == self.previous_epoch || self.before_previous == 0 {
            Some(self.before_previous)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    #[test]
    fn the_discriminator_is_the_frameworks() {
        assert_eq!(ISSUE_AWARD, hashv(&[b"global:issue_award"]).to_bytes()[..8]);
    }

    #[test]
    fn orders_and_links_never_share_a_name() {
        let link = "https://example.org/pull/1";
        assert_ne!(link_source(link), link_source("https://example.org/pull/2"));
        assert_ne!(order_source(&[7; 32]), order_source(&[8; 32]));
    }

    proptest! {
        #[test]
        fn the_history_is_that_of_a_full_record_as_far_back_as_it_goes(
            // how far the epoch of an award lies behind the newest, points, and whether an earlier award is taken back
            steps in prop::collection::vec((0u32..3, 0u32..2, 1u64..1_000, prop::bool::weighted(0.3)), 1..40),
        ) {
            let (mut history, mut newest) = (PointsHistory::default(), 0);
            let mut record: BTreeMap<u32, u64> = BTreeMap::new();
            let mut awards = Vec::new();
            for (step, back, points, take) in steps {
                newest += step;
                let epoch = newest.saturating_sub(back);
                history = history.count(epoch, points).unwrap();
                *record.entry(epoch).or_default() += points;
                awards.push((epoch, points));
                if take {
                    let (epoch, points) = awards.swap_remove(awards.len() / 2);
                    history = history.take_back(epoch, points).unwrap();
                    *record.get_mut(&epoch).unwrap() -= points;
                }
                prop_assert_eq!(history.lifetime, record.values().sum::<u64>());
                for asked in 0..=newest + 1 {
                    let exact: u64 = record.range(..asked).map(|(_, points)| points).sum();
                    if let Some(found) = history.before(asked) {
                        prop_assert_eq!(found, exact, "before {} in {:?} of {:?}", asked, history, record);
                    } else {
                        // unknown only where two later epochs have been earned in
                        prop_assert!(asked < history.previous_epoch);
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_not_counted_is_not_taken_back() {
        let history = PointsHistory::default().count(3, 5).unwrap();
        assert_eq!((history.take_back(3, 6), history.take_back(2, 5)), (None, None));
        assert_eq!(history.count(4, u64::MAX), None);
    }
}
