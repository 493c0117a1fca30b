//! IEEE 754 arithmetic in integers, for machines without floating point: the same bits as hardware that rounds to nearest,
//! ties to even, subnormals included.
//!
//! Every NaN that comes out is [`F32::NAN`] or [`F64::NAN`]: which NaN an operation returns is up to the hardware, so whoever
//! compares results must take all NaNs for one ([`F32::same`]).
//!
//! A number is taken apart into an integer and a power of two, computed with exactly or with a last bit that says whether
//! something was cut off ("sticky"), and rounded once.

use core::ops::{Add, Div, Mul, Sub};

/// A format: bits of the fraction, and of the exponent.
trait Format {
    const FRACTION: u32;
    const EXPONENT: u32;
    /// Added to the exponent of a number to make it positive.
    const BIAS: i32 = (1 << (Self::EXPONENT - 1)) - 1;
    /// The exponent of the last bit of the smallest numbers.
    const LEAST: i32 = 1 - Self::BIAS - Self::FRACTION as i32;
    const INFINITY: u64 = ((1 << Self::EXPONENT) - 1) << Self::FRACTION;
    const SIGN: u64 = 1 << (Self::FRACTION + Self::EXPONENT);
    const NAN: u64 = Self::INFINITY | 1 << (Self::FRACTION - 1);
}

struct Single;
impl Format for Single {
    const FRACTION: u32 = 23;
    const EXPONENT: u32 = 8;
}

struct Double;
impl Format for Double {
    const FRACTION: u32 = 52;
    const EXPONENT: u32 = 11;
}

/// A number taken apart.
#[derive(Clone, Copy)]
enum Parts {
    Nan,
    Infinite {
        negative: bool,
    },
    /// `digits` times two to the `exponent`; 0 has a sign too.
    Finite {
        negative: bool,
        digits: u64,
        exponent: i32,
    },
}

fn take_apart<F: Format>(bits: u64) -> Parts {
    let (negative, magnitude) = (bits & F::SIGN != 0, bits & !F::SIGN);
    if magnitude > F::INFINITY {
        return Parts::Nan;
    }
    if magnitude == F::INFINITY {
        return Parts::Infinite { negative };
    }
    let (biased, fraction) = ((magnitude >> F::FRACTION) as i32, magnitude & ((1 << F::FRACTION) - 1));
    match biased {
        0 => Parts::Finite { negative, digits: fraction, exponent: F::LEAST },
        _ => Parts::Finite { negative, digits: fraction | 1 << F::FRACTION, exponent: F::LEAST + biased - 1 },
    }
}

fn signed<F: Format>(negative: bool, magnitude: u64) -> u64 {
    if negative { magnitude | F::SIGN } else { magnitude }
}

/// The number of the format that is nearest to `digits` times two to the `exponent`.
#[inline(never)]
fn round<F: Format>(negative: bool, digits: u128, exponent: i32) -> u64 {
    if digits == 0 {
        return signed::<F>(negative, 0);
    }
    let length = 128 - digits.leading_zeros() as i32;
    let shift = (length - F::FRACTION as i32 - 1).max(F::LEAST - exponent);
    let (mut kept, exponent) = (cut(digits, shift), exponent + shift);
    if kept >> (F::FRACTION + 1) != 0 {
        // rounded up to the next power of two
        kept >>= 1;
        return assemble::<F>(negative, kept, exponent + 1);
    }
    assemble::<F>(negative, kept, exponent)
}

/// `digits` without its last `shift` bits, to nearest, ties to even; with zeros behind it where `shift` is negative.
fn cut(digits: u128, shift: i32) -> u64 {
    if shift <= 0 {
        return (digits << shift.unsigned_abs()) as u64;
    }
    if shift > 127 {
        // less than half of the last bit
        return 0;
    }
    let (kept, rest, half) = (digits >> shift, digits & ((1 << shift) - 1), 1u128 << (shift - 1));
    let up = rest > half || rest == half && kept & 1 == 1;
    kept as u64 + u64::from(up)
}

/// `digits` fit the format's fraction with its leading bit, or are fewer at the least exponent.
fn assemble<F: Format>(negative: bool, digits: u64, exponent: i32) -> u64 {
    if digits >> F::FRACTION == 0 {
        return signed::<F>(negative, digits);
    }
    let biased = exponent - F::LEAST + 1;
    if biased >= (1 << F::EXPONENT) - 1 {
        return signed::<F>(negative, F::INFINITY);
    }
    signed::<F>(negative, ((biased as u64 - 1) << F::FRACTION) + digits)
}

