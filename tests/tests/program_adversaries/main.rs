//! Every account of every instruction, replaced by every wrong one: what each program answers is in
//! `docs/measured/adversaries/`, and nothing goes through without a reason.
//!
//! The instructions come from `idl/`, and the calls from the journeys in `e2e_tests::scenario`. After a change of a
//! program: `UPDATE_ADVERSARIES=1 cargo nextest run -p e2e-tests -E 'binary(program_adversaries)'`, and read the diff.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

mod grants;
mod market;
mod oracles;
mod proofs;
mod rental;
mod rewards;

use e2e_tests::{Idl, SCENARIOS, root};

#[test]
fn every_program_with_an_idl_has_a_journey_and_its_adversary() {
    let described: Vec<String> = Idl::all().into_iter().map(|idl| idl.program).collect();
    let mut travelled: Vec<&str> = SCENARIOS.iter().map(|(program, _)| *program).collect();
    travelled.sort_unstable();
    assert_eq!(described, travelled, "programs of idl/, and of tests/src/scenario/mod.rs: they must be the same");
    for program in described {
        let file = root().join(format!("tests/tests/program_adversaries/{program}.rs"));
        assert!(file.is_file(), "{program} has no adversary: write {}, as market's", file.display());
    }
}
