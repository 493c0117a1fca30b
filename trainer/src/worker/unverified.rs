//! Training without commitments: what rank 0 keeps is one checkpoint, so that a later start goes on from there.

use super::WorkerError;
use crate::checkpoint;
use crate::evaluate::evaluate;
use crate::job::Job;
use crate::state::TrainState;
use artefacts::{Store, replace_file};
use protocol::commitment::FinalMetric;
use protocol::digest::Digest;
use std::path::{Path, PathBuf};

/// The last checkpoint of an unverified run.
pub(super) struct Progress {
    file: PathBuf,
    min_free_bytes: u64,
}

impl Progress {
    pub(super) fn open(work_dir: &Path, min_free_bytes: u64) -> Result<Self, WorkerError> {
        std::fs::create_dir_all(work_dir)
            .map_err(|source| WorkerError::WorkDir { path: work_dir.to_owned(), source })?;
        Ok(Self { file: work_dir.join("unverified.safetensors"), min_free_bytes })
    }

    /// The state that an earlier start reached; none where its file is missing, damaged or of another job.
    pub(super) fn reached(&self, job: &Job) -> Option<TrainState> {
        checkpoint::decode(job, &std::fs::read(&self.file).ok()?).ok()
    }

    pub(super) fn save(&self, job: &Job, state: &TrainState) -> Result<(), WorkerError> {
        Ok(replace_file(&self.file, &checkpoint::encode(job, state)?, self.min_free_bytes)?)
    }

    /// Evaluates the model and puts its checkpoint into the content store.
    pub(super) fn finish(job: &Job, state: &TrainState, store: &Store) -> Result<(Digest, FinalMetric), WorkerError> {
        let metric = evaluate(job, state)?;
        Ok((store.put(&checkpoint::encode(job, state)?)?, metric))
    }
}
