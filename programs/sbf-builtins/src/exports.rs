//! The symbols that LLVM calls, with the calling convention that it expects. See the crate's documentation.
//!
//! Rust checks for a zero divisor and for `i128::MIN / -1` before it makes these calls. 128-bit shifts, comparisons, sums and
//! overflow checks need no symbol: LLVM expands them in place.

use crate::wide;

#[unsafe(no_mangle)]
extern "unadjusted" fn __multi3(a: u128, b: u128) -> u128 {
    wide::multiply(a, b)
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __udivti3(dividend: u128, divisor: u128) -> u128 {
    wide::divide(dividend, divisor).0
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __umodti3(dividend: u128, divisor: u128) -> u128 {
    wide::divide(dividend, divisor).1
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __divti3(dividend: i128, divisor: i128) -> i128 {
    wide::divide_signed(dividend, divisor).0
}

#[unsafe(no_mangle)]
extern "unadjusted" fn __modti3(dividend: i128, divisor: i128) -> i128 {
    wide::divide_signed(dividend, divisor).1
}