/// How far apart two exponents can be before the smaller number is only felt as less than any bit of the larger.
const APART: i32 = 70;

#[inline(never)]
fn add<F: Format>(left: u64, right: u64) -> u64 {
    use Parts::{Finite, Infinite, Nan};
    match (take_apart::<F>(left), take_apart::<F>(right)) {
        (Nan, _) | (_, Nan) => F::NAN,
        (Infinite { negative: l }, Infinite { negative: r }) if l != r => F::NAN,
        (Infinite { negative }, _) | (_, Infinite { negative }) => signed::<F>(negative, F::INFINITY),
        (Finite { negative: ls, digits: l, exponent: le }, Finite { negative: rs, digits: r, exponent: re }) => {
            if l == 0 && r == 0 {
                return signed::<F>(ls && rs, 0);
            }
            let (high, low) = if le >= re { ((ls, l, le), (rs, r, re)) } else { ((rs, r, re), (ls, l, le)) };
            if high.1 == 0 {
                return round::<F>(low.0, low.1.into(), low.2);
            }
            let apart = (high.2 - low.2).min(APART);
            let (larger, exponent) = (u128::from(high.1) << apart, high.2 - apart);
            let smaller = if high.2 - low.2 > APART { u128::from(low.1 != 0) } else { u128::from(low.1) };
            if high.0 == low.0 {
                return round::<F>(high.0, larger + smaller, exponent);
            }
            match larger.checked_sub(smaller) {
                // what cancels exactly is +0
                Some(0) => 0,
                Some(difference) => round::<F>(high.0, difference, exponent),
                None => round::<F>(low.0, smaller - larger, exponent),
            }
        }
    }
}

#[inline(never)]
fn multiply<F: Format>(left: u64, right: u64) -> u64 {
    use Parts::{Finite, Infinite, Nan};
    let negative = (left ^ right) & F::SIGN != 0;
    match (take_apart::<F>(left), take_apart::<F>(right)) {
        (Nan, _) | (_, Nan) => F::NAN,
        (Infinite { .. }, Finite { digits: 0, .. }) | (Finite { digits: 0, .. }, Infinite { .. }) => F::NAN,
        (Infinite { .. }, _) | (_, Infinite { .. }) => signed::<F>(negative, F::INFINITY),
        (Finite { digits: l, exponent: le, .. }, Finite { digits: r, exponent: re, .. }) => {
            round::<F>(negative, u128::from(l) * u128::from(r), le + re)
        }
    }
}

#[inline(never)]
fn divide<F: Format>(left: u64, right: u64) -> u64 {
    use Parts::{Finite, Infinite, Nan};
    let negative = (left ^ right) & F::SIGN != 0;
    match (take_apart::<F>(left), take_apart::<F>(right)) {
        (Nan, _) | (_, Nan) | (Infinite { .. }, Infinite { .. }) => F::NAN,
        (Finite { digits: 0, .. }, Finite { digits: 0, .. }) => F::NAN,
        (Infinite { .. }, _) | (_, Finite { digits: 0, .. }) => signed::<F>(negative, F::INFINITY),
        (_, Infinite { .. }) => signed::<F>(negative, 0),
        (Finite { digits: l, exponent: le, .. }, Finite { digits: r, exponent: re, .. }) => {
            if l == 0 {
                return signed::<F>(negative, 0);
            }
            // of equal length, so that the quotient is between 1/2 and 2, and has all bits that count after so many steps
            let (l_length, r_length) = (64 - l.leading_zeros() as i32, 64 - r.leading_zeros() as i32);
            let full = F::FRACTION as i32 + 1;
            let (divisor, mut rest) = (r << (full - r_length), l << (full - l_length));
            let exponent = le - (full - l_length) - (re - (full - r_length));
            let (mut quotient, steps) = (0u64, F::FRACTION as i32 + 4);
            for _ in 0..steps {
                quotient <<= 1;
                if rest >= divisor {
                    rest -= divisor;
                    quotient |= 1;
                }
                rest <<= 1;
            }
            let sticky = u128::from(rest != 0);
            round::<F>(negative, u128::from(quotient) << 1 | sticky, exponent - steps)
        }
    }
}

