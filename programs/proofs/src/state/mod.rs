//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod claim;
mod evidence;
mod verdict;

pub use claim::*;
pub use evidence::*;
pub use verdict::*;
