//! The market's program, on its real bytecode.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]
mod accounts;
mod admin;
mod approval;
mod awards;
mod bonds;
mod deadlines;
mod dishonest_parties;
mod disputes;
mod events;
mod journey;
mod listings;
mod model;
mod money;
mod opening;
mod oracle_bonds;
mod panels;
mod random;
mod random_check;
mod seals;
mod signers;
mod states;
mod tokens;
mod verdicts;
mod votes;
