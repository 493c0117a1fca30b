//! Encrypted content in a store: what a licence is for (`protocol::content`).
//!
//! The ciphertext lies in parts of 32 MiB, beside each the SHA-256 of its promised chunks; an index names them. All of it is
//! public: whoever has the store can check it against the root that a listing carries, and only the content key opens it.

use crate::{Store, StoreError};
use chacha20::{
    ChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use protocol::{
    codec::{DecodeError, Reader, Writer},
    content::{self, CHUNK_BYTES, MAX_CONTENT_BYTES},
    digest::{Digest, content_address},
    merkle,
};
use std::io::{self, Read};

/// Chunks of a part.
const PART_CHUNKS: usize = 1 << 16;
const PART_BYTES: usize = PART_CHUNKS * CHUNK_BYTES;
const MAGIC: &[u8] = b"aixblock/sealed-content/v1\0";

/// Why content cannot be sealed, checked or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedError {
    /// Nothing to seal.
    #[error("the content is empty: there is nothing to sell")]
    Empty,
    /// More than the format proves.
    #[error("the content is longer than {MAX_CONTENT_BYTES} bytes: sell it in pieces")]
    TooLong,
    /// The content cannot be read.
    #[error("cannot read the content: {0}")]
    Read(#[from] io::Error),
    /// A part is missing or damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index is not one.
    #[error("the index of the content does not read: {0}")]
    Index(#[from] DecodeError),
    /// The parts are not as long as the index says.
    #[error("part {0} of the content has another length than its index says: ask the seller for the right one")]
    PartLength(usize),
    /// The content is not what the listing is for.
    #[error("the content in the store has the root {found}, the listing promises {expected}: do not order it")]
    OtherRoot {
        /// Root that was promised.
        expected: Digest,
        /// Root of what is there.
        found: Digest,
    },
    /// What was decrypted is not what was promised.
    #[error("chunk {0} is not what the seller promised: dispute the order and prove it (licence prove)")]
    FaultyChunk(u64),
    /// Whoever takes the plain bytes failed.
    #[error("cannot write the content: {0}")]
    Write(Box<dyn std::error::Error + Send + Sync>),
}

/// What sealing made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedContent {
    /// Merkle root for the listing.
    pub root: Digest,
    /// Address of the index in the store.
    pub index: Digest,
    /// Bytes of the content.
    pub bytes: u64,
}

/// Encrypts `source` under `key` into `store`.
pub fn seal(store: &Store, source: &mut impl Read, key: &[u8; 32]) -> Result<SealedContent, SealedError> {
    let (mut leaves, mut parts, mut bytes) = (Vec::new(), Vec::new(), 0u64);
    loop {
        let mut part = Vec::with_capacity(PART_BYTES);
        source.take(PART_BYTES as u64).read_to_end(&mut part)?;
        if part.is_empty() {
            break;
        }
        bytes += part.len() as u64;
        if bytes > MAX_CONTENT_BYTES {
            return Err(SealedError::TooLong);
        }
        let mut hashes = Vec::with_capacity(32 * part.len().div_ceil(CHUNK_BYTES));
        for chunk in part.chunks_mut(CHUNK_BYTES) {
            let (index, plain) = (leaves.len() as u64, content_address(chunk));
            apply_key(key, index, chunk);
            hashes.extend(plain.0);
            leaves.push(content::leaf(index, &plain, &content_address(chunk)));
        }
        parts.push((store.put(&part)?, store.put(&hashes)?));
    }
    if leaves.is_empty() {
        return Err(SealedError::Empty);
    }
    let mut index = Writer::new(MAGIC);
    index.u64(bytes);
    index.u32(parts.len() as u32);
    for (cipher, hashes) in &parts {
        index.digest(cipher);
        index.digest(hashes);
    }
    Ok(SealedContent { root: merkle::root(&leaves), index: store.put(&index.finish())?, bytes })
}

/// The stream cipher from the audited crate; `protocol::content::apply_key` is what the chain checks it with.
fn apply_key(key: &[u8; 32], index: u64, chunk: &mut [u8]) {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&index.to_le_bytes());
    ChaCha20::new(&(*key).into(), &nonce.into()).apply_keystream(chunk);
}

/// Sealed content that is there in full and has the promised root.
#[derive(Debug)]
pub struct Sealed<'a> {
    store: &'a Store,
    parts: Vec<(Digest, Digest)>,
    leaves: Vec<Digest>,
    /// Bytes of the content.
    pub bytes: u64,
    /// Merkle root over its chunks.
    pub root: Digest,
}

