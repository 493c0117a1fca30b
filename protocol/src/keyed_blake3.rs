//! BLAKE3's keyed hash of a message of one chunk, for programs on the chain: there is no system call that takes a key.
//!
//! Source: Jack O'Connor, Jean-Philippe Aumasson, Samuel Neves, Zooko Wilcox-O'Hearn, "BLAKE3: one function, fast everywhere",
//! sections 2.2 to 2.5.

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 1 << 1;
const ROOT: u32 = 1 << 3;
const KEYED_HASH: u32 = 1 << 4;

const BLOCK_BYTES: usize = 64;
/// The longest message that is one chunk.
const CHUNK_BYTES: usize = 1024;

const INITIAL: [u32; 4] = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a];
const ROUNDS: usize = 7;
/// Where each round takes its words from in those of the round before.
const PERMUTATION: [usize; 16] = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

/// BLAKE3's keyed hash of the message of these parts, one after another. `None` for more than 1,024 bytes.
pub(crate) fn keyed_hash(key: &[u8; 32], parts: &[&[u8]]) -> Option<[u8; 32]> {
    let mut message = [0; CHUNK_BYTES];
    let mut length = 0usize;
    for part in parts {
        message.get_mut(length..length.checked_add(part.len())?)?.copy_from_slice(part);
        length += part.len();
    }
    let mut value: [u32; 8] = words(key);
    // an empty message has one block, of nothing
    let last = length.saturating_sub(1) / BLOCK_BYTES;
    for (place, block) in message.as_chunks::<BLOCK_BYTES>().0.iter().take(last + 1).enumerate() {
        let start = if place == 0 { CHUNK_START } else { 0 };
        let (end, bytes) =
            if place == last { (CHUNK_END | ROOT, length - last * BLOCK_BYTES) } else { (0, BLOCK_BYTES) };
        compress(&mut value, words(block), bytes as u32, KEYED_HASH | start | end);
    }
    let mut hash = [0; 32];
    hash.as_chunks_mut().0.iter_mut().zip(value).for_each(|(bytes, word)| *bytes = word.to_le_bytes());
    Some(hash)
}

fn words<const WORDS: usize>(bytes: &[u8]) -> [u32; WORDS] {
    let mut words = [0; WORDS];
    words.iter_mut().zip(bytes.as_chunks().0).for_each(|(word, bytes)| *word = u32::from_le_bytes(*bytes));
    words
}

/// The chaining value after one more block of `bytes` bytes. The counter is 0: there is one chunk.
#[inline(never)]
fn compress(value: &mut [u32; 8], mut message: [u32; 16], bytes: u32, flags: u32) {
    let mut state = [0; 16];
    state[..8].copy_from_slice(value);
    state[8..12].copy_from_slice(&INITIAL);
    [state[14], state[15]] = [bytes, flags];
    for round in 0..ROUNDS {
        if round > 0 {
            message = PERMUTATION.map(|place| message[place]);
        }
        for column in 0..4 {
            mix(&mut state, [column, column + 4, column + 8, column + 12], &message[2 * column..]);
        }
        for diagonal in 0..4 {
            let places = [diagonal, 4 + (diagonal + 1) % 4, 8 + (diagonal + 2) % 4, 12 + (diagonal + 3) % 4];
            mix(&mut state, places, &message[8 + 2 * diagonal..]);
        }
    }
    for place in 0..8 {
        value[place] = state[place] ^ state[place + 8];
    }
}

#[inline(always)]
fn mix(state: &mut [u32; 16], [a, b, c, d]: [usize; 4], message: &[u32]) {
    for (word, [first, second]) in message.iter().take(2).zip([[16, 12], [8, 7]]) {
        state[a] = state[a].wrapping_add(state[b]).wrapping_add(*word);
        state[d] = (state[d] ^ state[a]).rotate_right(first);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_right(second);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hashes_are_those_of_the_library(
            key: [u8; 32], message in prop::collection::vec(any::<u8>(), 0..=CHUNK_BYTES), cut: prop::sample::Index,
        ) {
            let (left, right) = message.split_at(cut.index(message.len() + 1));
            let expected = blake3::keyed_hash(&key, &message);
            prop_assert_eq!(keyed_hash(&key, &[left, right]), Some(*expected.as_bytes()));
        }
    }

    #[test]
    fn the_ends_of_blocks_and_of_the_chunk_are_hashed_as_by_the_library() {
        for length in [0, 1, 63, 64, 65, 127, 128, 512, 1023, 1024] {
            let message = vec![7; length];
            let expected = blake3::keyed_hash(&[1; 32], &message);
            assert_eq!(keyed_hash(&[1; 32], &[&message]), Some(*expected.as_bytes()), "{length}");
        }
        assert_eq!(keyed_hash(&[1; 32], &[&[0; 1025]]), None);
        assert_eq!(keyed_hash(&[1; 32], &[&[0; 1000], &[0; 25]]), None);
    }
}
