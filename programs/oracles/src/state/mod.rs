//! Accounts of the program. All are fixed-size and zero-copy; integers are little-endian without alignment.
mod config;
mod oracle;
mod panel;
mod record;
mod seals;

pub use config::*;
pub use oracle::*;
pub use panel::*;
pub use record::*;
pub use seals::*;
