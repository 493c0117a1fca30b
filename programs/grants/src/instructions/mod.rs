//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod admin;
pub mod fund;
pub mod milestone;
pub mod proposal;
pub mod vote;

pub use admin::*;
pub use fund::*;
pub use milestone::*;
pub use proposal::*;
pub use vote::*;
