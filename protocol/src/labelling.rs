//! Labelling that is judged by hidden gold labels.
//!
//! ```text
//! task        what the buyer orders; its hash is the order's manifest hash
//! gold        items whose label the buyer knows; the task holds only their hash, under a random salt
//! answers     one byte for each item; the labeller commits to the root over leaves of 256 answers
//! agreement   gold items whose answer is their label, out of all of them
//! ```
//!
//! The buyer fixes the gold before anybody labels, and shows it after the answers are fixed: neither side can fit its own to
//! the other's.

use crate::digest::{Digest, content_address, tagged};

/// Answers in one leaf.
pub const LEAF_ANSWERS: u32 = 256;
/// The most gold items: their list fits into one transaction.
pub const MAX_GOLD: usize = 64;
/// The most items: the proof of a leaf among so many fits into one transaction beside its answers.
pub const MAX_ITEMS: u32 = LEAF_ANSWERS << 16;
/// All, in basis points.
pub const ALL_BPS: u16 = 10_000;

const TASK_MAGIC: &[u8] = b"aixblock/labelling-task/v1\0";
const TASK_BYTES: usize = TASK_MAGIC.len() + 4 + 1 + 2 + 2 + 32 + 32;
const GOLD: &[u8] = b"aixblock/labelling/gold/v1";
const ANSWERS: &[u8] = b"aixblock/labelling/answers/v1";

/// What a buyer orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Items to label, 1 to [`MAX_ITEMS`].
    pub items: u32,
    /// Gold items among them, 1 to [`MAX_GOLD`].
    pub gold_count: u8,
    /// Agreement below which nothing is paid, in basis points.
    pub floor_bps: u16,
    /// Agreement from which all is paid; between the two the pay grows in a straight line.
    pub full_bps: u16,
    /// [`gold_hash`] of the gold items.
    pub gold: Digest,
    /// Content address of the items and of the instructions for labelling them.
    pub brief: Digest,
}

/// An item whose label the buyer knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoldItem {
    /// Place of the item, from 0.
    pub item: u32,
    /// Its label.
    pub label: u8,
}

impl Task {
    /// The bytes whose plain SHA-256 is the task's hash and content address.
    #[must_use]
    pub fn encode(&self) -> [u8; TASK_BYTES] {
        let mut bytes = [0; TASK_BYTES];
        let fields: [&[u8]; 7] = [
            TASK_MAGIC,
            &self.items.to_le_bytes(),
            &[self.gold_count],
            &self.floor_bps.to_le_bytes(),
            &self.full_bps.to_le_bytes(),
            &self.gold.0,
            &self.brief.0,
        ];
        let mut at = 0;
        for field in fields {
            bytes[at..at + field.len()].copy_from_slice(field);
            at += field.len();
        }
        bytes
    }

    /// The hash that an order carries.
    #[must_use]
    pub fn hash(&self) -> Digest {
        content_address(&self.encode())
    }

    /// Whether the numbers are within their bounds. A labeller accepts no other task.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        let gold = self.gold_count as u32;
        0 < gold
            && gold <= MAX_GOLD as u32
            && gold <= self.items
            && self.items <= MAX_ITEMS
            && self.floor_bps <= self.full_bps
            && self.full_bps <= ALL_BPS
    }

    /// Leaves of the tree over the answers.
    #[must_use]
    pub const fn leaves(&self) -> u32 {
        self.items.div_ceil(LEAF_ANSWERS)
    }

    /// What `correct` of the gold items earn, in basis points of the order's amount.
    #[must_use]
    pub fn payable_bps(&self, correct: u8) -> u16 {
        let (gold, all) = (u64::from(self.gold_count), u64::from(ALL_BPS));
        // both sides of each comparison are multiplied by the count, so that nothing is rounded before the end
        let reached = u64::from(correct) * all;
        let (floor, full) = (u64::from(self.floor_bps) * gold, u64::from(self.full_bps) * gold);
        match () {
            () if reached >= full => ALL_BPS,
            () if reached < floor => 0,
            // below 10,000, because reached is below full
            () => u16::try_from(all * (reached - floor) / (full - floor)).unwrap_or(ALL_BPS),
        }
    }
}

