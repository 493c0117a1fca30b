//! HKDF with HMAC-SHA-256 (RFC 5869, RFC 2104) for one output block, small enough for a program on the chain.

use solana_sha256_hasher::hashv;

const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 of `parts`, one after another, under a key of at most 64 bytes.
fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let pad = |mask: u8| {
        let mut block = [mask; BLOCK_BYTES];
        for (byte, secret) in block.iter_mut().zip(key) {
            *byte ^= secret;
        }
        block
    };
    let (inner_key, outer_key) = (pad(0x36), pad(0x5c));
    let mut message: Vec<&[u8]> = Vec::with_capacity(1 + parts.len());
    message.push(&inner_key);
    message.extend(parts);
    hashv(&[&outer_key, &hashv(&message).to_bytes()]).to_bytes()
}

/// 32 bytes derived from `secret` without salt; `info` is one after another.
#[must_use]
pub fn derive(secret: &[u8], info: &[&[u8]]) -> [u8; 32] {
    // no salt is a salt of zeros (RFC 5869, section 2.2)
    let extracted = hmac(&[0; 32], &[secret]);
    let mut parts: Vec<&[u8]> = info.to_vec();
    parts.push(&[1]);
    hmac(&extracted, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_output_is_that_of_rfc_5869_test_case_3() {
        // the first 32 of its 42 bytes: no salt, no info
        assert_eq!(
            hex::encode(derive(&[0x0b; 22], &[])),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
        );
    }

    #[test]
    fn the_code_is_that_of_rfc_4231_test_case_1() {
        let mut key = [0; 32];
        // a shorter key is padded with zeros
        key[..20].copy_from_slice(&[0x0b; 20]);
        assert_eq!(
            hex::encode(hmac(&key, &[b"Hi ", b"There"])),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    proptest! {
        #[test]
        fn the_output_is_that_of_the_audited_crate(secret in prop::collection::vec(any::<u8>(), 0..80), info in prop::collection::vec(any::<u8>(), 0..120), cut in any::<prop::sample::Index>()) {
            let mut expected = [0; 32];
            ::hkdf::Hkdf::<sha2::Sha256>::new(None, &secret).expand(&info, &mut expected).unwrap();
            let (left, right) = info.split_at(cut.index(info.len() + 1));
            prop_assert_eq!(derive(&secret, &[left, right]), expected);
        }
    }
}
