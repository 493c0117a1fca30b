//! A replay agrees with an honest run and says what is wrong with any other.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::digest::Digest;
use protocol::manifest::Acceptance;
use protocol::report::{ArtefactFault, DifferingPart, ReplayReport, SegmentVerdict, Verdict, reason_code};

#[test]
fn a_replay_in_one_process_matches_every_segment_and_the_final_metric() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(12);
    let run = workshop.train(&manifest, "honest", 2);
    let replay = workshop.replay(&manifest, &run.log, "all");
    assert_eq!(replay.verdict, Verdict::Match, "{replay:?}");
    assert_eq!(
        replay.segments.iter().map(|segment| (segment.index, segment.steps)).collect::<Vec<_>>(),
        [(0, 5), (1, 5), (2, 2)]
    );
    assert_eq!((replay.final_state_hash, replay.job_root), (Some(run.final_state_hash), Some(run.job_root)));
    let metric = replay.metric.unwrap();
    assert_eq!((metric.correct, metric.total, metric.matches), (run.correct, run.total, true));
}

#[test]
fn a_run_that_skips_steps_is_caught_in_its_first_segment() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    let run =
        report(&workshop.launch_command(&manifest, "cheat", 2).args(["--dishonest", "skip-steps"]).output().unwrap());
    workshop.log(&run).verify_against(&manifest).unwrap();
    let replay = workshop.replay(&manifest, &run.log, "0");
    assert_eq!(replay.verdict, Verdict::Mismatch);
    assert_eq!(replay.reason_code(), Some(reason_code::GRADIENT));
    let outcome = &replay.segments[0].outcome;
    assert!(
        matches!(outcome, SegmentVerdict::Mismatch { step: 1, part: DifferingPart::Gradient { virtual_rank: 0 }, .. }),
        "{outcome:?}"
    );
}

fn outcome(replay: &ReplayReport) -> &SegmentVerdict {
    &replay.segments[0].outcome
}

#[test]
fn missing_and_damaged_checkpoints_are_reasons_of_their_own() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(15);
    let run = workshop.train(&manifest, "honest", 1);
    let log = workshop.log(&run);
    std::fs::remove_file(workshop.store.path_of(&log.segments[1].start_checkpoint)).unwrap();
    std::fs::write(workshop.store.path_of(&log.segments[2].start_checkpoint), b"damaged").unwrap();
    let missing = workshop.replay(&manifest, &run.log, "1");
    assert!(
        matches!(outcome(&missing), SegmentVerdict::Unavailable { fault: ArtefactFault::Missing, .. }),
        "{missing:?}"
    );
    let damaged = workshop.replay(&manifest, &run.log, "2");
    assert!(
        matches!(outcome(&damaged), SegmentVerdict::Unavailable { fault: ArtefactFault::Corrupt, .. }),
        "{damaged:?}"
    );
    assert_eq!([missing.verdict, damaged.verdict], [Verdict::Unavailable; 2]);
    assert_eq!(workshop.replay(&manifest, &run.log, "0").verdict, Verdict::Match);
}

#[test]
fn a_missing_log_or_manifest_is_unavailable() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    let no_manifest = workshop.replay(&manifest, &Digest::ZERO, "all");
    assert_eq!(no_manifest.verdict, Verdict::Unavailable);
    workshop.store.put(&manifest.encode()).unwrap();
    let no_log = workshop.replay(&manifest, &Digest::ZERO, "all");
    assert_eq!(no_log.verdict, Verdict::Unavailable);
    assert!(no_log.reason.unwrap().contains("missing"));
}

