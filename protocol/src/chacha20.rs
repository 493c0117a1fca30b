//! The stream cipher ChaCha20 (RFC 8439, section 2.4), small enough for a program on the chain.
//!
//! Off chain an audited crate encrypts; this is what a program checks with. A test compares the two.

/// Bytes of one block of the key stream.
pub const BLOCK_BYTES: usize = 64;

const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

macro_rules! quarter_round {
    ($a:ident, $b:ident, $c:ident, $d:ident) => {
        $a = $a.wrapping_add($b);
        $d = ($d ^ $a).rotate_left(16);
        $c = $c.wrapping_add($d);
        $b = ($b ^ $c).rotate_left(12);
        $a = $a.wrapping_add($b);
        $d = ($d ^ $a).rotate_left(8);
        $c = $c.wrapping_add($d);
        $b = ($b ^ $c).rotate_left(7);
    };
}

/// The key stream of one key and nonce.
#[derive(Clone)]
pub struct ChaCha20 {
    key: [u32; 8],
    nonce: [u32; 3],
}

impl ChaCha20 {
    /// The stream of a 256-bit key and a 96-bit nonce.
    #[must_use]
    pub fn new(key: &[u8; 32], nonce: &[u8; 12]) -> Self {
        Self { key: words(key), nonce: words(nonce) }
    }

    /// XORs the key stream, from block `counter` on, over `data`: encrypts and decrypts.
    pub fn apply(&self, counter: u32, data: &mut [u8]) {
        for (place, block) in (0..).zip(data.chunks_mut(BLOCK_BYTES)) {
            let stream = self.block(counter.wrapping_add(place));
            let (words, rest) = block.as_chunks_mut::<4>();
            for (four, mask) in words.iter_mut().zip(stream) {
                *four = (u32::from_le_bytes(*four) ^ mask).to_le_bytes();
            }
            // the last block may end within a word
            for (byte, mask) in rest.iter_mut().zip(stream[words.len() % 16].to_le_bytes()) {
                *byte ^= mask;
            }
        }
    }

    fn block(&self, counter: u32) -> [u32; 16] {
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.key;
        let [n0, n1, n2] = self.nonce;
        let [c0, c1, c2, c3] = CONSTANTS;
        // sixteen variables and not an array: the compiler keeps them apart
        let (mut x0, mut x1, mut x2, mut x3) = (c0, c1, c2, c3);
        let (mut x4, mut x5, mut x6, mut x7) = (k0, k1, k2, k3);
        let (mut x8, mut x9, mut x10, mut x11) = (k4, k5, k6, k7);
        let (mut x12, mut x13, mut x14, mut x15) = (counter, n0, n1, n2);
        for _ in 0..10 {
            quarter_round!(x0, x4, x8, x12);
            quarter_round!(x1, x5, x9, x13);
            quarter_round!(x2, x6, x10, x14);
            quarter_round!(x3, x7, x11, x15);
            quarter_round!(x0, x5, x10, x15);
            quarter_round!(x1, x6, x11, x12);
            quarter_round!(x2, x7, x8, x13);
            quarter_round!(x3, x4, x9, x14);
        }
        let mixed = [x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15];
        let start = [c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, counter, n0, n1, n2];
        core::array::from_fn(|place| mixed[place].wrapping_add(start[place]))
    }
}

fn words<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> [u32; WORDS] {
    const { assert!(BYTES == 4 * WORDS) };
    core::array::from_fn(|word| {
        u32::from_le_bytes([bytes[4 * word], bytes[4 * word + 1], bytes[4 * word + 2], bytes[4 * word + 3]])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20poly1305::{
        ChaCha20Poly1305, KeyInit,
        aead::{Aead, Payload},
    };
    use proptest::prelude::*;

    const COUNTED: [u8; 32] = {
        let mut key = [0; 32];
        let mut at = 0;
        while at < 32 {
            key[at] = at as u8;
            at += 1;
        }
        key
    };

    fn stream(key: &[u8; 32], nonce: &str, counter: u32, bytes: usize) -> String {
        let mut nonce_bytes = [0; 12];
        hex::decode_to_slice(nonce, &mut nonce_bytes).unwrap();
        let mut data = vec![0; bytes];
        ChaCha20::new(key, &nonce_bytes).apply(counter, &mut data);
        hex::encode(data)
    }

    #[test]
    fn a_block_is_the_one_of_rfc_8439_section_2_3_2() {
        assert_eq!(
            stream(&COUNTED, "000000090000004a00000000", 1, 64),
            "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e\
             d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
        );
    }

    #[test]
    fn the_text_of_rfc_8439_section_2_4_2_is_encrypted_as_there() {
        let mut data = *b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let mut nonce = [0; 12];
        nonce[7] = 0x4a;
        ChaCha20::new(&COUNTED, &nonce).apply(1, &mut data);
        assert_eq!(
            hex::encode(data),
            "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dabcd62b357\
             1639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736\
             5af90bbf74a35be6b40b8eedf2785e42874d"
        );
    }

    #[test]
    fn the_streams_of_rfc_8439_appendix_a_1_come_out() {
        // test vectors 1 and 2
        let zero = [0; 32];
        assert_eq!(
            stream(&zero, "000000000000000000000000", 0, 64),
            "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
             da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
        );
        assert_eq!(
            stream(&zero, "000000000000000000000000", 1, 64),
            "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed\
             29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
        );
    }

    proptest! {
        #[test]
        fn the_stream_is_that_of_the_audited_crate(key: [u8; 32], nonce: [u8; 12], plain in prop::collection::vec(any::<u8>(), 0..900)) {
            // the crate encrypts from block 1 on: block 0 makes the key of its authenticator
            let sealed = ChaCha20Poly1305::new(&key.into())
                .encrypt(&nonce.into(), Payload { msg: &plain, aad: &[] })
                .unwrap();
            let mut ours = plain.clone();
            ChaCha20::new(&key, &nonce).apply(1, &mut ours);
            prop_assert_eq!(&sealed[..plain.len()], &ours);
            ChaCha20::new(&key, &nonce).apply(1, &mut ours);
            prop_assert_eq!(ours, plain);
        }
    }
}
