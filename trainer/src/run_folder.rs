//! What a run leaves in its working folder, so that a new start goes on where the last one was stopped.
//!
//! Each finished segment is one file, `segments/<index>.segment`, that appears in one step after the segment's checkpoint
//! is safe in the store. `lock` is held by the process that writes.

use crate::checkpoint;
use crate::job::Job;
use crate::state::TrainState;
use artefacts::{DEFAULT_MIN_FREE_BYTES, Store, WriteError, replace_file};
use protocol::codec::{DecodeError, Reader, Writer};
use protocol::commitment::{SegmentRecord, StepRecord, steps_root};
use protocol::digest::Digest;
use protocol::job_log::{decode_segment, decode_steps, encode_segment, encode_steps};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const MAGIC: &[u8] = b"aixblock/finished-segment/v2\0";
/// How long a new start waits for the processes of a stopped one to be gone.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a working folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// Another run holds the folder.
    #[error("{} is in use by another run: wait for it, or choose another --work-dir", .0.display())]
    InUse(PathBuf),
    /// The folder holds another job's run.
    #[error("{} holds a run of manifest {found}: choose another --work-dir, or remove it", path.display())]
    OtherJob {
        /// The folder.
        path: PathBuf,
        /// Manifest of the run in it.
        found: Digest,
    },
    /// The folder cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The folder cannot be read.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// A segment that is done, with everything that the log needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedSegment {
    /// The segment's record.
    pub record: SegmentRecord,
    /// Records of its steps.
    pub steps: Vec<StepRecord>,
    /// Content address of the checkpoint at its end.
    pub end_checkpoint: Digest,
}

/// The working folder of one run, held by this process.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    manifest_hash: Digest,
    _lock: File,
}

impl RunFolder {
    /// Opens the folder for the job of `manifest_hash`, and waits a little for a process of an earlier start to let go.
    pub fn open(path: &Path, manifest_hash: Digest) -> Result<Self, RunFolderError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| RunFolderError::Io { path, source }
        };
        let segments = path.join("segments");
        std::fs::create_dir_all(&segments).map_err(at(&segments))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path).map_err(at(&lock_path))?;
        let deadline = Instant::now() + LOCK_TIMEOUT;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { path: path.to_owned(), manifest_hash, _lock: lock }),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(50))
                }
                Err(TryLockError::WouldBlock) => return Err(RunFolderError::InUse(path.to_owned())),
                Err(TryLockError::Error(source)) => return Err(at(&lock_path)(source)),
            }
        }
    }

    fn file_of(&self, index: u32) -> PathBuf {
        file_of(&self.path, index)
    }

    /// Writes down that a segment is done. Its checkpoints must be in the store.
    pub fn record(&self, segment: &FinishedSegment) -> Result<(), RunFolderError> {
        let mut out = Writer::new(MAGIC);
        out.digest(&self.manifest_hash);
        encode_segment(&mut out, &segment.record);
        encode_steps(&mut out, &segment.steps);
        out.digest(&segment.end_checkpoint);
        Ok(replace_file(&self.file_of(segment.record.index), &out.finish(), DEFAULT_MIN_FREE_BYTES)?)
    }

    /// The finished segments of an earlier start and the state after them, as far as everything about them is intact: a
    /// damaged record or checkpoint costs the segments from there on, never the run.
    pub fn resume(
        &self,
        job: &Job,
        store: &Store,
    ) -> Result<(Vec<FinishedSegment>, Option<TrainState>), RunFolderError> {
        let mut finished: Vec<FinishedSegment> = Vec::new();
        let mut reached = None;
        for index in 0..job.manifest.segments() {
            let Some(segment) = self.read(index)? else { break };
            let follows = finished.last().is_none_or(|before| {
                before.record.end_root == segment.record.start_root
                    && before.end_checkpoint == segment.record.start_checkpoint
            });
            if !follows || (index == 0 && store.get(&segment.record.start_checkpoint).is_err()) {
                tracing::warn!(index, "the run's records do not fit together: training this segment again");
                break;
            }
            let end = store.get(&segment.end_checkpoint).ok().and_then(|bytes| checkpoint::decode(job, &bytes).ok());
            let Some(end) = end.filter(|state| state.root() == segment.record.end_root) else {
                tracing::warn!(
                    index,
                    "the checkpoint at the segment's end is missing or damaged: training this segment again"
                );
                break;
            };
            reached = Some(end);
            finished.push(segment);
        }
        Ok((finished, reached))
    }

    /// The record of segment `index`, or `None` where there is none or it is damaged.
    fn read(&self, index: u32) -> Result<Option<FinishedSegment>, RunFolderError> {
        let path = self.file_of(index);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(RunFolderError::Io { path, source }),
        };
        match decode(&bytes) {
            Ok((found, _)) if found != self.manifest_hash => {
                Err(RunFolderError::OtherJob { path: self.path.clone(), found })
            }
            Ok((_, segment))
                if segment.record.index == index && segment.record.steps_root == steps_root(&segment.steps) =>
            {
                Ok(Some(segment))
            }
            _ => {
                tracing::warn!(path = %path.display(), "a segment's record is damaged");
                Ok(None)
            }
        }
    }
}

fn file_of(folder: &Path, index: u32) -> PathBuf {
    folder.join("segments").join(format!("{index:08}.segment"))
}

/// How many finished segments the working folder `path` holds, by a look at the names of its files: none where there is no
/// such folder.
#[must_use]
pub fn finished_segments(path: &Path) -> u32 {
    (0..u32::MAX).find(|&index| !file_of(path, index).exists()).unwrap_or(u32::MAX)
}

fn decode(bytes: &[u8]) -> Result<(Digest, FinishedSegment), DecodeError> {
    let mut input = Reader::new(bytes, MAGIC, "a finished segment")?;
    let manifest_hash = input.digest()?;
    let segment = FinishedSegment {
        record: decode_segment(&mut input)?,
        steps: decode_steps(&mut input)?,
        end_checkpoint: input.digest()?,
    };
    input.finish()?;
    Ok((manifest_hash, segment))
}
