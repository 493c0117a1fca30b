//! Distributed data parallel training on libtorch, with bit-exact commitments and replay.

pub mod bridge;
pub mod checkpoint;
pub mod dataset;
pub mod dishonest;
pub mod evaluate;
pub mod gradients;
pub mod job;
pub mod launch;
pub mod logging;
pub mod model;
pub mod operators;
pub mod profile;
pub mod recorder;
pub mod reduction;
pub mod rendezvous;
pub mod replay;
pub mod run_folder;
pub mod self_test;
pub mod state;
pub mod step;
pub mod tier;
pub mod worker;
