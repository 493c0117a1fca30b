//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod open;
pub mod settle;

pub use open::*;
pub use settle::*;
