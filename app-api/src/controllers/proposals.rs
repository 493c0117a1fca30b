//! `/v1/proposals`: grants that were asked for, their votes and their milestones.

use super::ballots::Ballot;
use crate::{
    context::Scope,
    list::{List, find, listed, parts},
    names::{BOND_STATE, END_REASON, MILESTONE_STATE, PROPOSAL_STATE},
    page::Page,
    params::{Address, Params, Part, Unfiltered},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{BallotRow, MilestoneRow, ProposalRow},
};
use serde::{Deserialize, Serialize};

listed!(ProposalRow in "proposals" of "proposals", Newest by proposal_id: Amount);
listed!(MilestoneRow in "milestones" of "milestones", Ascending by proposal: String, place: i64);

view! {
    /// What somebody wants to be paid for.
    Proposal of row: ProposalRow {
        address: String,
        id: Amount = row.proposal_id,
        proposer: String,
        recipient: String,
        state: &'static str = PROPOSAL_STATE.word(row.state),
        /// Why it ended without being completed.
        reason: &'static str = END_REASON.word(row.reason),
        metadata_hash: String,
        uri: String,
        total: Amount,
        committed: Amount,
        paid: Amount,
        bond: Amount,
        bond_state: &'static str = BOND_STATE.word(row.bond_state),
        /// Points in favour below which the bond of a rejected proposal is lost.
        bond_floor_points: Amount,
        opened_at: i64,
        /// Votes are taken before this second.
        ends_at: i64,
        /// Points earned before this epoch weigh.
        snapshot_epoch: i64,
        quorum_points: Amount,
        approval_bps: i64,
        votes_for: Amount,
        votes_against: Amount,
        abstained: Amount,
        voters: i64,
        closed: bool,
        created_slot: i64,
        updated_slot: i64,
    }
}

view! {
    /// A part of a proposal that is paid by itself.
    Milestone of row: MilestoneRow {
        index: i64 = row.place,
        amount: Amount,
        due: i64,
        state: &'static str = MILESTONE_STATE.word(row.state),
        evidence: Option<String>,
        review_by: Option<i64>,
        reviewed_by: Option<String>,
        paid_to: Option<String>,
    }
}

#[derive(Serialize)]
struct Whole {
    #[serde(flatten)]
    proposal: Proposal,
    milestones: Vec<Milestone>,
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    state: Option<String>,
    proposer: Option<Address>,
    recipient: Option<Address>,
}

/// Newest first.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<ProposalRow>::new(&page)?
        .only("state", PROPOSAL_STATE.asked(query.state)?)
        .only("proposer", query.proposer)
        .only("recipient", query.recipient)
        .answer(scope, Proposal::from)
        .await
}

async fn row(scope: &mut Scope, address: String) -> Result<ProposalRow, Problem> {
    find(scope, "proposal", "address", address).await
}

/// One proposal by its address, with its milestones.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let proposal = row(&mut scope, address.clone()).await?.into();
    let milestones: Vec<MilestoneRow> = parts(&mut scope, "proposal", address).await?;
    let milestones = milestones.into_iter().map(Milestone::from).collect();
    Ok(scope.one(&Whole { proposal, milestones }))
}

/// Who voted how, by the voter's address.
pub async fn ballots(
    mut scope: Scope,
    Part(address): Part<String>,
    page: Page,
    _: Params<Unfiltered>,
) -> Result<Response, Problem> {
    row(&mut scope, address.clone()).await?;
    List::<BallotRow>::new(&page)?.only("proposal", Some(address)).answer(scope, Ballot::from).await
}
