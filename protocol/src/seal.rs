//! Sealed votes: an oracle commits to its verdict before anybody shows one, so that none can copy another.
//!
//! ```text
//! commitment = SHA-256("aixblock/vote/seal/v1" | order | opened at | audit seed | oracle | verdict | salt)
//! salt       = SHA-256("aixblock/vote/salt/v1" | the oracle's signature over the salt's message)
//! ```
//!
//! The commitment names the oracle, so nobody else can open it, and the audit's seed, so that it is about one result of one
//! order. Ed25519 signatures are deterministic (RFC 8032): an oracle that lost its memory finds its salt again, and nobody
//! else can compute it before it is shown.

use solana_sha256_hasher::hashv;

const SEAL: &[u8] = b"aixblock/vote/seal/v1";
const SALT: &[u8] = b"aixblock/vote/salt/v1";
const SALT_MESSAGE: &[u8] = b"aixblock/vote/salt-message/v1";

/// What a seal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// Address of the order.
    pub order: &'a [u8; 32],
    /// When the order was opened, Unix seconds: an address can be used again.
    pub opened_at: i64,
    /// The seed of its audit.
    pub audit_seed: &'a [u8; 32],
    /// The key that votes.
    pub oracle: &'a [u8; 32],
}

/// What the oracle publishes before it may show that it votes `verdict`.
#[must_use]
pub fn commitment(subject: &Subject<'_>, verdict: u8, salt: &[u8; 32]) -> [u8; 32] {
    let Subject { order, opened_at, audit_seed, oracle } = subject;
    // every part has a fixed length, so the parts cannot be moved against each other
    hashv(&[SEAL, *order, &opened_at.to_le_bytes(), *audit_seed, *oracle, &[verdict], salt]).to_bytes()
}

/// What an oracle signs, and publishes never, to have a salt for its vote on `order`.
#[must_use]
pub fn salt_message(order: &[u8; 32], audit_seed: &[u8; 32]) -> Vec<u8> {
    [SALT_MESSAGE, order, audit_seed].concat()
}

/// The salt that follows from the oracle's `signature` over [`salt_message`].
#[must_use]
pub fn salt(signature: &[u8; 64]) -> [u8; 32] {
    hashv(&[SALT, signature]).to_bytes()
}

/// The second from which nobody seals any more and votes are shown, even if members are missing: the middle of an audit that
/// lasts `audit_seconds` and ends at `audit_by`. They are shown earlier once every member sealed.
#[must_use]
pub const fn sealing_ends(audit_by: i64, audit_seconds: i64) -> i64 {
    // a shift: the chain's machine cannot divide signed numbers
    audit_by.saturating_sub(audit_seconds >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_opens_in_one_way_only() {
        let subject = Subject { order: &[1; 32], opened_at: 2, audit_seed: &[3; 32], oracle: &[4; 32] };
        let sealed = commitment(&subject, 1, &[5; 32]);
        let others = [
            commitment(&Subject { order: &[9; 32], ..subject }, 1, &[5; 32]),
            commitment(&Subject { opened_at: 9, ..subject }, 1, &[5; 32]),
            commitment(&Subject { audit_seed: &[9; 32], ..subject }, 1, &[5; 32]),
            commitment(&Subject { oracle: &[9; 32], ..subject }, 1, &[5; 32]),
            commitment(&subject, 2, &[5; 32]),
            commitment(&subject, 1, &[9; 32]),
        ];
        assert!(others.iter().all(|other| *other != sealed));
        assert_eq!(sealed, commitment(&subject, 1, &[5; 32]));
    }

    #[test]
    fn sealing_ends_in_the_middle_of_the_audit() {
        assert_eq!(sealing_ends(1_000, 100), 950);
        assert_eq!(sealing_ends(1_000, 101), 950);
        assert_eq!(sealing_ends(i64::MIN, i64::MAX), i64::MIN);
    }
}
