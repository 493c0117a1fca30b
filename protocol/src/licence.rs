//! The delivery of a licence: the content key, sealed to a key that the buyer made for this one order.
//!
//! ```text
//! request    = "aixblock/licence-request/v1\0" || B              B: the buyer's X25519 public key; its SHA-256 is in the order
//! sealed key = E || ChaCha20-Poly1305(seal key, nonce 0, K)      E: the seller's ephemeral X25519 public key; K: content key
//! seal key   = HKDF-SHA-256(X25519(e, B), info "aixblock/licence/seal/v1" || E || B)
//! ```
//!
//! The order holds the hash of K ([`crate::content::key_hash`]) and of the sealed key. A seller that sealed something else is
//! convicted by the buyer's secret, which is worth nothing beyond this order: [`judge_key`]. The tag of the authenticated
//! cipher is not looked at there, and need not be: what decrypts to a key with the right hash is the key.
//!
//! X25519 is defined on the u-coordinates of a Montgomery curve, and the runtime of the chain multiplies points of the
//! birationally equivalent Edwards curve, u = (1 + y) / (1 - y) (RFC 7748, section 4.1). A clamped secret is 8 a with
//! a < 2^252, and so below the order of the group; the runtime computes a (8 P), which is free of any part of small order.

use crate::{
    chacha20::ChaCha20,
    content,
    digest::{Digest, content_address},
    field25519::Element,
    hkdf,
};

/// Bytes of a sealed key: an X25519 key, 32 bytes encrypted, a tag of 16.
pub const SEALED_KEY_BYTES: usize = 80;
/// The file that a buyer's request is begins with this.
pub const REQUEST_MAGIC: &[u8] = b"aixblock/licence-request/v1\0";

const SEAL: &[u8] = b"aixblock/licence/seal/v1";
/// 8 in the encoding of scalars.
const EIGHT: [u8; 32] = {
    let mut scalar = [0; 32];
    scalar[0] = 8;
    scalar
};
/// The identity, compressed: y = 1.
const IDENTITY: [u8; 32] = {
    let mut point = [0; 32];
    point[0] = 1;
    point
};
/// 8 times the generator, compressed.
const EIGHT_GENERATORS: [u8; 32] = [
    0xb4, 0xb9, 0x37, 0xfc, 0xa9, 0x5b, 0x2f, 0x1e, 0x93, 0xe4, 0x1e, 0x62, 0xfc, 0x3c, 0x78, 0x81, 0x8f, 0xf3, 0x8a,
    0x66, 0x09, 0x6f, 0xad, 0x6e, 0x79, 0x73, 0xe5, 0xc9, 0x00, 0x06, 0xd3, 0x21,
];

/// Hash of the request with the key `buyer`: the order's manifest hash.
#[must_use]
pub fn request_hash(buyer: &[u8; 32]) -> Digest {
    let mut request = [0; REQUEST_MAGIC.len() + 32];
    request[..REQUEST_MAGIC.len()].copy_from_slice(REQUEST_MAGIC);
    request[REQUEST_MAGIC.len()..].copy_from_slice(buyer);
    content_address(&request)
}

/// Key under which the content key is sealed.
#[must_use]
pub fn seal_key(shared: &[u8; 32], ephemeral: &[u8; 32], buyer: &[u8; 32]) -> [u8; 32] {
    hkdf::derive(shared, &[SEAL, ephemeral, buyer])
}

/// What the sealed key holds under the secret that both sides share, whether it is the right key or not.
#[must_use]
pub fn unseal(shared: &[u8; 32], sealed: &[u8; SEALED_KEY_BYTES], buyer: &[u8; 32]) -> [u8; 32] {
    let (mut ephemeral, mut key) = ([0; 32], [0; 32]);
    ephemeral.copy_from_slice(&sealed[..32]);
    key.copy_from_slice(&sealed[32..64]);
    // block 0 of the stream makes the key of the authenticator (RFC 8439, section 2.8)
    ChaCha20::new(&seal_key(shared, &ephemeral, buyer), &[0; 12]).apply(1, &mut key);
    key
}

