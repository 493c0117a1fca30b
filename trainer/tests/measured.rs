//! What a launch measures is all there, also after a worker died, and the report shows it with what audits said.
#![allow(clippy::unwrap_used)]

mod common;

use common::processes::{kill, start_until};
use common::{Workshop, complaint, report, trainer};
use protocol::manifest::Manifest;
use protocol::report::{TrainReport, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use trainer::launch::LaunchReport;
use trainer::metrics::{LINES_FILE, Metric, PROMETHEUS_FILE, StepSeconds, read};
use trainer::report::REPORT_FILE;

/// Loss and seconds by steps done, as they were measured last.
fn steps(metrics: &[Metric]) -> BTreeMap<u32, (f32, StepSeconds)> {
    let steps = metrics.iter().filter_map(|metric| match metric {
        Metric::Step { done, loss, seconds, .. } => Some((*done, (loss.unwrap(), *seconds))),
        _ => None,
    });
    steps.collect()
}

fn check_steps(metrics: &[Metric], workshop: &Workshop, run: &TrainReport) {
    let steps = steps(metrics);
    assert!(steps.keys().copied().eq(1..=run.steps), "{:?}", steps.keys());
    for (record, (loss, seconds)) in workshop.log(run).steps.iter().zip(steps.values()) {
        assert_eq!(record.loss_bits, loss.to_bits());
        let StepSeconds { total, communication, update, commitment } = *seconds;
        assert!(communication > 0.0 && update > 0.0 && commitment > 0.0, "{seconds:?}");
        assert!(communication + update + commitment <= total, "{seconds:?}");
    }
}

fn result(metrics: &[Metric]) -> &LaunchReport {
    let Some(Metric::Finish { report, .. }) = metrics.last() else { panic!("no result: {:?}", metrics.last()) };
    report
}

/// The page that `aixblock-trainer report` writes.
fn page(workshop: &Workshop, work_dir: &Path, arguments: &[&str]) -> String {
    let out = workshop.folder.path().join("page.html");
    let mut command = trainer();
    command.arg("report").arg("--work-dir").arg(work_dir).arg("--out").arg(&out).args(arguments);
    let _: serde_json::Value = report(&command.output().unwrap());
    std::fs::read_to_string(out).unwrap()
}

fn assert_shows(page: &str, expected: &[&str]) {
    for expected in expected {
        assert!(page.contains(expected), "{expected} is not in {page}");
    }
}

#[test]
fn a_run_of_two_workers_leaves_every_step_and_a_page_to_which_audits_are_added() {
    let workshop = Workshop::new();
    let manifest = workshop.written(Manifest { evaluate_every: 1, ..workshop.image_job(12) });
    let run = workshop.train(&manifest, "run", 2);
    let work_dir = workshop.work_dir("run");
    let metrics = read(&work_dir).unwrap();
    assert!(matches!(metrics[0], Metric::Start { workers: 2, steps: 12, segment_len: 5, from_step: 0, .. }));
    check_steps(&metrics, &workshop, &run);
    assert!(matches!(result(&metrics), LaunchReport::Verifiable(told) if told.job_root == run.job_root));
    let prometheus = std::fs::read_to_string(work_dir.join(PROMETHEUS_FILE)).unwrap();
    let hash = manifest.hash();
    assert!(
        prometheus.contains(&format!("aixblock_training_steps_done{{manifest_hash=\"{hash}\"}} 12\n")),
        "{prometheus}"
    );

    let root = run.job_root.to_string();
    let shown = ["12 of 12", "3 of 5 steps each", "Samples per second", "Communication, of training time", &root];
    let left = std::fs::read_to_string(work_dir.join(REPORT_FILE)).unwrap();
    assert_shows(&left, &shown);
    assert_shows(&left, &["<figcaption>Loss", "<polyline class=\"line0\"", "0 audits", "3 were not replayed"]);

    // one audit as a file, one by its content address, of which the second finds a fault
    let equal = workshop.replay_command(&manifest, &run.log, "0").output().unwrap().stdout;
    let file = workshop.folder.path().join("audit.json");
    std::fs::write(&file, equal).unwrap();
    let forged = workshop.forge(&run, |log| log.steps[7].loss_bits ^= 1);
    let differing = workshop.replay(&manifest, &forged, "1");
    assert_eq!(differing.verdict, Verdict::Mismatch);
    let address = workshop.store.put(&serde_json::to_vec(&differing).unwrap()).unwrap().to_string();
    let store = workshop.store.root().to_str().unwrap();
    let page = page(&workshop, &work_dir, &["--audit", file.to_str().unwrap(), "--audit", &address, "--store", store]);
    assert_shows(&page, &shown);
    assert_shows(&page, &["2 audits", "1 were replayed and equal", "1 differ", "segment 1: step 7: the loss differs"]);
}

#[test]
fn a_run_whose_worker_is_killed_leaves_every_step_and_says_what_stopped() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(1_000);
    let (launcher, processes, mut log) = start_until(&mut workshop.launch_command(&manifest, "run", 2), 40);
    kill(processes[1]);
    std::io::copy(&mut log, &mut std::io::sink()).unwrap();
    let run: TrainReport = report(&launcher.wait_with_output().unwrap());
    let metrics = read(&workshop.work_dir("run")).unwrap();
    let steps = steps(&metrics);
    assert_eq!(steps.keys().next_back(), Some(&1_000));
    let losses = workshop.log(&run).steps;
    assert!(steps.iter().all(|(done, (loss, _))| losses[*done as usize - 1].loss_bits == loss.to_bits()));
    let starts: Vec<u32> = metrics
        .iter()
        .filter_map(|metric| match metric {
            Metric::Start { from_step, .. } => Some(*from_step),
            _ => None,
        })
        .collect();
    // of the segment that step 40 ends, what was killed may have been the writer
    assert!(starts.len() >= 2 && starts[0] == 0 && starts[1] >= 35, "{starts:?}");
    let missing: Vec<u32> = (1..=1_000).filter(|done| !steps.contains_key(done)).collect();
    // rank 0 is the worker that tells: one that dies between storing a segment and telling its last step takes that with it
    assert!(missing.len() <= 1 && missing.iter().all(|done| starts.contains(done)), "{missing:?}");
    assert!(metrics.iter().any(
        |metric| matches!(metric, Metric::Stop { restart: Some(1), who, message, .. } if who == "worker 1" && message.contains("signal: 9"))
    ));
    assert_shows(&page(&workshop, &workshop.work_dir("run"), &[]), &["1000 of 1000", "worker 1: signal: 9"]);
    // a later launch adds to it
    workshop.train(&manifest, "run", 1);
    let again = read(&workshop.work_dir("run")).unwrap();
    assert!(again.len() == metrics.len() + 2 && again[..metrics.len()] == metrics);
}

#[test]
fn a_run_that_cannot_keep_what_it_measures_trains_all_the_same() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    let work_dir: PathBuf = workshop.work_dir("run");
    // a folder where a file is wanted
    std::fs::create_dir_all(work_dir.join(LINES_FILE)).unwrap();
    let output = workshop.launch_command(&manifest, "run", 2).output().unwrap();
    let run: TrainReport = report(&output);
    assert_eq!(run.job_root, workshop.train(&manifest, "another", 1).job_root);
    assert!(String::from_utf8_lossy(&output.stderr).contains("training goes on without measurements"));
    let out = workshop.folder.path().join("page.html");
    let mut command = trainer();
    command.arg("report").arg("--work-dir").arg(&work_dir).arg("--out").arg(&out);
    assert!(complaint(&command.output().unwrap()).contains(LINES_FILE));
    assert!(!out.exists());
}
