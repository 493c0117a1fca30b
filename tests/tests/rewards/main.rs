//! The rewards' program, on its real bytecode.
mod months;
