//! The report on a run: one HTML page without scripts or links, with what was measured while it trained
//! ([`crate::metrics`]) and what audits said about it.

mod audits;
mod chart;
mod file;

pub use audits::{AuditError, read_audit};
pub use file::{REPORT_FILE, WriteReportError, write};

use crate::launch::LaunchReport;
use crate::metrics::{Metric, StepSeconds};
use audits::audit_map;
use chart::{Axis, Line, escape, lines};
use protocol::digest::Digest;
use protocol::report::ReplayReport;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Why there is no report.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// Nothing was measured.
    #[error("the run has not started: there is nothing to report")]
    NotStarted,
    /// The audit is of another run.
    #[error("audit {number} is of manifest {found}, this run is of {expected}: leave it out")]
    OtherJob {
        /// Which of the audits, from 1.
        number: usize,
        /// Its manifest.
        found: Digest,
        /// The run's.
        expected: Digest,
    },
}

/// The run, put together from all its starts.
#[derive(Debug, Default)]
struct Run {
    manifest_hash: Digest,
    workers: BTreeSet<u32>,
    steps: u32,
    segment_len: u32,
    samples_per_step: u64,
    generations: u32,
    stops: Vec<String>,
    /// Loss and seconds by steps done: a step that was done again counts as it was done last.
    done: BTreeMap<u32, (Option<f32>, StepSeconds)>,
    result: Option<LaunchReport>,
}

impl Run {
    fn new(metrics: &[Metric]) -> Result<Self, ReportError> {
        let mut run = Self::default();
        for metric in metrics {
            match metric {
                Metric::Start { manifest_hash, workers, steps, segment_len, samples_per_step, .. } => {
                    // what a run without commitments leaves does not keep another job out of its folder
                    if run.generations > 0 && run.manifest_hash != *manifest_hash {
                        run = Self::default();
                    }
                    run.manifest_hash = *manifest_hash;
                    run.workers.insert(*workers);
                    (run.steps, run.segment_len, run.samples_per_step) = (*steps, *segment_len, *samples_per_step);
                    run.generations += 1;
                }
                Metric::Step { done, loss, seconds, .. } => {
                    run.done.insert(*done, (*loss, *seconds));
                }
                Metric::Stop { restart, who, message, .. } => {
                    let then = if restart.is_some() { "started again" } else { "the run went on without it" };
                    run.stops.push(format!("{who}: {message}; {then}"));
                }
                Metric::Finish { report, .. } => run.result = Some(report.clone()),
            }
        }
        if run.generations == 0 { Err(ReportError::NotStarted) } else { Ok(run) }
    }

    fn segments(&self) -> u32 {
        if self.segment_len == 0 { 0 } else { self.steps.div_ceil(self.segment_len) }
    }

    fn points(&self, value: impl Fn(&(Option<f32>, StepSeconds)) -> Option<f64>) -> Vec<(f64, f64)> {
        self.done.iter().filter_map(|(done, step)| Some((f64::from(*done), value(step)?))).collect()
    }
}

/// The page of a run and its audits.
pub fn page(metrics: &[Metric], audits: &[ReplayReport]) -> Result<String, ReportError> {
    let run = Run::new(metrics)?;
    for (number, audit) in (1..).zip(audits) {
        if audit.manifest_hash != run.manifest_hash {
            return Err(ReportError::OtherJob { number, found: audit.manifest_hash, expected: run.manifest_hash });
        }
    }
    let mut html = format!("{HEAD}<h1>Training run</h1>\n");
    figures(&mut html, &run);
    html.push_str(&lines(
        "Loss",
        &[Line { name: "loss", points: run.points(|step| step.0.map(f64::from)) }],
        Axis::Fitted,
    ));
    let samples = run.samples_per_step as f64;
    let rate = run.points(|(_, seconds)| (seconds.total > 0.0).then(|| samples / seconds.total));
    html.push_str(&lines("Samples per second", &[Line { name: "rate", points: rate }], Axis::FromZero));
    let share = |part: fn(&StepSeconds) -> f64| {
        run.points(|(_, seconds)| (seconds.total > 0.0).then(|| (part(seconds) / seconds.total).clamp(0.0, 1.0)))
    };
    let shares = [
        Line { name: "communication", points: share(|seconds| seconds.communication) },
        Line { name: "update", points: share(|seconds| seconds.update) },
        Line { name: "commitment", points: share(|seconds| seconds.commitment) },
    ];
    html.push_str(&lines("Share of a step's time on rank 0", &shares, Axis::Share));
    audit_map(&mut html, &run, audits);
    if !run.stops.is_empty() {
        html.push_str("<h2>Processes that stopped</h2>\n<ul>\n");
        run.stops.iter().for_each(|stop| {
            let _ = writeln!(html, "<li>{}</li>", escape(stop));
        });
        html.push_str("</ul>\n");
    }
    html.push_str("</main></body></html>\n");
    Ok(html)
}

