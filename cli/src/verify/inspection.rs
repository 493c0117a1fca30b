//! What can be said of a job without a replay: is everything there that must be served, and does the log add up?
use super::Subject;
use artefacts::{Store, StoreError};
use protocol::{
    digest::Digest,
    job_log::JobLog,
    manifest::{Manifest, NumericProfile},
    report::Fault,
};
use serde::Serialize;

/// An artefact that the trainer or the buyer must serve and that is not there.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Withheld {
    /// What it is.
    pub(super) what: String,
    /// Its content address.
    pub(super) address: Digest,
    /// Missing, or damaged.
    pub(super) why: String,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Inspection {
    /// Segments of the job, where manifest and log can be read.
    pub(super) segments: Option<u32>,
    /// Numeric profile of the manifest, where it can be read.
    pub(super) profile: Option<NumericProfile>,
    /// Root that the log hashes to.
    pub(super) job_root: Option<Digest>,
    /// Checkpoints that are there.
    pub(super) checkpoints: u32,
    /// What is not there.
    pub(super) withheld: Vec<Withheld>,
    /// The first contradiction of the log.
    pub(super) fault: Option<Fault>,
}

pub(super) fn inspect(store: &Store, subject: &Subject) -> Inspection {
    let mut found = Inspection::default();
    let manifest = found.fetch(store, "manifest".to_owned(), subject.manifest_hash);
    let log = found.fetch(store, "log".to_owned(), subject.log);
    let manifest = manifest.and_then(|bytes| Manifest::decode(&bytes).ok());
    if let Some(manifest) = &manifest {
        found.profile = Some(manifest.numeric_profile);
        for address in manifest.artefacts() {
            let what = if address == manifest.dataset.root { "dataset" } else { "file that the manifest names" };
            found.fetch(store, what.to_owned(), address);
        }
    }
    let log = match log.as_deref().map(JobLog::decode) {
        Some(Ok(log)) => log,
        Some(Err(error)) => {
            found.fault = Some(Fault::of_format(&error));
            return found;
        }
        None => return found,
    };
    let job_root = log.job_root();
    found.job_root = Some(job_root);
    let other_root = subject.submitted_root.filter(|submitted| *submitted != job_root);
    let contradiction = || log.verify_against(manifest.as_ref()?).err().map(|fault| fault.located());
    found.fault = other_root.map(|submitted| Fault::of_job_root(submitted, job_root)).or_else(contradiction);
    if found.fault.is_none() {
        found.segments = manifest.map(|manifest| manifest.segments());
    }
    for segment in &log.segments {
        let what = format!("checkpoint at the start of segment {}", segment.index);
        found.checkpoints += u32::from(found.fetch(store, what, segment.start_checkpoint).is_some());
    }
    let end = found.fetch(store, "final checkpoint".to_owned(), log.end.checkpoint);
    found.checkpoints += u32::from(end.is_some());
    found
}

impl Inspection {
    fn fetch(&mut self, store: &Store, what: String, address: Digest) -> Option<Vec<u8>> {
        match store.get(&address) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let why = match error {
                    StoreError::Missing(_) => "missing".to_owned(),
                    StoreError::Corrupt { found, .. } => format!("damaged: its bytes hash to {found}"),
                    other => other.to_string(),
                };
                self.withheld.push(Withheld { what, address, why });
                None
            }
        }
    }
}