#[inline(never)]
fn square_root<F: Format>(bits: u64) -> u64 {
    match take_apart::<F>(bits) {
        Parts::Nan => F::NAN,
        Parts::Finite { digits: 0, .. } => bits,
        Parts::Finite { negative: true, .. } | Parts::Infinite { negative: true } => F::NAN,
        Parts::Infinite { negative: false } => F::INFINITY,
        Parts::Finite { negative: false, digits, exponent } => {
            // an even exponent, and so many bits that the root has all that count
            let room = digits.leading_zeros() as i32 + 62;
            let shift = room - ((exponent - room) & 1);
            let (mut rest, mut root) = (u128::from(digits) << shift, 0u128);
            let mut bit = 1u128 << 126;
            while bit > 0 {
                if rest >= root + bit {
                    rest -= root + bit;
                    root = (root >> 1) + bit;
                } else {
                    root >>= 1;
                }
                bit >>= 2;
            }
            round::<F>(false, root << 1 | u128::from(rest != 0), ((exponent - shift) >> 1) - 1)
        }
    }
}

macro_rules! float {
    ($(#[$doc:meta])* $name:ident($bits:ty) of $format:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $bits);

        impl $name {
            /// The NaN that operations return.
            pub const NAN: Self = Self(<$format>::NAN as $bits);

            /// Whether this is a NaN.
            #[must_use]
            pub fn is_nan(self) -> bool {
                u64::from(self.0) & !<$format>::SIGN > <$format>::INFINITY
            }

            /// Whether these are the same bits, or both NaN.
            #[must_use]
            pub fn same(self, other: Self) -> bool {
                self == other || self.is_nan() && other.is_nan()
            }

            /// Whether this is at most `other`. A NaN never is, nor is anything at most a NaN.
            #[must_use]
            pub fn at_most(self, other: Self) -> bool {
                let number = |bits: u64| {
                    let magnitude = (bits & !<$format>::SIGN) as i64;
                    if bits & <$format>::SIGN == 0 { magnitude } else { -magnitude }
                };
                !self.is_nan() && !other.is_nan() && number(self.0.into()) <= number(other.0.into())
            }

            /// The square root.
            #[must_use]
            pub fn sqrt(self) -> Self {
                Self(square_root::<$format>(self.0.into()) as $bits)
            }
        }

        impl From<u32> for $name {
            fn from(value: u32) -> Self {
                Self(round::<$format>(false, value.into(), 0) as $bits)
            }
        }

        impl Add for $name {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(add::<$format>(self.0.into(), other.0.into()) as $bits)
            }
        }

        #[allow(clippy::suspicious_arithmetic_impl, reason = "a difference is a sum with the other sign")]
        impl Sub for $name {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(add::<$format>(self.0.into(), u64::from(other.0) ^ <$format>::SIGN) as $bits)
            }
        }

        impl Mul for $name {
            type Output = Self;
            fn mul(self, other: Self) -> Self {
                Self(multiply::<$format>(self.0.into(), other.0.into()) as $bits)
            }
        }

        impl Div for $name {
            type Output = Self;
            fn div(self, other: Self) -> Self {
                Self(divide::<$format>(self.0.into(), other.0.into()) as $bits)
            }
        }
    };
}

float! {
    /// The bits of an f32.
    F32(u32) of Single
}

float! {
    /// The bits of an f64.
    F64(u64) of Double
}

