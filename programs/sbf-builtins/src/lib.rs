//! 128-bit integer arithmetic for programs that an upstream rustc compiles to SBF.
//!
//! BPF has no 128-bit instructions, so the compiler calls library functions (`__multi3`, `__udivti3`, ...). rustc 1.96 and
//! LLVM 23 disagree about how those functions return: a Rust function that returns `u128` on BPF writes its result through a
//! hidden pointer, while LLVM's calls expect it in two registers. The builtins that come with the standard library, being
//! Rust functions, therefore write to whatever address the first argument happens to hold. `extern "unadjusted"` leaves the
//! signature to LLVM, and the two sides agree again.
//!
//! A program links this crate by naming it, beside `solana-compiler-builtins` for `memcpy` and friends:
//!
//! ```ignore
//! #[cfg(target_arch = "bpf")]
//! use {sbf_builtins as _, solana_compiler_builtins as _};
//! ```
//!
//! Solana's own platform tools (`cargo build-sbf`) have another target architecture and do not need it. On the host only the
//! arithmetic in [`wide`] is compiled, so that it can be tested against the native `u128`.
#![no_std]
#![cfg_attr(target_arch = "bpf", feature(abi_unadjusted))]
#![cfg_attr(target_arch = "bpf", allow(internal_features, reason = "no stable ABI returns 128 bits in registers"))]

pub mod wide;

#[cfg(target_arch = "bpf")]
mod exports;
