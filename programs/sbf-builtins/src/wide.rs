//! 128-bit arithmetic on 64-bit limbs.
//!
//! On BPF these functions *are* the 128-bit operators `*`, `/` and `%`, so they use none of those. (Adding, comparing and
//! shifting 128-bit values compile to plain instructions.)
//! Division follows Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D, with the single-limb quotient
//! estimate of Warren, Hacker's Delight, 2nd edition, 9-4 and 9-5.

const LOW_HALF: u64 = 0xffff_ffff;

#[inline(always)]
const fn split(x: u128) -> (u64, u64) {
    (x as u64, (x >> 64) as u64)
}

#[inline(always)]
const fn join(low: u64, high: u64) -> u128 {
    (low as u128) | ((high as u128) << 64)
}

/// The full 128-bit product of two 64-bit numbers, as (low, high).
#[inline(always)]
fn multiply_limbs(a: u64, b: u64) -> (u64, u64) {
    let (a_low, a_high) = (a & LOW_HALF, a >> 32);
    let (b_low, b_high) = (b & LOW_HALF, b >> 32);
    let low = a_low.wrapping_mul(b_low);
    // neither sum can wrap: (2^32 - 1)^2 + 2 * (2^32 - 1) = 2^64 - 1
    let middle = a_high.wrapping_mul(b_low).wrapping_add(low >> 32);
    let carry = a_low.wrapping_mul(b_high).wrapping_add(middle & LOW_HALF);
    let high = a_high.wrapping_mul(b_high).wrapping_add(middle >> 32).wrapping_add(carry >> 32);
    ((low & LOW_HALF) | (carry << 32), high)
}

/// `a * b` modulo 2^128; right for signed numbers too, in two's complement.
#[inline]
pub fn multiply(a: u128, b: u128) -> u128 {
    let ((a_low, a_high), (b_low, b_high)) = (split(a), split(b));
    let (low, high) = multiply_limbs(a_low, b_low);
    if a_high | b_high == 0 {
        return join(low, high);
    }
    join(low, high.wrapping_add(a_low.wrapping_mul(b_high)).wrapping_add(a_high.wrapping_mul(b_low)))
}

/// (quotient, remainder) of `high * 2^64 + low` by `divisor`, where `high < divisor`, so that the quotient fits one limb.
#[inline]
fn divide_two_limbs_by_one(high: u64, low: u64, divisor: u64) -> (u64, u64) {
    // a half-limb divisor needs no estimates: every partial dividend fits a limb
    if divisor <= LOW_HALF {
        let upper = (high << 32) | (low >> 32);
        let lower = ((upper % divisor) << 32) | (low & LOW_HALF);
        return (((upper / divisor) << 32) | (lower / divisor), lower % divisor);
    }
    // algorithm D with half-limb digits: normalise, so that an estimated digit is at most two too large
    let shift = divisor.leading_zeros();
    let divisor = divisor << shift;
    let high = if shift == 0 { high } else { (high << shift) | (low >> (64 - shift)) };
    let low = low << shift;
    let (upper_digit, rest) = divide_digit(high, low >> 32, divisor);
    let (lower_digit, rest) = divide_digit(rest, low & LOW_HALF, divisor);
    ((upper_digit << 32) | lower_digit, rest >> shift)
}

/// One digit of algorithm D: (quotient, remainder) of `rest * 2^32 + next_digit` by a normalised `divisor > rest`.
#[inline(always)]
fn divide_digit(rest: u64, next_digit: u64, divisor: u64) -> (u64, u64) {
    let (divisor_low, divisor_high) = (divisor & LOW_HALF, divisor >> 32);
    let (mut digit, mut estimate_rest) = (rest / divisor_high, rest % divisor_high);
    while digit > LOW_HALF || digit.wrapping_mul(divisor_low) > ((estimate_rest << 32) | next_digit) {
        digit = digit.wrapping_sub(1);
        estimate_rest = estimate_rest.wrapping_add(divisor_high);
        if estimate_rest > LOW_HALF {
            break;
        }
    }
    // the true remainder is below the divisor, so what wraps away here is zero
    let remainder = ((rest << 32) | next_digit).wrapping_sub(digit.wrapping_mul(divisor));
    (digit, remainder)
}

/// (quotient, remainder) of unsigned numbers. The divisor must not be zero.
#[inline]
pub fn divide(dividend: u128, divisor: u128) -> (u128, u128) {
    let ((low, high), (divisor_low, divisor_high)) = (split(dividend), split(divisor));
    if divisor_high != 0 {
        return if dividend < divisor { (0, dividend) } else { divide_by_two_limbs(dividend, divisor) };
    }
    if high == 0 {
        return (join(low / divisor_low, 0), join(low % divisor_low, 0));
    }
    let (quotient_high, rest) = if high < divisor_low { (0, high) } else { (high / divisor_low, high % divisor_low) };
    let (quotient_low, remainder) = divide_two_limbs_by_one(rest, low, divisor_low);
    (join(quotient_low, quotient_high), join(remainder, 0))
}

/// (quotient, remainder) where `2^64 <= divisor <= dividend`, so that the quotient fits one limb.
#[inline]
fn divide_by_two_limbs(dividend: u128, divisor: u128) -> (u128, u128) {
    let (divisor_low, divisor_high) = split(divisor);
    let shift = divisor_high.leading_zeros();
    // estimate with the divisor's top 64 bits against half the dividend, whose high limb is then smaller than them;
    // the estimate is the quotient or one more, and one less of that is never too large
    let top = if shift == 0 { divisor_high } else { (divisor_high << shift) | (divisor_low >> (64 - shift)) };
    let (half_low, half_high) = split(dividend >> 1);
    let estimate = divide_two_limbs_by_one(half_high, half_low, top).0 >> (63 - shift);
    let quotient = estimate.saturating_sub(1);
    let (product_low, product_high) = multiply_limbs(quotient, divisor_low);
    let product = join(product_low, product_high.wrapping_add(quotient.wrapping_mul(divisor_high)));
    let remainder = dividend.wrapping_sub(product);
    if remainder < divisor {
        (join(quotient, 0), remainder)
    } else {
        (join(quotient.wrapping_add(1), 0), remainder.wrapping_sub(divisor))
    }
}

/// (quotient, remainder) of signed numbers, rounded towards zero, so that the remainder has the dividend's sign.
/// The divisor must not be zero; `i128::MIN / -1` wraps to `i128::MIN`.
#[inline]
pub fn divide_signed(dividend: i128, divisor: i128) -> (i128, i128) {
    let (quotient, remainder) = divide(dividend.unsigned_abs(), divisor.unsigned_abs());
    let (quotient, remainder) = (quotient as i128, remainder as i128);
    let quotient = if (dividend < 0) == (divisor < 0) { quotient } else { quotient.wrapping_neg() };
    (quotient, if dividend < 0 { remainder.wrapping_neg() } else { remainder })
}
