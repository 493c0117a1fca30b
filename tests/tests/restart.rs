//! Oracles that are killed in the middle of an audit.
#[path = "support/platform.rs"]
mod platform;

use e2e_tests::root;
use platform::Platform;
use std::{
    process::Command,
    time::{Duration, Instant},
};

/// Ends every oracle process without a warning, and says how many there were.
fn kill_oracles(platform: &Platform) -> usize {
    let mut killed = 0;
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Ok(command) = std::fs::read(entry.path().join("cmdline")) else { continue };
        let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
        let child_of_up = status.lines().any(|line| line == format!("PPid:\t{}", platform.up.id()));
        if child_of_up && String::from_utf8_lossy(&command).contains("aixblock-oracle") {
            let pid = entry.file_name().to_string_lossy().into_owned();
            assert!(Command::new("kill").args(["-9", &pid]).status().expect("kill runs").success());
            killed += 1;
        }
    }
    killed
}

#[test]
fn oracles_killed_in_the_middle_of_an_audit_come_back_and_each_votes_once() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let platform = Platform::start(folder.path());
    let manifest = root().join("trainer/jobs/digits.toml");
    let manifest = manifest.to_str().expect("UTF-8");
    let listed = platform.run("provider", &["list", "--price", "1000000"]);
    let listing = listed.split_whitespace().last().expect("an address").to_owned();
    let bought = platform.run("buyer", &["buy", &listing, "--manifest", manifest]);
    let order = bought.split_whitespace().last().expect("an address").to_owned();

    let wrong = folder.path().join("wrong.toml");
    let text = std::fs::read_to_string(manifest).expect("manifest").replace("steps = 300", "steps = 200");
    std::fs::write(&wrong, text).expect("temporary file");
    let refused = platform.try_run("provider", &["train", &order, "--manifest", wrong.to_str().expect("UTF-8")]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("get the manifest that the buyer fixed"), "{message}");

    platform.run("provider", &["train", &order, "--manifest", manifest]);
    platform.run("buyer", &["arm", &order]);
    assert_eq!(kill_oracles(&platform), 3);

    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let shown = platform.run("buyer", &["show", &order]);
        if shown.contains("3 for, 0 against") && shown.contains("audited") {
            break;
        }
        assert!(Instant::now() < deadline, "the oracles did not come back:\n{shown}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let early = platform.try_run("buyer", &["release", &order]);
    assert!(String::from_utf8_lossy(&early.stderr).contains("DisputeWindowOpen"));
    platform.run("buyer", &["travel", "--seconds", "3600"]);
    assert_eq!(platform.run("buyer", &["release", &order]).trim(), "paid 975000 fee 25000 refunded 0");
}
