//! From an audit to an opinion: fetch, check the commitments, sample, replay, and read the report.

use crate::audit::{Audit, Seat};
use crate::replayer::{Replayer, Request};
use crate::store::{Artefacts, Fault, fetch};
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use protocol::manifest::Manifest;
use protocol::report::{self, ArtefactFault, ReplayReport, SegmentVerdict, Verdict, reason_code};
use protocol::sampling::sampled_segments;

/// What came of looking at an audit.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// There is proof for one side or the other.
    Proven {
        /// Whether the result is what the manifest leads to.
        accept: bool,
        /// If not: whether every oracle had to find that, in what each of them reads or replays.
        plain: bool,
        /// Why not (`protocol::report::reason_code`).
        reason: u16,
        /// The report as JSON.
        report: Vec<u8>,
    },
    /// Artefacts are missing or damaged. Proof only once that has lasted.
    Unavailable {
        /// What is missing.
        detail: String,
        /// The report as JSON, for the vote that this may become.
        report: Vec<u8>,
    },
    /// This host cannot judge now: no statement about the trainer.
    HostFailure(String),
}

/// Judges `audit`. The oracle's `signature` (`protocol::sampling::message`) chooses the segments.
pub async fn judge(store: &impl Artefacts, replayer: &impl Replayer, signature: &[u8; 64], audit: &Audit) -> Judgement {
    let request = match plan(store, signature, audit) {
        Ok(request) => request,
        Err(judgement) => return *judgement,
    };
    match replayer.replay(&request, &mut |_| {}).await {
        Ok(report) => read(report, &request, signature),
        Err(error) => Judgement::HostFailure(error.to_string()),
    }
}

/// Checks what needs no replay, and chooses the segments.
fn plan(store: &impl Artefacts, signature: &[u8; 64], audit: &Audit) -> Result<Request, Box<Judgement>> {
    let unusable = |fault: Fault| {
        Box::new(match fault {
            Fault::Host(reason) => Judgement::HostFailure(reason),
            Fault::Unavailable(detail) => {
                let report = own_report(audit, Verdict::Unavailable, &detail, None);
                Judgement::Unavailable { detail, report }
            }
        })
    };
    let contradiction = |detail: String, fault: report::Fault| {
        let report = own_report(audit, Verdict::Mismatch, &detail, Some(fault));
        Box::new(Judgement::Proven { accept: false, plain: true, reason: reason_code::LOG, report })
    };
    let manifest = fetch(store, &audit.manifest_hash).map_err(unusable)?;
    // its hash is right, so it is the buyer's own: nobody can train it, and nobody should have accepted it
    let manifest = Manifest::decode(&manifest)
        .map_err(|error| unusable(Fault::Unavailable(format!("the order's manifest cannot be read: {error}"))))?;
    let log = fetch(store, &audit.result_log).map_err(unusable)?;
    let log =
        JobLog::decode(&log).map_err(|error| contradiction(error.to_string(), report::Fault::of_format(&error)))?;
    let job_root = log.job_root();
    if job_root != audit.result_root {
        let submitted = audit.result_root;
        let detail = format!("the log hashes to job root {job_root}, the trainer submitted {submitted}");
        return Err(contradiction(detail, report::Fault::of_job_root(submitted, job_root)));
    }
    log.verify_against(&manifest).map_err(|fault| contradiction(fault.to_string(), fault.located()))?;
    let segments = match audit.seat {
        Seat::Set => sampled_segments(audit.seed, signature, u32::from(audit.samples), manifest.segments()),
        Seat::Panel => (0..manifest.segments()).collect(),
    };
    let steps = segments.iter().map(|index| manifest.segment_steps(*index).len() as u64).sum();
    Ok(Request { log: audit.result_log, manifest_hash: audit.manifest_hash, job_root, segments, steps })
}

/// Turns the trainer's report into a judgement. An answer to another question is a failure of this host.
fn read(mut report: ReplayReport, request: &Request, signature: &[u8; 64]) -> Judgement {
    if let Some(reason) = off_topic(&report, request) {
        return Judgement::HostFailure(format!("the trainer answered another question: {reason}"));
    }
    report.sample_signature = Some(hex::encode(signature));
    let json = encode(&report);
    let detail = report.reason.clone().unwrap_or_default();
    match report.reason_code() {
        None => Judgement::HostFailure(format!("this host cannot replay the job: {detail}")),
        Some(_) if report.verdict == Verdict::Unavailable && only_unreadable(&report) => Judgement::HostFailure(detail),
        Some(_) if report.verdict == Verdict::Unavailable => Judgement::Unavailable { detail, report: json },
        Some(reason) => Judgement::Proven {
            accept: reason == reason_code::NONE,
            plain: reason != reason_code::NONE && is_plain(&report, request),
            reason,
            report: json,
        },
    }
}

