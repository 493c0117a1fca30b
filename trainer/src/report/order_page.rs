//! The page on the audit of an order: its votes, and which oracle found what in which segment.

use super::audits::{Said, audit_map, clipped, difference};
use super::chart::{Axis, Line, escape, lines};
use super::order::{Ballot, OrderAudit};
use super::{END, ReportError, Run, head, measured, stopped, table};
use crate::metrics::Metric;
use protocol::job_log::JobLog;
use protocol::manifest::Manifest;
use protocol::report::{ReplayReport, SegmentVerdict, reason_code};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Rows of the table of segments; those that differ come first.
const MAX_ROWS: usize = 500;

/// The page of an order's audit, with what its launch measured, where that is known.
pub fn order_page(metrics: Option<&[Metric]>, audit: &OrderAudit) -> Result<String, ReportError> {
    let run = metrics.map(Run::new).transpose()?;
    if let Some(run) = run.as_ref().filter(|run| run.manifest_hash != audit.votes.manifest_hash) {
        return Err(ReportError::OtherRun { found: run.manifest_hash, expected: audit.votes.manifest_hash });
    }
    let mut html = head("Audit of an order");
    summary(&mut html, audit);
    votes(&mut html, &audit.ballots);
    let said: Vec<Said<'_>> = (1..)
        .zip(&audit.ballots)
        .filter_map(|(number, ballot)| {
            Some(Said { who: format!("oracle {number}"), report: ballot.report.as_ref().ok()? })
        })
        .collect();
    match audit.manifest.as_ref() {
        Ok(manifest) => {
            audit_map(&mut html, manifest.segments(), &said);
            replayed(&mut html, manifest, &audit.ballots);
        }
        Err(why) => {
            let _ = writeln!(html, "<h2>Audit</h2>\n<p>No map: the manifest cannot be had ({}).</p>", escape(why));
        }
    }
    match (&run, &audit.log) {
        (Some(run), _) => {
            html.push_str("<h2>Training</h2>\n");
            measured(&mut html, run);
            stopped(&mut html, run);
        }
        (None, Ok(log)) => {
            html.push_str("<h2>Training</h2>\n");
            let loss = Line { name: "loss", points: committed_loss(log) };
            html.push_str(&lines("Loss, as the log commits to it", &[loss], Axis::Fitted));
        }
        (None, Err(_)) => {}
    }
    html.push_str(END);
    Ok(html)
}

fn summary(html: &mut String, audit: &OrderAudit) {
    let OrderAudit { votes, manifest, log, .. } = audit;
    let accepting = votes.votes.iter().filter(|vote| vote.accept).count();
    let segments = match manifest {
        Ok(manifest) => format!("{} of {} steps each", manifest.segments(), manifest.segment_len),
        Err(why) => format!("not known, without the manifest: {why}"),
    };
    let forgotten = (votes.cast as usize).saturating_sub(votes.votes.len());
    let mut rows = vec![
        ("Order", votes.order.clone()),
        ("State", votes.state.clone()),
        ("Votes", format!("{accepting} for, {} against", votes.votes.len() - accepting)),
        ("Segments", segments),
        ("Manifest", votes.manifest_hash.to_string()),
        ("Submitted root", votes.result_root.to_string()),
        ("Log", votes.log.to_string()),
    ];
    if forgotten > 0 {
        rows.push(("Votes that the node has forgotten", forgotten.to_string()));
    }
    if let Err(why) = log {
        rows.push(("The log cannot be had", why.clone()));
    }
    table(html, &rows);
}

fn votes(html: &mut String, ballots: &[Ballot]) {
    html.push_str("<h2>Votes</h2>\n");
    if ballots.is_empty() {
        html.push_str("<p>No oracle has voted yet.</p>\n");
        return;
    }
    html.push_str("<table>\n<tr><th>No.</th><th>Oracle and its report</th><th>Vote</th><th>Replayed</th></tr>\n");
    for (number, ballot) in (1..).zip(ballots) {
        let vote = &ballot.vote;
        let (class, says) = if vote.accept {
            ("equal", "accepts".to_owned())
        } else {
            ("fault", format!("rejects: {}", reason_code::meaning(vote.reason)))
        };
        let mut found = match &ballot.report {
            Ok(report) => sum(report),
            Err(why) => format!("the report cannot be used: {why}"),
        };
        if ballot.report.is_ok() && !ballot.is_consistent() {
            found.push_str("; the report does not bear out the vote");
        }
        let _ = writeln!(
            html,
            "<tr><td>{number}</td><td>{}<br>{}</td><td><span class=\"key {class}\">{}</span></td><td>{}</td></tr>",
            escape(&clipped(&vote.oracle)),
            vote.report,
            escape(&says),
            escape(&found)
        );
    }
    html.push_str("</table>\n");
}

