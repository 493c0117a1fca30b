//! SHA-256 (FIPS 180-4) of several messages of one length side by side, where the processor has AVX-512 or Intel's SHA
//! extensions; elsewhere [`crate::digest::tagged`] takes them one by one.
//!
//! Each step of a training run commits to all gradients and to the whole state, and a single message leaves the processor
//! idle, for each round waits for the round before. `tensor_root` of 13 MB on one core of a Xeon (Sapphire Rapids): 21 ms one
//! by one, 9.2 ms by four streams of the SHA extensions, 5 ms by sixteen lanes of AVX-512.

use core::arch::x86_64::*;
use core::mem::transmute;

use crate::digest::Digest;

/// Messages that are hashed side by side.
pub(crate) const LANES: usize = 16;

/// Bytes that SHA-256 takes at a time.
pub(crate) type Block = [u8; 64];

/// The words a to h of FIPS 180-4.
pub(crate) type State = [u32; 8];

/// The state before the first block (FIPS 180-4, 5.3.3).
pub(crate) const INITIAL: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// The constants of the rounds (FIPS 180-4, 4.2.2).
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

/// The states that each of `messages`, whole blocks with `end` behind them, leads to from `start`. `None` where the processor has neither
/// AVX-512 nor the SHA extensions: there is nothing to gain then.
pub(crate) fn compress<const N: usize>(
    start: &State,
    messages: &[&[u8; N]; LANES],
    end: Option<&CommonBlock>,
) -> Option<[State; LANES]> {
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") {
        // SAFETY: the processor has what the function is compiled for
        return Some(unsafe { avx512(start, messages, end) });
    }
    sha_extensions(start, messages, end)
}

fn sha_extensions<const N: usize>(
    start: &State,
    messages: &[&[u8; N]; LANES],
    end: Option<&CommonBlock>,
) -> Option<[State; LANES]> {
    if !(is_x86_feature_detected!("sha") && is_x86_feature_detected!("sse4.1") && is_x86_feature_detected!("ssse3")) {
        return None;
    }
    let mut states = [[0; 8]; LANES];
    for (states, messages) in states.as_chunks_mut().0.iter_mut().zip(messages.as_chunks().0) {
        // SAFETY: the processor has what the function is compiled for
        *states = unsafe { interleaved(start, messages, end) };
    }
    Some(states)
}

/// A block that all messages have, with what its rounds add prepared.
#[derive(Debug)]
pub(crate) struct CommonBlock {
    bytes: Block,
    /// The message schedule (FIPS 180-4, 6.2.2) with the constants of the rounds added.
    added: [u32; 64],
}

impl CommonBlock {
    pub(crate) fn new(bytes: &Block) -> Self {
        let mut w = [0u32; 64];
        for (word, bytes) in w.iter_mut().zip(bytes.as_chunks().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        for t in 16..64 {
            let (w15, w2) = (w[t - 15], w[t - 2]);
            let s0 = w15.rotate_right(7) ^ w15.rotate_right(18) ^ (w15 >> 3);
            let s1 = w2.rotate_right(17) ^ w2.rotate_right(19) ^ (w2 >> 10);
            w[t] = w[t - 16].wrapping_add(s0).wrapping_add(w[t - 7]).wrapping_add(s1);
        }
        let mut round = 0..64;
        let added = w.map(|word| round.next().map_or(0, |round| word.wrapping_add(K[round])));
        Self { bytes: *bytes, added }
    }
}

/// The digest of a message that ends in `state`.
pub(crate) fn digest(state: State) -> Digest {
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    Digest(digest)
}

/// What [`crate::digest::tagged`] hashes, padded to whole blocks (FIPS 180-4, 5.1.1), which are `N` bytes.
pub(crate) fn tagged_message<const N: usize>(domain: &[u8], parts: &[&[u8]]) -> [u8; N] {
    let mut message = vec![domain.len() as u8];
    message.extend(domain);
    for part in parts {
        message.extend((part.len() as u64).to_le_bytes());
        message.extend(*part);
    }
    let bits = 8 * message.len() as u64;
    message.push(0x80);
    assert_eq!((message.len() + 8).next_multiple_of(64), N, "bytes of the message");
    let mut padded = [0; N];
    padded[..message.len()].copy_from_slice(&message);
    padded[N - 8..].copy_from_slice(&bits.to_be_bytes());
    padded
}

/// Streams whose rounds alternate, so that none waits for the result of its own last instruction.
const STREAMS: usize = 4;

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn interleaved<const N: usize>(
    start: &State,
    messages: &[&[u8; N]; STREAMS],
    end: Option<&CommonBlock>,
) -> [State; STREAMS] {
    let [a, b, c, d, e, f, g, h] = start.map(u32::cast_signed);
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    let mut abef = [_mm_set_epi32(a, b, e, f); STREAMS];
    let mut cdgh = [_mm_set_epi32(c, d, g, h); STREAMS];
    for block in 0..N / 64 + usize::from(end.is_some()) {
        let before = (abef, cdgh);
        let mut words = [[_mm_setzero_si128(); 4]; STREAMS];
        for (words, message) in words.iter_mut().zip(messages) {
            let bytes = message
                .as_chunks()
                .0
                .get(block)
                .or(end.map(|end| &end.bytes))
                .map_or(&[][..], |block| block.as_chunks::<16>().0);
            for (words, bytes) in words.iter_mut().zip(bytes) {
                // SAFETY: 16 bytes, and any bits are a value of either type
                *words = _mm_shuffle_epi8(unsafe { transmute::<[u8; 16], __m128i>(*bytes) }, big_endian);
            }
        }
        for four in 0..16 {
            let k = &K[4 * four..];
            let k = _mm_set_epi32(k[3] as i32, k[2] as i32, k[1] as i32, k[0] as i32);
            for lane in 0..STREAMS {
                let w = &mut words[lane];
                let now = _mm_add_epi32(w[four % 4], k);
                cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], now);
                abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], _mm_shuffle_epi32(now, 0x0e));
                if four < 12 {
                    let [w0, w1, w2, w3] = [w[four % 4], w[(four + 1) % 4], w[(four + 2) % 4], w[(four + 3) % 4]];
                    let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
                    w[four % 4] = _mm_sha256msg2_epu32(sum, w3);
                }
            }
        }
        for lane in 0..STREAMS {
            abef[lane] = _mm_add_epi32(abef[lane], before.0[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], before.1[lane]);
        }
    }
    let mut states = [[0; 8]; STREAMS];
    for (state, (abef, cdgh)) in states.iter_mut().zip(abef.into_iter().zip(cdgh)) {
        // SAFETY: 16 bytes each, and any bits are a value of either type
        let [[f, e, b, a], [h, g, d, c]] = unsafe { transmute::<[__m128i; 2], [[u32; 4]; 2]>([abef, cdgh]) };
        *state = [a, b, c, d, e, f, g, h];
    }
    states
}

