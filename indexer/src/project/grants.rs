//! Folds the events of the grants program.

use super::{Context, Outcome, follows, hash, seq, some_address, unknown};
use crate::{
    Amount,
    rows::{BallotRow, GrantsConfigRow, Key, MilestoneRow, ProposalRow},
    store::{StoreError, Write},
};
use chain::event::{GrantsEvent, text};
use grants::{
    events::{BallotClosed, ConfigChanged, ProposalOpened, VoteCast},
    state::{bond_state, end_reason, milestone_state, proposal_state},
};
use solana_pubkey::Pubkey;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &GrantsEvent,
) -> Result<Outcome, StoreError> {
    use GrantsEvent as E;
    let c = context;
    match event {
        E::ConfigChanged(e) => config_changed(write, c, e).await,
        E::GrantsFunded(e) => {
            let Some(mut row) = config(write).await? else { return Ok(unknown("grants config")) };
            let outcome = follows("grants config", row.seq, e.seq);
            (row.funded, row.seq, row.updated_slot) = (e.funded.into(), seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::ProposalOpened(e) => proposal_opened(write, c, e).await,
        E::VoteCast(e) => vote_cast(write, c, e).await,
        E::ProposalDecided(e) => {
            pool(write, c, |row| {
                (row.funded, row.committed, row.bonds) = (e.funded.into(), e.pool_committed.into(), e.bonds.into());
            })
            .await?;
            proposal(write, c, &e.proposal, e.seq, |row| {
                (row.state, row.reason) = (e.state.into(), e.reason.into());
                (row.bond_state, row.committed) = (e.bond_state.into(), e.committed.into());
            })
            .await
        }
        E::MilestoneSubmitted(e) => {
            milestone(write, c, &e.proposal, e.index, |row| {
                row.state = milestone_state::SUBMITTED.into();
                (row.evidence, row.review_by) = (Some(hash(&e.evidence)), Some(e.review_by));
                row.reviewed_by = None;
            })
            .await?;
            proposal(write, c, &e.proposal, e.seq, |_| {}).await
        }
        E::MilestoneReviewed(e) => {
            let state = if e.accepted { milestone_state::ACCEPTED } else { milestone_state::PENDING };
            milestone(write, c, &e.proposal, e.index, |row| {
                (row.state, row.reviewed_by) = (state.into(), Some(e.by.to_string()));
            })
            .await?;
            proposal(write, c, &e.proposal, e.seq, |_| {}).await
        }
        E::MilestonePaid(e) => {
            pool(write, c, |row| {
                (row.committed, row.disbursed) = (e.pool_committed.into(), e.disbursed.into());
            })
            .await?;
            milestone(write, c, &e.proposal, e.index, |row| {
                (row.state, row.paid_to) = (milestone_state::PAID.into(), Some(e.destination.to_string()));
            })
            .await?;
            proposal(write, c, &e.proposal, e.seq, |row| {
                (row.paid, row.committed, row.state) = (e.paid.into(), e.committed.into(), e.state.into());
            })
            .await
        }
        E::BondReturned(e) => {
            pool(write, c, |row| row.bonds = e.bonds.into()).await?;
            proposal(write, c, &e.proposal, e.seq, |row| row.bond_state = bond_state::RETURNED.into()).await
        }
        E::BallotClosed(e) => ballot_closed(write, c, e).await,
        E::ProposalClosed(e) => proposal(write, c, &e.proposal, e.seq, |row| row.closed = true).await,
    }
}

async fn config(write: &mut Write<'_>) -> Result<Option<GrantsConfigRow>, StoreError> {
    write.load(&[(&1).into()]).await
}

async fn config_changed(write: &mut Write<'_>, c: &Context<'_>, e: &ConfigChanged) -> Result<Outcome, StoreError> {
    let before = config(write).await?;
    let zero = Amount(0);
    let (funded, committed, disbursed, bonds) =
        before.as_ref().map_or((zero, zero, zero, zero), |row| (row.funded, row.committed, row.disbursed, row.bonds));
    let row = GrantsConfigRow {
        id: 1,
        seq: seq(e.seq),
        admin: e.admin.to_string(),
        pending_admin: some_address(&e.pending_admin),
        reviewer: some_address(&e.reviewer),
        mint: e.mint.to_string(),
        allocation: e.allocation.into(),
        funded,
        committed,
        disbursed,
        bonds,
        quorum_points: e.quorum_points.into(),
        min_points: e.min_points.into(),
        proposal_bond: e.proposal_bond.into(),
        bond_floor_points: e.bond_floor_points.into(),
        voting_seconds: e.voting_seconds,
        review_seconds: e.review_seconds,
        approval_bps: e.approval_bps.into(),
        paused: e.paused.into(),
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    Ok(follows("grants config", before.map_or(0, |row| row.seq), e.seq))
}

/// Changes the pool by an event that another object counts. Without a configuration the event of that object is suspect anyway.
async fn pool(
    write: &mut Write<'_>,
    c: &Context<'_>,
    change: impl FnOnce(&mut GrantsConfigRow),
) -> Result<(), StoreError> {
    if let Some(mut row) = config(write).await? {
        change(&mut row);
        row.updated_slot = c.slot;
        write.save(&row).await?;
    }
    Ok(())
}

async fn proposal_opened(write: &mut Write<'_>, c: &Context<'_>, e: &ProposalOpened) -> Result<Outcome, StoreError> {
    pool(write, c, |row| row.bonds = e.bonds.into()).await?;
    let address = e.proposal.to_string();
    let row = ProposalRow {
        address: address.clone(),
        proposal_id: e.id.into(),
        seq: seq(e.seq),
        proposer: e.proposer.to_string(),
        recipient: e.recipient.to_string(),
        metadata_hash: hash(&e.metadata_hash),
        uri: text(&e.uri),
        total: e.total.into(),
        committed: Amount(0),
        paid: Amount(0),
        bond: e.bond.into(),
        bond_state: if e.bond > 0 { bond_state::HELD } else { bond_state::NONE }.into(),
        bond_floor_points: e.bond_floor_points.into(),
        quorum_points: e.quorum_points.into(),
        approval_bps: e.approval_bps.into(),
        snapshot_epoch: e.snapshot_epoch.into(),
        opened_at: e.opened_at,
        ends_at: e.ends_at,
        votes_for: Amount(0),
        votes_against: Amount(0),
        abstained: Amount(0),
        voters: 0,
        state: proposal_state::VOTING.into(),
        reason: end_reason::NONE.into(),
        closed: false,
        created_slot: c.slot,
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    for (place, (amount, due)) in (0..).zip(e.amounts.into_iter().zip(e.due)).take(e.count.into()) {
        let row = MilestoneRow {
            proposal: address.clone(),
            place,
            amount: amount.into(),
            due,
            state: milestone_state::PENDING.into(),
            evidence: None,
            review_by: None,
            reviewed_by: None,
            paid_to: None,
            updated_slot: c.slot,
        };
        write.save(&row).await?;
    }
    Ok(follows("proposal", 0, e.seq))
}

async fn proposal(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut ProposalRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<ProposalRow>(&[(&address.to_string()).into()]).await? else {
        return Ok(unknown("proposal"));
    };
    let outcome = follows("proposal", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

/// Changes a milestone. Where it was never seen, its proposal was not either, and tells so.
async fn milestone(
    write: &mut Write<'_>,
    c: &Context<'_>,
    proposal: &Pubkey,
    index: u8,
    change: impl FnOnce(&mut MilestoneRow),
) -> Result<(), StoreError> {
    let key = [(&proposal.to_string()).into(), (&i64::from(index)).into()];
    if let Some(mut row) = write.load::<MilestoneRow>(&key).await? {
        change(&mut row);
        row.updated_slot = c.slot;
        write.save(&row).await?;
    }
    Ok(())
}

fn ballot_key(proposal: &Pubkey, voter: &Pubkey) -> [Key; 2] {
    [(&proposal.to_string()).into(), (&voter.to_string()).into()]
}

async fn vote_cast(write: &mut Write<'_>, c: &Context<'_>, e: &VoteCast) -> Result<Outcome, StoreError> {
    let outcome = proposal(write, c, &e.proposal, e.seq, |row| {
        (row.votes_for, row.votes_against) = (e.votes_for.into(), e.votes_against.into());
        (row.abstained, row.voters) = (e.abstained.into(), e.voters.into());
    })
    .await?;
    let row = BallotRow {
        proposal: e.proposal.to_string(),
        voter: e.voter.to_string(),
        choice: e.choice.into(),
        weight: e.weight.into(),
        seq: seq(e.votes),
        closed: false,
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    Ok(outcome)
}

async fn ballot_closed(write: &mut Write<'_>, c: &Context<'_>, e: &BallotClosed) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<BallotRow>(&ballot_key(&e.proposal, &e.voter)).await? else {
        return Ok(unknown("ballot"));
    };
    let outcome = follows("ballot", row.seq, e.seq);
    (row.closed, row.seq, row.updated_slot) = (true, seq(e.seq), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}
