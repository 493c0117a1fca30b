//! Making, sealing and opening of licence keys, with the audited implementations of X25519 and ChaCha20-Poly1305.
//!
//! Randomness is an argument: this crate does no input or output.

use crate::{
    content,
    digest::Digest,
    field25519::Element,
    licence::{KeyEvidence, SEALED_KEY_BYTES, seal_key, unseal},
};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::Aead};
use x25519_dalek::{PublicKey, StaticSecret};

/// Why a sealed key cannot be made or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The other side's public key is of small order, so that everybody knows the shared secret.
    #[error("the X25519 key of the other side is of small order: do not use it, nothing sealed to it is secret")]
    SmallOrder,
    /// What comes out has another hash than the order says.
    #[error("the sealed key does not open to the key of the order: dispute the order and prove it (licence prove)")]
    WrongKey,
}

/// The public key of a buyer's secret.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*secret)).to_bytes()
}

/// Seals the content key `key` to the buyer's public key. `ephemeral_secret` is random, and used once.
pub fn seal(
    key: &[u8; 32],
    buyer: &[u8; 32],
    ephemeral_secret: &[u8; 32],
) -> Result<[u8; SEALED_KEY_BYTES], SealError> {
    let ephemeral = public_key(ephemeral_secret);
    let shared = StaticSecret::from(*ephemeral_secret).diffie_hellman(&PublicKey::from(*buyer));
    if !shared.was_contributory() {
        return Err(SealError::SmallOrder);
    }
    let cipher = ChaCha20Poly1305::new(&seal_key(shared.as_bytes(), &ephemeral, buyer).into());
    let encrypted = cipher
        .encrypt(&[0; 12].into(), key.as_slice())
        .expect("32 bytes are below the cipher's limit, and a Vec grows to hold them");
    let mut sealed = [0; SEALED_KEY_BYTES];
    sealed[..32].copy_from_slice(&ephemeral);
    sealed[32..].copy_from_slice(&encrypted);
    Ok(sealed)
}

/// The content key in `sealed`, whose hash the order says is `key_hash`.
pub fn open(secret: &[u8; 32], sealed: &[u8; SEALED_KEY_BYTES], key_hash: &Digest) -> Result<[u8; 32], SealError> {
    let shared = shared_secret(secret, sealed).ok_or(SealError::SmallOrder)?;
    let key = unseal(&shared, sealed, &public_key(secret));
    if content::key_hash(&key) == *key_hash { Ok(key) } else { Err(SealError::WrongKey) }
}

/// What shows that `sealed` does not hold the key of the order, if it does not. It gives the buyer's secret away.
#[must_use]
pub fn evidence(secret: &[u8; 32], sealed: &[u8; SEALED_KEY_BYTES]) -> KeyEvidence {
    let mut ephemeral = [0; 32];
    ephemeral.copy_from_slice(&sealed[..32]);
    let ephemeral_point = Element::read(&ephemeral)
        .map(|u| u.minus(Element::ONE).times(u.plus(Element::ONE).inverse()).to_bytes())
        .unwrap_or_default();
    KeyEvidence {
        buyer: public_key(secret),
        secret: eighth(secret),
        ephemeral_point,
        shared: shared_secret(secret, sealed).unwrap_or_default(),
    }
}

fn shared_secret(secret: &[u8; 32], sealed: &[u8; SEALED_KEY_BYTES]) -> Option<[u8; 32]> {
    let mut ephemeral = [0; 32];
    ephemeral.copy_from_slice(&sealed[..32]);
    let shared = StaticSecret::from(*secret).diffie_hellman(&PublicKey::from(ephemeral));
    shared.was_contributory().then(|| shared.to_bytes())
}

