//! Follows the programs' events on the chain into SQL.
//!
//! ```text
//! source -> linker -> decoder -> apply (one SQL transaction a block) -> tables, outbox
//! ```
//!
//! A [`source`] yields whole blocks. The [`linker`] accepts a block only when its parent is the head, and walks back to
//! the common ancestor after a fork. The [`decoder`] is pure. [`Store::apply`] writes the block, the transactions that
//! touch our programs, their events, the projections with undo images, and the feed, and swaps the head: at least once
//! delivered, exactly once applied. [`Store::rebuild`] derives everything again from the stored transactions.

pub mod amount;
mod apply;
pub mod audit;
pub mod block;
pub mod decoder;
pub mod follow;
pub mod linker;
mod project;
mod rebuild;
mod revert;
pub mod rows;
pub mod settings;
pub mod source;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use amount::{Amount, Wide};
pub use follow::{FollowError, Follower, run};
pub use settings::Settings;
pub use store::{Head, Store, StoreError};
