//! The state of the tables that an answer is about.

use crate::{Api, params, problem::Problem};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use indexer::Head;
use serde::Serialize;
use sqlx::{Sqlite, Transaction};

/// How far the tables follow the chain.
#[derive(Clone, Debug, Serialize)]
pub struct Context {
    /// Slot of the last applied block.
    pub slot: i64,
    /// Its hash.
    pub blockhash: String,
    /// The commitment followed.
    pub commitment: String,
    /// Slots between the newest one of the source and the last one that was read.
    pub lag_slots: i64,
}

impl From<&Head> for Context {
    fn from(head: &Head) -> Self {
        Self {
            slot: head.slot,
            blockhash: head.blockhash.clone(),
            commitment: head.commitment.clone(),
            lag_slots: (head.tip_slot - head.checked_slot).max(0),
        }
    }
}

/// One consistent view of the tables, for one request. With `?min_slot=` the view is refused while it is older.
#[derive(Debug)]
pub struct Scope {
    /// A read transaction: head and rows are of the same moment.
    pub db: Transaction<'static, Sqlite>,
    /// The head in this view.
    pub head: Head,
    headers: HeaderMap,
}

impl FromRequestParts<Api> for Scope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let asked = params::pairs(parts)?.into_iter().find(|(name, _)| name == "min_slot");
        let min_slot: Option<u64> = match asked {
            None => None,
            Some((_, text)) => {
                Some(text.parse().map_err(|_| Problem::bad_request("min_slot must be a slot, such as 123"))?)
            }
        };
        let mut db = api.pool.begin().await?;
        let head = Head::read(&mut db).await?;
        match min_slot {
            Some(slot) if i64::try_from(slot).map_or(true, |slot| slot > head.checked_slot) => {
                Err(Problem::behind(slot, head.checked_slot))
            }
            _ => Ok(Self { db, head, headers: parts.headers.clone() }),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    context: Context,
    data: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Option<String>>,
}

impl Scope {
    /// The answer with one thing.
    #[must_use]
    pub fn one<T: Serialize>(self, data: &T) -> Response {
        self.respond(data, None)
    }

    /// The answer with a page and the cursor of the next one.
    #[must_use]
    pub fn page<T: Serialize>(self, data: &T, next: Option<String>) -> Response {
        self.respond(data, Some(next))
    }

    fn respond<T: Serialize>(self, data: &T, next: Option<Option<String>>) -> Response {
        let envelope = Envelope { context: Context::from(&self.head), data, next };
        let Ok(body) = serde_json::to_vec(&envelope) else { return Problem::internal().into_response() };
        let tag = format!("\"{}\"", hex::encode(&protocol::digest::content_address(&body).0[..16]));
        let known = self.headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            let listed = value.to_str().unwrap_or_default();
            listed.split(',').any(|one| matches!(one.trim(), "*") || one.trim().trim_start_matches("W/") == tag)
        });
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert("x-checked-slot", self.head.checked_slot.into());
        if let Ok(tag) = tag.parse() {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}