#[test]
fn a_forged_log_is_a_mismatch_whatever_was_forged() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    let run = workshop.train(&manifest, "honest", 1);
    let part_of = |log: Digest, segment: &str| match outcome(&workshop.replay(&manifest, &log, segment)) {
        SegmentVerdict::Mismatch { part, .. } => *part,
        other => panic!("{other:?}"),
    };
    let batch = workshop.forge(&run, |log| log.steps[2].batch_root = Digest::ZERO);
    assert_eq!(part_of(batch, "0"), DifferingPart::Batch);
    let lazy = workshop.forge(&run, |log| log.steps[2].gradient_roots[3] = log.steps[2].gradient_roots[2]);
    assert_eq!(part_of(lazy, "0"), DifferingPart::Gradient { virtual_rank: 3 });
    let reducer = workshop.forge(&run, |log| log.steps[2].reduced_root = Digest::ZERO);
    assert_eq!(part_of(reducer, "0"), DifferingPart::ReducedGradient);
    let loss = workshop.forge(&run, |log| log.steps[2].loss_bits ^= 1);
    assert_eq!(part_of(loss, "0"), DifferingPart::Loss);
    let optimizer = workshop.forge(&run, |log| log.steps[2].state_root = Digest::ZERO);
    assert_eq!(part_of(optimizer, "0"), DifferingPart::State);
    let spliced = workshop.forge(&run, |log| log.segments[1].start_checkpoint = log.segments[0].start_checkpoint);
    assert_eq!(part_of(spliced, "1"), DifferingPart::StartState);
    let model = workshop.forge(&run, |log| log.end.checkpoint = log.segments[0].start_checkpoint);
    assert_eq!(part_of(model, "1"), DifferingPart::FinalCheckpoint);
    let head_start = workshop.forge(&run, |log| log.segments[0].start_root = Digest::ZERO);
    assert_eq!(part_of(head_start, "0"), DifferingPart::InitialState);
    let metric =
        workshop.replay(&manifest, &workshop.forge(&run, |log| log.end.metric.correct = log.end.metric.total), "1");
    assert_eq!((metric.verdict, metric.metric.unwrap().matches), (Verdict::Mismatch, false));
}

#[test]
fn a_log_that_does_not_hash_to_the_submitted_root_is_a_mismatch() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    let run = workshop.train(&manifest, "honest", 1);
    let with_root = |root: Digest| -> ReplayReport {
        report(
            &workshop
                .replay_command(&manifest, &run.log, "0")
                .args(["--job-root", &root.to_string()])
                .output()
                .unwrap(),
        )
    };
    assert_eq!(with_root(run.job_root).verdict, Verdict::Match);
    assert_eq!(with_root(Digest::ZERO).verdict, Verdict::Mismatch);
}

#[test]
fn a_true_result_below_the_manifests_minimum_matches_but_has_a_reason() {
    let workshop = Workshop::new();
    let mut manifest = workshop.image_job(5);
    manifest.acceptance = Acceptance::Accuracy { minimum_ppm: 1_000_000 };
    std::fs::write(workshop.manifest_file(&manifest), serde_json::to_string(&manifest).unwrap()).unwrap();
    let run = workshop.train(&manifest, "honest", 1);
    let replay = workshop.replay(&manifest, &run.log, "all");
    assert_eq!((replay.verdict, replay.reason_code()), (Verdict::Match, Some(reason_code::NOT_ACCEPTED)));
}

#[test]
fn another_jobs_log_is_a_mismatch() {
    let workshop = Workshop::new();
    let (manifest, other) = (workshop.image_job(5), workshop.image_job(6));
    let run = workshop.train(&manifest, "honest", 1);
    workshop.store.put(&other.encode()).unwrap();
    let replay = workshop.replay(&other, &run.log, "0");
    assert_eq!(replay.verdict, Verdict::Mismatch);
    assert!(replay.reason.unwrap().contains("manifest"));
}

#[test]
fn a_host_that_passes_the_self_test_says_so() {
    let result: protocol::report::SelfTestReport = report(&common::trainer().arg("self-test").output().unwrap());
    assert!(result.compatible, "{result:?}");
}

#[test]
fn records_at_other_places_are_named() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(10);
    let run = workshop.train(&manifest, "honest", 1);
    let fault_of = |log: Digest| {
        let replay = workshop.replay(&manifest, &log, "0");
        assert_eq!((replay.verdict, replay.reason_code()), (Verdict::Mismatch, Some(reason_code::LOG)));
        let fault = replay.fault.unwrap();
        (fault.part, fault.segment, fault.step)
    };
    let step = workshop.forge(&run, |log| log.steps[7].step = 6);
    assert_eq!(fault_of(step), (DifferingPart::Numbering, None, Some(7)));
    let segment = workshop.forge(&run, |log| log.segments[1].index = 0);
    assert_eq!(fault_of(segment), (DifferingPart::Numbering, Some(1), None));
    let shorter = workshop.forge(&run, |log| drop(log.steps.pop()));
    assert_eq!(fault_of(shorter).0, DifferingPart::Shape);
    let link = workshop.forge(&run, |log| log.segments[1].start_root = Digest::ZERO);
    assert_eq!(fault_of(link), (DifferingPart::SegmentLink, Some(1), None));
    let no_log = workshop.store.put(b"no log").unwrap();
    assert_eq!(fault_of(no_log).0, DifferingPart::LogFormat);
}