/// Group operations on compressed points of the Edwards form of Curve25519: on the chain, system calls.
pub trait Edwards {
    /// `scalar` times `point`; `None` where the scalar is not below the group's order or the point is not on the curve.
    fn multiply(scalar: &[u8; 32], point: &[u8; 32]) -> Option<[u8; 32]>;
    /// Whether these bytes are a point.
    fn is_point(point: &[u8; 32]) -> bool;
}

/// What a buyer shows when the sealed key is wrong. A dishonest one gains nothing by any value here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEvidence {
    /// The buyer's public key, as in the request.
    pub buyer: [u8; 32],
    /// An eighth of the buyer's clamped secret.
    pub secret: [u8; 32],
    /// The seller's ephemeral key as an Edwards point with sign 0: y = (u - 1) / (u + 1). Any bytes where there is none.
    pub ephemeral_point: [u8; 32],
    /// X25519 of the two. Any bytes where there is none.
    pub shared: [u8; 32],
}

/// Why evidence shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceError {
    /// The secret does not make the request's public key.
    WrongSecret,
    /// The point does not have the u-coordinate of the ephemeral key.
    WrongPoint,
    /// The shared secret does not come out of secret and point.
    WrongShared,
}

/// Whether the sealed key is wrong: it does not open to a key with the hash `key_hash`, or its ephemeral key is none (not a
/// canonical u-coordinate, not on the curve, or of small order).
pub fn judge_key<C: Edwards>(
    evidence: &KeyEvidence,
    sealed: &[u8; SEALED_KEY_BYTES],
    key_hash: &Digest,
) -> Result<bool, EvidenceError> {
    use EvidenceError::{WrongPoint, WrongSecret, WrongShared};
    let own = C::multiply(&evidence.secret, &EIGHT_GENERATORS).ok_or(WrongSecret)?;
    if !has_u(&own, &evidence.buyer) {
        return Err(WrongSecret);
    }
    let mut ephemeral = [0; 32];
    ephemeral.copy_from_slice(&sealed[..32]);
    let Some(u) = Element::read(&ephemeral) else { return Ok(true) };
    let divisor = u.plus(Element::ONE);
    // u = -1 belongs to no point of the curve
    if divisor == Element::ZERO {
        return Ok(true);
    }
    let y = Element::read(&evidence.ephemeral_point).ok_or(WrongPoint)?;
    if y.times(divisor) != u.minus(Element::ONE) {
        return Err(WrongPoint);
    }
    if !C::is_point(&evidence.ephemeral_point) {
        return Ok(true);
    }
    let cleared = C::multiply(&EIGHT, &evidence.ephemeral_point).ok_or(WrongPoint)?;
    if cleared == IDENTITY {
        return Ok(true);
    }
    let shared = C::multiply(&evidence.secret, &cleared).ok_or(WrongShared)?;
    if !has_u(&shared, &evidence.shared) {
        return Err(WrongShared);
    }
    Ok(content::key_hash(&unseal(&evidence.shared, sealed, &evidence.buyer)) != *key_hash)
}

/// Whether `u` is the canonical u-coordinate of a compressed point: u (1 - y) = 1 + y.
fn has_u(point: &[u8; 32], u: &[u8; 32]) -> bool {
    let mut y = *point;
    // the topmost bit is the sign of x
    y[31] &= 0x7f;
    match (Element::read(&y), Element::read(u)) {
        (Some(y), Some(u)) => u.times(Element::ONE.minus(y)) == Element::ONE.plus(y),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::{Scalar, constants::ED25519_BASEPOINT_POINT};

    #[test]
    fn eight_generators_are_the_constant() {
        let eight = Scalar::from(8u8) * ED25519_BASEPOINT_POINT;
        assert_eq!(eight.compress().to_bytes(), EIGHT_GENERATORS);
    }

    #[test]
    fn a_request_is_named_by_the_hash_of_its_file() {
        let file = [REQUEST_MAGIC, &[7; 32]].concat();
        assert_eq!(request_hash(&[7; 32]), content_address(&file));
    }
}
