//! The rewards' program, on its real bytecode.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
mod admin;
mod awards;
mod claims;
mod crowd;
mod epochs;
mod expiry;
mod generation;
mod mints;
mod model;
mod months;
mod profit;
mod reserve;
mod reviews;
