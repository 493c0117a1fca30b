//! A replay as it is counted.

use super::Metrics;
use crate::replayer::ReplayError;
use protocol::report::{ReplayEvent, ReplayReport, SegmentVerdict, Verdict};
use std::time::Instant;

/// A replay that runs. One whose future is dropped, as when the oracle stops, counts no longer as running and not as ended.
#[derive(Debug)]
pub(crate) struct Running {
    pub(super) metrics: Metrics,
    pub(super) started: Instant,
}

impl Running {
    pub(crate) fn event(&self, event: &ReplayEvent) {
        let mut counts = self.metrics.counts();
        match event {
            ReplayEvent::Step { .. } => counts.steps += 1,
            ReplayEvent::Segment { report, .. } => {
                let outcome = match report.outcome {
                    SegmentVerdict::Match => "equal",
                    SegmentVerdict::Mismatch { .. } => "differs",
                    SegmentVerdict::Unavailable { .. } => "unavailable",
                };
                *counts.segments.entry(outcome).or_default() += 1;
            }
        }
    }

    /// The replay has ended with this answer.
    pub(crate) fn ended(self, answer: &Result<ReplayReport, ReplayError>) {
        let outcome = match answer.as_ref().map(|report| report.verdict) {
            Ok(Verdict::Match) => "match",
            Ok(Verdict::Mismatch) => "mismatch",
            Ok(Verdict::Unavailable) => "unavailable",
            Ok(Verdict::IncompatibleHost) => "incompatible_host",
            Err(_) => "failed",
        };
        let mut counts = self.metrics.counts();
        *counts.replays.entry(outcome).or_default() += 1;
        counts.replay_seconds.observe(self.started.elapsed().as_secs_f64());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut counts = self.metrics.counts();
        counts.replays_running = counts.replays_running.saturating_sub(1);
    }
}
