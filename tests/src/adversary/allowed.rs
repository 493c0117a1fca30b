//! Wrong calls that may go through, each with its reason.
use super::table::Table;

/// Substitutions that a program may accept.
#[derive(Debug)]
pub struct Harmless {
    /// The instruction, or `*` for each that has the account.
    pub instruction: &'static str,
    /// The account.
    pub account: &'static str,
    /// What is wrong with it, in the table's words.
    pub wrong: &'static [&'static str],
    /// Why nobody loses anything by it.
    pub why: &'static str,
}

impl Harmless {
    fn covers(&self, wrong: &str, (instruction, account, done): (&str, &str, &str)) -> bool {
        wrong == done && account == self.account && (self.instruction == "*" || self.instruction == instruction)
    }
}

/// Holds for every program, and a journey fails where the byte changes anything.
const OF_THE_FRAMEWORK: Harmless = Harmless {
    instruction: "*",
    account: "(call)",
    wrong: &["a byte more"],
    why: "the framework decodes the arguments that it knows, and nothing reads what follows them",
};

/// Every call that went through has a reason, and every reason a call.
pub(super) fn check(program: &str, table: &Table, harmless: &[Harmless]) {
    let through = table.gone_through();
    let harmless: Vec<&Harmless> = harmless.iter().chain([&OF_THE_FRAMEWORK]).collect();
    let covered =
        |call: &(&str, &str, &str)| harmless.iter().any(|h| h.wrong.iter().any(|wrong| h.covers(wrong, *call)));
    let unexplained: Vec<String> = (through.iter().filter(|call| !covered(call)))
        .map(|(instruction, account, wrong)| format!("{program}.{instruction}, {account}: {wrong}"))
        .collect();
    assert!(
        unexplained.is_empty(),
        "{} wrong calls go through: let the program refuse them, or say in tests/tests/program_adversaries/{program}.rs \
         why they are harmless\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    for entry in harmless {
        assert!(!entry.why.is_empty(), "{entry:?} gives no reason");
        for wrong in entry.wrong {
            let needed = through.iter().any(|call| entry.covers(wrong, *call));
            let (instruction, account) = (entry.instruction, entry.account);
            assert!(needed, "{program}.{instruction}, {account}: {wrong} is refused: remove it from the harmless ones");
        }
    }
}
