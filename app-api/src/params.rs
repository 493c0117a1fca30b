//! Query and path parameters, with problems in place of axum's plain texts.

use crate::problem::Problem;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// The query. Unknown names are refused where `T` denies them; `min_slot` belongs to [`crate::context::Scope`].
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let pairs = pairs(parts)?;
        let own: Vec<_> = pairs.into_iter().filter(|(name, _)| name != "min_slot").collect();
        let text = serde_urlencoded::to_string(own).map_err(|error| Problem::bad_request(error.to_string()))?;
        serde_urlencoded::from_str(&text).map(Self).map_err(|error| Problem::bad_request(error.to_string()))
    }
}

pub(crate) fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, Problem> {
    serde_urlencoded::from_str(parts.uri.query().unwrap_or_default())
        .map_err(|error| Problem::bad_request(error.to_string()))
}

/// One part of the path.
#[derive(Debug)]
pub struct Part<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Part<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Path::<T>::from_request_parts(parts, state).await;
        read.map(|Path(part)| Self(part)).map_err(|error| Problem::bad_request(error.body_text()))
    }
}
