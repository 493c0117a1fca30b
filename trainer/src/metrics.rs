//! What a run measures, for tools and for its report: `metrics.jsonl` in the run's folder, one line for each event, to which
//! every start of the run adds; and `metrics.prom` with the latest values, as Prometheus' textfile collector reads it.

pub use crate::stopwatch::StepSeconds;

use crate::launch::{LaunchEvent, LaunchReport};
use crate::worker::WorkerEvent;
use artefacts::{DEFAULT_MIN_FREE_BYTES, WriteError, replace_file};
use protocol::digest::Digest;
use protocol::manifest::Manifest;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The file of all events.
pub const LINES_FILE: &str = "metrics.jsonl";
/// The file of the latest values.
pub const PROMETHEUS_FILE: &str = "metrics.prom";
/// How often the latest values are written, at most.
const PROMETHEUS_PERIOD: Duration = Duration::from_secs(1);

/// One line of `metrics.jsonl`. Times are Unix milliseconds of this host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Metric {
    /// A generation of workers begins: all its ranks have joined.
    Start {
        /// When.
        unix_ms: u64,
        /// Hash of the manifest.
        manifest_hash: Digest,
        /// Worker processes W.
        workers: u32,
        /// Steps of the job.
        steps: u32,
        /// Steps of a segment.
        segment_len: u32,
        /// Samples of all virtual ranks in a step.
        samples_per_step: u64,
        /// Steps that earlier generations did.
        from_step: u32,
    },
    /// A step is done.
    Step {
        /// When.
        unix_ms: u64,
        /// Steps done so far.
        done: u32,
        /// Mean loss before the update; null where it is not finite.
        loss: Option<f32>,
        /// Where its time went.
        seconds: StepSeconds,
    },
    /// A process stopped.
    Stop {
        /// When.
        unix_ms: u64,
        /// Number of the restart that it leads to in its launch, from 1; null where the run goes on without the process.
        restart: Option<u32>,
        /// Which process.
        who: String,
        /// How it stopped.
        message: String,
    },
    /// The job is done.
    Finish {
        /// When.
        unix_ms: u64,
        /// The result.
        report: LaunchReport,
    },
}

/// Why a run's measurements cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The latest values cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A line is none that this build writes.
    #[error("line {line} of {} is no measurement of a run: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Keeps the measurements of one launch.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    lines: File,
    manifest_hash: Digest,
    steps: u32,
    segment_len: u32,
    samples_per_step: u64,
    latest: Latest,
    written: Option<Instant>,
}

#[derive(Debug, Default)]
struct Latest {
    done: u32,
    loss: Option<f32>,
    seconds: StepSeconds,
    spent: StepSeconds,
    restarts: u32,
    accuracy_ppm: Option<u32>,
}

