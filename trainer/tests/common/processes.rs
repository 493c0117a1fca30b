//! Launches that are disturbed while they run.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

/// Starts a launch and reads its log until `done` steps are done; returns the workers' processes too.
pub fn start_until(command: &mut Command, done: u32) -> (Child, Vec<u32>, BufReader<ChildStderr>) {
    let mut launcher = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(launcher.stderr.take().unwrap());
    let (mut processes, mut line) = (Vec::new(), String::new());
    while log.read_line(&mut line).unwrap() > 0 {
        // workers by number; the rendezvous is another process
        if let Some((_, process)) = line.split_once("is process ").filter(|(who, _)| who.starts_with("worker")) {
            processes.push(process.trim().parse().unwrap());
        }
        let reached = line
            .strip_prefix("step ")
            .and_then(|rest| rest.split('/').next())
            .and_then(|step| step.parse::<u32>().ok());
        if reached.is_some_and(|step| step >= done) {
            return (launcher, processes, log);
        }
        line.clear();
    }
    panic!("the run ended before step {done}: {}", launcher.wait().unwrap());
}

pub fn kill(process: u32) {
    assert!(Command::new("kill").args(["-9", &process.to_string()]).status().unwrap().success());
}
