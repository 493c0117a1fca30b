//! The rewards' program, on its real bytecode.
mod admin;
mod awards;
mod claims;
mod epochs;
mod model;
mod months;
