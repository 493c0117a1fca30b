//! Training without commitments: libtorch's own kernels, optimiser and groups, on the processor or on CUDA devices. What rank 0
//! keeps is one checkpoint, so that a later start goes on from there.

use super::agreement::share_state;
use super::generation::{End, Generation};
use super::{FinishedRun, WorkerError, WorkerEvent};
use crate::bridge::{self, BridgeError, ProcessGroup};
use crate::checkpoint;
use crate::device_state::DeviceState;
use crate::evaluate::evaluate;
use crate::gradients::AveragingGroup;
use crate::job::Job;
use crate::rendezvous::Rendezvous;
use crate::state::{TrainState, Weights};
use crate::step::StepError;
use crate::stopwatch::timed;
use artefacts::{Store, replace_file};
use protocol::commitment::FinalMetric;
use protocol::digest::Digest;
use std::path::{Path, PathBuf};
use std::time::Instant;

impl Generation<'_> {
    fn averaging_group(&self, store: &bridge::Store) -> Result<ProcessGroup, BridgeError> {
        let prefix = format!("{}/{}", self.options.tier, self.membership.generation);
        let (rank, workers, timeout) = (self.membership.rank, self.workers(), self.options.group_patience.progress);
        #[cfg(feature = "nccl")]
        if let tch::Device::Cuda(device) = self.device {
            return ProcessGroup::nccl(store, &prefix, rank, workers, timeout, device);
        }
        ProcessGroup::gloo(store, &prefix, rank, workers, timeout, &self.options.bind_address)
    }

    pub(super) fn train_unverified(
        &self,
        rendezvous: &Rendezvous,
        tell: &mut dyn FnMut(&WorkerEvent),
    ) -> Result<End, WorkerError> {
        let (job, workers) = (self.job, self.workers());
        if !job.manifest.virtual_ranks.is_multiple_of(workers) {
            return Err(WorkerError::UnevenWorkers { virtual_ranks: job.manifest.virtual_ranks, workers });
        }
        let group = self.averaging_group(&rendezvous.connect()?)?;
        let leads = group.rank() == 0;
        let progress = Progress::open(&self.options.work_dir, self.options.min_free_bytes)?;
        let reached = if leads { progress.reached(job) } else { None };
        let shared = share_state(&group, job, reached.map_or_else(|| TrainState::initial(job), Ok)?)?;
        let mut state = DeviceState::copy_of(&shared, self.device)?;
        drop(shared);
        let source = AveragingGroup::new(&group, &state, job.manifest.virtual_ranks)?;
        let mut order = job.batch_order()?;
        let from_step = state.steps_done();
        if leads {
            self.tell_start(from_step, tell);
        }
        let started = Instant::now();
        let mut final_loss = 0.0;
        while state.steps_done() < job.manifest.steps {
            let step_started = Instant::now();
            let batches = order.batches(state.steps_done());
            let (loss, mut seconds) = source.backward(job, &state, &batches).map_err(StepError::from)?;
            timed(&mut seconds.update, || state.update(job, source.scale()))?;
            final_loss = loss;
            if leads {
                if self.ends_segment(state.steps_done()) {
                    timed(&mut seconds.commitment, || progress.save(job, &state))?;
                }
                seconds.total = step_started.elapsed().as_secs_f64();
                tell(&WorkerEvent::Step { done: state.steps_done(), loss, seconds });
            }
        }
        if leads {
            let training_seconds = started.elapsed().as_secs_f64();
            let (final_checkpoint, metric) = Progress::finish(job, &state, self.store)?;
            tell(&WorkerEvent::Finished(FinishedRun {
                commitment: None,
                final_checkpoint,
                correct: metric.correct,
                total: metric.total,
                final_loss,
                workers,
                resumed_from_step: from_step,
                samples: u64::from(job.manifest.steps - from_step) * job.manifest.samples_per_step(),
                training_seconds,
            }));
            let _ = rendezvous.finish();
        }
        group.barrier()?;
        drop(source);
        group.close()?;
        Ok(End::Finished)
    }
}

/// The last checkpoint of an unverified run.
struct Progress {
    file: PathBuf,
    min_free_bytes: u64,
}

impl Progress {
    fn open(work_dir: &Path, min_free_bytes: u64) -> Result<Self, WorkerError> {
        std::fs::create_dir_all(work_dir)
            .map_err(|source| WorkerError::WorkDir { path: work_dir.to_owned(), source })?;
        Ok(Self { file: work_dir.join("unverified.safetensors"), min_free_bytes })
    }

    /// The state that an earlier start reached; none where its file is missing, damaged or of another job.
    fn reached(&self, job: &Job) -> Option<TrainState> {
        checkpoint::decode(job, &std::fs::read(&self.file).ok()?).ok()
    }

    fn save(&self, job: &Job, state: &DeviceState) -> Result<(), WorkerError> {
        Ok(replace_file(&self.file, &checkpoint::encode(job, &state.to_host(job)?)?, self.min_free_bytes)?)
    }

    /// Evaluates the model and puts its checkpoint into the content store.
    fn finish(job: &Job, state: &DeviceState, store: &Store) -> Result<(Digest, FinalMetric), WorkerError> {
        let metric = evaluate(job, state)?;
        Ok((store.put(&checkpoint::encode(job, &state.to_host(job)?)?)?, metric))
    }
}