/// What a proof about a chunk is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkEvidence {
    /// SHA-256 of the promised chunk.
    pub plain: Digest,
    /// The ciphertext.
    pub cipher: Vec<u8>,
    /// Place of the leaf under the root.
    pub proof: merkle::Proof,
}

impl<'a> Sealed<'a> {
    /// Checks the content behind `index` against `root`: a buyer does this before it orders.
    pub fn check(store: &'a Store, index: &Digest, root: &Digest) -> Result<Self, SealedError> {
        let this = Self::load(store, index)?;
        let found = this.root;
        if found == *root { Ok(this) } else { Err(SealedError::OtherRoot { expected: *root, found }) }
    }

    /// Reads all of the content behind `index` and computes its root.
    pub fn load(store: &'a Store, index: &Digest) -> Result<Self, SealedError> {
        let blob = store.get(index)?;
        let mut input = Reader::new(&blob, MAGIC, "an index of sealed content")?;
        let bytes = input.u64()?;
        let count = input.count(64)?;
        let parts =
            (0..count).map(|_| Ok((input.digest()?, input.digest()?))).collect::<Result<Vec<_>, DecodeError>>()?;
        input.finish()?;
        let mut this = Self { store, parts, leaves: Vec::new(), bytes, root: Digest::ZERO };
        let mut left = bytes;
        for part in 0..count {
            let (cipher, hashes) = this.part(part)?;
            let expected = left.min(PART_BYTES as u64);
            if cipher.len() as u64 != expected || hashes.len() != 32 * cipher.len().div_ceil(CHUNK_BYTES) {
                return Err(SealedError::PartLength(part));
            }
            left -= expected;
            for (chunk, plain) in cipher.chunks(CHUNK_BYTES).zip(hashes.as_chunks::<32>().0) {
                let index = this.leaves.len() as u64;
                this.leaves.push(content::leaf(index, &Digest(*plain), &content_address(chunk)));
            }
        }
        if left > 0 {
            return Err(SealedError::PartLength(count));
        }
        this.root = merkle::root(&this.leaves);
        Ok(this)
    }

    fn part(&self, part: usize) -> Result<(Vec<u8>, Vec<u8>), SealedError> {
        let (cipher, hashes) = self.parts.get(part).ok_or(SealedError::PartLength(part))?;
        Ok((self.store.get(cipher)?, self.store.get(hashes)?))
    }

    /// Number of chunks.
    #[must_use]
    pub fn chunks(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// Decrypts, checks every chunk, and hands each part to `take`. The first chunk that is not as promised is an error.
    pub fn open<E>(&self, key: &[u8; 32], mut take: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), SealedError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut index = 0;
        for part in 0..self.parts.len() {
            let (mut plain, hashes) = self.part(part)?;
            for (chunk, promised) in plain.chunks_mut(CHUNK_BYTES).zip(hashes.as_chunks::<32>().0) {
                apply_key(key, index, chunk);
                if content_address(chunk).0 != *promised {
                    return Err(SealedError::FaultyChunk(index));
                }
                index += 1;
            }
            take(&plain).map_err(|error| SealedError::Write(error.into()))?;
        }
        Ok(())
    }

