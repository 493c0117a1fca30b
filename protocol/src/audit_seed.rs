//! The seed of an audit: randomness that nobody knew when the result was committed.
//!
//! It mixes the hashes of the first [`SLOTS`] slots after the submission, read from the sysvar of slot hashes (the last
//! 512 slots, newest first: u64 count, then u64 slot and 32 bytes of hash each).

use solana_sha256_hasher::hashv;

/// How many later slots are mixed: one leader alone cannot choose the seed without giving up blocks.
pub const SLOTS: usize = 4;
const ENTRY: usize = 40;
const DOMAIN: &[u8] = b"aixblock:audit-seed:v1";

/// What the sysvar gives for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seed {
    /// Fewer than [`SLOTS`] slots are over since the submission.
    TooEarly,
    /// The slots right after the submission are no longer in the sysvar, so that whoever arms could choose when.
    Forgotten,
    /// The seed.
    Drawn([u8; 32]),
}

/// Draws the seed of `order` from the raw sysvar for a result submitted in `submitted_slot`.
///
/// Unreadable data counts as too early: nothing is drawn from it.
#[must_use]
pub fn draw(slot_hashes: &[u8], submitted_slot: u64, order: &[u8; 32]) -> Seed {
    let Some(count) = read_u64(slot_hashes, 0) else { return Seed::TooEarly };
    let Ok(count) = usize::try_from(count) else { return Seed::TooEarly };
    let Some(end) = count.checked_mul(ENTRY).and_then(|n| n.checked_add(8)) else { return Seed::TooEarly };
    let Some(entries) = slot_hashes.get(8..end) else { return Seed::TooEarly };
    let slot_at = |i: usize| read_u64(entries, i * ENTRY).unwrap_or(0);
    // newest first: the entries after the submission come before this index
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        if slot_at(middle) > submitted_slot { low = middle + 1 } else { high = middle }
    }
    if low == count && count > 0 {
        // not even the submission's slot, or an older one, is remembered
        return Seed::Forgotten;
    }
    if low < SLOTS {
        return Seed::TooEarly;
    }
    let mut parts: [&[u8]; SLOTS + 2] = [DOMAIN; SLOTS + 2];
    parts[1] = order;
    for (i, part) in parts[2..].iter_mut().enumerate() {
        let at = (low - 1 - i) * ENTRY;
        *part = &entries[at..at + ENTRY];
    }
    Seed::Drawn(hashv(&parts).to_bytes())
}

fn read_u64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sysvar(slots: impl DoubleEndedIterator<Item = u64>) -> Vec<u8> {
        let slots: Vec<u64> = slots.rev().collect();
        let mut data = (slots.len() as u64).to_le_bytes().to_vec();
        for slot in slots {
            data.extend(slot.to_le_bytes());
            data.extend(hashv(&[&slot.to_le_bytes()]).to_bytes());
        }
        data
    }

    #[test]
    fn the_seed_waits_for_enough_slots_and_then_stays_the_same() {
        assert_eq!(draw(&sysvar(90..=103), 100, &[1; 32]), Seed::TooEarly);
        let seed = draw(&sysvar(90..=104), 100, &[1; 32]);
        assert!(matches!(seed, Seed::Drawn(_)));
        assert_eq!(draw(&sysvar(95..=300), 100, &[1; 32]), seed);
        assert_ne!(draw(&sysvar(95..=300), 100, &[2; 32]), seed);
        assert_ne!(draw(&sysvar(95..=300), 101, &[1; 32]), seed);
    }

    #[test]
    fn forgotten_slots_are_never_drawn_from() {
        assert_eq!(draw(&sysvar(101..=612), 100, &[1; 32]), Seed::Forgotten);
        assert!(matches!(draw(&sysvar(100..=611), 100, &[1; 32]), Seed::Drawn(_)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_without_a_panic(data in prop::collection::vec(any::<u8>(), 0..400), slot: u64) {
            let _ = draw(&data, slot, &[0; 32]);
        }
    }
}
