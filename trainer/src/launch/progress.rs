//! Showing how a run goes on: a bar on a terminal, plain lines elsewhere.

use super::LaunchEvent;
use crate::worker::WorkerEvent;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use protocol::manifest::Manifest;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Shows the events of one launch on standard error.
pub struct Progress {
    steps: u32,
    segment_len: u32,
    samples_per_step: u64,
    from_step: u32,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Progress of a run of `manifest`; a bar where standard error is a terminal.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} step {pos}/{len}  {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(manifest.steps.into()), ProgressDrawTarget::stderr()).with_style(style)
        });
        Self {
            steps: manifest.steps,
            segment_len: manifest.segment_len,
            samples_per_step: manifest.samples_per_step(),
            from_step: 0,
            started: Instant::now(),
            bar,
        }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &LaunchEvent<'_>) {
        match event {
            LaunchEvent::Started { who, process } => self.line(&format!("{who} is process {process}")),
            LaunchEvent::Log { who, line } => self.line(&format!("{who}: {line}")),
            LaunchEvent::Restart { number, who, message } => {
                self.line(&format!("{who} stopped ({message}); restart {number}"))
            }
            LaunchEvent::Gone { who, message } => {
                self.line(&format!("{who} stopped ({message}); no restart is left, going on without it"))
            }
            LaunchEvent::Worker(WorkerEvent::Started { from_step, generation, workers }) => {
                self.from_step = *from_step;
                self.started = Instant::now();
                self.line(&format!("generation {generation} of {workers} workers begins after step {from_step}"));
            }
            LaunchEvent::Worker(WorkerEvent::Step { done, loss, .. }) => self.step(*done, *loss),
            LaunchEvent::Worker(WorkerEvent::Evaluated { done, correct, total }) => {
                let percent = *correct as f64 / (*total).max(1) as f64 * 100.0;
                self.line(&format!("held-out samples after step {done}: {correct} of {total} right ({percent:.2} %)"));
            }
            LaunchEvent::Worker(WorkerEvent::Finished(_)) => {
                if let Some(bar) = &self.bar {
                    bar.finish();
                }
            }
        }
    }

    fn step(&self, done: u32, loss: f32) {
        let seconds = self.started.elapsed().as_secs_f64().max(1e-9);
        let steps = f64::from(done.saturating_sub(self.from_step)).max(1.0);
        let samples_per_second = steps * self.samples_per_step as f64 / seconds;
        let left = Duration::from_secs_f64(seconds / steps * f64::from(self.steps - done.min(self.steps)));
        let message = format!("loss {loss:.4}  {samples_per_second:.0} samples/s  ETA {} s", left.as_secs());
        match &self.bar {
            Some(bar) => {
                bar.set_position(done.into());
                bar.set_message(message);
            }
            None if done.is_multiple_of(self.segment_len) || done == self.steps => {
                self.line(&format!("step {done}/{}  {message}", self.steps))
            }
            None => {}
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}
