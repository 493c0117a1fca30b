//! The account of the program. It is fixed-size and zero-copy; integers are little-endian without alignment.
mod rental;

pub use rental::*;
