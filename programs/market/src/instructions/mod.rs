//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod admin;
pub mod audit;
pub mod award;
pub mod deliver;
pub mod dispute;
pub mod listing;
pub mod oracles;
pub mod order;
pub mod settle;

pub use admin::*;
pub use audit::*;
pub use award::*;
pub use deliver::*;
pub use dispute::*;
pub use listing::*;
pub use oracles::*;
pub use order::*;
pub use settle::*;
