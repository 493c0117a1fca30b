//! Writing the report on a run to a file.

use super::{ReportError, page};
use crate::metrics::{self, MetricsError};
use artefacts::{DEFAULT_MIN_FREE_BYTES, WriteError, replace_file};
use protocol::report::ReplayReport;
use std::path::Path;

/// Where a launch leaves the report, in its working folder.
pub const REPORT_FILE: &str = "report.html";

/// Why a report was not written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum WriteReportError {
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Writes the report on the run in the working folder `folder`, with what `audits` said, to the file `out`.
pub fn write(folder: &Path, audits: &[ReplayReport], out: &Path) -> Result<(), WriteReportError> {
    let page = page(&metrics::read(folder)?, audits)?;
    Ok(replace_file(out, page.as_bytes(), DEFAULT_MIN_FREE_BYTES)?)
}
