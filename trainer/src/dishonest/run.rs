//! A whole run of a cheat, from the manifest to a log and a root that look like an honest run's.

use super::Dishonesty;
use super::source::CheatingSource;
use crate::checkpoint::{self, CheckpointError};
use crate::evaluate::evaluate;
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::profile::{self, ProfileError};
use crate::recorder::{Immediate, NoRecord};
use crate::state::TrainState;
use crate::step::{StepError, run_step};
use artefacts::{Store, StoreError};
use protocol::commitment::{FinalMetric, JobEnd, SegmentRecord, StepRecord, steps_root};
use protocol::data_order::TooFewSamples;
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use protocol::manifest::{Manifest, Optimizer};
use protocol::report::TrainReport;
use std::path::PathBuf;
use std::time::Instant;
use tch::TchError;

/// Why a cheat came to no result.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum CheatError {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error("cannot withhold {}: {source}", path.display())]
    Withhold { path: PathBuf, source: std::io::Error },
}

/// Trains `manifest`'s job as a cheat does, and reports it as done. Its dataset must be in `store`.
pub fn train(store: &Store, manifest: &Manifest, mode: Dishonesty) -> Result<TrainReport, CheatError> {
    let started = Instant::now();
    profile::enter(manifest.numeric_profile)?;
    let ordered = store.put(&manifest.encode())?;
    let trained = if mode == Dishonesty::OtherJobsProof { store.put(&sibling(manifest).encode())? } else { ordered };
    let (log, final_loss) = Cheat { store, job: Job::load(store, &trained)?, mode }.run()?;
    let address = store.put(&log.encode())?;
    match mode {
        Dishonesty::WithheldLog => withhold(store, &address)?,
        Dishonesty::WithheldCheckpoint => {
            let victim = log.segments.get(1).or(log.segments.first());
            withhold(store, &victim.map_or(log.end.checkpoint, |segment| segment.start_checkpoint))?;
        }
        _ => {}
    }
    let seconds = started.elapsed().as_secs_f64();
    let samples = u64::from(manifest.steps) * manifest.samples_per_step();
    Ok(TrainReport {
        manifest_hash: ordered,
        job_root: log.job_root(),
        log: address,
        final_state_hash: log.end.state_root,
        final_checkpoint: log.end.checkpoint,
        steps: manifest.steps,
        segments: manifest.segments(),
        virtual_ranks: manifest.virtual_ranks,
        world_size: 1,
        correct: log.end.metric.correct,
        total: log.end.metric.total,
        accuracy_ppm: log.end.metric.accuracy_ppm(),
        final_loss,
        samples_per_second: samples as f64 / seconds,
        restarts: 0,
        resumed_from_step: 0,
        seconds,
    })
}

/// A job that differs in nothing but its initial weights.
fn sibling(manifest: &Manifest) -> Manifest {
    Manifest { init_seed: manifest.init_seed.wrapping_add(1), ..manifest.clone() }
}

fn withhold(store: &Store, address: &Digest) -> Result<(), CheatError> {
    let path = store.path_of(address);
    std::fs::remove_file(&path).map_err(|source| CheatError::Withhold { path, source })
}

struct Cheat<'a> {
    store: &'a Store,
    job: Job,
    mode: Dishonesty,
}

impl Cheat<'_> {
    /// The log, and the loss of the last step.
    fn run(mut self) -> Result<(JobLog, f32), CheatError> {
        let honest_optimizer = self.job.manifest.optimizer;
        self.job.manifest.optimizer = self.optimizer();
        let mut source = CheatingSource::new(self.mode, &self.job)?;
        let mut order = self.job.batch_order()?;
        let mut recorder = Immediate::default();
        let mut state = self.start()?;
        let (mut start_root, mut start_checkpoint) = (state.root(), self.save(&state)?);
        let (mut steps, mut segments): (Vec<StepRecord>, Vec<SegmentRecord>) = (Vec::new(), Vec::new());
        let mut final_loss = 0.0;
        for index in 0..self.job.manifest.segments() {
            let range = self.job.manifest.segment_steps(index);
            let mut own = Vec::new();
            for _ in range.clone() {
                final_loss = run_step(&self.job, &mut state, &mut order, &mut source, &mut recorder)?.loss;
                own.extend(recorder.take().map(|mut record| {
                    source.falsify(&mut record);
                    record
                }));
            }
            let mut end_root = state.root();
            if index == 0 && matches!(self.mode, Dishonesty::SplicedCheckpoint | Dishonesty::BrokenLink) {
                state = self.state_of_another_run(state.steps_done())?;
                if let (Dishonesty::SplicedCheckpoint, Some(last)) = (self.mode, own.last_mut()) {
                    last.state_root = state.root();
                    end_root = state.root();
                }
            }
            let first_step = range.start;
            let steps_root = steps_root(&own);
            let metric = if self.job.manifest.evaluates_after(index) {
                Some(self.metric(&state, Dishonesty::ForgedEvaluation)?)
            } else {
                None
            };
            segments.push(SegmentRecord {
                index,
                first_step,
                start_root,
                end_root,
                steps_root,
                start_checkpoint,
                metric,
            });
            steps.append(&mut own);
            (start_root, start_checkpoint) = (state.root(), self.save(&state)?);
        }
        self.job.manifest.optimizer = honest_optimizer;
        let metric = self.metric(&state, Dishonesty::ForgedMetric)?;
        let end = JobEnd { checkpoint: start_checkpoint, state_root: start_root, metric };
        let shape = self.job.manifest.shape();
        Ok((JobLog { manifest_hash: self.job.manifest_hash, shape, steps, segments, end }, final_loss))
    }

    fn save(&self, state: &TrainState) -> Result<Digest, CheatError> {
        Ok(self.store.put(&checkpoint::encode(&self.job, state)?)?)
    }

    fn start(&self) -> Result<TrainState, CheatError> {
        if self.mode == Dishonesty::WrongStart {
            return self.state_of_another_run(0);
        }
        Ok(TrainState::initial(&self.job)?)
    }

    /// The state after `steps` honest steps of a run that began with other weights.
    fn state_of_another_run(&self, steps: u32) -> Result<TrainState, CheatError> {
        let mut job = Job::load(self.store, &self.job.manifest_hash)?;
        job.manifest = sibling(&job.manifest);
        let (mut state, mut order) = (TrainState::initial(&job)?, job.batch_order()?);
        for _ in 0..steps {
            run_step(&job, &mut state, &mut order, &mut OneProcess, &mut NoRecord)?;
        }
        Ok(state)
    }

    fn optimizer(&self) -> Optimizer {
        let mut optimizer = self.job.manifest.optimizer;
        let Optimizer::Adamw { lr, weight_decay, .. } = &mut optimizer;
        match self.mode {
            Dishonesty::LearningRate => *lr *= 2.0,
            Dishonesty::NoWeightDecay => *weight_decay = 0.0,
            _ => {}
        }
        optimizer
    }

    /// The metric of `state`, which the mode `forger` makes perfect.
    fn metric(&self, state: &TrainState, forger: Dishonesty) -> Result<FinalMetric, CheatError> {
        let metric = evaluate(&self.job, state)?;
        Ok(if self.mode == forger { FinalMetric { correct: metric.total, ..metric } } else { metric })
    }
}