    /// What a proof about the chunk `index` needs.
    pub fn evidence(&self, index: u64) -> Result<ChunkEvidence, SealedError> {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        let proof = merkle::prove(&self.leaves, place).ok_or(SealedError::PartLength(place / PART_CHUNKS))?;
        let (cipher, hashes) = self.part(place / PART_CHUNKS)?;
        let at = place % PART_CHUNKS;
        // `check` compared both lengths
        let plain = Digest(hashes.as_chunks::<32>().0[at]);
        let cipher = cipher.chunks(CHUNK_BYTES).nth(at).unwrap_or_default().to_vec();
        Ok(ChunkEvidence { plain, cipher, proof })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        (folder, store)
    }

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|at| (at * 31 % 251) as u8).collect()
    }

    fn opened(sealed: &Sealed<'_>, key: &[u8; 32]) -> Result<Vec<u8>, SealedError> {
        let mut plain = Vec::new();
        sealed.open(key, |part| {
            plain.extend_from_slice(part);
            Ok::<(), io::Error>(())
        })?;
        Ok(plain)
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_alone() {
        let (_folder, store) = store();
        for count in [1, 511, 512, 513, 5_000] {
            let content = bytes(count);
            let made = seal(&store, &mut content.as_slice(), &[1; 32]).unwrap();
            let sealed = Sealed::check(&store, &made.index, &made.root).unwrap();
            assert_eq!((sealed.bytes, sealed.chunks()), (count as u64, count.div_ceil(CHUNK_BYTES) as u64));
            assert_eq!(opened(&sealed, &[1; 32]).unwrap(), content);
            assert!(matches!(opened(&sealed, &[2; 32]), Err(SealedError::FaultyChunk(0))));
        }
        assert!(matches!(seal(&store, &mut io::empty(), &[1; 32]), Err(SealedError::Empty)));
    }

    #[test]
    fn content_of_several_parts_is_one_tree() {
        let (_folder, store) = store();
        let content = bytes(PART_BYTES + 700);
        let made = seal(&store, &mut content.as_slice(), &[1; 32]).unwrap();
        let sealed = Sealed::check(&store, &made.index, &made.root).unwrap();
        assert_eq!(sealed.chunks(), PART_CHUNKS as u64 + 2);
        assert!(opened(&sealed, &[1; 32]).unwrap() == content);
        let last = sealed.evidence(PART_CHUNKS as u64 + 1).unwrap();
        assert_eq!(last.cipher.len(), 700 - CHUNK_BYTES);
        assert_eq!(last.plain, content_address(&content[PART_BYTES + CHUNK_BYTES..]));
        assert!(sealed.evidence(sealed.chunks()).is_err());
    }

    #[test]
    fn the_chain_decrypts_what_the_store_encrypted() {
        let (_folder, store) = store();
        let content = bytes(1_300);
        let made = seal(&store, &mut content.as_slice(), &[9; 32]).unwrap();
        let sealed = Sealed::check(&store, &made.index, &made.root).unwrap();
        for (index, promised) in (0u64..).zip(content.chunks(CHUNK_BYTES)) {
            let ChunkEvidence { plain, mut cipher, proof } = sealed.evidence(index).unwrap();
            let leaf = content::leaf(index, &plain, &content_address(&cipher));
            assert!(merkle::verify(&made.root, &leaf, &proof));
            assert!(!content::is_faulty(&[9; 32], index, &mut cipher, &plain));
            assert_eq!(cipher, promised);
        }
    }

    #[test]
    fn the_first_faulty_chunk_is_named() {
        let (_folder, store) = store();
        let content = bytes(4 * CHUNK_BYTES);
        let made = seal(&store, &mut content.as_slice(), &[1; 32]).unwrap();
        let sealed = Sealed::check(&store, &made.index, &made.root).unwrap();
        // a seller that promises other bytes than it sends: the hashes of chunks 2 and 3 are exchanged
        let (cipher, mut hashes) = sealed.part(0).unwrap();
        hashes[64..128].rotate_left(32);
        let leaves: Vec<Digest> = (0..)
            .zip(cipher.chunks(CHUNK_BYTES).zip(hashes.as_chunks::<32>().0))
            .map(|(index, (cipher, plain))| content::leaf(index, &Digest(*plain), &content_address(cipher)))
            .collect();
        let mut index = Writer::new(MAGIC);
        index.u64(content.len() as u64);
        index.u32(1);
        index.digest(&store.put(&cipher).unwrap());
        index.digest(&store.put(&hashes).unwrap());
        let index = store.put(&index.finish()).unwrap();
        let sealed = Sealed::check(&store, &index, &merkle::root(&leaves)).unwrap();
        assert!(matches!(opened(&sealed, &[1; 32]), Err(SealedError::FaultyChunk(2))));
        assert!(matches!(Sealed::check(&store, &index, &made.root), Err(SealedError::OtherRoot { .. })));
    }

    #[test]
    fn missing_parts_and_wrong_lengths_are_found_before_an_order() {
        let (_folder, store) = store();
        let made = seal(&store, &mut bytes(2_000).as_slice(), &[1; 32]).unwrap();
        let index = store.get(&made.index).unwrap();
        let mut longer = index.clone();
        longer[MAGIC.len()] ^= 1;
        let longer = store.put(&longer).unwrap();
        assert!(matches!(Sealed::check(&store, &longer, &made.root), Err(SealedError::PartLength(_))));
        let none = store.put(&index[..index.len() - 64]).unwrap();
        assert!(matches!(Sealed::check(&store, &none, &made.root), Err(SealedError::Index(_))));
        let sealed = Sealed::check(&store, &made.index, &made.root).unwrap();
        std::fs::remove_file(store.path_of(&sealed.parts[0].0)).unwrap();
        let missing = Sealed::check(&store, &made.index, &made.root);
        assert!(matches!(missing, Err(SealedError::Store(StoreError::Missing(_)))));
    }
}
