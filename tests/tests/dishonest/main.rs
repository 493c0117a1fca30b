//! Trainers that cheat, each in one way of docs/attacks.md: what anybody finds with `aixblock verify`, and how an oracle votes.
#![allow(clippy::unwrap_used)]

mod cheats;
mod on_chain;
mod outsider;
mod panel;
mod proven;
mod shop;
mod table;
