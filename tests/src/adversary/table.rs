//! The committed answers: `docs/measured/adversaries/<program>.json`.
use super::outcome::OK;
use crate::root;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::PathBuf,
};

/// Answers and, for each, what was wrong with the calls that got it.
type Answers = BTreeMap<String, BTreeSet<String>>;
/// By the name of the call and of the account.
type Committed = BTreeMap<String, BTreeMap<String, Answers>>;

/// An account of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// The call, by its name on the journey.
    pub(super) call: String,
    /// Its account.
    pub(super) account: String,
    /// The instruction that is called.
    pub(super) instruction: String,
}

impl Row {
    pub(super) fn new(call: &str, instruction: &str, account: &str) -> Self {
        Self { call: call.into(), instruction: instruction.into(), account: account.into() }
    }
}

/// What came of every attempt.
#[derive(Default)]
pub(super) struct Table(BTreeMap<Row, Answers>);

impl Table {
    pub(super) fn insert(&mut self, row: Row, wrong: &str, answer: String) {
        self.0.entry(row).or_default().entry(answer).or_default().insert(wrong.into());
    }

    /// What went through: instruction, account, and what was wrong.
    pub(super) fn gone_through(&self) -> BTreeSet<(&str, &str, &str)> {
        let through = self.0.iter().filter_map(|(row, answers)| Some((row, answers.get(OK)?)));
        through
            .flat_map(|(row, wrongs)| {
                wrongs.iter().map(move |wrong| (&*row.instruction, &*row.account, wrong.as_str()))
            })
            .collect()
    }

    /// Compares with the committed table, or writes it where `UPDATE_ADVERSARIES` says so.
    pub(super) fn update_or_compare(&self, program: &str) {
        let path = path(program);
        if std::env::var_os("UPDATE_ADVERSARIES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, self.json()).unwrap();
        }
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("{}: {e}: run with UPDATE_ADVERSARIES=1 once", path.display()));
        let committed: Committed = serde_json::from_str(&text).unwrap();
        let nested = self.nested();
        let (before, now) = (flat(&committed), flat(&nested));
        let words = |answers: Option<&BTreeSet<String>>| {
            answers.map_or_else(|| "not tried".into(), |list| list.iter().cloned().collect::<Vec<_>>().join(" or "))
        };
        let changed: Vec<String> = (before.keys().chain(now.keys()).collect::<BTreeSet<_>>().into_iter())
            .filter(|key| before.get(*key) != now.get(*key))
            .map(|key| {
                let (call, account, wrong) = key;
                let (was, is) = (words(before.get(key)), words(now.get(key)));
                format!("{program}.{call}, {account}: {wrong}: {was} before, {is} now")
            })
            .collect();
        assert!(
            changed.is_empty(),
            "{} answers differ from {}; read each, and accept them with UPDATE_ADVERSARIES=1\n{}",
            changed.len(),
            path.display(),
            changed.join("\n")
        );
    }

    fn nested(&self) -> Committed {
        let mut nested = Committed::new();
        for (row, answers) in &self.0 {
            nested.entry(row.call.clone()).or_default().insert(row.account.clone(), answers.clone());
        }
        nested
    }

    /// One line for each account, so that a change shows as one.
    fn json(&self) -> String {
        let calls: Vec<String> = (self.nested().iter())
            .map(|(call, accounts)| {
                let mut text = format!("  {call:?}: {{\n");
                let lines: Vec<String> = (accounts.iter())
                    .map(|(account, answers)| format!("    {account:?}: {}", serde_json::to_string(answers).unwrap()))
                    .collect();
                write!(text, "{}\n  }}", lines.join(",\n")).unwrap();
                text
            })
            .collect();
        format!("{{\n{}\n}}\n", calls.join(",\n"))
    }
}

fn path(program: &str) -> PathBuf {
    root().join("docs/measured/adversaries").join(program).with_extension("json")
}

fn flat(nested: &Committed) -> BTreeMap<(&str, &str, &str), BTreeSet<String>> {
    let mut flat = BTreeMap::<_, BTreeSet<String>>::new();
    for (call, accounts) in nested {
        for (account, answers) in accounts {
            for (answer, wrongs) in answers {
                for wrong in wrongs {
                    let key = (call.as_str(), account.as_str(), wrong.as_str());
                    flat.entry(key).or_default().insert(answer.clone());
                }
            }
        }
    }
    flat
}
