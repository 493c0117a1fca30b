//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod ballot;
mod config;
mod proposal;

pub use ballot::*;
pub use config::*;
pub use proposal::*;
