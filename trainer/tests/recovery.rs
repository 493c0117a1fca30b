//! A run that is stopped anywhere goes on from its last finished segment and ends in the same bits.
#![allow(clippy::unwrap_used)]

mod common;

use common::processes::{kill, start_until};
use common::{Workshop, report};
use protocol::report::TrainReport;
use std::io::Read;

#[test]
fn a_run_whose_worker_is_killed_ends_in_the_same_job_root() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_000);
    let undisturbed = workshop.train(&manifest, "undisturbed", 2);
    for victim in [0, 1] {
        let mut command = workshop.launch_command(&manifest, &format!("worker {victim} killed"), 2);
        let (launcher, processes, mut log) = start_until(&mut command, 40);
        kill(processes[victim]);
        let mut said = String::new();
        log.read_to_string(&mut said).unwrap();
        let run: TrainReport = report(&launcher.wait_with_output().unwrap());
        assert_eq!((run.restarts, run.job_root, run.log), (1, undisturbed.job_root, undisturbed.log), "{said}");
        assert!(run.resumed_from_step >= 40 && run.resumed_from_step.is_multiple_of(5), "{run:?}");
    }
}

#[test]
fn a_run_whose_launcher_is_killed_goes_on_with_the_next_launch() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_000);
    let (mut launcher, _, _log) = start_until(&mut workshop.launch_command(&manifest, "run", 2), 40);
    launcher.kill().unwrap();
    launcher.wait().unwrap();
    let run = workshop.train(&manifest, "run", 1);
    assert!(run.resumed_from_step >= 40, "{run:?}");
    assert_eq!(run.job_root, workshop.train(&manifest, "undisturbed", 1).job_root);
}

#[test]
fn a_damaged_checkpoint_costs_only_the_segments_after_it() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(20);
    let run = workshop.train(&manifest, "run", 1);
    let damaged = workshop.log(&run).segments[2].start_checkpoint;
    std::fs::write(workshop.store.path_of(&damaged), b"damaged").unwrap();
    let again = workshop.train(&manifest, "run", 1);
    assert_eq!((again.resumed_from_step, again.job_root), (5, run.job_root));
    workshop.store.get(&damaged).unwrap();
}

#[test]
fn launching_a_finished_run_again_reports_the_same_result() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    let run = workshop.train(&manifest, "run", 1);
    let again = workshop.train(&manifest, "run", 2);
    assert_eq!(
        (again.resumed_from_step, again.log, again.final_loss.to_bits()),
        (10, run.log, run.final_loss.to_bits())
    );
}