fn figures(html: &mut String, run: &Run) {
    let total = |part: fn(&StepSeconds) -> f64| run.done.values().map(|(_, seconds)| part(seconds)).sum::<f64>();
    let seconds = total(|seconds| seconds.total);
    let percent = |part: f64| if seconds > 0.0 { format!("{:.1} %", part / seconds * 100.0) } else { "–".to_owned() };
    let workers: Vec<String> = run.workers.iter().map(u32::to_string).collect();
    let mut rows = vec![
        ("Manifest", run.manifest_hash.to_string()),
        ("Steps", format!("{} of {}", run.done.keys().next_back().copied().unwrap_or(0), run.steps)),
        ("Segments", format!("{} of {} steps each", run.segments(), run.segment_len)),
        ("Workers", workers.join(", then ")),
        ("Generations of workers", run.generations.to_string()),
        ("Communication, of training time", percent(total(|seconds| seconds.communication))),
        ("Commitment, of training time", percent(total(|seconds| seconds.commitment))),
    ];
    match &run.result {
        None => rows.push(("Result", "not finished".to_owned())),
        Some(LaunchReport::Unverified(result)) => rows.extend([
            ("Accuracy", accuracy(result.accuracy_ppm, result.correct, result.total)),
            ("Reducer", format!("{}: nobody can verify this run", result.reducer)),
            ("Final checkpoint", result.final_checkpoint.to_string()),
        ]),
        Some(LaunchReport::Verifiable(result)) => rows.extend([
            ("Accuracy", accuracy(result.accuracy_ppm, result.correct, result.total)),
            ("Job root", result.job_root.to_string()),
            ("Final state", result.final_state_hash.to_string()),
            ("Log", result.log.to_string()),
        ]),
    }
    html.push_str("<table>\n");
    for (name, value) in rows {
        let _ = writeln!(html, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", escape(&value));
    }
    html.push_str("</table>\n");
}

fn accuracy(ppm: u32, correct: u64, total: u64) -> String {
    format!("{:.2} % ({correct} of {total})", f64::from(ppm) / 1e4)
}

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Training run</title>
<style>
:root { color-scheme: light dark; --ink: #1c2330; --paper: #fff; --faint: #d8dce3; --a: #2563c9; --b: #c2571a; --c: #2f7d4f; --bad: #c0282d; --none: #aab1bd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --paper: #14181f; --faint: #343b47; --a: #6ea2ff; --b: #f0955c; --c: #63c088; --bad: #ff7376; --none: #596273; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 24px; } h2 { font-size: 18px; margin-top: 32px; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; white-space: nowrap; padding-right: 16px; vertical-align: top; }
td { overflow-wrap: anywhere; font-variant-numeric: tabular-nums; } tr { border-bottom: 1px solid var(--faint); }
figure { margin: 24px 0 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: var(--ink); } .grid { stroke: var(--faint); }
polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .line0 { stroke: var(--a); } .line1 { stroke: var(--b); } .line2 { stroke: var(--c); }
.key { font-weight: 400; } .key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin: 0 4px 0 8px; background: var(--none); }
.key.line0::before { background: var(--a); } .key.line1::before { background: var(--b); } .key.line2::before, .key.equal::before { background: var(--c); }
.key.fault::before { background: var(--bad); } .key.missing::before { background: var(--b); }
.map .equal { fill: var(--c); } .map .fault { fill: var(--bad); } .map .missing { fill: var(--b); } .map .unseen { fill: var(--faint); }
</style></head><body><main>
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::report::{DifferingPart, SegmentReport, SegmentVerdict, Verdict};

    fn start(from_step: u32, workers: u32) -> Metric {
        let manifest_hash = Digest([7; 32]);
        Metric::Start {
            unix_ms: 1,
            manifest_hash,
            workers,
            steps: 40,
            segment_len: 10,
            samples_per_step: 64,
            from_step,
        }
    }

    fn step(done: u32, loss: Option<f32>) -> Metric {
        let seconds = StepSeconds { total: 0.5, communication: 0.1, update: 0.05, commitment: 0.01 };
        Metric::Step { unix_ms: 1, done, loss, seconds }
    }

    fn audit(manifest_hash: Digest, segments: Vec<SegmentReport>) -> ReplayReport {
        ReplayReport {
            verdict: Verdict::Match,
            reason: None,
            manifest_hash,
            log: Digest::ZERO,
            job_root: None,
            fault: None,
            segments,
            metric: None,
            final_state_hash: None,
            seconds: 1.0,
            sample_signature: None,
        }
    }

    fn segment(index: u32, outcome: SegmentVerdict) -> SegmentReport {
        SegmentReport { index, first_step: index * 10, steps: 10, outcome }
    }

    #[test]
    fn a_run_of_two_generations_is_one_run() {
        let (who, message) = ("worker 1".to_owned(), "signal: 9 (SIGKILL) <b>".to_owned());
        let stop = Metric::Stop { unix_ms: 1, restart: Some(1), who, message };
        let metrics = [start(0, 2), step(1, Some(2.0)), step(2, None), stop, start(0, 1), step(1, Some(2.0))];
        let page = page(&metrics, &[]).unwrap();
        for expected in
            ["2 of 40", "1, then 2", "<td>20.0 %</td>", "<td>2.0 %</td>", "SIGKILL) &lt;b&gt;", "not finished"]
        {
            assert!(page.contains(expected), "{expected} is not in {page}");
        }
    }

    #[test]
    fn the_map_shows_each_segment_by_the_worst_that_was_said_of_it() {
        let differs = SegmentVerdict::Mismatch {
            step: 23,
            part: DifferingPart::Gradient { virtual_rank: 1 },
            committed: "aa".to_owned(),
            replayed: "bb".to_owned(),
        };
        let first = audit(Digest([7; 32]), vec![segment(0, SegmentVerdict::Match), segment(2, SegmentVerdict::Match)]);
        let second = audit(Digest([7; 32]), vec![segment(2, differs), segment(99, SegmentVerdict::Match)]);
        let page = page(&[start(0, 1)], &[first, second]).unwrap();
        assert!(page.contains("1 were replayed and equal</span>, <span class=\"key fault\">1 differ"), "{page}");
        assert!(page.contains("2 were not replayed"), "{page}");
        assert!(page.contains("<li>segment 2: step 23: the gradient of virtual rank 1 differs</li>"), "{page}");
    }

    #[test]
    fn a_folder_that_another_job_used_before_shows_the_last_job() {
        let mut other = start(0, 3);
        if let Metric::Start { manifest_hash, .. } = &mut other {
            *manifest_hash = Digest([8; 32]);
        }
        let page = page(&[other, step(30, Some(7.5)), start(0, 2), step(2, Some(2.0))], &[]).unwrap();
        assert!(
            page.contains("<td>2 of 40</td>") && page.contains("<td>2</td>") && !page.contains("3, then"),
            "{page}"
        );
    }

    #[test]
    fn another_jobs_audit_and_a_run_that_never_started_are_refused() {
        assert_eq!(page(&[], &[]), Err(ReportError::NotStarted));
        let foreign = audit(Digest([8; 32]), Vec::new());
        let error = page(&[start(0, 1)], &[foreign]).unwrap_err();
        assert!(matches!(error, ReportError::OtherJob { number: 1, .. }));
    }
}
