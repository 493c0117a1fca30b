//! Segments that came out equal, one line of JSON each, so that an interrupted verification goes on where it stopped.
use super::Subject;
use anyhow::{Context, Result};
use protocol::report::{MetricReport, ReplayEvent, SegmentReport, SegmentVerdict};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write,
    path::Path,
};

/// What is known of a job's segments.
pub(super) struct Progress {
    file: File,
    /// Of this start and of earlier ones, by number.
    pub(super) segments: BTreeMap<u32, SegmentReport>,
    /// The final metric, where the last segment was replayed.
    pub(super) metric: Option<MetricReport>,
}

impl Progress {
    /// Reads what earlier starts found about the same job, unless it is to be done `anew`.
    pub(super) fn open(path: &Path, subject: &Subject, anew: bool) -> Result<Self> {
        let key =
            json!({ "manifest_hash": subject.manifest_hash, "log": subject.log, "by": env!("CARGO_PKG_VERSION") });
        let text = fs::read_to_string(path).unwrap_or_default();
        let mut lines = text.lines();
        let first: Option<Value> = lines.next().and_then(|line| serde_json::from_str(line).ok());
        let goes_on = !anew && first.as_ref() == Some(&key);
        let (mut segments, mut metric) = (BTreeMap::new(), None);
        // a line that was cut off by an interruption is no event, and its segment is replayed again
        let events = lines.filter(|_| goes_on).filter_map(|line| serde_json::from_str(line).ok());
        for event in events {
            if let ReplayEvent::Segment { report, metric: found, .. } = event {
                segments.insert(report.index, report);
                metric = found.or(metric);
            }
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true);
        let file = if goes_on { options.append(true) } else { options.truncate(true) }.open(path);
        let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
        let begin = if goes_on { String::from("\n") } else { format!("{key}\n") };
        file.write_all(begin.as_bytes())?;
        Ok(Self { file, segments, metric })
    }

    /// Whether a segment needs no replay any more.
    pub(super) fn is_equal(&self, index: u32) -> bool {
        self.segments.get(&index).is_some_and(|report| report.outcome == SegmentVerdict::Match)
    }

    /// Takes note of a segment; only equal ones are remembered for later starts.
    pub(super) fn take(&mut self, event: &ReplayEvent) -> Result<()> {
        let ReplayEvent::Segment { report, metric, .. } = event else { return Ok(()) };
        self.metric = metric.or(self.metric);
        let metric_is_equal = metric.is_none_or(|metric| metric.matches);
        if report.outcome == SegmentVerdict::Match && metric_is_equal {
            writeln!(self.file, "{}", serde_json::to_string(event)?)?;
        }
        self.segments.insert(report.index, report.clone());
        Ok(())
    }
}
