//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod admin;
pub mod bond;
pub mod panel;
pub mod record;
pub mod seal;

pub use admin::*;
pub use bond::*;
pub use panel::*;
pub use record::*;
pub use seal::*;