#[cfg(not(target_os = "solana"))]
impl Task {
    /// Reads a task back from [`Task::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, crate::codec::DecodeError> {
        let mut input = crate::codec::Reader::new(bytes, TASK_MAGIC, "a labelling task")?;
        let u16 = |bytes: &[u8]| u16::from_le_bytes([bytes[0], bytes[1]]);
        let task = Self {
            items: input.u32()?,
            gold_count: input.u8()?,
            floor_bps: u16(input.take(2)?),
            full_bps: u16(input.take(2)?),
            gold: input.digest()?,
            brief: input.digest()?,
        };
        input.finish()?;
        if task.is_valid() { Ok(task) } else { Err(crate::codec::DecodeError::BadValue("a labelling task")) }
    }
}

/// Hash under which the gold is hidden: `salt` is random and secret until the gold is shown.
#[must_use]
pub fn gold_hash(salt: &[u8; 32], gold: &[GoldItem]) -> Digest {
    let mut list = Vec::with_capacity(5 * gold.len());
    for item in gold {
        list.extend_from_slice(&item.item.to_le_bytes());
        list.push(item.label);
    }
    tagged(GOLD, &[salt, &list])
}

/// Whether a list of gold can be judged by: as many items as the task says, each one of the task's, in rising order and so
/// none twice.
#[must_use]
pub fn is_gold_of(task: &Task, gold: &[GoldItem]) -> bool {
    gold.len() == usize::from(task.gold_count)
        && gold.windows(2).all(|pair| pair[0].item < pair[1].item)
        && gold.last().is_some_and(|last| last.item < task.items)
}

/// Leaf of the answers to the items from `LEAF_ANSWERS * index` on.
#[must_use]
pub fn answers_leaf(index: u32, answers: &[u8]) -> Digest {
    tagged(ANSWERS, &[&index.to_le_bytes(), answers])
}

/// Leaves of all answers, in order.
#[must_use]
pub fn answers_leaves(answers: &[u8]) -> Vec<Digest> {
    (0..).zip(answers.chunks(LEAF_ANSWERS as usize)).map(|(index, leaf)| answers_leaf(index, leaf)).collect()
}

/// Until when the gold and the answers may be shown, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The buyer shows the gold before this.
    pub gold_by: i64,
    /// The labeller shows answers before this; then anybody may count.
    pub answers_by: i64,
}

