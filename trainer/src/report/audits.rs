//! What audits said about a run: reading their reports, and a map of the segments.

use super::chart::{escape, squares};
use artefacts::{Store, StoreError};
use protocol::digest::Digest;
use protocol::report::{ReplayReport, SegmentVerdict};
use std::collections::BTreeMap;
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

/// A map of more squares than this shows nothing to anybody.
const MAX_SQUARES: u32 = 20_000;
/// Differences that are spelt out below the map.
const MAX_FAULTS: usize = 200;
/// Longest text of a report that is shown.
const MAX_TEXT_CHARACTERS: usize = 300;

/// A report, and who made it.
#[derive(Debug, Clone)]
pub(super) struct Said<'a> {
    pub(super) who: String,
    pub(super) report: &'a ReplayReport,
}

/// What audits said about one segment.
#[derive(Debug, Default, Clone)]
struct Audited {
    equal: Vec<String>,
    faults: Vec<String>,
    unavailable: Vec<String>,
}

impl Audited {
    /// The worst that was said, as a class of the page, and all of that kind.
    fn worst(&self) -> (&'static str, String) {
        match self {
            Self { faults, .. } if !faults.is_empty() => ("fault", faults.join("; ")),
            Self { unavailable, .. } if !unavailable.is_empty() => ("missing", unavailable.join("; ")),
            Self { equal, .. } => ("equal", format!("replayed equal by {}", equal.join(", "))),
        }
    }
}

/// Text of a report as long as it may stand on a page. Whoever wrote it may have meant no good.
pub(super) fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first difference in words.
pub(super) fn difference(outcome: &SegmentVerdict) -> Option<String> {
    let SegmentVerdict::Mismatch { step, part, .. } = outcome else { return None };
    Some(format!("step {step}: {part} differs"))
}

/// A map of a job with so many `segments`, and what `audits` said about each.
pub(super) fn audit_map(html: &mut String, segments: u32, audits: &[Said<'_>]) {
    let mut replayed: BTreeMap<u32, Audited> = BTreeMap::new();
    for Said { who, report } in audits {
        for segment in report.segments.iter().filter(|segment| segment.index < segments) {
            let audited = replayed.entry(segment.index).or_default();
            match &segment.outcome {
                SegmentVerdict::Match => audited.equal.push(who.clone()),
                SegmentVerdict::Mismatch { .. } => {
                    audited.faults.extend(difference(&segment.outcome).map(|what| format!("{what}, says {who}")));
                }
                SegmentVerdict::Unavailable { detail, .. } => {
                    audited.unavailable.push(format!("{}, says {who}", clipped(detail)));
                }
            }
        }
    }
    let described: BTreeMap<u32, (&'static str, String)> = replayed
        .iter()
        .map(|(index, audited)| {
            let (class, says) = audited.worst();
            (*index, (class, format!("segment {index}: {says}")))
        })
        .collect();
    let count = |class: &str| described.values().filter(|segment| segment.0 == class).count();
    let _ = writeln!(
        html,
        "<h2>Audit</h2>\n<p>{} audits. Of {segments} segments <span class=\"key equal\">{} were replayed and equal</span>, \
         <span class=\"key fault\">{} differ</span>, <span class=\"key missing\">{} could not be had</span>, \
         <span class=\"key unseen\">{} were not replayed</span>.</p>",
        audits.len(),
        count("equal"),
        count("fault"),
        count("missing"),
        segments as usize - described.len()
    );
    if segments > MAX_SQUARES {
        let _ = writeln!(html, "<p>The job has more segments than a map can show.</p>");
    } else {
        let square = |index| {
            let unseen = || ("unseen", format!("segment {index}: not replayed"));
            described.get(&index).cloned().unwrap_or_else(unseen)
        };
        let all: Vec<(&'static str, String)> = (0..segments).map(square).collect();
        html.push_str(&squares("Segments and what audits found in them", &all));
    }
    let faults: Vec<&String> =
        described.values().filter(|segment| segment.0 == "fault").map(|segment| &segment.1).collect();
    if !faults.is_empty() {
        html.push_str("<ul>\n");
        for fault in faults.iter().take(MAX_FAULTS) {
            let _ = writeln!(html, "<li>{}</li>", escape(fault));
        }
        html.push_str("</ul>\n");
        if let Some(more) = faults.len().checked_sub(MAX_FAULTS).filter(|more| *more > 0) {
            let _ = writeln!(html, "<p>{more} more segments differ.</p>");
        }
    }
}
