//! Distributed data parallel training on libtorch, with bit-exact commitments and replay.

pub mod bridge;
pub mod checkpoint;
pub mod dataset;
pub mod dishonest;
pub mod evaluate;
pub mod evidence;
pub mod export;
pub mod files;
pub mod gradients;
pub mod job;
pub mod launch;
pub mod logging;
pub mod model;
pub mod operators;
pub mod pass;
pub mod profile;
pub mod reduction;
pub mod replay;
pub mod run_folder;
pub mod self_test;
pub mod state;
pub mod step;
pub mod tokenizer;
pub mod worker;
