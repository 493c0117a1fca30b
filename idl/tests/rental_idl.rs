//! The IDL of rental.
// what the program's root allows
#![allow(missing_docs, unreachable_pub, unused_variables, dead_code, clippy::diverging_sub_expression, unexpected_cfgs)]

include!(concat!(env!("OUT_DIR"), "/rental.rs"));

#[test]
fn the_committed_idl_of_rental_is_what_its_sources_say() {
    program_idl::check("rental");
}
