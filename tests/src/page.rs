//! The readable page of measurements, `docs/measured/README.md`: its tables are written from the committed numbers, between
//! markers, and everything else is by hand.
use crate::{BUDGET_OF_ALL, BUDGETS, Costs, SCENARIOS, SO_BYTES_AT_MOST, root};
use std::{fmt::Write, fs, path::PathBuf};

type Table = fn(&Costs) -> String;

const TABLES: [(&str, Table); 3] = [("instructions", instructions), ("programs", programs), ("accounts", accounts)];

/// Where the page is.
#[must_use]
pub fn page_path() -> PathBuf {
    root().join("docs/measured/README.md")
}

/// The page with its tables written anew from `costs`.
#[must_use]
pub fn page(costs: &Costs) -> String {
    let mut page = fs::read_to_string(page_path()).unwrap();
    for (name, table) in TABLES {
        let (begin, end) = (format!("<!-- table of {name} -->\n"), format!("<!-- end of {name} -->"));
        let split = page.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
        let (head, tail) =
            split.unwrap_or_else(|| panic!("{}: put the lines {begin}{end} back", page_path().display()));
        page = format!("{head}{begin}{}{end}{tail}", table(costs));
    }
    page
}

fn instructions(costs: &Costs) -> String {
    let mut text = String::new();
    for (program, _) in SCENARIOS {
        writeln!(text, "\n### {program}\n\n| Instruction | Units | Budget |\n|---|--:|--:|").unwrap();
        for (name, units) in &costs[*program] {
            let budget = BUDGETS.iter().find(|budget| (budget.0, budget.1) == (*program, name.as_str()));
            let most = budget.map_or(BUDGET_OF_ALL, |budget| budget.2);
            writeln!(text, "| `{name}` | {} | {} |", number(*units), number(most)).unwrap();
        }
    }
    text + "\n"
}

fn programs(costs: &Costs) -> String {
    let mut text = String::from("\n| Program | Bytes | At most |\n|---|--:|--:|\n");
    for (program, bytes) in &costs["so_bytes"] {
        writeln!(text, "| `{program}.so` | {} | {} |", number(*bytes), number(SO_BYTES_AT_MOST)).unwrap();
    }
    text + "\n"
}

fn accounts(costs: &Costs) -> String {
    let mut text = String::from("\n| Account | Bytes | Rent, lamports | Rent, SOL |\n|---|--:|--:|--:|\n");
    for (account, bytes) in &costs["account_bytes"] {
        let rent = costs["rent_lamports"][account];
        let (whole, part) = (rent / 1_000_000_000, rent % 1_000_000_000 / 10_000);
        writeln!(text, "| `{account}` | {} | {} | {whole}.{part:05} |", number(*bytes), number(rent)).unwrap();
    }
    text + "\n"
}

/// With a comma before each three digits.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().map(|group| str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
