//! The table of attacks names tests that exist.
use e2e_tests::root;
use std::fs;

#[test]
fn every_test_that_the_table_of_attacks_names_exists() {
    let table = fs::read_to_string(root().join("docs/attacks.md")).unwrap();
    let named: Vec<(&str, &str)> =
        table.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.split_once("::")).collect();
    let tests = named.iter().filter(|(_, name)| name.contains('_'));
    let mut found = 0;
    for (file, name) in tests.filter(|(file, _)| *file != "protocol") {
        let path = [root().join("tests/tests"), root()]
            .map(|folder| folder.join(format!("{file}.rs")))
            .into_iter()
            .find(|path| path.is_file())
            .unwrap_or_else(|| panic!("{file}::{name}: there is no such file"));
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("fn {name}(")), "{file} has no test {name}");
        found += 1;
    }
    assert!(found > 30, "only {found} tests are named");
}

/// Modes of the trainer and rows of the table are the same.
#[test]
fn every_mode_of_a_cheat_is_in_the_table_of_attacks() {
    let table = fs::read_to_string(root().join("docs/attacks.md")).unwrap();
    let help =
        std::process::Command::new(e2e_tests::binary("aixblock-trainer")).args(["launch", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, cheats) = help.split_once("--dishonest").unwrap();
    let modes: Vec<&str> = cheats
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ")?.split_once(':'))
        .map(|(mode, _)| mode)
        .collect();
    assert!(modes.len() >= 19, "{modes:?}");
    for mode in modes {
        let short = mode.strip_prefix("lazy-rank").filter(|rest| *rest != "-zero").unwrap_or(mode);
        assert!(table.contains(&format!("`{short}`")), "{mode} is not in docs/attacks.md");
    }
}
