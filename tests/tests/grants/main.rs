//! The program of grants, on its real bytecode.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
mod accounts;
mod admin;
mod bonds;
mod funding;
mod journey;
mod milestones;
mod model;
mod opening;
mod states;
mod tallies;
mod tokens;
mod votes;
