//! A log that contradicts itself is refused, with one error for each fault.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use protocol::commitment::{FinalMetric, JobEnd, JobShape, SegmentRecord, StepRecord, steps_root};
use protocol::digest::{Digest, content_address};
use protocol::job_log::{JobLog, LogFault};
use protocol::manifest::Manifest;

fn digest(text: String) -> Digest {
    content_address(text.as_bytes())
}

fn step(step: u32, virtual_ranks: u32) -> StepRecord {
    StepRecord {
        step,
        batch_root: digest(format!("batch {step}")),
        gradient_roots: (0..virtual_ranks).map(|rank| digest(format!("gradient {step} {rank}"))).collect(),
        reduced_root: digest(format!("mean {step}")),
        state_root: digest(format!("state {}", step + 1)),
        loss_bits: step,
    }
}

fn honest_log(manifest_hash: Digest, shape: JobShape) -> JobLog {
    let steps: Vec<StepRecord> = (0..shape.steps).map(|number| step(number, shape.virtual_ranks)).collect();
    let segments = steps
        .chunks(shape.segment_len as usize)
        .zip(0..)
        .map(|(of_segment, index)| SegmentRecord {
            index,
            first_step: index * shape.segment_len,
            start_root: digest(format!("state {}", index * shape.segment_len)),
            end_root: of_segment[of_segment.len() - 1].state_root,
            steps_root: steps_root(of_segment),
            start_checkpoint: digest(format!("checkpoint {index}")),
            metric: None,
        })
        .collect();
    let metric = FinalMetric { correct: 3, total: 4 };
    let end = JobEnd { checkpoint: digest("end".into()), state_root: digest(format!("state {}", shape.steps)), metric };
    JobLog { manifest_hash, shape, steps, segments, end }
}

fn log() -> JobLog {
    honest_log(Digest::ZERO, JobShape { virtual_ranks: 2, steps: 7, segment_len: 3 })
}

fn fault(change: impl FnOnce(&mut JobLog)) -> LogFault {
    let mut log = log();
    change(&mut log);
    log.verify().unwrap_err()
}

#[test]
fn an_honest_log_holds() {
    log().verify().unwrap();
}

#[test]
fn every_fault_has_an_error_of_its_own() {
    let other = digest("other".into());
    assert!(matches!(fault(|log| log.steps.truncate(6)), LogFault::StepCount { expected: 7, found: 6 }));
    assert!(matches!(fault(|log| log.segments.truncate(2)), LogFault::SegmentCount { expected: 3, found: 2 }));
    assert!(matches!(fault(|log| log.steps.swap(0, 1)), LogFault::StepOutOfPlace { place: 0, found: 1 }));
    assert!(matches!(
        fault(|log| log.segments.swap(0, 1)),
        LogFault::SegmentOutOfPlace { place: 0, index: 1, first_step: 3 }
    ));
    assert!(matches!(
        fault(|log| log.segments[1].first_step = 4),
        LogFault::SegmentOutOfPlace { place: 1, index: 1, first_step: 4 }
    ));
    assert!(matches!(
        fault(|log| log.steps[4].gradient_roots.truncate(1)),
        LogFault::GradientCount { step: 4, expected: 2, found: 1 }
    ));
    assert!(matches!(fault(|log| log.segments[1].start_root = other), LogFault::BrokenChain { segment: 1, .. }));
    assert!(matches!(fault(|log| log.segments[0].end_root = other), LogFault::SegmentEnd { segment: 0, .. }));
    assert!(matches!(fault(|log| log.segments[2].steps_root = other), LogFault::StepsRoot { segment: 2, .. }));
    assert!(matches!(fault(|log| log.steps[3].loss_bits = 9), LogFault::StepsRoot { segment: 1, .. }));
    assert!(matches!(fault(|log| log.end.state_root = other), LogFault::FinalState { .. }));
    assert!(matches!(fault(|log| log.end.metric.correct = 5), LogFault::ImpossibleMetric { correct: 5, total: 4 }));
}

#[test]
fn a_log_of_another_job_is_refused() {
    let manifest = Manifest::from_toml(include_str!("../../trainer/jobs/digits.toml")).unwrap();
    let mut log = honest_log(manifest.hash(), manifest.shape());
    log.verify_against(&manifest).unwrap();
    log.shape.segment_len += 1;
    assert!(matches!(log.verify_against(&manifest), Err(LogFault::OtherShape { .. })));
    log.manifest_hash = Digest::ZERO;
    assert!(matches!(log.verify_against(&manifest), Err(LogFault::OtherManifest { .. })));
}

#[test]
fn the_job_root_binds_manifest_shape_segments_and_end() {
    let changes: [fn(&mut JobLog); 8] = [
        |_| {},
        |log| log.manifest_hash.0[0] ^= 1,
        |log| log.shape.virtual_ranks += 1,
        |log| log.segments[1].start_checkpoint.0[0] ^= 1,
        |log| log.segments[1].steps_root.0[0] ^= 1,
        |log| log.end.checkpoint.0[0] ^= 1,
        |log| log.end.state_root.0[0] ^= 1,
        |log| log.end.metric.correct += 1,
    ];
    let roots: Vec<Digest> = changes
        .iter()
        .map(|change| {
            let mut log = log();
            change(&mut log);
            log.job_root()
        })
        .collect();
    for (place, root) in roots.iter().enumerate() {
        assert!(!roots[place + 1..].contains(root), "{place}");
    }
}

proptest! {
    #[test]
    fn a_log_reads_back_from_its_file(virtual_ranks in 1u32..5, steps in 1u32..30, segment_len in 1u32..10) {
        let log = honest_log(Digest::ZERO, JobShape { virtual_ranks, steps, segment_len: segment_len.min(steps) });
        log.verify().unwrap();
        prop_assert_eq!(JobLog::decode(&log.encode()).unwrap(), log);
    }

    #[test]
    fn a_damaged_file_never_panics(place: prop::sample::Index, flip in 1u8.., cut: prop::sample::Index) {
        let mut bytes = log().encode();
        prop_assert!(JobLog::decode(&bytes[..cut.index(bytes.len())]).is_err());
        let place = place.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(other) = JobLog::decode(&bytes) {
            // whatever still reads is another log: another root, or a fault
            prop_assert!(other.verify().is_err() || other.job_root() != log().job_root());
        }
    }
}
