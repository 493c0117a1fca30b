//! Everything that talks to a Solana node: addresses, instructions, accounts, events, errors, and sending with confirmation.

pub mod account;
pub mod address;
pub mod error;
pub mod event;
pub mod instruction;
pub mod key;
#[cfg(feature = "rpc")]
pub mod rpc;
#[cfg(feature = "rpc")]
pub mod send;

pub use error::Failure;
#[cfg(feature = "rpc")]
pub use rpc::{Rpc, RpcError, Settings};
#[cfg(feature = "rpc")]
pub use send::{Confirmed, Prepared, SendError};
pub use solana_instruction::Instruction;
pub use solana_keypair::Keypair;
pub use solana_pubkey::Pubkey;
pub use solana_signature::Signature;
pub use solana_signer::Signer;
