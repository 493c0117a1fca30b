//! Showing how replays go on: a bar for each audit on a terminal, sparse lines of the log elsewhere.

use crate::replayer::Request;
use chain::Pubkey;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use protocol::report::{ReplayEvent, SegmentVerdict};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};
use tracing_subscriber::fmt::MakeWriter;

/// How often a long segment shows in the log that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(60);

/// Where progress is shown. The default shows it in the log alone.
#[derive(Debug, Clone, Default)]
pub struct Screen {
    bars: Option<MultiProgress>,
}

impl Screen {
    /// Bars where standard error is a terminal.
    #[must_use]
    pub fn of_stderr() -> Self {
        Self { bars: io::stderr().is_terminal().then(MultiProgress::new) }
    }

    /// Whether there are bars.
    #[must_use]
    pub fn has_bars(&self) -> bool {
        self.bars.is_some()
    }

    /// Shows the replay that `request` asks for, until the value is dropped.
    pub(crate) fn replay(&self, order: Pubkey, request: &Request) -> ReplayProgress {
        let bar = self.bars.as_ref().map(|bars| {
            let style = ProgressStyle::with_template("{prefix} {bar:30} step {pos}/{len}  {msg}  ETA {eta}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = ProgressBar::new(request.steps).with_style(style).with_prefix(order.to_string());
            bars.add(bar)
        });
        tracing::info!(%order, segments = request.segments.len(), steps = request.steps, "the replay begins");
        ReplayProgress { order, place: Place::of(request), told: Instant::now(), bar }
    }
}

/// Lines of the log, on standard error above the bars.
impl<'a> MakeWriter<'a> for Screen {
    type Writer = Above<'a>;

    fn make_writer(&'a self) -> Above<'a> {
        Above(self.bars.as_ref())
    }
}

/// Writes to standard error, above the bars.
#[derive(Debug)]
pub struct Above<'a>(Option<&'a MultiProgress>);

impl Write for Above<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0 {
            Some(bars) => bars.suspend(|| io::stderr().write(bytes)),
            None => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// How far a replay has come.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// The segment that is replayed now, once it showed.
    segment: Option<u32>,
    /// Segments that began, the one that is replayed among them.
    begun: usize,
    /// Segments to replay.
    of: usize,
    steps_done: u64,
    steps: u64,
}

/// What an event changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    SegmentBegun,
    Step,
    SegmentEnded,
}

impl Place {
    fn of(request: &Request) -> Self {
        Self { segment: None, begun: 0, of: request.segments.len(), steps_done: 0, steps: request.steps }
    }

    fn take(&mut self, event: &ReplayEvent) -> Change {
        match event {
            ReplayEvent::Step { segment, .. } => {
                self.steps_done += 1;
                if self.segment == Some(*segment) {
                    return Change::Step;
                }
                self.segment = Some(*segment);
                self.begun += 1;
                Change::SegmentBegun
            }
            ReplayEvent::Segment { report, .. } => {
                // none of its steps may have come out
                self.begun += usize::from(self.segment != Some(report.index));
                self.segment = Some(report.index);
                Change::SegmentEnded
            }
        }
    }
}

/// Shows one replay.
#[derive(Debug)]
pub(crate) struct ReplayProgress {
    order: Pubkey,
    place: Place,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl ReplayProgress {
    pub(crate) fn event(&mut self, event: &ReplayEvent) {
        let change = self.place.take(event);
        if let ReplayEvent::Segment { report, .. } = event
            && report.outcome != SegmentVerdict::Match
        {
            let what = match &report.outcome {
                SegmentVerdict::Mismatch { step, part, .. } => format!("step {step}: {part} differs"),
                SegmentVerdict::Unavailable { detail, .. } => detail.clone(),
                SegmentVerdict::Match => String::new(),
            };
            tracing::warn!(order = %self.order, segment = report.index, what, "a segment did not come out equal");
        }
        let Place { segment, begun, of, steps_done, steps } = self.place;
        let segment = segment.unwrap_or_default();
        if let Some(bar) = &self.bar {
            bar.set_position(steps_done);
            bar.set_message(format!("segment {segment} ({begun} of {of})"));
            return;
        }
        if change == Change::SegmentBegun || change == Change::Step && self.told.elapsed() >= SIGN_OF_LIFE {
            tracing::info!(order = %self.order, segment, place = begun, of, steps_done, steps, "replaying a segment");
            self.told = Instant::now();
        }
    }
}

impl Drop for ReplayProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::digest::Digest;
    use protocol::report::{DifferingPart, SegmentReport};

    #[test]
    fn segments_are_counted_as_they_begin_also_where_no_step_of_them_comes_out() {
        let request = Request {
            log: Digest::ZERO,
            manifest_hash: Digest::ZERO,
            job_root: Digest::ZERO,
            segments: vec![0, 4, 9],
            steps: 6,
        };
        let step = |segment, step| ReplayEvent::Step { segment, step };
        let ended = |index, outcome| ReplayEvent::Segment {
            report: SegmentReport { index, first_step: index * 2, steps: 2, outcome },
            metric: None,
            final_state_hash: None,
        };
        let (committed, replayed) = ("aa".to_owned(), "bb".to_owned());
        let differs = SegmentVerdict::Mismatch { step: 18, part: DifferingPart::Loss, committed, replayed };
        let events = [
            (step(0, 0), Change::SegmentBegun, (1, 1)),
            (step(0, 1), Change::Step, (1, 2)),
            (ended(0, SegmentVerdict::Match), Change::SegmentEnded, (1, 2)),
            (step(4, 8), Change::SegmentBegun, (2, 3)),
            (ended(4, SegmentVerdict::Match), Change::SegmentEnded, (2, 3)),
            (ended(9, differs), Change::SegmentEnded, (3, 3)),
        ];
        let mut place = Place::of(&request);
        for (event, change, (begun, steps_done)) in events {
            assert_eq!(place.take(&event), change, "{event:?}");
            assert_eq!((place.begun, place.steps_done), (begun, steps_done), "{event:?}");
        }
        assert_eq!((place.of, place.steps), (3, 6));
    }
}
