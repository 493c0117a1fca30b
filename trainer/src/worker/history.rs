//! What a host keeps of a run: finished segments, in the working folder and the store.

use super::agreement::SegmentAgreement;
use super::{Commitment, WorkerError};
use crate::checkpoint;
use crate::evaluate::evaluate;
use crate::job::Job;
use crate::run_folder::{FinishedSegment, RunFolder};
use crate::state::TrainState;
use artefacts::Store;
use protocol::commitment::{FinalMetric, JobEnd, SegmentRecord, steps_root};
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use std::path::Path;

/// The finished segments of a run.
pub(super) struct History<'store> {
    folder: RunFolder,
    store: &'store Store,
    finished: Vec<FinishedSegment>,
    /// Checkpoint and root at the start of the segment in progress.
    start: (Digest, Digest),
    reached: Option<TrainState>,
}

impl<'store> History<'store> {
    pub(super) fn open(work_dir: &Path, job: &Job, store: &'store Store) -> Result<Self, WorkerError> {
        let folder = RunFolder::open(work_dir, job.manifest_hash)?;
        let (finished, reached) = folder.resume(job, store)?;
        let start = match finished.last() {
            Some(segment) => (segment.end_checkpoint, segment.record.end_root),
            None => {
                let initial = TrainState::initial(job)?;
                (store.put(&checkpoint::encode(job, &initial)?)?, initial.root())
            }
        };
        Ok(Self { folder, store, finished, start, reached })
    }

    /// The state after the finished segments, where there are any; only once.
    pub(super) fn take_reached(&mut self) -> Option<TrainState> {
        self.reached.take()
    }

    /// Whether the finished segments are exactly those that led to `state`.
    pub(super) fn leads_to(&self, state: &TrainState) -> bool {
        self.start.1 == state.root()
    }

    /// Mean loss of the last finished step.
    pub(super) fn last_loss(&self) -> Option<f32> {
        let last = self.finished.last().and_then(|segment| segment.steps.last());
        last.map(|step| f32::from_bits(step.loss_bits))
    }

    /// Stores the checkpoint after a segment, then the segment itself.
    pub(super) fn end_segment(
        &mut self,
        job: &Job,
        state: &TrainState,
        agreed: &SegmentAgreement,
        metric: Option<FinalMetric>,
    ) -> Result<(), WorkerError> {
        let end_checkpoint = self.store.put(&checkpoint::encode(job, state)?)?;
        let steps = agreed.steps.clone();
        let (start_checkpoint, start_root) = self.start;
        let end_root = agreed.state_root;
        let index = self.finished.len() as u32;
        let record = SegmentRecord {
            index,
            first_step: job.manifest.segment_steps(index).start,
            start_root,
            end_root,
            steps_root: steps_root(&steps),
            start_checkpoint,
            metric,
        };
        let segment = FinishedSegment { record, steps, end_checkpoint };
        self.folder.record(&segment)?;
        self.start = (end_checkpoint, end_root);
        self.finished.push(segment);
        Ok(())
    }

    /// Evaluates the model, and stores the job's log.
    pub(super) fn finish(self, job: &Job, state: &TrainState) -> Result<(Commitment, FinalMetric), WorkerError> {
        let metric = evaluate(job, state)?;
        let (checkpoint, state_root) = self.start;
        let (segments, steps): (Vec<_>, Vec<_>) =
            self.finished.into_iter().map(|segment| (segment.record, segment.steps)).unzip();
        let log = JobLog {
            manifest_hash: job.manifest_hash,
            shape: job.manifest.shape(),
            steps: steps.concat(),
            segments,
            end: JobEnd { checkpoint, state_root, metric },
        };
        let commitment = Commitment {
            job_root: log.job_root(),
            log: self.store.put(&log.encode())?,
            final_state_hash: state_root,
            final_checkpoint: checkpoint,
        };
        Ok((commitment, metric))
    }
}
