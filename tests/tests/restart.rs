//! Oracles that are killed in the middle of an audit.
#[path = "support/platform.rs"]
mod platform;

use e2e_tests::root;
use platform::Platform;
use std::{
    io::{Read, Write},
    net::TcpStream,
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

/// What an oracle's present process serves: it counts the votes that it logged.
fn counts_its_vote(platform: &Platform, number: u32) {
    let log = || std::fs::read_to_string(platform.data.join(format!("logs/oracle-{number}.log"))).expect("a log");
    let text = log();
    let (_, started) = text.rsplit_once("metrics are served").expect("the port is in the log");
    let address = started.split("127.0.0.1:").nth(1).expect("an address of this host");
    let port: String = address.chars().take_while(char::is_ascii_digit).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("the port answers");
        let request = "GET /metrics HTTP/1.1\r\nhost: oracle\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        let has = |line: &str| answer.lines().any(|found| found == format!("aixblock_oracle_{line}"));
        if has("open_audits 0") {
            let text = log();
            let (_, present) = text.rsplit_once("metrics are served").expect("the port is in the log");
            let logged = present.matches("the vote is on the chain").count();
            assert!(has(&format!("votes_total{{verdict=\"accept\"}} {logged}")), "{answer}\n{present}");
            assert!(has("self_test_passed 1") && logged <= 1, "{answer}");
            return;
        }
        assert!(Instant::now() < deadline, "the audit stays open: {answer}");
        std::thread::sleep(Duration::from_millis(100));
    }
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
    // three that judge orders, and three for panels
    assert_eq!(kill_oracles(&platform), 6);

    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let shown = platform.run("buyer", &["show", &order]);
        if shown.contains("3 for, 0 against") && shown.contains("audited") {
            break;
        }
        assert!(Instant::now() < deadline, "the oracles did not come back:\n{shown}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let page = folder.path().join("audit.html");
    platform.run("provider", &["report", &order, "--out", page.to_str().expect("UTF-8")]);
    let page = std::fs::read_to_string(page).expect("the page");
    for expected in
        ["<td>3 for, 0 against</td>", "replayed equal by", "oracle 3", "Samples per second", "<td>300 of 300</td>"]
    {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
    assert!(page.contains("<span class=\"key fault\">0 differ"), "{page}");
    for number in 1..=3 {
        counts_its_vote(&platform, number);
    }

    let early = platform.try_run("buyer", &["release", &order]);
    assert!(String::from_utf8_lossy(&early.stderr).contains("DisputeWindowOpen"));
    platform.run("buyer", &["travel", "--seconds", "3600"]);
    assert_eq!(platform.run("buyer", &["release", &order]).trim(), "paid 975000 fee 25000 refunded 0");
}
