//! `/v1/proposals`: grants that were asked for, their votes and their milestones.

use crate::{
    context::Scope,
    names::{BOND_STATE, CHOICE, END_REASON, MILESTONE_STATE, PROPOSAL_STATE},
    page,
    params::{Params, Part},
    problem::Problem,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{BallotRow, MilestoneRow, ProposalRow},
};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

#[derive(Serialize)]
struct Proposal {
    address: String,
    id: Amount,
    proposer: String,
    recipient: String,
    state: &'static str,
    /// Why it ended without being completed.
    reason: &'static str,
    metadata_hash: String,
    uri: String,
    total: Amount,
    committed: Amount,
    paid: Amount,
    bond: Amount,
    bond_state: &'static str,
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

impl From<ProposalRow> for Proposal {
    fn from(row: ProposalRow) -> Self {
        Self {
            address: row.address,
            id: row.proposal_id,
            proposer: row.proposer,
            recipient: row.recipient,
            state: PROPOSAL_STATE.word(row.state),
            reason: END_REASON.word(row.reason),
            metadata_hash: row.metadata_hash,
            uri: row.uri,
            total: row.total,
            committed: row.committed,
            paid: row.paid,
            bond: row.bond,
            bond_state: BOND_STATE.word(row.bond_state),
            opened_at: row.opened_at,
            ends_at: row.ends_at,
            snapshot_epoch: row.snapshot_epoch,
            quorum_points: row.quorum_points,
            approval_bps: row.approval_bps,
            votes_for: row.votes_for,
            votes_against: row.votes_against,
            abstained: row.abstained,
            voters: row.voters,
            closed: row.closed,
            created_slot: row.created_slot,
            updated_slot: row.updated_slot,
        }
    }
}

#[derive(Serialize)]
struct Milestone {
    index: i64,
    amount: Amount,
    due: i64,
    state: &'static str,
    evidence: Option<String>,
    review_by: Option<i64>,
    reviewed_by: Option<String>,
    paid_to: Option<String>,
}

impl From<MilestoneRow> for Milestone {
    fn from(row: MilestoneRow) -> Self {
        Self {
            index: row.place,
            amount: row.amount,
            due: row.due,
            state: MILESTONE_STATE.word(row.state),
            evidence: row.evidence,
            review_by: row.review_by,
            reviewed_by: row.reviewed_by,
            paid_to: row.paid_to,
        }
    }
}

#[derive(Serialize)]
struct Ballot {
    voter: String,
    choice: &'static str,
    weight: Amount,
    updated_slot: i64,
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
    proposer: Option<String>,
    recipient: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Newest first.
pub async fn list(mut scope: Scope, Params(query): Params<Query>) -> Result<Response, Problem> {
    let rows = page::rows(query.limit)?;
    let mut sql = QueryBuilder::new("SELECT * FROM proposals WHERE 1 = 1");
    if let Some(state) = query.state {
        sql.push(" AND state = ").push_bind(PROPOSAL_STATE.code(&state)?);
    }
    if let Some(proposer) = query.proposer {
        sql.push(" AND proposer = ").push_bind(proposer);
    }
    if let Some(recipient) = query.recipient {
        sql.push(" AND recipient = ").push_bind(recipient);
    }
    if let Some(id) = page::after::<Amount>("proposals", query.cursor.as_deref())? {
        sql.push(" AND proposal_id < ").push_bind(id);
    }
    sql.push(" ORDER BY proposal_id DESC LIMIT ").push_bind(rows);
    let mut found: Vec<ProposalRow> = sql.build_query_as().fetch_all(&mut *scope.db).await?;
    let next = page::cut("proposals", &mut found, rows, |row| row.proposal_id);
    let data: Vec<Proposal> = found.into_iter().map(Proposal::from).collect();
    Ok(scope.page(&data, next))
}

/// One proposal by its address, with its milestones.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let proposal = find(&mut scope, &address).await?.into();
    let milestones: Vec<MilestoneRow> = sqlx::query_as("SELECT * FROM milestones WHERE proposal = ? ORDER BY place")
        .bind(&address)
        .fetch_all(&mut *scope.db)
        .await?;
    let milestones = milestones.into_iter().map(Milestone::from).collect();
    Ok(scope.one(&Whole { proposal, milestones }))
}

/// Who voted how, by the voter's address.
pub async fn ballots(
    mut scope: Scope,
    Part(address): Part<String>,
    Params(query): Params<page::PageQuery>,
) -> Result<Response, Problem> {
    find(&mut scope, &address).await?;
    let rows = page::rows(query.limit)?;
    let after = page::after::<String>("ballots", query.cursor.as_deref())?.unwrap_or_default();
    let mut found: Vec<BallotRow> =
        sqlx::query_as("SELECT * FROM ballots WHERE proposal = ? AND voter > ? ORDER BY voter LIMIT ?")
            .bind(&address)
            .bind(after)
            .bind(rows)
            .fetch_all(&mut *scope.db)
            .await?;
    let next = page::cut("ballots", &mut found, rows, |row| row.voter.clone());
    let ballot = |row: BallotRow| Ballot {
        voter: row.voter,
        choice: CHOICE.word(row.choice),
        weight: row.weight,
        updated_slot: row.updated_slot,
    };
    let data: Vec<Ballot> = found.into_iter().map(ballot).collect();
    Ok(scope.page(&data, next))
}

async fn find(scope: &mut Scope, address: &String) -> Result<ProposalRow, Problem> {
    let row: Option<ProposalRow> = sqlx::query_as("SELECT * FROM proposals WHERE address = ?")
        .bind(address)
        .fetch_optional(&mut *scope.db)
        .await?;
    row.ok_or_else(|| Problem::not_found(format!("no proposal at {address}")))
}
