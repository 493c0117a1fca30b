//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod admin;
pub mod award;
pub mod claim;
pub mod contributor;
pub mod epoch;
mod ledger;
pub mod profit;
pub mod reserve;
pub mod review;
pub mod schedule;
mod vault;

pub use admin::*;
pub use award::*;
pub use claim::*;
pub use contributor::*;
pub use epoch::*;
pub use profit::*;
pub use reserve::*;
pub use review::*;
pub use schedule::*;
