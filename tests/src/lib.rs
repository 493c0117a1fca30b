//! The harness of the program tests: the real bytecode of the programs in LiteSVM, actors with their tokens, and time
//! that the test moves.
//!
//! Everything here is for tests, so whatever cannot go wrong in a sound test panics where it does.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, clippy::result_large_err)]

pub mod adversary;
mod binaries;
mod compute_units;
mod foreign_market;
pub mod grants_world;
mod idl;
mod market_orders;
mod market_world;
mod money;
/// Bonded oracles, and orders that a test writes.
pub mod oracles_world;
mod page;
mod panel_world;
mod proofs_world;
mod receipt;
/// A listing by the hour, and rentals of it.
pub mod rental_world;
mod rewards_world;
mod scenario;
mod seals;
mod tokens;
mod trained;
mod world;

pub use binaries::{binary, root};
pub use chain::{address, instruction};
pub use compute_units::*;
pub use idl::*;
pub use market_world::*;
pub use money::*;
pub use page::*;
pub use panel_world::*;
pub use proofs_world::*;
pub use receipt::*;
pub use rewards_world::*;
pub use scenario::*;
pub use tokens::*;
pub use trained::*;
pub use world::*;
