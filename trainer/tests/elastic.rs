//! Workers die and join, the rendezvous and the launcher die, at any moment: the job root stays the same.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report, trainer};
use protocol::manifest::{Manifest, NumericProfile};
use protocol::philox::{Purpose, Stream};
use protocol::report::TrainReport;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use trainer::profile;
use trainer::worker::{FinishedRun, WorkerEvent};

fn signal(process: u32, signal: &str) {
    // who is gone already needs no signal
    let _ = Command::new("kill").args([signal, &process.to_string()]).stderr(Stdio::null()).status().unwrap();
}

/// A launch whose log is read.
struct Launch {
    launcher: Child,
    log: BufReader<ChildStderr>,
    /// Processes by what they are for.
    processes: BTreeMap<String, u32>,
    said: String,
}

impl Launch {
    fn start(command: &mut Command) -> Self {
        let mut launcher = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(launcher.stderr.take().unwrap());
        Self { launcher, log, processes: BTreeMap::new(), said: String::new() }
    }

    /// Reads on until `segments` more are done; false where the run ended before.
    fn train_on(&mut self, segments: u32) -> bool {
        let mut seen = 0;
        while seen < segments {
            let mut line = String::new();
            if self.log.read_line(&mut line).unwrap() == 0 {
                return false;
            }
            if let Some((who, process)) = line.split_once(" is process ") {
                self.processes.insert(who.to_owned(), process.trim().parse().unwrap());
            }
            seen += u32::from(line.starts_with("step "));
            self.said.push_str(&line);
        }
        true
    }

    fn finish(mut self) -> TrainReport {
        self.log.read_to_string(&mut self.said).unwrap();
        let output = self.launcher.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", self.said);
        report(&output)
    }
}

/// Kills one process after another, chosen by `seed`, each after a random number of segments and a random while.
fn disturbed(workshop: &Workshop, manifest: &Manifest, seed: u64, kills: u32) -> TrainReport {
    let name = format!("disturbed by {seed}");
    let command = || {
        let mut command = workshop.launch_command(manifest, &name, 3);
        command.args(["--max-restarts", "1000"]);
        command
    };
    let mut random = Stream::new(seed, Purpose::Synthetic, 0);
    let mut run = Launch::start(&mut command());
    for _ in 0..kills {
        if !run.train_on(1 + random.below(4)) {
            break;
        }
        std::thread::sleep(std::time::Duration::from_micros(random.below(20_000).into()));
        let victims: Vec<(String, u32)> = run.processes.clone().into_iter().collect();
        let victim = random.below(victims.len() as u32 + 1) as usize;
        match victims.get(victim) {
            Some((_, process)) => signal(*process, "-9"),
            None => {
                run.launcher.kill().unwrap();
                run.launcher.wait().unwrap();
                run = Launch::start(&mut command());
            }
        }
    }
    run.finish()
}

#[test]
fn killing_any_process_at_random_moments_never_changes_the_job_root() {
    let workshop = Workshop::new();
    let manifest = workshop.with_profile(workshop.image_job(1_200), NumericProfile::CanonicalAvx2V2);
    let undisturbed = workshop.train(&manifest, "undisturbed", 2);
    // AIXBLOCK_KILL_ROUNDS makes it as long as one likes
    let rounds: u64 = std::env::var("AIXBLOCK_KILL_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap());
    for seed in 0..rounds {
        let run = disturbed(&workshop, &manifest, seed, 4);
        assert_eq!((run.job_root, run.log), (undisturbed.job_root, undisturbed.log), "seed {seed}");
    }
}

#[test]
fn a_run_without_restarts_goes_on_with_the_workers_that_are_left() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_000);
    let undisturbed = workshop.train(&manifest, "undisturbed", 1);
    let mut command = workshop.launch_command(&manifest, "run", 3);
    let mut run = Launch::start(command.args(["--max-restarts", "0", "--patience-seconds", "1"]));
    for victim in ["worker 0", "worker 2"] {
        assert!(run.train_on(4));
        signal(run.processes[victim], "-9");
    }
    let end = run.finish();
    assert_eq!((end.job_root, end.world_size, end.restarts), (undisturbed.job_root, 1, 0));
}

/// A rendezvous of its own, and workers started by hand.
struct Site<'a> {
    workshop: &'a Workshop,
    manifest: &'a Manifest,
    rendezvous: Child,
    port: String,
}

impl<'a> Site<'a> {
    fn open(workshop: &'a Workshop, manifest: &'a Manifest) -> Self {
        workshop.store.put(&manifest.encode()).unwrap();
        let mut rendezvous = trainer().args(["rendezvous", "--port", "0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut log = BufReader::new(rendezvous.stderr.take().unwrap());
        while !line.contains("workers meet at port") {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the rendezvous said nothing");
        }
        let port = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { workshop, manifest, rendezvous, port }
    }

    fn worker(&self, folder: &str) -> Worker {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aixblock-worker"));
        profile::clean_environment(&mut command, self.manifest.numeric_profile, profile::ONE_THREAD);
        command.env("RUST_LOG", "trainer=info").env("TORCH_CPP_LOG_LEVEL", "FATAL");
        command.args(["--master-port", &self.port, "--manifest-hash", &self.manifest.hash().to_string()]);
        command.arg("--store").arg(self.workshop.store.root());
        command.arg("--work-dir").arg(self.workshop.work_dir(folder));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let events = BufReader::new(process.stdout.take().unwrap());
        let log = BufReader::new(process.stderr.take().unwrap());
        Worker { process, events, log }
    }
}

impl Drop for Site<'_> {
    fn drop(&mut self) {
        let _ = self.rendezvous.kill();
        let _ = self.rendezvous.wait();
    }
}

struct Worker {
    process: Child,
    events: BufReader<ChildStdout>,
    log: BufReader<ChildStderr>,
}

impl Worker {
    fn next(&mut self) -> Option<WorkerEvent> {
        let mut line = String::new();
        (self.events.read_line(&mut line).unwrap() > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    /// The number of workers of the generation that starts next.
    fn starts(&mut self) -> u32 {
        loop {
            match self.next().expect("the worker ended") {
                WorkerEvent::Started { workers, .. } => return workers,
                WorkerEvent::Finished(_) => panic!("the job is done already"),
                WorkerEvent::Step { .. } | WorkerEvent::Evaluated { .. } => {}
            }
        }
    }

    fn wait_for_log(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "the worker ended without saying {text:?}");
        }
    }

    fn finishes(mut self) -> Option<FinishedRun> {
        let mut end = None;
        while let Some(event) = self.next() {
            if let WorkerEvent::Finished(run) = event {
                end = Some(run);
            }
        }
        assert!(self.process.wait().unwrap().success());
        end
    }
}

#[test]
fn workers_join_a_job_that_runs_and_another_takes_over_when_the_first_dies() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_200);
    let undisturbed = workshop.train(&manifest, "undisturbed", 1);
    let site = Site::open(&workshop, &manifest);
    let mut first = site.worker("shared");
    assert_eq!(first.starts(), 1);
    // held still, so that the job is not done before the second worker knocks
    signal(first.process.id(), "-STOP");
    let mut second = site.worker("shared");
    second.wait_for_log("to make room");
    signal(first.process.id(), "-CONT");
    assert_eq!(first.starts(), 2);
    first.process.kill().unwrap();
    first.process.wait().unwrap();
    assert_eq!(second.starts(), 1);
    let end = second.finishes().unwrap();
    assert_eq!(end.commitment.unwrap().job_root, undisturbed.job_root);
    assert!(end.resumed_from_step > 0);
}
