//! `/v1/dead-letters`: events that could not be read, or that contradict what came before them. While there are any, answers
//! about what they touch are not to be trusted; `/readyz` counts them.

use crate::{
    context::Scope,
    list::{List, listed},
    page::Page,
    params::{Params, Unfiltered},
    problem::Problem,
    view::view,
};
use axum::response::Response;

#[derive(sqlx::FromRow)]
struct DeadLetterRow {
    slot: i64,
    blockhash: String,
    tx_index: i64,
    top_index: i64,
    inner_index: i64,
    signature: String,
    program: String,
    data: String,
    reason: String,
}

listed!(
    DeadLetterRow in "dead-letters" of "dead_letter",
    Newest by slot: i64, blockhash: String, tx_index: i64, top_index: i64, inner_index: i64
);

view! {
    /// An event and what is wrong with it.
    DeadLetter of row: DeadLetterRow {
        program: String,
        /// What is wrong, and what its operator can do.
        reason: String,
        slot: i64,
        blockhash: String,
        transaction_index: i64 = row.tx_index,
        top_index: i64,
        inner_index: i64,
        signature: String,
        /// Hex, the tag of events included.
        data: String,
    }
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, _: Params<Unfiltered>) -> Result<Response, Problem> {
    List::<DeadLetterRow>::new(&page)?.answer(scope, DeadLetter::from).await
}
