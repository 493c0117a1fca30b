//! The process itself: what it says when it cannot start, and how it stops.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

fn oracle(folder: &Path, self_test: &str) -> Command {
    let trainer = folder.join("trainer.sh");
    fs::write(&trainer, format!("#!/bin/sh\n{self_test}\n")).unwrap();
    fs::set_permissions(&trainer, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_aixblock-oracle"));
    command.current_dir(folder).env("RUST_LOG", "info").env("NO_COLOR", "1").arg("--trainer").arg(trainer);
    // port 9 is reserved for discarding: no node is there
    command.args(["--rpc-url", "http://127.0.0.1:9", "--store", "store", "--database", "oracle.db"]);
    command
}

#[test]
fn a_missing_key_and_an_incompatible_host_end_it_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let output = oracle(folder.path(), "exit 0").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no key file oracle.json"));

    chain::key::write(&folder.path().join("oracle.json"), &chain::Keypair::new()).unwrap();
    let report = format!(
        r#"{{"compatible":false,"trainer_version":"1","expected":"{}","found":"{}"}}"#,
        "11".repeat(32),
        "22".repeat(32)
    );
    let output = oracle(folder.path(), &format!("echo '{report}'; exit 1")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("incompatible host"));
}

#[test]
fn a_port_that_is_in_use_ends_it_and_a_free_one_is_named_and_answers() {
    let folder = tempfile::tempdir().unwrap();
    chain::key::write(&folder.path().join("oracle.json"), &chain::Keypair::new()).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = oracle(folder.path(), "exit 0").args(["--metrics-listen", &port]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains(&format!("cannot serve metrics on 127.0.0.1:{port}")), "{message}");
    assert!(message.contains("choose another with --metrics-listen"), "{message}");

    let mut command = oracle(folder.path(), "exit 0");
    let mut child = command.args(["--metrics-listen", "0"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address =
        lines.find_map(|line| line.split_once("metrics are served address=").map(|(_, rest)| rest.to_owned()));
    let address = address.unwrap();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    assert!(lines.any(|line| line.contains("the node does not answer")));
    let mut stream = TcpStream::connect(address.trim()).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: oracle\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("aixblock_oracle_self_test_passed 1"), "{answer}");
    // SAFETY: the child is ours and not yet waited for, so its id cannot be another process's
    assert_eq!(unsafe { libc::kill(child.id().try_into().unwrap(), libc::SIGTERM) }, 0);
    lines.for_each(drop);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_signal_stops_it_in_order_also_while_the_node_is_down() {
    let folder = tempfile::tempdir().unwrap();
    chain::key::write(&folder.path().join("oracle.json"), &chain::Keypair::new()).unwrap();
    for signal in [libc::SIGTERM, libc::SIGINT] {
        let mut child = oracle(folder.path(), "exit 0").stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("the node does not answer")));
        // SAFETY: the child is ours and not yet waited for, so its id cannot be another process's
        assert_eq!(unsafe { libc::kill(child.id().try_into().unwrap(), signal) }, 0);
        assert_eq!(lines.last().map(|line| line.contains("stop") || line.contains("interrupted")), Some(true));
        assert!(child.wait().unwrap().success());
    }
}