/// Whether what is wrong shows in what every oracle reads or replays: the log, the first and the last segment, the metric.
fn is_plain(report: &ReplayReport, request: &Request) -> bool {
    let ends = [request.segments.first(), request.segments.last()];
    let mut differing =
        report.segments.iter().filter(|segment| report::Fault::of_segment(segment).is_some()).peekable();
    let of_the_whole =
        differing.peek().is_none() || report.metric.is_some_and(|metric| !metric.matches || !metric.accepted);
    of_the_whole || differing.any(|segment| ends.contains(&Some(&segment.index)))
}

fn off_topic(report: &ReplayReport, request: &Request) -> Option<&'static str> {
    if report.manifest_hash != request.manifest_hash || report.log != request.log {
        return Some("another manifest or log");
    }
    if report.verdict != Verdict::Match {
        return None;
    }
    let replayed: Vec<u32> = report.segments.iter().map(|segment| segment.index).collect();
    if replayed != request.segments {
        return Some("it matches, but other segments were replayed");
    }
    if report.segments.iter().any(|segment| segment.outcome != SegmentVerdict::Match) {
        return Some("it matches, but a segment of it does not");
    }
    // the last segment is always in the sample, and the metric comes with it
    if report.job_root != Some(request.job_root) || !report.metric.is_some_and(|metric| metric.matches) {
        return Some("it matches, but root or metric do not");
    }
    None
}

fn only_unreadable(report: &ReplayReport) -> bool {
    let mut faults = report.segments.iter().filter_map(|segment| match segment.outcome {
        SegmentVerdict::Unavailable { fault, .. } => Some(fault),
        _ => None,
    });
    let first = faults.next();
    first == Some(ArtefactFault::Unreadable) && faults.all(|fault| fault == ArtefactFault::Unreadable)
}

/// A report of what was found without a replay.
fn own_report(audit: &Audit, verdict: Verdict, reason: &str, fault: Option<report::Fault>) -> Vec<u8> {
    let report = ReplayReport {
        verdict,
        reason: Some(reason.to_owned()),
        manifest_hash: audit.manifest_hash,
        log: audit.result_log,
        job_root: None::<Digest>,
        fault,
        segments: Vec::new(),
        metric: None,
        final_state_hash: None,
        seconds: 0.0,
        sample_signature: None,
    };
    encode(&report)
}

fn encode(report: &ReplayReport) -> Vec<u8> {
    // a report of plain texts and numbers always serializes
    serde_json::to_vec(report).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::report::{DifferingPart, MetricReport, SegmentReport};

    /// What is said of three segments, of which these differ.
    fn plain(differing: &[u32], change: impl FnOnce(&mut ReplayReport)) -> bool {
        let segment = |index: u32| {
            let digest = Digest::ZERO.to_string();
            let mismatch = SegmentVerdict::Mismatch {
                step: index,
                part: DifferingPart::Loss,
                committed: digest.clone(),
                replayed: digest,
            };
            let outcome = if differing.contains(&index) { mismatch } else { SegmentVerdict::Match };
            SegmentReport { index, first_step: index, steps: 1, outcome }
        };
        let metric = MetricReport {
            committed_correct: 1,
            committed_total: 2,
            correct: 1,
            total: 2,
            accuracy_ppm: 500_000,
            matches: true,
            accepted: true,
        };
        let mut report = ReplayReport {
            verdict: Verdict::Mismatch,
            reason: None,
            manifest_hash: Digest::ZERO,
            log: Digest::ZERO,
            job_root: None,
            fault: None,
            segments: (0..3).map(segment).collect(),
            metric: Some(metric),
            final_state_hash: None,
            seconds: 0.0,
            sample_signature: None,
        };
        change(&mut report);
        let (log, manifest_hash, job_root) = (Digest::ZERO, Digest::ZERO, Digest::ZERO);
        is_plain(&report, &Request { log, manifest_hash, job_root, segments: vec![0, 1, 2], steps: 3 })
    }

    #[test]
    fn a_fault_is_plain_where_every_oracle_looks_and_not_in_a_segment_that_only_some_drew() {
        assert!(plain(&[0], |_| ()) && plain(&[2], |_| ()) && plain(&[1, 2], |_| ()));
        assert!(!plain(&[1], |_| ()));
        // the log, the metric, and the minimum are everybody's
        assert!(plain(&[], |_| ()));
        assert!(plain(&[1], |report| report.metric.as_mut().unwrap().matches = false));
        assert!(plain(&[1], |report| report.metric.as_mut().unwrap().accepted = false));
        assert!(!plain(&[1], |report| report.metric = None));
    }
}
