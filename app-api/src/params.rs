//! Query and path parameters, with problems in place of axum's plain texts.

use crate::problem::Problem;
use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::Error as _};
use sqlx::{
    Sqlite,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo},
};

/// The filters of a list. Unknown names are refused where `T` denies them; `min_slot` belongs to [`crate::context::Scope`],
/// `limit` and `cursor` to [`crate::page::Page`].
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        read(parts, |name| !matches!(name, "min_slot" | "limit" | "cursor")).map(Self)
    }
}

/// The filters of a list that has none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unfiltered {}

/// Reads those pairs of the query whose names are meant.
pub(crate) fn read<T: DeserializeOwned>(parts: &Parts, meant: impl Fn(&str) -> bool) -> Result<T, Problem> {
    let own: Vec<_> = pairs(parts)?.into_iter().filter(|(name, _)| meant(name)).collect();
    let text = serde_urlencoded::to_string(own).map_err(|error| Problem::bad_request(error.to_string()))?;
    serde_urlencoded::from_str(&text).map_err(|error| Problem::bad_request(error.to_string()))
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

/// A text of a filter that can only be written in one way, so that a slip is told from what is not there.
macro_rules! exact {
    ($(#[$doc:meta])* $name:ident, $reads:ident, $should:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                if $reads(&text) {
                    return Ok(Self(text));
                }
                Err(D::Error::custom(format!(concat!("{:?} is not ", $should), text)))
            }
        }

        impl sqlx::Type<Sqlite> for $name {
            fn type_info() -> SqliteTypeInfo {
                <String as sqlx::Type<Sqlite>>::type_info()
            }
        }

        impl sqlx::Encode<'_, Sqlite> for $name {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                <String as sqlx::Encode<'_, Sqlite>>::encode(self.0.clone(), buffer)
            }
        }
    };
}

fn is_address(text: &str) -> bool {
    text.parse::<solana_pubkey::Pubkey>().is_ok()
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

exact!(
    /// An account's address.
    Address,
    is_address,
    "an address: write its 32 bytes in base58"
);
exact!(
    /// A hash.
    Hash,
    is_hash,
    "a hash: write its 32 bytes as 64 hex digits in lower case"
);
