//! The harness of the program tests: the real bytecode of both programs in LiteSVM, actors with their tokens, and time
//! that the test moves.
//!
//! Everything here is for tests, so whatever cannot go wrong in a sound test panics where it does.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::result_large_err)]

pub mod adversary;
mod binaries;
mod compute_units;
mod idl;
mod market_world;
mod page;
mod receipt;
mod rewards_world;
mod scenario;
mod world;

pub use binaries::{binary, root};
pub use chain::{address, instruction};
pub use compute_units::*;
pub use idl::*;
pub use market_world::*;
pub use page::*;
pub use receipt::*;
pub use rewards_world::*;
pub use scenario::*;
pub use world::*;
