//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod config;
mod listing;
mod oracle_set;
mod order;
mod reputation;

pub use config::*;
pub use listing::*;
pub use oracle_set::*;
pub use order::*;
pub use reputation::*;