/// The clamped secret (RFC 7748, section 5) divided by 8: its three lowest bits are zero.
fn eighth(secret: &[u8; 32]) -> [u8; 32] {
    let mut clamped = *secret;
    clamped[0] &= 248;
    clamped[31] = clamped[31] & 127 | 64;
    core::array::from_fn(|at| clamped[at] >> 3 | clamped.get(at + 1).copied().unwrap_or(0) << 5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::licence::{Edwards, EvidenceError, judge_key};
    use curve25519_dalek::{
        Scalar,
        constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
        edwards::CompressedEdwardsY,
        montgomery::MontgomeryPoint,
    };
    use proptest::prelude::*;

    /// The group as the runtime of the chain has it.
    struct Dalek;

    impl Edwards for Dalek {
        fn multiply(scalar: &[u8; 32], point: &[u8; 32]) -> Option<[u8; 32]> {
            let scalar: Option<Scalar> = Scalar::from_canonical_bytes(*scalar).into();
            Some((scalar? * CompressedEdwardsY(*point).decompress()?).compress().to_bytes())
        }

        fn is_point(point: &[u8; 32]) -> bool {
            CompressedEdwardsY(*point).decompress().is_some()
        }
    }

    fn hash(key: &[u8; 32]) -> Digest {
        content::key_hash(key)
    }

    fn digits(text: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn the_shared_secret_is_that_of_rfc_7748_section_6_1() {
        let alice = digits("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let bob = digits("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
        let mut sealed = [0; SEALED_KEY_BYTES];
        sealed[..32].copy_from_slice(&public_key(&bob));
        let shown = evidence(&alice, &sealed);
        let shared = digits("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        let public = digits("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        assert_eq!((shown.buyer, shown.shared), (public, shared));
        // and the runtime's group gives the same: another key hash is a fault, not an error
        assert_eq!(judge_key::<Dalek>(&shown, &sealed, &Digest::ZERO), Ok(true));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_and_no_evidence_convicts_it(key: [u8; 32], secret: [u8; 32], ephemeral: [u8; 32]) {
            let sealed = seal(&key, &public_key(&secret), &ephemeral).unwrap();
            prop_assert_eq!(open(&secret, &sealed, &hash(&key)), Ok(key));
            let shown = evidence(&secret, &sealed);
            prop_assert_eq!(judge_key::<Dalek>(&shown, &sealed, &hash(&key)), Ok(false));
        }

        #[test]
        fn a_wrong_key_or_a_changed_seal_is_convicted(key: [u8; 32], secret: [u8; 32], ephemeral: [u8; 32], bit in 0usize..512) {
            let mut sealed = seal(&key, &public_key(&secret), &ephemeral).unwrap();
            let other = hash(&[key[0] ^ 1; 32]);
            prop_assert_eq!(open(&secret, &sealed, &other), Err(SealError::WrongKey));
            prop_assert_eq!(judge_key::<Dalek>(&evidence(&secret, &sealed), &sealed, &other), Ok(true));
            sealed[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&secret, &sealed, &hash(&key)).is_err());
            prop_assert_eq!(judge_key::<Dalek>(&evidence(&secret, &sealed), &sealed, &hash(&key)), Ok(true));
        }

        #[test]
        fn any_ephemeral_bytes_are_judged(key: [u8; 32], secret: [u8; 32], sealed_bytes: [u8; 32], rest: [u8; 32]) {
            // half of them are on the twist, some are not canonical
            let mut sealed = [0; SEALED_KEY_BYTES];
            sealed[..32].copy_from_slice(&sealed_bytes);
            sealed[32..64].copy_from_slice(&rest);
            prop_assert_eq!(judge_key::<Dalek>(&evidence(&secret, &sealed), &sealed, &hash(&key)), Ok(true));
        }

        #[test]
        fn forged_evidence_shows_nothing(key: [u8; 32], secret: [u8; 32], ephemeral: [u8; 32], forged: [u8; 32], which in 0..4) {
            let sealed = seal(&key, &public_key(&secret), &ephemeral).unwrap();
            let honest = evidence(&secret, &sealed);
            let mut shown = honest;
            let expected = match which {
                0 => { shown.buyer = forged; EvidenceError::WrongSecret }
                1 => { shown.secret = eighth(&forged); EvidenceError::WrongSecret }
                2 => { shown.ephemeral_point = forged; EvidenceError::WrongPoint }
                _ => { shown.shared = forged; EvidenceError::WrongShared }
            };
            prop_assume!(shown != honest);
            prop_assert_eq!(judge_key::<Dalek>(&shown, &sealed, &hash(&key)), Err(expected));
        }
    }

    #[test]
    fn a_part_of_small_order_in_the_ephemeral_key_changes_nothing() {
        let (key, secret) = ([5; 32], [6; 32]);
        for torsion in EIGHT_TORSION {
            let ephemeral = (Scalar::from(77u8) * ED25519_BASEPOINT_POINT + torsion).to_montgomery().to_bytes();
            let shared = StaticSecret::from(secret).diffie_hellman(&PublicKey::from(ephemeral)).to_bytes();
            let buyer = public_key(&secret);
            let cipher = ChaCha20Poly1305::new(&seal_key(&shared, &ephemeral, &buyer).into());
            let mut sealed = [0; SEALED_KEY_BYTES];
            sealed[..32].copy_from_slice(&ephemeral);
            sealed[32..].copy_from_slice(&cipher.encrypt(&[0; 12].into(), key.as_slice()).unwrap());
            assert_eq!(open(&secret, &sealed, &hash(&key)), Ok(key));
            let shown = evidence(&secret, &sealed);
            assert_eq!(judge_key::<Dalek>(&shown, &sealed, &hash(&key)), Ok(false));
            assert_eq!(judge_key::<Dalek>(&shown, &sealed, &hash(&secret)), Ok(true));
        }
    }

    #[test]
    fn a_key_that_is_none_is_the_sellers_fault() {
        let (key, secret) = ([5; 32], [6; 32]);
        let small = EIGHT_TORSION.map(|point| point.to_montgomery().to_bytes());
        let minus_one = Element::ZERO.minus(Element::ONE).to_bytes();
        let twist = (2u8..).map(|u| [u, 0].repeat(16)).find_map(|bytes| {
            let bytes: [u8; 32] = bytes.try_into().unwrap();
            MontgomeryPoint(bytes).to_edwards(0).is_none().then_some(bytes)
        });
        let not_canonical = [[0xff; 32], {
            let mut high = public_key(&[1; 32]);
            high[31] |= 0x80;
            high
        }];
        let keys = small.into_iter().chain([minus_one, twist.unwrap()]).chain(not_canonical);
        for ephemeral in keys {
            let mut sealed = [0; SEALED_KEY_BYTES];
            sealed[..32].copy_from_slice(&ephemeral);
            let shown = evidence(&secret, &sealed);
            assert_eq!(judge_key::<Dalek>(&shown, &sealed, &hash(&key)), Ok(true), "{ephemeral:02x?}");
        }
        assert_eq!(seal(&key, &[0; 32], &secret), Err(SealError::SmallOrder));
    }
}
