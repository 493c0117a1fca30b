//! The IDL of oracles.
// what the program's root allows
#![allow(missing_docs, unreachable_pub, unused_variables, dead_code, clippy::diverging_sub_expression, unexpected_cfgs)]

include!(concat!(env!("OUT_DIR"), "/oracles.rs"));

#[test]
fn the_committed_idl_of_oracles_is_what_its_sources_say() {
    program_idl::check("oracles");
}
