//! What is fuzzed: a function for each decoder of bytes that somebody else wrote. None may panic, whatever the bytes; where
//! a format has one encoding of a value, what was read must also write back to the same bytes.
//!
//! `scripts/fuzz.sh` runs them under libFuzzer, from seeds that the program tests write (`tests/tests/program_seeds.rs`).
//! A test fails where a program, an account type or a decoder of `protocol` has no target.

pub mod call;
mod decoders;
mod programs;

pub use programs::{PROGRAMS, ProgramTargets};

/// A decoder to run on any bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Names it for `FUZZ_TARGET` and in folders of seeds and findings.
    pub name: &'static str,
    /// Runs it; panics where it finds something.
    pub run: fn(&[u8]),
    /// Whether the bytes are an encoded [`call::Call`], which is better changed field by field.
    pub takes_call: bool,
}

/// Every target.
#[must_use]
pub fn targets() -> Vec<Target> {
    let programs = PROGRAMS.iter().flat_map(|program| [program.calls, program.accounts]);
    programs.chain(decoders::TARGETS.iter().copied()).collect()
}
