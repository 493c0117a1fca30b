//! A local Solana chain in the project's own process: the embedded surfpool, offline, bound to 127.0.0.1.
//!
//! Anybody who reaches its ports can change any account (they have cheat codes), so it never binds elsewhere.
//!
//! # Facts for those who read this chain (measured; see `tests/`)
//! * `getTransaction` and `getBlock` show inner instructions, so events by `emit_cpi!` are visible in both.
//! * Only slots with transactions are stored; an empty one is made up when somebody asks. Travelling in time skips as
//!   many slots as fit into the time: 30 days at 100 ms are 26 million. Follow addresses, not slots.
//! * The height of blocks does not skip, and blockhashes stay valid through a journey.
//! * The sysvar of slot hashes gains one entry with each slot. The hashes are synthetic: unique, but predictable.
//! * There are no forks, so nothing here proves anything about rollback.

mod error;
mod genesis;
mod journey;
mod ports;
mod server;

pub use error::LocalnetError;
pub use genesis::{Bytecode, GenesisProgram};
pub use journey::time_travel;
pub use ports::free_port;
pub use server::{Localnet, LocalnetConfig};