/// Word `i` of every message in vector `i`.
#[target_feature(enable = "avx512f,avx512bw")]
fn words_of_lanes<const N: usize>(messages: &[&[u8; N]; LANES], block: usize) -> [__m512i; 16] {
    let big_endian = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203));
    let mut rows = [_mm512_setzero_si512(); 16];
    for (row, message) in rows.iter_mut().zip(messages) {
        // a hint, whatever lies there
        _mm_prefetch::<_MM_HINT_T0>(message.as_ptr().wrapping_add(LANES * N + 64 * block).cast());
        // SAFETY: 64 bytes, and any bits are a value of either type
        *row = _mm512_shuffle_epi8(unsafe { transmute::<Block, __m512i>(message.as_chunks().0[block]) }, big_endian);
    }
    let mut quads = [_mm512_setzero_si512(); 16];
    for i in 0..4 {
        let [a, b, c, d] = [rows[4 * i], rows[4 * i + 1], rows[4 * i + 2], rows[4 * i + 3]];
        let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        quads[4 * i] = _mm512_unpacklo_epi64(ab_low, cd_low);
        quads[4 * i + 1] = _mm512_unpackhi_epi64(ab_low, cd_low);
        quads[4 * i + 2] = _mm512_unpacklo_epi64(ab_high, cd_high);
        quads[4 * i + 3] = _mm512_unpackhi_epi64(ab_high, cd_high);
    }
    let mut words = [_mm512_setzero_si512(); 16];
    for i in 0..4 {
        let [a, b, c, d] = [quads[i], quads[i + 4], quads[i + 8], quads[i + 12]];
        let (ab_low, ab_high) = (_mm512_shuffle_i32x4(a, b, 0x44), _mm512_shuffle_i32x4(a, b, 0xee));
        let (cd_low, cd_high) = (_mm512_shuffle_i32x4(c, d, 0x44), _mm512_shuffle_i32x4(c, d, 0xee));
        words[i] = _mm512_shuffle_i32x4(ab_low, cd_low, 0x88);
        words[i + 4] = _mm512_shuffle_i32x4(ab_low, cd_low, 0xdd);
        words[i + 8] = _mm512_shuffle_i32x4(ab_high, cd_high, 0x88);
        words[i + 12] = _mm512_shuffle_i32x4(ab_high, cd_high, 0xdd);
    }
    words
}

