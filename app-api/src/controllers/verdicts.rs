//! `/v1/verdicts`: what was found about orders by calculation.

use crate::{
    context::Scope,
    list::{List, find, listed},
    names::{FAULT, VERDICT_KIND, VERDICT_STATE},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::rows::VerdictRow;
use serde::{Deserialize, Serialize};

listed!(VerdictRow in "verdicts" of "verdicts", Newest by created_slot: i64, address: String);

/// A comparison of labels with gold.
#[derive(Serialize)]
struct Gold {
    /// The labeller opens its answers before this, Unix seconds.
    answers_by: Option<i64>,
    /// Items to label, and those of them with gold.
    items: Option<i64>,
    count: Option<i64>,
    /// Agreement from which something and from which everything is paid.
    floor_bps: Option<i64>,
    full_bps: Option<i64>,
    /// Gold items that were compared so far, and those that were answered as the gold says.
    compared: i64,
    correct: i64,
}

const TRAINING: i64 = proofs::state::verdict_kind::TRAINING as i64;

view! {
    /// What was found about an order.
    Verdict of row: VerdictRow {
        address: String,
        order: String = row.order_address,
        /// Of the order: tells orders at one address apart.
        opened_at: i64,
        kind: &'static str = VERDICT_KIND.word(row.kind),
        state: &'static str = VERDICT_STATE.word(row.state),
        /// What the seller is paid of the order's amount.
        payable_bps: i64,
        fault: &'static str = FAULT.word(row.fault),
        /// The faulty chunk of a licence's content, from 0.
        chunk: Option<i64> = row.chunk.filter(|_| row.kind != TRAINING),
        /// The faulty step of a training job, from 0; of a contradiction, the first step of its segment.
        step: Option<i64> = row.chunk.filter(|_| row.kind == TRAINING),
        /// Of labels only.
        gold: Option<Gold> = row.items.is_some().then_some(Gold {
            answers_by: row.answers_by,
            items: row.items,
            count: row.gold_count,
            floor_bps: row.floor_bps,
            full_bps: row.full_bps,
            compared: row.compared,
            correct: row.correct,
        }),
        rent_payer: String,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    order: Option<Address>,
    kind: Option<String>,
    state: Option<String>,
    fault: Option<String>,
    closed: Option<bool>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<VerdictRow>::new(&page)?
        .only("order_address", query.order)
        .only("kind", VERDICT_KIND.asked(query.kind)?)
        .only("state", VERDICT_STATE.asked(query.state)?)
        .only("fault", FAULT.asked(query.fault)?)
        .only("closed", query.closed)
        .answer(scope, Verdict::from)
        .await
}

/// One verdict by its address.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: VerdictRow = find(&mut scope, "verdict", "address", address).await?;
    Ok(scope.one(&Verdict::from(row)))
}
