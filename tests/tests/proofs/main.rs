//! The program proofs, on its real bytecode.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used, clippy::result_large_err)]
mod accounts;
mod chunks;
mod closing;
mod gold;
mod keys;
mod layout;
mod replays;
mod sizes;
mod training;
mod updates;
