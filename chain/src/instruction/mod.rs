//! Builders of instructions, one for each instruction of the programs.
//!
//! Discriminators, arguments and the order of accounts come from the program crates; a builder only derives the
//! addresses. Builders are pure: they ask no node anything.

pub mod grants;
pub mod market;
pub mod oracles;
pub mod proofs;
pub mod rental;
pub mod rewards;
pub mod token;

pub use solana_instruction::Instruction;

#[cfg(test)]
mod tests;
