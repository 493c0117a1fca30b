//! The oracles' program, on its real bytecode. The market's accounts are written as the market leaves them.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
mod accounts;
mod admin;
mod bond;
mod events;
mod model;
mod record;
mod seals;
mod slash;
