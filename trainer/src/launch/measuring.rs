//! Keeping what a launch measures in its working folder, without ever ending the training.

use super::{LaunchEvent, LaunchReport};
use crate::metrics::{MetricsError, Recorder};
use crate::report::{self, REPORT_FILE};
use crate::worker::WorkerEvent;
use protocol::manifest::Manifest;
use std::path::PathBuf;

/// Keeps the measurements of one launch. What cannot be kept is a warning.
#[derive(Debug)]
pub struct Measuring {
    folder: PathBuf,
    manifest: Manifest,
    recorder: Option<Recorder>,
    failing: bool,
}

impl Measuring {
    /// Measurements of a run of `manifest` in the working folder `folder`. Writes nothing before the run starts: until then
    /// the folder may be another run's.
    #[must_use]
    pub fn new(folder: PathBuf, manifest: Manifest) -> Self {
        Self { folder, manifest, recorder: None, failing: false }
    }

    /// Keeps what an event measures.
    pub fn event(&mut self, event: &LaunchEvent<'_>) {
        if self.recorder.is_none() && matches!(event, LaunchEvent::Worker(WorkerEvent::Started { .. })) {
            match Recorder::open(&self.folder, &self.manifest) {
                Ok(recorder) => self.recorder = Some(recorder),
                Err(error) => return self.warn_of(Err(error)),
            }
        }
        if let Some(recorder) = &mut self.recorder {
            let kept = recorder.event(event);
            self.warn_of(kept);
        }
    }

    /// Keeps the result, and writes the report.
    pub fn finish(&mut self, result: &LaunchReport) {
        let Some(recorder) = &mut self.recorder else { return };
        let kept = recorder.finish(result);
        self.warn_of(kept);
        if let Err(error) = report::write(&self.folder, &[], &self.folder.join(REPORT_FILE)) {
            tracing::warn!("{error}: the run has no report");
        }
    }

    /// One warning for all that fails in a row.
    fn warn_of(&mut self, kept: Result<(), MetricsError>) {
        match kept {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::warn!("{error}: training goes on without measurements");
            }
            Err(_) => {}
        }
    }
}
