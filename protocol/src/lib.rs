//! What the parts must agree on: the manifest of a training job, hashes and commitments, the order of data, the optimiser,
//! and the split of a month. Pure types and arithmetic, without I/O, for hosts and for programs on the chain.

pub mod adamw;
pub mod audit_seed;
pub mod calendar;
pub mod commitment;
pub mod digest;
pub mod merkle;
pub mod month;
pub mod philox;
pub mod points;
pub mod profit;
pub mod sampling;
pub mod upgradeable;
pub mod vesting;

// text forms and files: off chain only
#[cfg(not(target_os = "solana"))]
pub mod codec;
#[cfg(not(target_os = "solana"))]
pub mod data_order;
#[cfg(not(target_os = "solana"))]
pub mod job_log;
#[cfg(not(target_os = "solana"))]
pub mod manifest;
#[cfg(not(target_os = "solana"))]
pub mod manifest_check;
#[cfg(not(target_os = "solana"))]
pub mod manifest_form;
#[cfg(not(target_os = "solana"))]
pub mod report;
