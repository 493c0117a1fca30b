//! What the parts must agree on: the manifest of a training job, hashes and commitments, the order of data, the optimiser,
//! the split of a month, content under licence, labels, what a rental earns by the second, and who gets a slashed bond. Pure
//! types and arithmetic, without I/O, for hosts and for programs on the chain.

pub mod adamw;
pub mod audit_seed;
pub mod calendar;
pub mod chacha20;
pub mod clipping;
pub mod commitment;
pub mod content;
pub mod digest;
pub mod dropout;
pub mod field25519;
pub mod hkdf;
#[cfg(any(target_os = "solana", test))]
mod keyed_blake3;
pub mod labelling;
pub mod licence;
pub mod manifest_terms;
pub mod merkle;
pub mod month;
pub mod panel;
pub mod philox;
pub mod points;
pub mod profit;
pub mod recompute;
pub mod rental;
pub mod sampling;
pub mod seal;
pub mod settlement;
pub mod slashing;
pub mod soft_float;
pub mod tensor_layout;
pub mod tensor_tree;
pub mod upgradeable;
pub mod vesting;
pub mod vote;

// text forms, files and secrets: off chain only
#[cfg(not(target_os = "solana"))]
pub mod audit_votes;
#[cfg(not(target_os = "solana"))]
pub mod chunked;
#[cfg(not(target_os = "solana"))]
pub mod codec;
#[cfg(not(target_os = "solana"))]
pub mod contradiction;
#[cfg(not(target_os = "solana"))]
pub mod data_order;
#[cfg(not(target_os = "solana"))]
pub mod dataset_chunk;
#[cfg(not(target_os = "solana"))]
pub mod evidence;
#[cfg(not(target_os = "solana"))]
pub mod job_log;
#[cfg(not(target_os = "solana"))]
pub mod licence_keys;
#[cfg(not(target_os = "solana"))]
pub mod manifest;
#[cfg(not(target_os = "solana"))]
pub mod manifest_check;
#[cfg(not(target_os = "solana"))]
pub mod manifest_form;
#[cfg(not(target_os = "solana"))]
pub mod manifest_model;
#[cfg(not(target_os = "solana"))]
pub mod opening;
#[cfg(not(target_os = "solana"))]
pub mod report;
#[cfg(not(target_os = "solana"))]
pub mod shuffle;
#[cfg(not(target_os = "solana"))]
pub mod tensor_blocks;
#[cfg(not(target_os = "solana"))]
pub mod tensor_chunks;
