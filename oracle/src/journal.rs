//! The journal: a line of JSON for each audit that was judged, for tools and for people. The oracle never reads it: what it
//! must know after a restart is in its database.

use crate::audit::{Audit, Opinion, Seat};
use crate::memory::now_ms;
use protocol::digest::Digest;
use protocol::report::{ReplayReport, reason_code};
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Longest text that is taken from a report.
const MAX_DETAIL_CHARACTERS: usize = 400;

/// A judged audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// When, in milliseconds of this host's Unix time.
    pub unix_ms: i64,
    /// Address of the order.
    pub order: String,
    /// Whether it was judged by the panel on a dispute, and not by the order's set.
    pub panel: bool,
    /// Version of the order's oracle set.
    pub oracle_set: u32,
    /// Second of the chain's time before which the vote counts.
    pub audit_by: i64,
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// Root that the trainer submitted.
    pub result_root: Digest,
    /// Content address of the job's log.
    pub result_log: Digest,
    /// Whether the result is what the manifest leads to.
    pub accept: bool,
    /// Why not (`protocol::report::reason_code`).
    pub reason: u16,
    /// The same in words.
    pub meaning: &'static str,
    /// What the report says of it.
    pub detail: Option<String>,
    /// Content address of the report.
    pub report: Digest,
    /// Numbers of the segments that were replayed.
    pub segments: Vec<u32>,
    /// Their steps.
    pub steps: u64,
    /// Seconds that the replay took; 0 where none was needed.
    pub replay_seconds: f64,
}

impl Entry {
    /// The entry of an audit, its opinion, and the report behind that as JSON.
    #[must_use]
    pub fn of(audit: &Audit, opinion: &Opinion, report: &[u8]) -> Self {
        let report: Option<ReplayReport> = serde_json::from_slice(report).ok();
        let segments = report.iter().flat_map(|report| &report.segments);
        let detail = report.as_ref().and_then(|report| report.reason.as_deref());
        Self {
            unix_ms: now_ms(),
            order: audit.order.to_string(),
            panel: audit.seat == Seat::Panel,
            oracle_set: audit.oracle_set,
            audit_by: audit.audit_by,
            manifest_hash: audit.manifest_hash,
            result_root: audit.result_root,
            result_log: audit.result_log,
            accept: opinion.accept,
            reason: opinion.reason,
            meaning: reason_code::meaning(opinion.reason),
            detail: detail.map(|text| text.chars().take(MAX_DETAIL_CHARACTERS).collect()),
            report: opinion.report,
            segments: segments.clone().map(|segment| segment.index).collect(),
            steps: segments.map(|segment| u64::from(segment.steps)).sum(),
            replay_seconds: report.as_ref().map_or(0.0, |report| report.seconds),
        }
    }
}

/// A file to which entries are added. Once it would grow beyond its limit it takes the place of the one before it, whose name
/// ends in `.1`, and a new one begins: both together hold at most twice the limit.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    max_bytes: u64,
    /// One entry at a time.
    writing: Mutex<()>,
}

impl Journal {
    /// A journal in the file `path`, which is made with its first entry.
    #[must_use]
    pub fn new(path: PathBuf, max_bytes: u64) -> Self {
        Self { path, max_bytes, writing: Mutex::new(()) }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file before the present one.
    #[must_use]
    pub fn previous(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".1");
        name.into()
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn append(&self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut file = self.open()?;
        let length = file.seek(SeekFrom::End(0))?;
        if length > 0 && length.saturating_add(line.len() as u64) > self.max_bytes {
            std::fs::rename(&self.path, self.previous())?;
            file = self.open()?;
        } else if length > 0 && !ends_a_line(&mut file)? {
            // what a full disk or a power cut left of a line is a line of its own, so that it spoils no other
            line.insert(0, b'\n');
        }
        file.write_all(&line)
    }

    fn open(&self) -> io::Result<File> {
        OpenOptions::new().create(true).read(true).append(true).open(&self.path)
    }
}

fn ends_a_line(file: &mut File) -> io::Result<bool> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chain::Pubkey;
    use serde_json::Value;

    fn entry(number: u8) -> Entry {
        let audit = Audit {
            seat: Seat::Set,
            order: Pubkey::new_from_array([number; 32]),
            opened_at: 1,
            seed: [8; 32],
            oracle_set: 1,
            samples: 3,
            manifest_hash: Digest([1; 32]),
            result_root: Digest([2; 32]),
            result_log: Digest([3; 32]),
            seal_by: 500,
            audit_by: 1_000,
        };
        let opinion = Opinion { accept: false, plain: true, reason: reason_code::LOG, report: Digest([4; 32]) };
        Entry::of(&audit, &opinion, b"no report")
    }

    fn orders(path: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.map(|line| line["order"].as_str().unwrap().to_owned()).collect()
    }

    fn order(number: u8) -> String {
        Pubkey::new_from_array([number; 32]).to_string()
    }

    #[test]
    fn a_journal_of_any_age_holds_at_most_two_files_of_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let two_entries = 2 * (serde_json::to_vec(&entry(1)).unwrap().len() as u64 + 10);
        let journal = Journal::new(folder.path().join("journal.jsonl"), two_entries);
        (1..=5).for_each(|number| journal.append(&entry(number)).unwrap());
        assert_eq!(orders(journal.path()), [order(5)]);
        assert_eq!(orders(&journal.previous()), [order(3), order(4)]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn half_a_line_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("journal.jsonl"), 1 << 20);
        journal.append(&entry(1)).unwrap();
        let text = std::fs::read_to_string(journal.path()).unwrap();
        std::fs::write(journal.path(), format!("{text}{}", &text[..40])).unwrap();
        journal.append(&entry(2)).unwrap();
        assert_eq!(orders(journal.path()), [order(1), order(2)]);
    }
}
