//! From the real bytecode to the API: what the programs emit goes through the indexer, and the answers are compared with the
//! programs' own accounts.
#![allow(clippy::unwrap_used)]

mod market;
mod oracles;
mod panels;
mod proofs;
mod rental;
mod rewards;
mod served;
