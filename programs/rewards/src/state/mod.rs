//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod admin;
mod contributor;
mod epoch;

pub use admin::*;
pub use contributor::*;
pub use epoch::*;
