//! What audits said about a run: reading their reports, and a map of the segments.

use super::Run;
use super::chart::{escape, squares};
use artefacts::{Store, StoreError};
use protocol::digest::Digest;
use protocol::report::{ReplayReport, SegmentVerdict};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Why an audit's report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// It is neither a file nor a content address with a store.
    #[error("no file {0}; for a content address give --store, too")]
    NeitherFileNorAddress(String),
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// It is not in the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is no report of a replay.
    #[error("{name} is no report of a replay: {source}")]
    Format {
        /// What was read.
        name: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

/// Reads an audit's report: the file `name` where there is one, else what `store` holds under this content address.
pub fn read_audit(name: &str, store: Option<&Store>) -> Result<ReplayReport, AuditError> {
    let path = PathBuf::from(name);
    let bytes = if path.is_file() {
        std::fs::read(&path).map_err(|source| AuditError::Io { path, source })?
    } else if let (Ok(address), Some(store)) = (name.parse::<Digest>(), store) {
        store.get(&address)?
    } else {
        return Err(AuditError::NeitherFileNorAddress(name.to_owned()));
    };
    serde_json::from_slice(&bytes).map_err(|source| AuditError::Format { name: name.to_owned(), source })
}

/// What audits said about one segment.
#[derive(Debug, Default, Clone)]
struct Audited {
    equal: u32,
    faults: Vec<String>,
    unavailable: Vec<String>,
}

pub(super) fn audit_map(html: &mut String, run: &Run, audits: &[ReplayReport]) {
    let mut segments = vec![Audited::default(); run.segments() as usize];
    for segment in audits.iter().flat_map(|audit| &audit.segments) {
        let Some(audited) = segments.get_mut(segment.index as usize) else { continue };
        match &segment.outcome {
            SegmentVerdict::Match => audited.equal += 1,
            SegmentVerdict::Mismatch { step, part, .. } => audited.faults.push(format!("step {step}: {part} differs")),
            SegmentVerdict::Unavailable { detail, .. } => audited.unavailable.push(detail.clone()),
        }
    }
    let described: Vec<(&'static str, String)> = (0u32..)
        .zip(&segments)
        .map(|(index, audited)| {
            let (class, says) = match audited {
                Audited { faults, .. } if !faults.is_empty() => ("fault", faults.join("; ")),
                Audited { unavailable, .. } if !unavailable.is_empty() => ("missing", unavailable.join("; ")),
                Audited { equal: 0, .. } => ("unseen", "not replayed".to_owned()),
                Audited { equal, .. } => ("equal", format!("replayed equal, {equal} times")),
            };
            (class, format!("segment {index}: {says}"))
        })
        .collect();
    let count = |class: &str| described.iter().filter(|segment| segment.0 == class).count();
    let _ = writeln!(
        html,
        "<h2>Audit</h2>\n<p>{} audits. Of {} segments <span class=\"key equal\">{} were replayed and equal</span>, \
         <span class=\"key fault\">{} differ</span>, <span class=\"key missing\">{} could not be had</span>, \
         <span class=\"key unseen\">{} were not replayed</span>.</p>",
        audits.len(),
        described.len(),
        count("equal"),
        count("fault"),
        count("missing"),
        count("unseen")
    );
    html.push_str(&squares("Segments and what audits found in them", &described));
    let faults: Vec<&String> =
        described.iter().filter(|segment| segment.0 == "fault").map(|segment| &segment.1).collect();
    if !faults.is_empty() {
        html.push_str("<ul>\n");
        for fault in faults {
            let _ = writeln!(html, "<li>{}</li>", escape(fault));
        }
        html.push_str("</ul>\n");
    }
}
