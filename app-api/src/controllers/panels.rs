//! `/v1/panels` and `/v1/panel-votes`: oracles that were drawn to judge a dispute, and how they judged it.

use crate::{
    context::Scope,
    list::{List, find, listed, parts},
    names::{PANEL_BALLOT, PANEL_STATE},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{PanelRow, PanelVoteRow},
};
use serde::{Deserialize, Serialize};

listed!(PanelRow in "panels" of "panels", Newest by convened_slot: i64, order_address: String);
listed!(
    PanelVoteRow in "panel-votes" of "panel_votes",
    Newest by drawn_slot: i64, order_address: String, opened_at: i64, seat: i64
);

view! {
    /// A panel on the dispute about an order.
    Panel of row: PanelRow {
        order: String = row.order_address,
        /// Of the order: tells orders at one address apart.
        opened_at: i64,
        state: &'static str = PANEL_STATE.word(row.state),
        /// Version of the set that the members are drawn from.
        oracle_set: i64,
        size: i64,
        /// Base units that a member must have bonded for its vote to count.
        min_bond: Amount,
        /// The members are drawn from slots after this one.
        draw_slot: i64,
        seed: Option<String>,
        /// Votes are sealed before this second and shown from it on.
        seal_by: i64,
        /// Members that sealed so far.
        sealed: i64,
        votes_for: i64,
        votes_against: i64,
        /// What the seller is paid of the order's amount, once the state is `final`.
        payable_bps: i64,
        /// Whether every oracle that judged the order before had to come to this verdict.
        blame: bool,
        rent_payer: String,
        closed: bool,
        convened_slot: i64,
        updated_slot: i64,
    }
}

view! {
    /// A member of a panel, and its vote.
    PanelVote of row: PanelVoteRow {
        order: String = row.order_address,
        opened_at: i64,
        oracle: String,
        /// From 0.
        seat: i64,
        /// What it sealed.
        commitment: Option<String>,
        sealed_at: Option<i64>,
        /// `null` while it shows no vote.
        ballot: Option<&'static str> = row.ballot.map(|code| PANEL_BALLOT.word(code)),
        reason: Option<i64>,
        report: Option<String>,
        voted_at: Option<i64>,
        drawn_slot: i64,
        updated_slot: i64,
        /// Of the last transaction about it.
        signature: String,
    }
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    panel: Panel,
    votes: Vec<PanelVote>,
}

/// Filters of the list of panels.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    order: Option<Address>,
    state: Option<String>,
    oracle_set: Option<u32>,
    closed: Option<bool>,
}

/// Panels, newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<PanelRow>::new(&page)?
        .only("order_address", query.order)
        .only("state", PANEL_STATE.asked(query.state)?)
        .only("oracle_set", query.oracle_set)
        .only("closed", query.closed)
        .answer(scope, Panel::from)
        .await
}

/// The panel of one order by the order's address, with a vote for each member that was drawn, in the order of their seats.
pub async fn one(mut scope: Scope, Part(order): Part<String>) -> Result<Response, Problem> {
    let row: PanelRow = find(&mut scope, "panel on order", "order_address", order.clone()).await?;
    let mut votes: Vec<PanelVoteRow> = parts(&mut scope, "order_address", order).await?;
    votes.retain(|vote| vote.opened_at == row.opened_at);
    let votes = votes.into_iter().map(PanelVote::from).collect();
    Ok(scope.one(&Whole { panel: row.into(), votes }))
}

/// Filters of the list of votes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoteQuery {
    order: Option<Address>,
    oracle: Option<Address>,
    ballot: Option<String>,
}

/// Members of panels and their votes, newest panel first.
pub async fn votes(scope: Scope, page: Page, Params(query): Params<VoteQuery>) -> Result<Response, Problem> {
    List::<PanelVoteRow>::new(&page)?
        .only("order_address", query.order)
        .only("oracle", query.oracle)
        .only("ballot", PANEL_BALLOT.asked(query.ballot)?)
        .answer(scope, PanelVote::from)
        .await
}
