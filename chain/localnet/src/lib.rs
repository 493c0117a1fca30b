//! A local Solana chain in the project's own process: the embedded surfpool, offline, bound to 127.0.0.1.
//!
//! Anybody who reaches its ports can change any account (they have cheat codes), so it never binds elsewhere.
//!
//! # Facts for those who read this chain (measured; see `tests/`)
//! * `getTransaction` and `getBlock` show inner instructions, so events by `emit_cpi!` are visible in both, in the encodings
//!   `json` and `base64`. Each event is one inner instruction, in the group of the instruction that emitted it.
//! * Only slots with transactions are stored. `getBlock` makes up an empty one for a past slot and answers `null` for a
//!   future one, where other nodes answer with an error; `getBlocks` lists every slot. Travelling in time skips as many
//!   slots as fit into the time: 30 days at 100 ms are 26 million. Follow addresses, not slots.
//! * The height of blocks does not skip, and blockhashes stay valid through a journey. A blockhash lives for 150 blocks: at
//!   slots of 50 ms that is 7.8 s.
//! * The sysvar of slot hashes gains one entry with each slot, so the market's audit can be armed four slots after the
//!   submission: 0.2 s at slots of 50 ms. The hashes are synthetic: unique, but predictable.
//! * A transaction is confirmed with the next slot. A ledger that is opened again goes on after its last transaction; empty
//!   slots after that are numbered again.
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
