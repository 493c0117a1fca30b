//! The oracles' program, on its real bytecode. The market's accounts are written as the market leaves them.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used, clippy::result_large_err)]
mod accounts;
mod admin;
mod bond;
mod events;
mod model;
mod panel;
mod panel_accounts;
mod panel_votes;
mod record;
mod seals;
mod slash;