/// The statement once for each of the numbers 0 to 15, as a constant: a compiler leaves a loop over so long a body as it is, and
/// then keeps the words in memory instead of registers.
macro_rules! each_of_sixteen {
    (|$i:ident| $statement:expr) => {
        each_of_sixteen!(|$i| $statement; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (|$i:ident| $statement:expr; $($number:literal)*) => {
        $({
            const $i: usize = $number;
            $statement;
        })*
    };
}

/// One round of FIPS 180-4, 6.2.2 with one message in each lane; `added` is the word of its schedule and the constant.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn round([a, b, c, d, e, f, g, h]: [__m512i; 8], added: __m512i) -> [__m512i; 8] {
    let s1 = xor3(_mm512_ror_epi32(e, 6), _mm512_ror_epi32(e, 11), _mm512_ror_epi32(e, 25));
    let choice = _mm512_ternarylogic_epi32(e, f, g, 0xca);
    let t1 = _mm512_add_epi32(_mm512_add_epi32(h, added), _mm512_add_epi32(s1, choice));
    let s0 = xor3(_mm512_ror_epi32(a, 2), _mm512_ror_epi32(a, 13), _mm512_ror_epi32(a, 22));
    let majority = _mm512_ternarylogic_epi32(a, b, c, 0xe8);
    [_mm512_add_epi32(t1, _mm512_add_epi32(s0, majority)), a, b, c, _mm512_add_epi32(d, t1), e, f, g]
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn sum(mut state: [__m512i; 8], worked: [__m512i; 8]) -> [__m512i; 8] {
    for (lanes, worked) in state.iter_mut().zip(worked) {
        *lanes = _mm512_add_epi32(*lanes, worked);
    }
    state
}

#[target_feature(enable = "avx512f,avx512bw")]
fn avx512<const N: usize>(start: &State, messages: &[&[u8; N]; LANES], end: Option<&CommonBlock>) -> [State; LANES] {
    let mut state = [_mm512_setzero_si512(); 8];
    for (lanes, word) in state.iter_mut().zip(start) {
        *lanes = _mm512_set1_epi32(word.cast_signed());
    }
    for block in 0..N / 64 {
        let mut w = words_of_lanes(messages, block);
        let mut worked = state;
        let (last, first) = K.as_chunks().0.split_last().unwrap_or((&[0; 16], &[]));
        for k in first {
            each_of_sixteen!(|I| {
                worked = round(worked, _mm512_add_epi32(w[I], _mm512_set1_epi32(k[I].cast_signed())));
                let (w1, w14) = (w[(I + 1) % 16], w[(I + 14) % 16]);
                let s0 = xor3(_mm512_ror_epi32(w1, 7), _mm512_ror_epi32(w1, 18), _mm512_srli_epi32(w1, 3));
                let s1 = xor3(_mm512_ror_epi32(w14, 17), _mm512_ror_epi32(w14, 19), _mm512_srli_epi32(w14, 10));
                w[I] = _mm512_add_epi32(_mm512_add_epi32(w[I], s0), _mm512_add_epi32(w[(I + 9) % 16], s1));
            });
        }
        each_of_sixteen!(|I| {
            worked = round(worked, _mm512_add_epi32(w[I], _mm512_set1_epi32(last[I].cast_signed())));
        });
        state = sum(state, worked);
    }
    if let Some(end) = end {
        let mut worked = state;
        for added in end.added.as_chunks::<16>().0 {
            each_of_sixteen!(|I| worked = round(worked, _mm512_set1_epi32(added[I].cast_signed())));
        }
        state = sum(state, worked);
    }
    // SAFETY: 64 bytes each, and any bits are a value of either type
    let words = unsafe { transmute::<[__m512i; 8], [[u32; LANES]; 8]>(state) };
    let mut states = [[0; 8]; LANES];
    for (lane, state) in states.iter_mut().enumerate() {
        for (word, lanes) in state.iter_mut().zip(&words) {
            *word = lanes[lane];
        }
    }
    states
}

#[target_feature(enable = "avx512f")]
fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
    _mm512_ternarylogic_epi32(a, b, c, 0x96)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::tagged;
    use proptest::prelude::*;

    const DOMAIN: &[u8] = b"test";

    proptest! {
        #[test]
        fn either_way_each_lane_has_the_digest_of_its_own_message(
            // with their length and the domain, two blocks
            length in 43usize..=106, bytes in prop::collection::vec(any::<u8>(), 106 * LANES)
        ) {
            let parts: Vec<&[u8]> = bytes.chunks(length).take(LANES).collect();
            let messages: [[u8; 128]; LANES] = core::array::from_fn(|lane| tagged_message(DOMAIN, &[parts[lane]]));
            let messages = messages.each_ref();
            let digests: Vec<Digest> = parts.iter().map(|part| tagged(DOMAIN, &[part])).collect();
            for states in [compress(&INITIAL, &messages, None), sha_extensions(&INITIAL, &messages, None)].into_iter().flatten() {
                prop_assert_eq!(&states.map(digest)[..], &digests);
            }
        }

        #[test]
        fn a_common_end_is_as_if_each_message_had_it(
            bytes in prop::collection::vec(any::<u8>(), 64 * LANES), end in prop::array::uniform32(any::<u8>())
        ) {
            let mut last = [0; 64];
            last[32..].copy_from_slice(&end);
            let starts: &[Block; LANES] = bytes.as_chunks().0.try_into().unwrap();
            let whole = starts.map(|start| {
                let mut message = [0; 128];
                message[..64].copy_from_slice(&start);
                message[64..].copy_from_slice(&last);
                message
            });
            let common = CommonBlock::new(&last);
            let expected = compress(&INITIAL, &whole.each_ref(), None);
            prop_assert_eq!(compress(&INITIAL, &starts.each_ref(), Some(&common)), expected);
            if let Some(states) = sha_extensions(&INITIAL, &starts.each_ref(), Some(&common)) {
                prop_assert_eq!(Some(states), expected);
            }
        }
    }
}
