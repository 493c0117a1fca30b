//! What a host keeps of a run: finished segments, in the working folder and the store. A segment is written beside the next.

use super::agreement::SegmentAgreement;
use super::{Commitment, WorkerError};
use crate::checkpoint;
use crate::evaluate::evaluate;
use crate::job::Job;
use crate::recorder::let_training_go_first;
use crate::run_folder::{FinishedSegment, RunFolder};
use crate::state::TrainState;
use artefacts::Store;
use protocol::commitment::{FinalMetric, JobEnd, SegmentRecord, steps_root};
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

/// A segment that is on record, and the memory that its checkpoint was in.
type Written = (FinishedSegment, Vec<u8>);

/// The finished segments of a run. Who drops it waits until the last of them is written.
#[derive(Debug)]
pub struct History {
    folder: Arc<RunFolder>,
    store: Store,
    finished: Vec<FinishedSegment>,
    /// Checkpoint and root after the last of them.
    start: (Digest, Digest),
    reached: Option<TrainState>,
    /// The segment after them, while it is written; never more than one.
    writing: Option<JoinHandle<Result<Written, WorkerError>>>,
    /// Memory of the last checkpoint, for the next.
    spare: Vec<u8>,
}

impl History {
    /// What an earlier start left of the job's run in `work_dir` and `store`; it is this process's until it is dropped.
    ///
    /// # Errors
    ///
    /// Where another process has the folder, or it or the store cannot be used.
    pub fn open(work_dir: &Path, job: &Job, store: &Store) -> Result<Self, WorkerError> {
        let folder = RunFolder::open(work_dir, job.manifest_hash)?;
        let (finished, reached) = folder.resume(job, store)?;
        let start = match finished.last() {
            Some(segment) => (segment.end_checkpoint, segment.record.end_root),
            None => {
                let initial = TrainState::initial(job)?;
                (store.put(&checkpoint::encode(job, &initial)?)?, initial.root())
            }
        };
        let (folder, store) = (Arc::new(folder), store.clone());
        Ok(Self { folder, store, finished, start, reached, writing: None, spare: Vec::new() })
    }

    /// The state after the finished segments, where there are any; only once.
    pub fn take_reached(&mut self) -> Option<TrainState> {
        self.reached.take()
    }

    /// Whether the finished segments are exactly those that led to `state`.
    pub fn leads_to(&self, state: &TrainState) -> bool {
        self.start.1 == state.root()
    }

    /// Mean loss of the last finished step.
    pub fn last_loss(&self) -> Option<f32> {
        let last = self.finished.last().and_then(|segment| segment.steps.last());
        last.map(|step| f32::from_bits(step.loss_bits))
    }

    /// Begins to store the checkpoint after a segment, then the segment itself, in a thread beside the next segment. Waits
    /// for the segment before.
    ///
    /// # Errors
    ///
    /// Those of writing the segment before; this one's come with the next call of this, [`History::settle`] or
    /// [`History::finish`].
    pub fn end_segment(
        &mut self,
        job: &Job,
        state: &TrainState,
        agreed: &SegmentAgreement,
        metric: Option<FinalMetric>,
    ) -> Result<(), WorkerError> {
        self.settle()?;
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
        let (folder, store) = (Arc::clone(&self.folder), self.store.clone());
        // a copy at once: the next update would copy a state that a snapshot holds
        let mut bytes = std::mem::take(&mut self.spare);
        checkpoint::encode_into(job, state, &mut bytes)?;
        let write = move || {
            let_training_go_first();
            let segment = FinishedSegment { record, steps, end_checkpoint: store.put(&bytes)? };
            folder.record(&segment)?;
            Ok((segment, bytes))
        };
        let thread = thread::Builder::new().name("checkpoint".to_owned());
        self.writing = Some(thread.spawn(write).map_err(WorkerError::Thread)?);
        Ok(())
    }

    /// Waits until the last segment is written.
    ///
    /// # Errors
    ///
    /// Those of writing it: it is not recorded then.
    pub fn settle(&mut self) -> Result<(), WorkerError> {
        if let Some(writing) = self.writing.take() {
            let (segment, bytes) = writing.join().map_err(|_| WorkerError::Writer)??;
            self.spare = bytes;
            self.start = (segment.end_checkpoint, segment.record.end_root);
            self.finished.push(segment);
        }
        Ok(())
    }

    /// Evaluates the model, and stores the job's log once its last segment is written.
    ///
    /// # Errors
    ///
    /// libtorch's, and those of writing the last segment or the log.
    pub fn finish(mut self, job: &Job, state: &TrainState) -> Result<(Commitment, FinalMetric), WorkerError> {
        let metric = evaluate(job, state)?;
        self.settle()?;
        let (checkpoint, state_root) = self.start;
        let (segments, steps): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.finished).into_iter().map(|segment| (segment.record, segment.steps)).unzip();
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

impl Drop for History {
    fn drop(&mut self) {
        // a segment that is given up is trained again, and its error with it
        if let Err(error) = self.settle() {
            tracing::warn!(%error, "the last segment is not stored");
        }
    }
}
