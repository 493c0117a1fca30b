use crate::{Idl, Journey, Receipt, SCENARIOS, World, page, page_path, passed, program_bytes, root};
use litesvm::LiteSVM;
use solana_instruction::Instruction;
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Units of each instruction, and bytes of each program, by group.
pub type Costs = BTreeMap<String, BTreeMap<String, u64>>;

/// How much a cost may differ from the committed one, in percent.
pub const TOLERANCE: u64 = 2;

/// The most that an instruction may cost, in units.
pub const BUDGETS: &[(&str, &str, u64)] = &[
    ("market", "attest", 4_000),
    ("market", "attest_deciding", 4_000),
    ("market", "open_order", 12_000),
    ("market", "release", 15_000),
    ("market", "release_partial", 15_000),
    ("rewards", "claim", 4_500),
    ("rewards", "finalize_epoch", 6_000),
    ("rewards", "issue_award", 7_000),
    // it creates the account of a wallet's points in a month too
    ("rewards", "issue_award_first", 7_000),
];

/// The most that any other instruction may cost, in units.
pub const BUDGET_OF_ALL: u64 = 40_000;

/// The most that a program may weigh, in bytes.
pub const SO_BYTES_AT_MOST: u64 = 150_000;

const TOKEN_ACCOUNT_BYTES: usize = 165;

/// Collects what instructions cost.
#[derive(Default)]
pub struct Meter {
    costs: Costs,
}

impl Journey for Meter {
    /// Keeps what the instruction costs.
    fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt {
        let receipt = passed(world.send(instruction));
        self.keep(program, name, receipt.units());
        receipt
    }
}

impl Meter {
    /// Keeps a number.
    pub fn keep(&mut self, group: &str, name: &str, value: u64) {
        self.costs.entry(group.into()).or_default().insert(name.into(), value);
    }

    /// Everything kept, with the sizes of the programs and of their accounts.
    #[must_use]
    pub fn costs(mut self) -> Costs {
        for program in built_programs() {
            self.keep("so_bytes", &program, program_bytes(&program).len() as u64);
        }
        let mut accounts = vec![("token account (each vault)".to_owned(), TOKEN_ACCOUNT_BYTES)];
        for idl in Idl::all() {
            let kinds = idl.accounts.keys();
            accounts.extend(kinds.map(|kind| (format!("{}.{kind}", idl.program), idl.account_bytes(kind))));
        }
        let chain = LiteSVM::new();
        for (name, bytes) in accounts {
            self.keep("account_bytes", &name, bytes as u64);
            self.keep("rent_lamports", &name, chain.minimum_balance_for_rent_exemption(bytes));
        }
        self.costs
    }
}

/// Names of the programs that were built, each of which must have a journey.
fn built_programs() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("target/deploy"))
        .expect("`make programs` built the programs")
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".so").map(str::to_owned))
        .collect();
    names.sort_unstable();
    let missing: Vec<&String> = names.iter().filter(|name| !SCENARIOS.iter().any(|known| known.0 == *name)).collect();
    assert!(missing.is_empty(), "{missing:?} of target/deploy have no journey: write tests/src/scenario/<program>.rs");
    names
}

/// Where the committed table is.
#[must_use]
pub fn committed_path() -> PathBuf {
    root().join("docs/measured/compute-units.json")
}

/// Whether the committed numbers are to be replaced by the measured ones (`UPDATE_CU=1`).
#[must_use]
pub fn updating() -> bool {
    std::env::var_os("UPDATE_CU").is_some()
}

/// Writes the costs to `target/cu/compute-units.json`, and over the committed table and into the page beside it where that
/// is [`updating`].
pub fn record(costs: &Costs) {
    let text = serde_json::to_string_pretty(costs).unwrap() + "\n";
    let measured = root().join("target/cu/compute-units.json");
    fs::create_dir_all(measured.parent().unwrap()).unwrap();
    fs::write(measured, &text).unwrap();
    if updating() {
        fs::write(committed_path(), &text).unwrap();
        fs::write(page_path(), page(costs)).unwrap();
    }
}

/// The committed table.
#[must_use]
pub fn committed() -> Costs {
    let path = committed_path();
    let text =
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}: run with UPDATE_CU=1 once", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// The rows of `costs` that differ from the committed table by more than [`TOLERANCE`] percent, or are in one of the
/// two only.
#[must_use]
pub fn changed(costs: &Costs) -> Vec<String> {
    let committed = committed();
    let mut names: Vec<(&String, &String)> = [&committed, costs]
        .into_iter()
        .flat_map(|costs| costs.iter().flat_map(|(group, rows)| rows.keys().map(move |name| (group, name))))
        .collect();
    names.sort_unstable();
    names.dedup();
    let at = |costs: &Costs, group: &str, name: &str| costs.get(group).and_then(|g| g.get(name)).copied();
    names
        .into_iter()
        .filter_map(|(group, name)| {
            let (before, now) = (at(&committed, group, name), at(costs, group, name));
            let close = before.zip(now).is_some_and(|(b, n)| b.abs_diff(n) * 100 <= b * TOLERANCE);
            (!close).then(|| format!("{group}.{name}: {before:?} before, {now:?} now"))
        })
        .collect()
}
