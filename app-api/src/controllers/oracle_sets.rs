//! `/v1/oracle-sets`: who may vote.

use crate::{
    context::Scope,
    list::{List, find, listed},
    page::Page,
    params::{Params, Part, Unfiltered},
    problem::Problem,
    view::{json, view},
};
use axum::response::Response;
use indexer::{Amount, rows::OracleSetRow};

listed!(OracleSetRow in "oracle-sets" of "oracle_sets", Newest by version: i64);

view! {
    /// A set of oracles.
    OracleSet of row: OracleSetRow {
        version: i64,
        threshold: i64,
        samples: i64,
        /// Base units that a member has to have bonded for its vote to count.
        min_bond: Amount,
        #[serde(serialize_with = "json")]
        members: String,
        retired: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    List::<OracleSetRow>::new(&page)?.answer(scope, OracleSet::from).await
}

/// One set by its version.
pub async fn one(mut scope: Scope, Part(version): Part<u32>) -> Result<Response, Problem> {
    let row: OracleSetRow = find(&mut scope, "oracle set", "version", version).await?;
    Ok(scope.one(&OracleSet::from(row)))
}
