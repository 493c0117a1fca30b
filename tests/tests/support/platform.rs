//! The platform as `aixblock up` runs it.
#![allow(dead_code, unreachable_pub)]
use e2e_tests::{binary, root};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// The platform on free ports; stopped when dropped.
pub struct Platform {
    pub up: Child,
    pub data: PathBuf,
    pub url: String,
    pub api: String,
}

impl Platform {
    pub fn start(data: &Path) -> Self {
        let mut up = Command::new(binary("aixblock"))
            .arg("up")
            .arg("--data")
            .arg(data)
            .arg("--programs")
            .arg(root().join("target/deploy"))
            .args(["--rpc-port", "0", "--ws-port", "0", "--api-port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the platform starts");
        let (mut url, mut api) = (None, None);
        for line in BufReader::new(up.stdout.take().expect("piped")).lines().map_while(Result::ok) {
            match line.split_once(' ') {
                Some(("chain", at)) => url = Some(at.trim().to_owned()),
                Some(("API", at)) => api = at.trim().strip_prefix("http://").map(str::to_owned),
                _ if line.starts_with("Running") => break,
                _ => {}
            }
        }
        let (Some(url), Some(api)) = (url, api) else { panic!("the platform ended before it ran") };
        Self { up, data: data.to_owned(), url, api }
    }

    pub fn try_run(&self, who: &str, arguments: &[&str]) -> Output {
        Command::new(binary("aixblock"))
            .args(arguments)
            .args(["--url", &self.url, "--keypair"])
            .arg(self.data.join(format!("keys/{who}.json")))
            .arg("--store")
            .arg(self.data.join("store"))
            .output()
            .expect("the command starts")
    }

    pub fn run(&self, who: &str, arguments: &[&str]) -> String {
        let output = self.try_run(who, arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.up.id().to_string()).status();
        let _ = self.up.wait();
    }
}
