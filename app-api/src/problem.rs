//! Errors as `application/problem+json` (RFC 9457). The `type` is stable; `detail` says what to do.
//!
//! | type | status | use it when |
//! |---|---|---|
//! | `/problems/bad-request` | 400 | a parameter does not read or is out of range |
//! | `/problems/bad-cursor` | 400 | a cursor was not made by this API for this list |
//! | `/problems/not-found` | 404 | the path or the thing that it names does not exist |
//! | `/problems/method-not-allowed` | 405 | the path exists, the method does not |
//! | `/problems/behind` | 412 | `min_slot` is above what the tables have read; try again |
//! | `/problems/too-many-streams` | 429 | the limit of event streams is reached; try again |
//! | `/problems/internal` | 500 | a stored row does not read; the log says which |
//! | `/problems/unavailable` | 503 | the database does not answer; try again |
//! | `/problems/timeout` | 504 | the answer took too long; ask for less |

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use indexer::StoreError;
use serde_json::json;

/// An error answer.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    retry_after_seconds: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, kind, title, detail: detail.into(), retry_after_seconds: None }
    }

    fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_seconds: Some(seconds), ..self }
    }

    /// A parameter does not read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request does not read", detail)
    }

    /// A cursor of another list or of nobody.
    #[must_use]
    pub fn bad_cursor() -> Self {
        let detail = "pass `cursor` exactly as `next` of the same list gave it, or leave it out to start again";
        Self::new(StatusCode::BAD_REQUEST, "bad-cursor", "The cursor does not read", detail)
    }

    /// Nothing there.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such thing", what)
    }

    /// The path has no such method.
    #[must_use]
    pub fn method_not_allowed() -> Self {
        let detail = "the API only reads: use GET";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The method is not allowed", detail)
    }

    /// The tables are behind the slot that the caller wants to see.
    #[must_use]
    pub fn behind(min_slot: u64, checked: i64) -> Self {
        let detail = format!("the chain was read up to slot {checked}, not yet to {min_slot}: try again in a second");
        Self::new(StatusCode::PRECONDITION_FAILED, "behind", "The tables are behind", detail).retry_after(1)
    }

    /// No more event streams.
    #[must_use]
    pub fn too_many_streams() -> Self {
        let detail = "the limit of event streams is reached: close one, or page with ?cursor=";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-streams", "Too many streams", detail).retry_after(5)
    }

    /// The answer took too long.
    #[must_use]
    pub fn timeout() -> Self {
        let detail = "the answer took too long: ask for a smaller page";
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "The answer took too long", detail)
    }

    /// A stored row does not read.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "a stored row does not read: its operator finds more in the log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something is wrong here", detail)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database does not answer");
        let detail = "the database does not answer: try again in some seconds";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The database does not answer", detail).retry_after(5)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Sql(error) => error.into(),
            error => {
                tracing::error!(%error, "a stored row does not read");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": format!("/problems/{}", self.kind), "title": self.title, "status": self.status.as_u16(),
            "detail": self.detail,
        });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
