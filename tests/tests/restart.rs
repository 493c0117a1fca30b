//! Oracles that are killed in the middle of an audit.
use e2e_tests::{binary, root};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The platform as `aixblock up` runs it; stopped when dropped.
struct Platform {
    up: Child,
    data: PathBuf,
    url: String,
}

impl Platform {
    fn start(data: &Path) -> Self {
        let ports = [0; 3].map(|_| localnet::free_port().expect("a free port").to_string());
        let mut up = Command::new(binary("aixblock"))
            .arg("up")
            .arg("--data")
            .arg(data)
            .arg("--programs")
            .arg(root().join("target/deploy"))
            .args(["--rpc-port", &ports[0], "--ws-port", &ports[1], "--api-port", &ports[2]])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform starts");
        let lines = BufReader::new(up.stdout.take().expect("piped")).lines();
        let running = lines.map_while(Result::ok).any(|line| line.starts_with("Running"));
        assert!(running, "the platform ended before it ran");
        Self { up, data: data.to_owned(), url: format!("http://127.0.0.1:{}", ports[0]) }
    }

    fn try_run(&self, who: &str, arguments: &[&str]) -> Output {
        Command::new(binary("aixblock"))
            .args(arguments)
            .args(["--url", &self.url, "--keypair"])
            .arg(self.data.join(format!("keys/{who}.json")))
            .arg("--store")
            .arg(self.data.join("store"))
            .output()
            .expect("the command starts")
    }

    fn run(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.try_run(who, arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    /// Ends every oracle process without a warning, and says how many there were.
    fn kill_oracles(&self) -> usize {
        let mut killed = 0;
        for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
            let Ok(command) = std::fs::read(entry.path().join("cmdline")) else { continue };
            let Ok(status) = std::fs::read_to_string(entry.path().join("status")) else { continue };
            let child_of_up = status.lines().any(|line| line == format!("PPid:\t{}", self.up.id()));
            if child_of_up && String::from_utf8_lossy(&command).contains("aixblock-oracle") {
                let pid = entry.file_name().to_string_lossy().into_owned();
                assert!(Command::new("kill").args(["-9", &pid]).status().expect("kill runs").success());
                killed += 1;
            }
        }
        killed
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.up.id().to_string()).status();
        let _ = self.up.wait();
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
    assert_eq!(platform.kill_oracles(), 3);

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
