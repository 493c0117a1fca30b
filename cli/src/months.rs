//! Months as people see them.
use crate::session::Session;
use anyhow::{Context, Result};
use chain::address::rewards as at;
use protocol::calendar;
use rewards::state::{Config, Epoch};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Start and end of the epoch to be opened next: the month after the last one, or the present month as the first.
pub async fn next(s: &Session) -> Result<(i64, i64)> {
    let config: Config = s.get(&at::config()).await?;
    let start = match config.next_epoch.get().checked_sub(1) {
        Some(last) => s.get::<Epoch>(&at::epoch(last)).await?.end.get(),
        None => {
            let (year, month) = calendar::year_month(s.rpc.unix_seconds().await?);
            calendar::month_start(year, month)
        }
    };
    Ok((start, calendar::next_month_start(start)))
}

/// A Unix time in RFC 3339.
pub fn show(unix_seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_seconds)
        .ok()
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_else(|| unix_seconds.to_string())
}

/// Reads a time in RFC 3339 as Unix seconds.
pub fn read(text: &str) -> Result<i64> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .with_context(|| format!("`{text}` is not a time like 2026-02-01T00:00:00Z"))?;
    Ok(time.unix_timestamp())
}
