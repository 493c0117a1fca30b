//! The harness of the program tests: the real bytecode of both programs in LiteSVM, actors with their tokens, and time
//! that the test moves.
//!
//! Everything here is for tests, so whatever cannot go wrong in a sound test panics where it does.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::result_large_err)]

mod binaries;
mod compute_units;
mod market_orders;
mod market_world;
mod money;
mod receipt;
mod rewards_world;
mod world;

pub use binaries::{binary, root};
pub use chain::{address, instruction};
pub use compute_units::*;
pub use market_world::*;
pub use money::*;
pub use receipt::*;
pub use rewards_world::*;
pub use world::*;
