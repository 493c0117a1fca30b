//! What the README says to type, typed.
#[path = "support/platform.rs"]
mod platform;

use e2e_tests::{binary, root};
use platform::Platform;
use std::process::Command;

/// The README's shell blocks under "Use it", but for the one that starts the platform.
fn blocks(readme: &str) -> String {
    let section = readme.split("\n## ").find(|section| section.starts_with("Use it\n")).expect("the section");
    let fenced = section.split("```sh\n").skip(1).map(|block| block.split("```").next().expect("closed"));
    fenced.filter(|block| !block.starts_with("make up")).collect()
}

#[test]
fn what_the_readme_says_to_type_works_as_it_stands() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let platform = Platform::start(folder.path());
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let (typed, data) = (blocks(&readme), folder.path().to_str().expect("UTF-8"));
    // what differs from a person's machine: where the binary is and `up` keeps its data, and its ports
    let binaries = binary("aixblock").parent().expect("a folder").to_str().expect("UTF-8").to_owned();
    let mut here = typed;
    for (there, ours) in [
        ("$PWD/target/debug", &binaries[..]),
        ("~/.local/share/aixblock/local", data),
        ("localhost:8080", &platform.api),
    ] {
        assert!(here.contains(there), "the README no longer says {there}");
        here = here.replace(there, ours);
    }
    let output = Command::new("bash")
        .args(["-euxo", "pipefail", "-c", &here])
        .current_dir(root())
        .env("AIXBLOCK_URL", &platform.url)
        .output()
        .expect("bash runs");
    let (said, trace) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{trace}");
    for line in [
        "paid 48750000 fee 1250000 refunded 0",
        "recorded 3 of 3 members; 0 are not registered",
        "final: 10000000000 distributed, 0 to the reserve",
        "claimed 1250000000 for 100 points",
        "state          completed",
        "points         800 for, 0 against, 0 abstained, of 2 voters",
        "paid           500000000 of 500000000",
    ] {
        assert!(said.lines().any(|said| said == line), "no {line:?} in\n{said}\n{trace}");
    }
}
