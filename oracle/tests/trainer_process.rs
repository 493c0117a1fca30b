//! The trainer as a child process: its answers, its failures, and what it must not see.
#![allow(clippy::unwrap_used)]

use oracle::TrainerProcess;
use oracle::replayer::{ReplayError, Replayer, Request};
use protocol::digest::Digest;
use protocol::report::ReplayEvent;
use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

fn trainer(folder: &Path, script: &str) -> TrainerProcess {
    let program = folder.join("trainer.sh");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    TrainerProcess {
        program,
        store: folder.to_owned(),
        replay_timeout: Duration::from_secs(20),
        self_test_timeout: Duration::from_secs(20),
        nice: 5,
    }
}

fn request() -> Request {
    Request {
        log: Digest([1; 32]),
        manifest_hash: Digest([2; 32]),
        job_root: Digest([3; 32]),
        segments: vec![0, 3, 19],
        steps: 6,
    }
}

fn report() -> String {
    format!(
        r#"{{"verdict":"match","reason":null,"manifest_hash":"{}","log":"{}","job_root":null,"segments":[],"metric":null,"final_state_hash":null,"seconds":1.5}}"#,
        Digest([2; 32]),
        Digest([1; 32])
    )
}

#[tokio::test]
async fn a_report_is_the_last_line_of_json() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "echo progress; echo noise >&2; echo \"$@\" > {}/arguments; echo '{}'",
        folder.path().display(),
        report()
    );
    let answer = trainer(folder.path(), &script).replay(&request(), &mut |_| {}).await.unwrap();
    assert_eq!(answer.log, Digest([1; 32]));
    assert_eq!(serde_json::to_value(&answer).unwrap(), serde_json::from_str::<serde_json::Value>(&report()).unwrap());
    let arguments = fs::read_to_string(folder.path().join("arguments")).unwrap();
    assert!(
        arguments.starts_with("replay --progress --log 0101") && arguments.contains("--segments 0,3,19"),
        "{arguments}"
    );
    assert!(arguments.contains(&format!("--store {}", folder.path().display())), "{arguments}");
}

#[tokio::test]
async fn events_are_told_as_they_come_and_are_no_part_of_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    let step = |step| format!(r#"echo '{{"event":"step","segment":0,"step":{step}}}'"#);
    // the second step is not written before the first was told
    let gate = folder.path().join("gate");
    let wait = format!("until [ -e {} ]; do :; done", gate.display());
    let script = [step(0), wait, step(1), format!("echo '{}'", report()), step(2)].join("\n");
    let mut told = Vec::new();
    let answer = trainer(folder.path(), &script)
        .replay(&request(), &mut |event| {
            fs::write(&gate, "").unwrap();
            told.push(event.clone());
        })
        .await
        .unwrap();
    assert_eq!(answer.log, Digest([1; 32]));
    assert_eq!(told, [0, 1, 2].map(|step| ReplayEvent::Step { segment: 0, step }));
}

#[tokio::test]
async fn failures_of_the_trainer_are_failures_of_this_host() {
    let folder = tempfile::tempdir().unwrap();
    let crash =
        trainer(folder.path(), "echo 'no disk space' >&2; exit 3").replay(&request(), &mut |_| {}).await.unwrap_err();
    assert!(matches!(&crash, ReplayError::Failed { output, .. } if output == "no disk space"), "{crash}");
    let killed = trainer(folder.path(), "kill -9 $$").replay(&request(), &mut |_| {}).await.unwrap_err();
    assert!(killed.to_string().contains("signal: 9"), "{killed}");
    let silent = trainer(folder.path(), "exit 0").replay(&request(), &mut |_| {}).await.unwrap_err();
    assert!(matches!(silent, ReplayError::Answer(_)), "{silent}");
    let garbage =
        trainer(folder.path(), "echo '{\"verdict\":\"fine\"}'").replay(&request(), &mut |_| {}).await.unwrap_err();
    assert!(matches!(garbage, ReplayError::Answer(_)), "{garbage}");
    let mut missing = trainer(folder.path(), "");
    missing.program = folder.path().join("none");
    let error = missing.replay(&request(), &mut |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("set `trainer`"), "{error}");
}

#[tokio::test]
async fn a_trainer_that_hangs_is_stopped_at_the_time_limit() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let mut hanging = trainer(folder.path(), &format!("echo $$ > {}; exec sleep 600", marker.display()));
    hanging.replay_timeout = Duration::from_millis(500);
    assert!(matches!(hanging.replay(&request(), &mut |_| {}).await, Err(ReplayError::Timeout(_))));
    let pid = fs::read_to_string(marker).unwrap();
    let state = Path::new("/proc").join(pid.trim());
    let started = std::time::Instant::now();
    while fs::read_to_string(state.join("stat")).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(started.elapsed() < Duration::from_secs(10), "the child still runs");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_child_sees_no_variable_that_it_does_not_need() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("env > {}/env; echo '{}'", folder.path().display(), report());
    trainer(folder.path(), &script).replay(&request(), &mut |_| {}).await.unwrap();
    let seen = fs::read_to_string(folder.path().join("env")).unwrap();
    let allowed =
        ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "LD_LIBRARY_PATH", "RUST_LOG", "PWD", "OLDPWD", "SHLVL", "_"];
    for line in seen.lines() {
        let name = line.split('=').next().unwrap();
        assert!(allowed.contains(&name), "{line}");
    }
    assert!(std::env::vars().count() > seen.lines().count(), "cargo sets variables that the child must not get");
}

#[tokio::test]
async fn the_self_test_tells_other_bits_from_a_broken_program() {
    let folder = tempfile::tempdir().unwrap();
    let say = |compatible: bool, found: u8| {
        format!(
            "[ \"$1\" = self-test ] || exit 9; echo '{{\"compatible\":{compatible},\"trainer_version\":\"1\",\"expected\":\"{}\",\"found\":\"{}\"}}'; exit {}",
            Digest([1; 32]),
            Digest([found; 32]),
            i32::from(!compatible)
        )
    };
    trainer(folder.path(), &say(true, 1)).self_test().await.unwrap();
    let other = trainer(folder.path(), &say(false, 2)).self_test().await.unwrap_err();
    assert!(matches!(other, ReplayError::Incompatible { .. }), "{other}");
    let broken = trainer(folder.path(), "echo 'no libtorch' >&2; exit 127").self_test().await.unwrap_err();
    assert!(broken.to_string().contains("no libtorch"), "{broken}");
}
