//! The rental program, on its real bytecode. The market's accounts are written as the market leaves them.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
mod accounts;
mod events;
mod metering;
mod model;
mod opening;
mod states;
