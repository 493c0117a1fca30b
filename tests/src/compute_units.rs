use crate::{Receipt, World, passed, program_bytes};
use chain::event::Program;
use solana_instruction::Instruction;
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Units of each instruction, and bytes of each program, by group.
pub type Costs = BTreeMap<String, BTreeMap<String, u64>>;

/// How much a cost may differ from the committed one, in percent.
pub const TOLERANCE: u64 = 2;

/// Collects what instructions cost.
#[derive(Default)]
pub struct Meter {
    costs: Costs,
}

impl Meter {
    /// Sends an instruction that must go through and keeps its units as those of `program`'s instruction `name`.
    pub fn send(&mut self, world: &mut World, program: &str, name: &str, instruction: Instruction) -> Receipt {
        let receipt = passed(world.send(instruction));
        self.keep(program, name, receipt.units());
        receipt
    }

    /// Keeps a number.
    pub fn keep(&mut self, group: &str, name: &str, value: u64) {
        self.costs.entry(group.into()).or_default().insert(name.into(), value);
    }

    /// Everything kept, with the sizes of the programs.
    #[must_use]
    pub fn costs(mut self) -> Costs {
        for program in Program::ALL.map(Program::name) {
            self.keep("so_bytes", program, program_bytes(program).len() as u64);
        }
        self.costs
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The committed table.
#[must_use]
pub fn committed_path() -> PathBuf {
    root().join("docs/measured/compute-units.json")
}

/// Writes the costs to `target/cu/compute-units.json`, and over the committed table where `UPDATE_CU=1` says so.
pub fn record(costs: &Costs) {
    let text = serde_json::to_string_pretty(costs).unwrap() + "\n";
    let mut paths = vec![root().join("target/cu/compute-units.json")];
    if std::env::var_os("UPDATE_CU").is_some() {
        paths.push(committed_path());
    }
    for path in paths {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &text).unwrap();
    }
}

/// The rows of `costs` that differ from the committed table by more than [`TOLERANCE`] percent, or are in one of the
/// two only.
#[must_use]
pub fn changed(costs: &Costs) -> Vec<String> {
    let path = committed_path();
    let text =
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}: run with UPDATE_CU=1 once", path.display()));
    let committed: Costs = serde_json::from_str(&text).unwrap();
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
