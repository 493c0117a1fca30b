//! An oracle: it re-executes sampled parts of training jobs, bit for bit, and votes on chain.
//!
//! ```text
//! seen --judge--> judged --sign, store--> sent --submit--> voted
//!   \________________\______________________\-----------> void (the audit ended without this vote)
//! ```
//! Every arrow is one row update in SQLite, so that a restart goes on where it stopped: a verdict is never lost, and the
//! same signed bytes are submitted again until their fate is known. A failure of this host is repeated with growing pauses
//! and never becomes a vote. Only proofs are votes against: a differing record, a contradicting log, or artefacts that
//! were missing or damaged for as long as the settings are patient.

pub mod audit;
pub mod detection;
pub mod journal;
pub mod judge;
pub mod memory;
pub mod metrics;
pub mod node;
mod panel;
pub mod progress;
pub mod replayer;
pub mod server;
pub mod service;
pub mod settings;
pub mod store;
pub mod watch;

pub use audit::{Audit, Seat};
pub use journal::Journal;
pub use memory::Memory;
pub use metrics::Metrics;
pub use node::SolanaNode;
pub use replayer::TrainerProcess;
pub use service::{Oracle, OracleError};
pub use settings::Settings;
pub use watch::Watch;
