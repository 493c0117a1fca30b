//! The limb arithmetic equals the host's native 128-bit operators.

use proptest::prelude::*;
use sbf_builtins::wide;

/// Where carries, borrows and the corrections of a quotient estimate happen: around every power of two and every half limb.
fn edges() -> Vec<u128> {
    let powers = (0..128).map(|bit| 1_u128 << bit);
    let mut edges: Vec<u128> = powers.flat_map(|power| [power.wrapping_sub(1), power, power.wrapping_add(1)]).collect();
    let digits: [u128; 5] = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    for a in digits {
        for b in digits {
            for c in digits {
                edges.extend(digits.map(|d| a << 96 | b << 64 | c << 32 | d));
            }
        }
    }
    edges.extend([u128::MAX, u128::MAX - 1, i128::MAX as u128, i128::MIN as u128]);
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn assert_matches_native(a: u128, b: u128) {
    assert_eq!(wide::multiply(a, b), a.wrapping_mul(b), "{a:#x} * {b:#x}");
    if b != 0 {
        assert_eq!(wide::divide(a, b), (a / b, a % b), "{a:#x} / {b:#x}");
        let (a, b) = (a as i128, b as i128);
        assert_eq!(wide::divide_signed(a, b), (a.wrapping_div(b), a.wrapping_rem(b)), "{a} / {b}");
    }
}

#[test]
fn products_and_quotients_match_native_at_every_pair_of_edges() {
    let edges = edges();
    for &a in &edges {
        for &b in &edges {
            assert_matches_native(a, b);
        }
    }
}

/// A number of any length: uniform 128-bit numbers alone would almost never have a short divisor.
fn any_length() -> impl Strategy<Value = u128> {
    (any::<u128>(), 0..128_u32).prop_map(|(value, drop)| value >> drop)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn products_and_quotients_match_native(a in any_length(), b in any_length()) {
        assert_matches_native(a, b);
    }

    #[test]
    fn quotients_match_native_beside_exact_multiples(divisor in any_length(), factor in any_length(), offset in -2_i128..=2) {
        let near_multiple = divisor.wrapping_mul(factor).wrapping_add_signed(offset);
        assert_matches_native(near_multiple, divisor);
    }
}
