//! A run that is stopped anywhere goes on from its last finished segment and ends in the same bits.
#![allow(clippy::unwrap_used)]

mod common;

use artefacts::{Store, StoreError};
use common::processes::{kill, start_until};
use common::{Workshop, report};
use protocol::manifest::{Manifest, Model};
use protocol::report::TrainReport;
use std::io::Read;
use std::time::{Duration, Instant};
use trainer::job::Job;
use trainer::run_folder::finished_segments;
use trainer::state::TrainState;
use trainer::worker::WorkerError;
use trainer::worker::agreement::SegmentAgreement;
use trainer::worker::history::History;

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
        // the segment that ends with step 40 may still be on its way to the disk
        assert!(run.resumed_from_step >= 35 && run.resumed_from_step.is_multiple_of(5), "{run:?}");
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
    // as above
    assert!(run.resumed_from_step >= 35, "{run:?}");
    assert_eq!(run.job_root, workshop.train(&manifest, "undisturbed", 1).job_root);
}

#[test]
fn a_worker_that_is_killed_while_a_checkpoint_is_written_ends_in_the_same_job_root() {
    let workshop = Workshop::new();
    let model = Model::Mlp { inputs: 20, hidden: vec![500, 400], classes: 4, dropout: 0.0 };
    let manifest = workshop.written(Manifest { model, ..workshop.image_job(60) });
    let undisturbed = workshop.train(&manifest, "undisturbed", 1);
    let dataset = workshop.store.get(&manifest.dataset.root).unwrap();
    let unfinished = workshop.store.root().join("tmp");
    let is_writing = || std::fs::read_dir(&unfinished).unwrap().next().is_some();
    for attempt in 0..20 {
        // checkpoints that are there already are not written again
        std::fs::remove_dir_all(workshop.store.root()).unwrap();
        Store::open(workshop.store.root()).unwrap().put(&dataset).unwrap();
        let mut command = workshop.launch_command(&manifest, &format!("killed {attempt}"), 1);
        let (launcher, processes, mut log) = start_until(&mut command, 6);
        let deadline = Instant::now() + Duration::from_secs(60);
        while !is_writing() {
            assert!(Instant::now() < deadline, "no checkpoint is written");
        }
        kill(processes[0]);
        let mut said = String::new();
        log.read_to_string(&mut said).unwrap();
        let run: TrainReport = report(&launcher.wait_with_output().unwrap());
        assert_eq!((run.job_root, run.log), (undisturbed.job_root, undisturbed.log), "{said}");
        // nobody is left who would finish it: the kill came in time
        if is_writing() {
            assert_eq!(run.restarts, 1, "{said}");
            assert!(run.resumed_from_step.is_multiple_of(5), "{run:?}");
            return;
        }
    }
    panic!("no kill came while a checkpoint was written");
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_the_run_and_the_next_launch_goes_on_before_it() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_000);
    let (launcher, _, mut log) = start_until(&mut workshop.launch_command(&manifest, "run", 2), 40);
    // a file in the place of the folder that checkpoints are written in
    let folder = workshop.store.root().join("tmp");
    let aside = workshop.folder.path().join("aside");
    while std::fs::write(&folder, b"").is_err() {
        // a checkpoint that begins in between makes the folder anew
        let _ = std::fs::remove_dir_all(&aside);
        let _ = std::fs::rename(&folder, &aside);
    }
    let mut said = String::new();
    log.read_to_string(&mut said).unwrap();
    let output = launcher.wait_with_output().unwrap();
    assert!(!output.status.success() && said.contains("cannot write"), "{said}");
    let recorded = finished_segments(&workshop.work_dir("run"));
    std::fs::remove_file(&folder).unwrap();
    let run = workshop.train(&manifest, "run", 2);
    // nothing was recorded after the segment that failed
    assert_eq!(run.resumed_from_step, recorded * 5);
    assert_eq!(run.job_root, workshop.train(&manifest, "undisturbed", 1).job_root);
}

#[test]
fn the_error_of_writing_a_segment_comes_with_the_next_and_leaves_no_record() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    workshop.store.put(&manifest.encode()).unwrap();
    let job = Job::load(&workshop.store, &manifest.hash()).unwrap();
    let state = TrainState::initial(&job).unwrap();
    let work_dir = workshop.work_dir("run");
    let agreed = SegmentAgreement { steps: Vec::new(), state_root: state.root(), make_room: false };
    let mut history = History::open(&work_dir, &job, &workshop.store).unwrap();
    std::fs::remove_dir_all(workshop.store.root()).unwrap();
    std::fs::write(workshop.store.root(), b"no folder").unwrap();
    history.end_segment(&job, &state, &agreed, None).unwrap();
    let error = history.end_segment(&job, &state, &agreed, None).unwrap_err();
    assert!(matches!(error, WorkerError::Store(StoreError::Write(_))) && error.is_permanent(), "{error}");
    drop(history);
    assert_eq!(finished_segments(&work_dir), 0);
}

#[test]
fn who_drops_a_history_waits_until_its_segment_is_recorded() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    workshop.store.put(&manifest.encode()).unwrap();
    let job = Job::load(&workshop.store, &manifest.hash()).unwrap();
    let state = TrainState::initial(&job).unwrap();
    let work_dir = workshop.work_dir("run");
    let agreed = SegmentAgreement { steps: Vec::new(), state_root: state.root(), make_room: false };
    let mut history = History::open(&work_dir, &job, &workshop.store).unwrap();
    history.end_segment(&job, &state, &agreed, None).unwrap();
    drop(history);
    assert_eq!(finished_segments(&work_dir), 1);
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
