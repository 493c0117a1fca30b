//! For each program a journey on which every one of its instructions goes through once: what their costs are measured on,
//! and what wrong accounts are tried against. A test fails where an instruction of an IDL is on no journey.

mod grants;
mod market;
mod oracles;
mod proofs;
mod rental;
mod rewards;

use crate::{Receipt, World};
use solana_instruction::Instruction;

/// Goes along and sees every instruction.
pub trait Journey {
    /// Sends an instruction that must go through. `name` is the instruction's name in the IDL, with a suffix where the
    /// journey takes another way through it (`attest_deciding`).
    fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt;
}

/// Goes through every instruction of a program.
pub type Scenario = fn(&mut dyn Journey);

/// The journey of each program.
pub const SCENARIOS: &[(&str, Scenario)] = &[
    ("market", market::travel),
    ("rewards", rewards::travel),
    ("grants", grants::travel),
    ("oracles", oracles::travel),
    ("rental", rental::travel),
    ("proofs", proofs::travel),
];

/// The journey of one program.
#[must_use]
pub fn scenario(program: &str) -> Scenario {
    let found = SCENARIOS.iter().find(|(name, _)| *name == program);
    let missing = || panic!("{program} has an IDL and no journey: write tests/src/scenario/{program}.rs and list it");
    found.unwrap_or_else(missing).1
}