impl From<F64> for F32 {
    /// The nearest number.
    fn from(value: F64) -> Self {
        match take_apart::<Double>(value.0) {
            Parts::Nan => Self::NAN,
            Parts::Infinite { negative } => Self(signed::<Single>(negative, Single::INFINITY) as u32),
            Parts::Finite { negative, digits, exponent } => {
                Self(round::<Single>(negative, digits.into(), exponent) as u32)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bits that meet the corners more often than random ones do: zeros, subnormals, ends of ranges, NaN, and neighbours.
    fn single() -> impl Strategy<Value = u32> {
        prop_oneof![
            4 => any::<u32>(),
            2 => (any::<bool>(), 0u32..255, prop_oneof![Just(0u32), Just(1), Just(0x7f_ffff), Just(0x40_0000), any::<u32>()])
                .prop_map(|(sign, exponent, fraction)| u32::from(sign) << 31 | exponent << 23 | fraction & 0x7f_ffff),
            1 => (any::<bool>(), 0u32..0x0100_0000).prop_map(|(sign, small)| u32::from(sign) << 31 | small),
            1 => prop::sample::select(vec![0, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 0xffc1_2345, 0x7f80_0001, 1, 0x7f7f_ffff]),
            2 => (0x3f00_0000u32..0x4080_0000, any::<bool>()).prop_map(|(near, sign)| u32::from(sign) << 31 | near),
        ]
    }

    fn double() -> impl Strategy<Value = u64> {
        prop_oneof![
            4 => any::<u64>(),
            2 => (any::<bool>(), 0u64..2047, prop_oneof![Just(0u64), Just(1), Just((1 << 52) - 1), Just(1 << 51), any::<u64>()])
                .prop_map(|(sign, exponent, fraction)| u64::from(sign) << 63 | exponent << 52 | fraction & ((1 << 52) - 1)),
            1 => (any::<bool>(), 0u64..1 << 53).prop_map(|(sign, small)| u64::from(sign) << 63 | small),
            2 => (0x3fe0_0000_0000_0000u64..0x4010_0000_0000_0000, any::<bool>()).prop_map(|(near, sign)| u64::from(sign) << 63 | near),
        ]
    }

    #[track_caller]
    fn singles(soft: F32, hard: f32) {
        assert!(soft.same(F32(hard.to_bits())), "{:08x} against {:08x}", soft.0, hard.to_bits());
    }

    #[track_caller]
    fn doubles(soft: F64, hard: f64) {
        assert!(soft.same(F64(hard.to_bits())), "{:016x} against {:016x}", soft.0, hard.to_bits());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn singles_come_out_as_from_hardware(left in single(), right in single()) {
            let (l, r) = (f32::from_bits(left), f32::from_bits(right));
            singles(F32(left) + F32(right), l + r);
            singles(F32(left) - F32(right), l - r);
            singles(F32(left) * F32(right), l * r);
            singles(F32(left) / F32(right), l / r);
            singles(F32(left).sqrt(), l.sqrt());
            singles(F32::from(left), left as f32);
            prop_assert_eq!(F32(left).at_most(F32(right)), l <= r);
        }

        #[test]
        fn doubles_come_out_as_from_hardware(left in double(), right in double(), count: u32) {
            let (l, r) = (f64::from_bits(left), f64::from_bits(right));
            doubles(F64(left) + F64(right), l + r);
            doubles(F64(left) - F64(right), l - r);
            doubles(F64(left) * F64(right), l * r);
            doubles(F64(left) / F64(right), l / r);
            doubles(F64(left).sqrt(), l.sqrt());
            doubles(F64::from(count), f64::from(count));
            singles(F32::from(F64(left)), l as f32);
            prop_assert_eq!(F64(left).at_most(F64(right)), l <= r);
        }

        #[test]
        fn nearly_equal_numbers_cancel_as_in_hardware(near in single(), off in -40i32..40, shift in 0u32..30) {
            let other = near.wrapping_add_signed(off << (shift % 8)) ^ if shift > 15 { 1 << 31 } else { 0 };
            let (l, r) = (f32::from_bits(near), f32::from_bits(other));
            singles(F32(near) + F32(other), l + r);
            singles(F32(near) - F32(other), l - r);
            singles(F32(near) / F32(other), l / r);
        }
    }

    #[test]
    fn roots_of_every_fraction_at_an_even_and_an_odd_exponent_come_out_as_from_hardware() {
        for exponent in [127u32, 128, 1, 254] {
            for fraction in (0..1u32 << 23).step_by(61) {
                let bits = exponent << 23 | fraction;
                singles(F32(bits).sqrt(), f32::from_bits(bits).sqrt());
            }
        }
    }

    #[test]
    fn zeros_keep_their_signs() {
        let (plus, minus) = (F32(0), F32(1 << 31));
        assert_eq!(
            [plus + minus, minus + minus, plus - plus, minus - plus, minus * plus],
            [plus, minus, plus, minus, minus]
        );
        assert_eq!(minus.sqrt(), minus);
        assert!(plus.at_most(minus) && minus.at_most(plus));
        assert_eq!(F32(1) * F32(0x3f00_0000), plus);
    }
}