fn sum(report: &ReplayReport) -> String {
    let count =
        |kind: fn(&SegmentVerdict) -> bool| report.segments.iter().filter(|segment| kind(&segment.outcome)).count();
    let [equal, differ, missing] = [
        count(|outcome| matches!(outcome, SegmentVerdict::Match)),
        count(|outcome| matches!(outcome, SegmentVerdict::Mismatch { .. })),
        count(|outcome| matches!(outcome, SegmentVerdict::Unavailable { .. })),
    ];
    let mut text =
        format!("{equal} segments equal, {differ} differ, {missing} not to be had, in {:.1} s", report.seconds);
    if let Some(reason) = &report.reason {
        let _ = write!(text, "; {}", clipped(reason));
    }
    text
}

/// Who replayed which segment, and what came out.
fn replayed(html: &mut String, manifest: &Manifest, ballots: &[Ballot]) {
    let mut rows: BTreeMap<u32, BTreeMap<usize, &SegmentVerdict>> = BTreeMap::new();
    for (place, ballot) in ballots.iter().enumerate() {
        for segment in ballot.report.iter().flat_map(|report| &report.segments) {
            rows.entry(segment.index).or_default().insert(place, &segment.outcome);
        }
    }
    if rows.is_empty() {
        return;
    }
    let equal = |row: &BTreeMap<usize, &SegmentVerdict>| row.values().all(|one| **one == SegmentVerdict::Match);
    let mut shown: Vec<(u32, bool)> = rows.iter().map(|(index, row)| (*index, equal(row))).collect();
    let left_out = shown.len().saturating_sub(MAX_ROWS);
    shown.sort_by_key(|(index, equal)| (*equal, *index));
    shown.truncate(MAX_ROWS);
    shown.sort_unstable();
    html.push_str(
        "<h2>Segments that were replayed</h2>\n<div class=\"wide\"><table>\n<tr><th>Segment</th><th>Steps</th>",
    );
    for number in 1..=ballots.len() {
        let _ = write!(html, "<th>Oracle {number}</th>");
    }
    html.push_str("</tr>\n");
    for (index, _) in shown {
        let steps = manifest.segment_steps(index);
        let _ = write!(html, "<tr><td>{index}</td><td>{} to {}</td>", steps.start, steps.end.saturating_sub(1));
        for (place, ballot) in ballots.iter().enumerate() {
            let cell = match rows[&index].get(&place) {
                None if ballot.report.is_err() => "not known".to_owned(),
                None => "<span class=\"key unseen\">not replayed</span>".to_owned(),
                Some(SegmentVerdict::Match) => "<span class=\"key equal\">equal</span>".to_owned(),
                Some(SegmentVerdict::Unavailable { detail, .. }) => {
                    format!("<span class=\"key missing\">not to be had: {}</span>", escape(&clipped(detail)))
                }
                Some(outcome) => {
                    let what = difference(outcome).unwrap_or_default();
                    format!("<span class=\"key fault\">{}</span>", escape(&what))
                }
            };
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table></div>\n");
    if left_out > 0 {
        let _ = writeln!(html, "<p>{left_out} more segments were replayed.</p>");
    }
}

/// Loss by steps done, without those that are no number.
fn committed_loss(log: &JobLog) -> Vec<(f64, f64)> {
    let point = |record: &protocol::commitment::StepRecord| {
        let loss = f64::from(f32::from_bits(record.loss_bits));
        loss.is_finite().then(|| (f64::from(record.step) + 1.0, loss))
    };
    log.steps.iter().filter_map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::audit_votes::{AuditVote, AuditVotes};
    use protocol::digest::Digest;
    use protocol::report::{DifferingPart, SegmentReport, Verdict};

    fn manifest() -> Manifest {
        let text = include_str!("../../jobs/tiny-text.toml");
        let mut manifest = Manifest::from_toml(text).unwrap();
        (manifest.steps, manifest.segment_len) = (8, 2);
        manifest
    }

    fn ballot(oracle: &str, accept: bool, reason: u16, segments: Vec<(u32, SegmentVerdict)>) -> Ballot {
        let differs = segments.iter().any(|(_, outcome)| *outcome != SegmentVerdict::Match);
        let segment = |(index, outcome)| SegmentReport { index, first_step: index * 2, steps: 2, outcome };
        let report = ReplayReport {
            verdict: if differs { Verdict::Mismatch } else { Verdict::Match },
            reason: None,
            manifest_hash: manifest().hash(),
            log: Digest([2; 32]),
            job_root: None,
            fault: None,
            segments: segments.into_iter().map(segment).collect(),
            metric: None,
            final_state_hash: None,
            seconds: 1.5,
            sample_signature: None,
        };
        Ballot {
            vote: AuditVote { oracle: oracle.into(), accept, reason, report: Digest([4; 32]) },
            report: Ok(report),
        }
    }

    fn audit(ballots: Vec<Ballot>) -> OrderAudit {
        let votes = AuditVotes {
            order: "<order>".into(),
            state: "audited".into(),
            manifest_hash: manifest().hash(),
            log: Digest([2; 32]),
            result_root: Digest([3; 32]),
            cast: 3,
            votes: ballots.iter().map(|ballot| ballot.vote.clone()).collect(),
        };
        OrderAudit { votes, manifest: Ok(manifest()), log: Err("the store does not have it".into()), ballots }
    }

    #[test]
    fn the_page_says_who_replayed_what_and_where_it_differs_first() {
        let differs = SegmentVerdict::Mismatch {
            step: 5,
            part: DifferingPart::Loss,
            committed: "aa".into(),
            replayed: "bb".into(),
        };
        let mut silent = ballot("<Cleo>", false, reason_code::UNAVAILABLE, vec![]);
        silent.report = Err("<missing>".into());
        let page = order_page(
            None,
            &audit(vec![
                ballot("Ana", true, reason_code::NONE, vec![(1, SegmentVerdict::Match), (2, SegmentVerdict::Match)]),
                ballot(
                    "Ben",
                    false,
                    reason_code::LOSS,
                    vec![(0, SegmentVerdict::Match), (1, SegmentVerdict::Match), (2, differs)],
                ),
                silent,
            ]),
        )
        .unwrap();
        for expected in [
            "<td>1 for, 2 against</td>",
            "2 were replayed and equal</span>, <span class=\"key fault\">1 differ",
            "1 were not replayed",
            "<title>segment 1: replayed equal by oracle 1, oracle 2</title>",
            "<li>segment 2: step 5: the loss differs, says oracle 2</li>",
            "<tr><td>2</td><td>4 to 5</td><td><span class=\"key equal\">equal</span></td>\
             <td><span class=\"key fault\">step 5: the loss differs</span></td>\
             <td>not known</td></tr>",
            "<td>0 to 1</td><td><span class=\"key unseen\">not replayed</span></td>",
            "rejects: a loss differs",
            "the report cannot be used: &lt;missing&gt;",
            "&lt;Cleo&gt;",
            "&lt;order&gt;",
        ] {
            assert!(page.contains(expected), "{expected} is not in {page}");
        }
        assert!(!page.contains("does not bear out") && !page.contains("<h2>Training"), "{page}");
    }

    #[test]
    fn a_vote_against_its_own_report_and_an_order_without_votes_are_said() {
        let page = order_page(None, &audit(vec![ballot("Ana", false, reason_code::LOSS, vec![])])).unwrap();
        assert!(page.contains("the report does not bear out the vote"), "{page}");
        let page = order_page(None, &audit(vec![])).unwrap();
        assert!(
            page.contains("No oracle has voted yet")
                && page.contains("<td>3</td>")
                && page.contains("4 were not replayed"),
            "{page}"
        );
    }

    #[test]
    fn rows_that_are_too_many_leave_out_equal_ones() {
        let differs = SegmentVerdict::Mismatch {
            step: 1_700,
            part: DifferingPart::State,
            committed: "aa".into(),
            replayed: "bb".into(),
        };
        let mut all: Vec<(u32, SegmentVerdict)> = (0..900).map(|index| (index, SegmentVerdict::Match)).collect();
        all[850].1 = differs;
        let mut many = audit(vec![ballot("Ana", false, reason_code::STATE, all)]);
        many.manifest = Ok(Manifest { steps: 1_800, ..manifest() });
        let page = order_page(None, &many).unwrap();
        assert!(page.contains("400 more segments were replayed"), "{page}");
        assert!(page.contains("<tr><td>850</td><td>1700 to 1701</td>") && !page.contains("<tr><td>851</td>"), "{page}");
    }
}
