//! SHA-256 digests and domain-separated hashing.
//!
//! Every hash that a commitment is built from goes through [`tagged`], so that no preimage of one kind can be read as one
//! of another kind; but for the nodes over chunks of tensors, whose kinds have keys ([`crate::tensor_tree`]). Content addresses ([`content_address`]) are plain SHA-256, as any tool computes it.

use solana_sha256_hasher::hashv;

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The all-zero digest; no known preimage.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Digest {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl core::fmt::Display for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

/// SHA-256 of `bytes`: the address of a blob in the content store.
#[must_use]
pub fn content_address(bytes: &[u8]) -> Digest {
    Digest(hashv(&[bytes]).to_bytes())
}

/// SHA-256 of `domain` and `parts`, each preceded by its length (one byte for the domain, u64 little endian for a part).
///
/// `domain` is at most 255 bytes: all domains are constants of this crate.
#[must_use]
#[inline(never)]
pub fn tagged(domain: &[u8], parts: &[&[u8]]) -> Digest {
    debug_assert!(domain.len() <= 255);
    let domain_len = [domain.len() as u8];
    let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_le_bytes()).collect();
    let mut preimage: Vec<&[u8]> = Vec::with_capacity(2 + 2 * parts.len());
    preimage.extend([&domain_len[..], domain]);
    for (length, part) in lengths.iter().zip(parts) {
        preimage.extend([&length[..], part]);
    }
    Digest(hashv(&preimage).to_bytes())
}

#[cfg(not(target_os = "solana"))]
mod text_form {
    use super::Digest;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
    use std::str::FromStr;

    /// The text is not 64 hex digits.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    #[error("{0:?} is not a digest: 64 hex digits are expected")]
    pub struct ParseDigestError(pub String);

    impl FromStr for Digest {
        type Err = ParseDigestError;

        fn from_str(text: &str) -> Result<Self, ParseDigestError> {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseDigestError(text.to_owned()))?;
            Ok(Self(bytes))
        }
    }

    impl Serialize for Digest {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self)
        }
    }

    impl<'de> Deserialize<'de> for Digest {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        }
    }
}
#[cfg(not(target_os = "solana"))]
pub use text_form::ParseDigestError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_address_is_plain_sha256() {
        // FIPS 180-2, appendix B.1
        assert_eq!(
            content_address(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn moving_a_byte_between_domain_and_parts_changes_the_hash() {
        let hashes = [
            tagged(b"ab", &[b"c", b"d"]),
            tagged(b"a", &[b"bc", b"d"]),
            tagged(b"ab", &[b"cd"]),
            tagged(b"ab", &[b"cd", b""]),
        ];
        for (i, left) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|right| left != right));
        }
    }

    #[test]
    fn a_digest_reads_back_from_its_text() {
        let digest = content_address(b"x");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
        assert!("12".parse::<Digest>().is_err());
    }
}
