//! Reading what an order's votes rest on, out of a store that nobody trusts. Whatever is wrong with a vote's report is said
//! in its place, and keeps no other report off the page.

use super::audits::clipped;
use artefacts::Store;
use protocol::audit_votes::{AuditVote, AuditVotes};
use protocol::job_log::JobLog;
use protocol::manifest::Manifest;
use protocol::report::{ReplayReport, reason_code};

/// Longest report that is read: as much as an oracle takes from its trainer.
const MAX_REPORT_BYTES: u64 = 16 << 20;
/// Longest manifest that is read.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;
/// Longest log that is read; of a longer one the page shows no loss.
const MAX_LOG_BYTES: u64 = 256 << 20;
/// Votes that are shown: an oracle set has sixteen members.
const MAX_VOTES: usize = 64;

/// A vote, and the report that it names.
#[derive(Debug, Clone)]
pub struct Ballot {
    /// The vote.
    pub vote: AuditVote,
    /// The report; why there is none that can be used, where there is not.
    pub report: Result<ReplayReport, String>,
}

/// An order's job as far as it is served, with its votes.
#[derive(Debug, Clone)]
pub struct OrderAudit {
    /// What the chain says.
    pub votes: AuditVotes,
    /// The manifest; why not, where it cannot be had.
    pub manifest: Result<Manifest, String>,
    /// The log; why not, where it cannot be had.
    pub log: Result<JobLog, String>,
    /// Each vote and its report.
    pub ballots: Vec<Ballot>,
}

impl OrderAudit {
    /// Reads everything that the order and its votes name.
    #[must_use]
    pub fn read(votes: AuditVotes, store: &Store) -> Self {
        let text = |error: &dyn std::fmt::Display| clipped(&error.to_string());
        let manifest = store.get_within(&votes.manifest_hash, MAX_MANIFEST_BYTES).map_err(|error| text(&error));
        let manifest = manifest.and_then(|bytes| Manifest::decode(&bytes).map_err(|error| text(&error)));
        let log = store.get_within(&votes.log, MAX_LOG_BYTES).map_err(|error| text(&error));
        let log = log.and_then(|bytes| JobLog::decode(&bytes).map_err(|error| text(&error)));
        let ballots = votes.votes.iter().take(MAX_VOTES).map(|vote| {
            let report = store.get_within(&vote.report, MAX_REPORT_BYTES).map_err(|error| text(&error));
            let report = report.and_then(|bytes| {
                serde_json::from_slice(&bytes).map_err(|error| format!("it is no report of a replay: {}", text(&error)))
            });
            let segments = manifest.as_ref().ok().map(Manifest::segments);
            Ballot { vote: vote.clone(), report: report.and_then(|report| on_topic(report, &votes, segments)) }
        });
        let ballots = ballots.collect();
        Self { votes, manifest, log, ballots }
    }

    /// Segments of the job; `None` where nobody can say.
    #[must_use]
    pub fn segments(&self) -> Option<u32> {
        self.manifest.as_ref().ok().map(Manifest::segments)
    }
}

impl Ballot {
    /// Whether the report says what the vote says.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let AuditVote { accept, reason, .. } = self.vote;
        accept == (reason == reason_code::NONE)
            && self.report.as_ref().is_ok_and(|report| report.reason_code() == Some(reason))
    }
}

/// The report, where it is about this job and names each segment once.
fn on_topic(report: ReplayReport, votes: &AuditVotes, segments: Option<u32>) -> Result<ReplayReport, String> {
    if (report.manifest_hash, report.log) != (votes.manifest_hash, votes.log) {
        return Err(format!("it is of another job: manifest {}, log {}", report.manifest_hash, report.log));
    }
    if !report.segments.is_sorted_by(|before, after| before.index < after.index) {
        return Err("it does not name each segment once, in their order".to_owned());
    }
    match (report.segments.last(), segments) {
        (Some(last), Some(count)) if last.index >= count => {
            Err(format!("it names segment {}, and the job has {count}: they are numbered from 0", last.index))
        }
        _ => Ok(report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::digest::Digest;
    use protocol::report::{SegmentReport, SegmentVerdict, Verdict};

    fn report(segments: &[u32]) -> ReplayReport {
        let segment =
            |index: &u32| SegmentReport { index: *index, first_step: 0, steps: 1, outcome: SegmentVerdict::Match };
        ReplayReport {
            verdict: Verdict::Match,
            reason: None,
            manifest_hash: Digest([1; 32]),
            log: Digest([2; 32]),
            job_root: None,
            fault: None,
            segments: segments.iter().map(segment).collect(),
            metric: None,
            final_state_hash: None,
            seconds: 1.0,
            sample_signature: None,
        }
    }

    fn votes(reports: &[Digest]) -> AuditVotes {
        let vote = |report: &Digest| AuditVote { oracle: "Ana".into(), accept: true, reason: 0, report: *report };
        AuditVotes {
            order: "order".into(),
            state: "audited".into(),
            manifest_hash: Digest([1; 32]),
            log: Digest([2; 32]),
            result_root: Digest([3; 32]),
            cast: reports.len() as u32,
            votes: reports.iter().map(vote).collect(),
        }
    }

    #[test]
    fn a_report_that_cannot_be_used_says_why_and_keeps_no_other_away() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let put = |report: &ReplayReport| store.put(&serde_json::to_vec(report).unwrap()).unwrap();
        let other = ReplayReport { log: Digest([9; 32]), ..report(&[0]) };
        let long = store.put(&vec![b' '; MAX_REPORT_BYTES as usize + 1]).unwrap();
        let deep = store.put("[".repeat(100_000).as_bytes()).unwrap();
        let addresses = [put(&report(&[0, 4])), Digest::ZERO, long, deep, put(&other), put(&report(&[4, 4]))];
        let audit = OrderAudit::read(votes(&addresses), &store);
        assert!(audit.manifest.is_err() && audit.log.is_err() && audit.segments().is_none());
        let said: Vec<String> =
            audit.ballots.iter().map(|ballot| ballot.report.as_ref().err().cloned().unwrap_or_default()).collect();
        let expected = ["", "", "", "no report of a replay", "another job", "each segment once"];
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.contains(expected), "{said:?} lacks {expected:?}");
        }
        assert!(said[0].is_empty() && said[1..].iter().all(|why| !why.is_empty()), "{said:?}");
        assert!(said.iter().all(|why| why.len() < 1_000));
    }

    #[test]
    fn segments_beyond_the_job_are_no_part_of_it() {
        assert!(on_topic(report(&[0, 11]), &votes(&[]), Some(12)).is_ok());
        assert!(on_topic(report(&[0, 12]), &votes(&[]), Some(12)).unwrap_err().contains("segment 12"));
        assert!(on_topic(report(&[]), &votes(&[]), Some(0)).is_ok());
    }

    #[test]
    fn a_vote_that_its_report_does_not_bear_out_is_told_apart() {
        let ballot = |accept, reason| Ballot {
            vote: AuditVote { oracle: "Ana".into(), accept, reason, report: Digest::ZERO },
            report: Ok(report(&[0])),
        };
        assert!(ballot(true, reason_code::NONE).is_consistent());
        assert!(!ballot(false, reason_code::LOSS).is_consistent());
        assert!(!ballot(false, reason_code::NONE).is_consistent());
    }
}
