//! What each instruction costs, what each program weighs and what rent its accounts take, compared with the committed table:
//! a change of more than 2 % shows in the diff.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

use e2e_tests::{
    BUDGET_OF_ALL, BUDGETS, Costs, Idl, IdlInstruction, Meter, SCENARIOS, SO_BYTES_AT_MOST, changed, committed, page,
    page_path, record, root, updating,
};
use std::fs;

fn measured() -> Costs {
    let mut meter = Meter::default();
    for (_, travel) in SCENARIOS {
        travel(&mut meter);
    }
    meter.costs()
}

#[test]
fn every_instruction_keeps_its_budget_and_costs_what_the_committed_table_says() {
    let costs = measured();
    record(&costs);
    for idl in Idl::all() {
        let program = &idl.program;
        for (name, units) in &costs[program] {
            assert!(*units <= BUDGET_OF_ALL, "{program}.{name}: {units} units, {BUDGET_OF_ALL} at most");
        }
        for IdlInstruction { name, .. } in &idl.instructions {
            let measured = costs[program].keys().any(|row| idl.of_row(row).is_some_and(|called| called.name == *name));
            assert!(measured, "{program}.{name} is not measured: send it in tests/src/scenario/{program}.rs");
        }
    }
    // the table and its budgets are the upstream toolchain's: another compiler gives other figures
    let toolchain = fs::read_to_string(root().join("target/deploy/toolchain")).expect("make programs wrote it");
    if toolchain.trim() != "upstream" {
        return;
    }
    for (program, name, most) in BUDGETS {
        let units = costs[*program].get(*name).unwrap_or_else(|| panic!("{program}.{name} has a budget and no row"));
        assert!(units <= most, "{program}.{name}: {units} units, {most} at most");
    }
    for (program, bytes) in &costs["so_bytes"] {
        assert!(*bytes <= SO_BYTES_AT_MOST, "{program}.so: {bytes} bytes, {SO_BYTES_AT_MOST} at most");
    }
    let changed = changed(&costs);
    assert!(changed.is_empty(), "{}\nrun with UPDATE_CU=1 if that is meant", changed.join("\n"));
}

#[test]
fn the_page_shows_what_the_committed_table_says() {
    // the other test writes both anew
    if updating() {
        return;
    }
    let path = page_path();
    let shown = fs::read_to_string(&path).unwrap();
    assert!(shown == page(&committed()), "{} is not of the committed table: run `make cu`", path.display());
}