impl Recorder {
    /// Measurements of a run of `manifest`, kept in `folder`, which is made where it is missing.
    pub fn open(folder: &Path, manifest: &Manifest) -> Result<Self, MetricsError> {
        let path = folder.join(LINES_FILE);
        let failed = |source| MetricsError::Io { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut lines = OpenOptions::new().create(true).read(true).append(true).open(&path).map_err(failed)?;
        end_last_line(&mut lines).map_err(failed)?;
        Ok(Self {
            folder: folder.to_owned(),
            lines,
            manifest_hash: manifest.hash(),
            steps: manifest.steps,
            segment_len: manifest.segment_len,
            samples_per_step: manifest.samples_per_step(),
            latest: Latest::default(),
            written: None,
        })
    }

    /// Keeps what an event measures, if it does.
    pub fn event(&mut self, event: &LaunchEvent<'_>) -> Result<(), MetricsError> {
        let unix_ms = unix_ms();
        match event {
            LaunchEvent::Worker(WorkerEvent::Started { from_step, workers, .. }) => {
                self.latest.done = *from_step;
                self.line(&Metric::Start {
                    unix_ms,
                    manifest_hash: self.manifest_hash,
                    workers: *workers,
                    steps: self.steps,
                    segment_len: self.segment_len,
                    samples_per_step: self.samples_per_step,
                    from_step: *from_step,
                })
            }
            LaunchEvent::Worker(WorkerEvent::Step { done, loss, seconds }) => {
                let loss = Some(*loss).filter(|loss| loss.is_finite());
                self.latest.spent += *seconds;
                (self.latest.done, self.latest.loss, self.latest.seconds) = (*done, loss, *seconds);
                self.line(&Metric::Step { unix_ms, done: *done, loss, seconds: *seconds })?;
                let due = self.written.is_none_or(|written| written.elapsed() >= PROMETHEUS_PERIOD);
                if due || *done == self.steps { self.write_latest() } else { Ok(()) }
            }
            LaunchEvent::Restart { number, who, message } => {
                self.latest.restarts = *number;
                self.stop(unix_ms, Some(*number), who, message)
            }
            LaunchEvent::Gone { who, message } => self.stop(unix_ms, None, who, message),
            _ => Ok(()),
        }
    }

    /// Keeps the result.
    pub fn finish(&mut self, report: &LaunchReport) -> Result<(), MetricsError> {
        self.latest.accuracy_ppm = Some(report.accuracy_ppm());
        self.line(&Metric::Finish { unix_ms: unix_ms(), report: report.clone() })?;
        self.write_latest()
    }

    fn stop(&mut self, unix_ms: u64, restart: Option<u32>, who: &str, message: &str) -> Result<(), MetricsError> {
        self.line(&Metric::Stop { unix_ms, restart, who: who.to_owned(), message: message.to_owned() })
    }

    fn line(&mut self, metric: &Metric) -> Result<(), MetricsError> {
        let failed = |source| MetricsError::Io { path: self.folder.join(LINES_FILE), source };
        let mut line = serde_json::to_vec(metric).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        // in one call, so that a launcher that is killed leaves a whole line or none
        self.lines.write_all(&line).map_err(|error| {
            // a full disk may have taken a part of it; should this fail too, the next start does it
            let _ = end_last_line(&mut self.lines);
            failed(error)
        })
    }

    fn write_latest(&mut self) -> Result<(), MetricsError> {
        let text = self.prometheus();
        replace_file(&self.folder.join(PROMETHEUS_FILE), text.as_bytes(), DEFAULT_MIN_FREE_BYTES)?;
        self.written = Some(Instant::now());
        Ok(())
    }

    fn prometheus(&self) -> String {
        let Latest { done, loss, seconds, spent, restarts, accuracy_ppm } = &self.latest;
        let mut text = String::new();
        let job = format!("manifest_hash=\"{}\"", self.manifest_hash);
        let mut family = |name: &str, kind: &str, help: &str, values: &[(&str, f64)]| {
            let _ = writeln!(text, "# HELP aixblock_training_{name} {help}\n# TYPE aixblock_training_{name} {kind}");
            for (label, value) in values {
                let _ = writeln!(text, "aixblock_training_{name}{{{job}{label}}} {value}");
            }
        };
        family("steps", "gauge", "Steps of the job.", &[("", self.steps.into())]);
        family("steps_done", "gauge", "Steps done.", &[("", (*done).into())]);
        let segments = done.checked_div(self.segment_len).unwrap_or(0);
        family("segments_done", "gauge", "Segments whose checkpoint is stored.", &[("", segments.into())]);
        if let Some(loss) = loss {
            family("loss", "gauge", "Mean loss of the last step.", &[("", (*loss).into())]);
        }
        if seconds.total > 0.0 {
            let rate = self.samples_per_step as f64 / seconds.total;
            family("samples_per_second", "gauge", "Samples per second in the last step.", &[("", rate)]);
        }
        let phases = [
            (",phase=\"total\"", spent.total),
            (",phase=\"communication\"", spent.communication),
            (",phase=\"update\"", spent.update),
            (",phase=\"commitment\"", spent.commitment),
        ];
        family("step_seconds_total", "counter", "Seconds of this launch's steps on rank 0, by phase.", &phases);
        family(
            "restarts_total",
            "counter",
            "Restarts of this launch after a worker stopped.",
            &[("", (*restarts).into())],
        );
        if let Some(ppm) = accuracy_ppm {
            family("accuracy_ratio", "gauge", "Accuracy on the held-out samples.", &[("", f64::from(*ppm) / 1e6)]);
        }
        text
    }
}

/// All measurements of the run in `folder`, in the order in which they were made.
pub fn read(folder: &Path) -> Result<Vec<Metric>, MetricsError> {
    let path = folder.join(LINES_FILE);
    let failed = |source| MetricsError::Io { path: path.clone(), source };
    let reader = BufReader::new(File::open(&path).map_err(failed)?);
    let mut metrics = Vec::new();
    for (number, line) in (1..).zip(reader.lines()) {
        let line = line.map_err(failed)?;
        match serde_json::from_str(&line) {
            Ok(metric) => metrics.push(metric),
            Err(_) if line.trim().is_empty() => {}
            Err(source) => return Err(MetricsError::Line { path: path.clone(), line: number, source }),
        }
    }
    Ok(metrics)
}

/// Cuts off a last line that a full disk or a power cut left without its end.
fn end_last_line(lines: &mut File) -> io::Result<()> {
    let length = lines.seek(SeekFrom::End(0))?;
    let (mut whole, mut place) = (0, 0);
    lines.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(&*lines);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.read_until(b'\n', &mut line)? as u64;
        if read == 0 {
            break;
        }
        place += read;
        if line.ends_with(b"\n") {
            whole = place;
        }
    }
    if whole < length { lines.set_len(whole) } else { Ok(()) }
}

fn unix_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}