/// The windows of an order whose audit ends at `audit_by` and whose windows for resolving have `resolve_seconds`. The market
/// leaves as many seconds again for carrying the verdict to the order; then it pays in full.
#[must_use]
pub const fn windows(audit_by: i64, resolve_seconds: i64) -> Windows {
    Windows { gold_by: audit_by, answers_by: audit_by.saturating_add(resolve_seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::DecodeError;
    use proptest::prelude::*;

    fn task(gold_count: u8, floor_bps: u16, full_bps: u16) -> Task {
        Task { items: 1_000, gold_count, floor_bps, full_bps, gold: Digest([1; 32]), brief: Digest([2; 32]) }
    }

    #[test]
    fn pay_is_nothing_below_the_floor_and_all_from_full_on() {
        let task = task(10, 6_000, 9_000);
        let pay: Vec<u16> = (0..=10).map(|correct| task.payable_bps(correct)).collect();
        assert_eq!(pay, [0, 0, 0, 0, 0, 0, 0, 3_333, 6_666, 10_000, 10_000]);
    }

    #[test]
    fn with_floor_and_full_equal_pay_is_all_or_nothing() {
        let task = task(3, 6_667, 6_667);
        assert_eq!([0, 1, 2, 3].map(|correct| task.payable_bps(correct)), [0, 0, 0, 10_000]);
        assert_eq!(Task { floor_bps: 0, full_bps: 0, ..task }.payable_bps(0), 10_000);
    }

    #[test]
    fn a_task_out_of_bounds_is_not_valid() {
        let good = task(64, 5_000, 9_000);
        assert!(good.is_valid());
        for bad in [
            Task { gold_count: 0, ..good },
            Task { gold_count: 65, ..good },
            Task { items: 63, ..good },
            Task { items: MAX_ITEMS + 1, ..good },
            Task { floor_bps: 9_001, ..good },
            Task { full_bps: 10_001, ..good },
        ] {
            assert!(!bad.is_valid(), "{bad:?}");
            assert_eq!(Task::decode(&bad.encode()), Err(DecodeError::BadValue("a labelling task")));
        }
        assert!(Task { items: MAX_ITEMS, ..good }.is_valid());
    }

    #[test]
    fn a_task_reads_back_and_nothing_else_does() {
        let task = task(5, 1, 2);
        assert_eq!(Task::decode(&task.encode()), Ok(task));
        assert_eq!(Task::decode(&task.encode()[1..]), Err(DecodeError::WrongFormat("a labelling task")));
        assert_eq!(Task::decode(&task.encode()[..99]), Err(DecodeError::Truncated));
        assert_eq!(Task::decode(&[&task.encode()[..], &[0]].concat()), Err(DecodeError::TrailingBytes(1)));
    }

    #[test]
    fn gold_is_in_rising_order_within_the_items() {
        let task = task(2, 0, 0);
        let gold = |items: &[u32]| items.iter().map(|&item| GoldItem { item, label: 0 }).collect::<Vec<_>>();
        assert!(is_gold_of(&task, &gold(&[0, 999])));
        for bad in [&[0, 1_000][..], &[5, 5], &[6, 5], &[1], &[1, 2, 3], &[]] {
            assert!(!is_gold_of(&task, &gold(bad)), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn pay_never_falls_when_more_is_correct(gold in 1u8..=64, floor in 0u16..=10_000, width in 0u16..=10_000) {
            let task = task(gold, floor, (floor + width).min(ALL_BPS));
            let pay: Vec<u16> = (0..=gold).map(|correct| task.payable_bps(correct)).collect();
            prop_assert!(pay.is_sorted());
            prop_assert_eq!(pay[usize::from(gold)], ALL_BPS);
            for (correct, pay) in (0u32..).zip(pay) {
                // the plain rule, in fractions of 10,000 x gold
                let reached = f64::from(correct) / f64::from(gold) * 1e4;
                let (floor, full) = (f64::from(task.floor_bps), f64::from(task.full_bps));
                let share = ((reached - floor) / (full - floor).max(1e-9)).clamp(0.0, 1.0);
                let plain = if reached >= full - 1e-9 { 1e4 } else if reached < floor - 1e-9 { 0.0 } else { share * 1e4 };
                prop_assert!((plain - f64::from(pay)).abs() <= 1.0, "{correct} of {gold}: {pay}, plainly {plain}");
            }
        }

        #[test]
        fn a_gold_hash_binds_salt_items_and_labels(salt: [u8; 32], gold in prop::collection::vec((any::<u32>(), any::<u8>()), 1..20), at in any::<prop::sample::Index>()) {
            let gold: Vec<GoldItem> = gold.into_iter().map(|(item, label)| GoldItem { item, label }).collect();
            let at = at.index(gold.len());
            let hash = gold_hash(&salt, &gold);
            let mut other = gold.clone();
            other[at].label ^= 1;
            prop_assert_ne!(gold_hash(&salt, &other), hash);
            other[at] = GoldItem { item: gold[at].item ^ 1, label: gold[at].label };
            prop_assert_ne!(gold_hash(&salt, &other), hash);
            prop_assert_ne!(gold_hash(&salt, &gold[1..]), hash);
            let mut other = salt;
            other[at % 32] ^= 1;
            prop_assert_ne!(gold_hash(&other, &gold), hash);
        }
    }
}
