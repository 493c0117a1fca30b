//! Content that is sold under licence: cut into chunks, each encrypted under one key, all under one Merkle root.
//!
//! ```text
//! chunk i  = bytes i x 512 .. of the content; the last one may be shorter
//! cipher i = ChaCha20 of chunk i: key K, nonce i (96 bits, little endian), from block 0
//! leaf i   = H(i, sha256(chunk i), sha256(cipher i))
//! root     = Merkle root of the leaves, which the listing carries
//! key hash = H(K), which the seller puts on the chain when it delivers
//! ```
//!
//! The ciphertext is public, and so are both hashes of each chunk: a buyer checks before it pays that what it can download
//! is what the root says. After the delivery one chunk is enough to show a wrong one: K has the hash, the ciphertext has
//! its hash, and what comes out of the two has another.

use crate::{
    chacha20::ChaCha20,
    digest::{Digest, content_address, tagged},
};

/// Bytes of a chunk: with a key and the accounts of the proof it fits into one transaction, and is decrypted on the chain
/// within 40,000 units.
pub const CHUNK_BYTES: usize = 512;
/// The most siblings on a proof that fits into one transaction: 2^24 chunks, 8 GiB.
pub const MAX_DEPTH: usize = 24;
/// The longest content, in bytes.
pub const MAX_CONTENT_BYTES: u64 = (CHUNK_BYTES as u64) << MAX_DEPTH;

const LEAF: &[u8] = b"aixblock/content/leaf/v1";
const KEY: &[u8] = b"aixblock/content/key/v1";

/// Hash of the content key `key`: it says which key is the right one, and nothing else about it.
#[must_use]
pub fn key_hash(key: &[u8; 32]) -> Digest {
    tagged(KEY, &[key])
}

/// Leaf of the chunk `index` with these SHA-256 hashes.
#[must_use]
pub fn leaf(index: u64, plain: &Digest, cipher: &Digest) -> Digest {
    tagged(LEAF, &[&index.to_le_bytes(), &plain.0, &cipher.0])
}

/// Encrypts or decrypts the chunk `index`.
pub fn apply_key(key: &[u8; 32], index: u64, chunk: &mut [u8]) {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&index.to_le_bytes());
    ChaCha20::new(key, &nonce).apply(0, chunk);
}

/// Whether the chunk `index`, decrypted in place with the right key, is not what the seller committed to.
#[must_use]
pub fn is_faulty(key: &[u8; 32], index: u64, chunk: &mut [u8], plain: &Digest) -> bool {
    apply_key(key, index, chunk);
    content_address(chunk) != *plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle;
    use proptest::prelude::*;

    #[test]
    fn no_two_chunks_share_a_key_stream() {
        let streams: Vec<[u8; 64]> = [0, 1, 1 << 32, u64::MAX]
            .map(|index| {
                let mut zeros = [0; 64];
                apply_key(&[7; 32], index, &mut zeros);
                zeros
            })
            .to_vec();
        for (place, stream) in streams.iter().enumerate() {
            assert!(streams[place + 1..].iter().all(|other| other != stream), "{place}");
        }
    }

    #[test]
    fn a_leaf_binds_its_place_and_both_hashes() {
        let (a, b) = (content_address(b"a"), content_address(b"b"));
        let leaves = [leaf(0, &a, &b), leaf(1, &a, &b), leaf(0, &b, &a), leaf(0, &a, &a)];
        for (place, one) in leaves.iter().enumerate() {
            assert!(leaves[place + 1..].iter().all(|other| other != one), "{place}");
        }
    }

    proptest! {
        #[test]
        fn exactly_the_corrupted_chunk_is_faulty(
            content in prop::collection::vec(any::<u8>(), 1..6 * CHUNK_BYTES),
            key: [u8; 32],
            wrong in any::<prop::sample::Index>(),
            bit in 0..8u32,
        ) {
            // the seller encrypts other bytes than those that it committed to
            let wrong = wrong.index(content.len());
            let mut sent = content.clone();
            sent[wrong] ^= 1 << bit;
            let plain: Vec<Digest> = content.chunks(CHUNK_BYTES).map(content_address).collect();
            let mut cipher: Vec<Vec<u8>> = sent.chunks(CHUNK_BYTES).map(<[u8]>::to_vec).collect();
            (0..).zip(&mut cipher).for_each(|(index, chunk)| apply_key(&key, index, chunk));
            let leaves: Vec<Digest> = (0..).zip(plain.iter().zip(&cipher))
                .map(|(index, (plain, cipher))| leaf(index, plain, &content_address(cipher)))
                .collect();
            let root = merkle::root(&leaves);
            for (index, chunk) in (0u64..).zip(&cipher) {
                let place = usize::try_from(index).unwrap();
                let proof = merkle::prove(&leaves, place).unwrap();
                prop_assert!(merkle::verify(&root, &leaf(index, &plain[place], &content_address(chunk)), &proof));
                prop_assert_eq!(is_faulty(&key, index, &mut chunk.clone(), &plain[place]), place == wrong / CHUNK_BYTES);
            }
        }
    }
}
