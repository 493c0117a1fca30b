//! Pages: a limit and an opaque cursor.

use crate::{params, problem::Problem};
use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Rows of a page when nobody says how many.
pub const DEFAULT_LIMIT: u32 = 50;
/// The most rows of a page.
pub const MAX_LIMIT: u32 = 200;

/// The rows to fetch: one more than the page holds tells whether there is a next one.
///
/// # Errors
/// When the limit is 0 or above [`MAX_LIMIT`].
pub fn rows(limit: Option<u32>) -> Result<i64, Problem> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(i64::from(limit) + 1),
        _ => Err(Problem::bad_request(format!("limit must be 1 to {MAX_LIMIT}"))),
    }
}

/// Cuts the row too many off, and makes the cursor from the last that stays.
pub fn cut<T, K: Serialize>(
    list: &'static str,
    rows: &mut Vec<T>,
    fetched: i64,
    key: impl Fn(&T) -> K,
) -> Option<String> {
    let limit = usize::try_from(fetched - 1).unwrap_or(0);
    if rows.len() <= limit {
        return None;
    }
    rows.truncate(limit);
    rows.last().and_then(|last| serde_json::to_vec(&(list, key(last))).ok()).map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// Where a page starts: after the key that the cursor holds.
///
/// # Errors
/// When the cursor was not made for this list.
pub fn after<K: DeserializeOwned>(list: &'static str, cursor: Option<&str>) -> Result<Option<K>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Problem::bad_cursor())?;
    let (of, key): (String, K) = serde_json::from_slice(&json).map_err(|_| Problem::bad_cursor())?;
    if of == list { Ok(Some(key)) } else { Err(Problem::bad_cursor()) }
}

/// Which page of a list, from `limit` and `cursor` of the query.
#[derive(Debug, Default, Deserialize)]
pub struct Page {
    /// Rows of the page.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        params::read(parts, |name| matches!(name, "limit" | "cursor"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_to_the_row_after_the_page() {
        let mut rows = vec![1i64, 2, 3];
        let cursor = cut("numbers", &mut rows, 3, |row| *row).unwrap();
        assert_eq!(rows, [1, 2]);
        assert_eq!(after::<i64>("numbers", Some(&cursor)).unwrap(), Some(2));
        assert!(after::<i64>("letters", Some(&cursor)).is_err());
        assert!(after::<i64>("numbers", Some("!!")).is_err());
        assert!(cut("numbers", &mut rows, 3, |row| *row).is_none());
    }
}
