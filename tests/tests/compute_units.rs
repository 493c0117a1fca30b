//! What each instruction costs, compared with the committed table: a change of more than 2 % shows in the diff.
use e2e_tests::{Meter, SCENARIOS, changed, record, root};

/// The most that an instruction may cost, in units, and a program may weigh, in bytes.
const BUDGETS: [(&str, &str, u64); 9] = [
    ("market", "attest", 4_000),
    ("market", "open_order", 12_000),
    ("market", "release_partial", 15_000),
    ("rewards", "claim", 4_500),
    ("rewards", "finalize_epoch", 6_000),
    ("rewards", "issue_award", 7_000),
    ("rewards", "issue_award_first", 7_000),
    ("so_bytes", "market", 150_000),
    ("so_bytes", "rewards", 150_000),
];
const BUDGET_OF_ALL: u64 = 40_000;

#[test]
fn every_instruction_keeps_its_budget_and_costs_what_the_committed_table_says() {
    let mut meter = Meter::default();
    for (_, travel) in SCENARIOS {
        travel(&mut meter);
    }
    let costs = meter.costs();
    record(&costs);
    for (name, units) in SCENARIOS.iter().flat_map(|(program, _)| &costs[*program]) {
        assert!(*units <= BUDGET_OF_ALL, "{name}: {units} units, {BUDGET_OF_ALL} at most");
    }
    // the table and its budgets are the upstream toolchain's: another compiler gives other figures
    let toolchain = std::fs::read_to_string(root().join("target/deploy/toolchain")).expect("make programs wrote it");
    if toolchain.trim() != "upstream" {
        return;
    }
    for (group, name, most) in BUDGETS {
        assert!(costs[group][name] <= most, "{group}.{name}: {}, at most {most}", costs[group][name]);
    }
    let changed = changed(&costs);
    assert!(changed.is_empty(), "{}\nrun with UPDATE_CU=1 if that is meant", changed.join("\n"));
}
