//! Folds the events of proofs.

use super::{Context, Outcome, follows, hash, seq, unknown};
use crate::{
    rows::{ChunkClaimRow, VerdictRow},
    store::{StoreError, Write},
};
use chain::event::ProofsEvent;
use proofs::{
    events::{ChunkClaimed, FaultProven, GoldOpened},
    state::{fault, verdict_kind, verdict_state},
};
use solana_pubkey::Pubkey;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &ProofsEvent,
) -> Result<Outcome, StoreError> {
    use ProofsEvent as E;
    let c = context;
    match event {
        E::ChunkClaimed(e) => chunk_claimed(write, c, e).await,
        E::ClaimClosed(e) => {
            let Some(mut row) = claim(write, &e.claim).await? else { return Ok(unknown("claim")) };
            let outcome = follows("claim", row.seq, e.seq);
            (row.closed, row.seq, row.updated_slot) = (true, seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::FaultProven(e) => fault_proven(write, c, e).await,
        E::GoldOpened(e) => gold_opened(write, c, e).await,
        E::AnswersOpened(e) => {
            verdict(write, c, &e.verdict, e.seq, |row| {
                (row.compared, row.correct) = (e.compared.into(), e.correct.into());
            })
            .await
        }
        E::GoldJudged(e) => {
            verdict(write, c, &e.verdict, e.seq, |row| {
                row.state = verdict_state::FINAL.into();
                row.payable_bps = e.payable_bps.into();
                (row.compared, row.correct) = (e.compared.into(), e.correct.into());
            })
            .await
        }
        E::VerdictClosed(e) => verdict(write, c, &e.verdict, e.seq, |row| row.closed = true).await,
    }
}

async fn claim(write: &mut Write<'_>, address: &Pubkey) -> Result<Option<ChunkClaimRow>, StoreError> {
    write.load(&[(&address.to_string()).into()]).await
}

async fn chunk_claimed(write: &mut Write<'_>, c: &Context<'_>, e: &ChunkClaimed) -> Result<Outcome, StoreError> {
    // an account that was closed and made again counts from the beginning
    let was = claim(write, &e.claim).await?.filter(|was| !was.closed);
    let last = was.as_ref().map_or(0, |was| was.seq);
    let row = ChunkClaimRow {
        address: e.claim.to_string(),
        seq: seq(e.seq),
        order_address: e.order.to_string(),
        opened_at: e.opened_at,
        claimant: e.claimant.to_string(),
        chunk: seq(e.chunk),
        plain_hash: hash(&e.plain_hash),
        cipher_hash: hash(&e.cipher_hash),
        closed: false,
        created_slot: was.map_or(c.slot, |was| was.created_slot),
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    Ok(follows("claim", last, e.seq))
}

/// Changes the row of the verdict at `address`.
async fn verdict(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut VerdictRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<VerdictRow>(&[(&address.to_string()).into()]).await? else {
        return Ok(unknown("verdict"));
    };
    let outcome = follows("verdict", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

/// Saves the row of a verdict that was begun, in place of one on an earlier order.
async fn begin(write: &mut Write<'_>, row: &VerdictRow, number: u64) -> Result<Outcome, StoreError> {
    let was: Option<VerdictRow> = write.load(&[(&row.address).into()]).await?;
    let last = was.filter(|was| !was.closed).map_or(0, |was| was.seq);
    write.save(row).await?;
    Ok(follows("verdict", last, number))
}

async fn fault_proven(write: &mut Write<'_>, c: &Context<'_>, e: &FaultProven) -> Result<Outcome, StoreError> {
    let row = VerdictRow {
        address: e.verdict.to_string(),
        seq: seq(e.seq),
        order_address: e.order.to_string(),
        opened_at: e.opened_at,
        rent_payer: e.rent_payer.to_string(),
        kind: if e.fault >= fault::LOG { verdict_kind::TRAINING } else { verdict_kind::PROOF }.into(),
        state: verdict_state::FINAL.into(),
        payable_bps: 0,
        fault: e.fault.into(),
        chunk: (e.fault != fault::KEY).then(|| seq(e.chunk)),
        blame: e.blame,
        answers_by: None,
        items: None,
        gold_count: None,
        floor_bps: None,
        full_bps: None,
        compared: 0,
        correct: 0,
        closed: false,
        created_slot: c.slot,
        updated_slot: c.slot,
    };
    begin(write, &row, e.seq).await
}

async fn gold_opened(write: &mut Write<'_>, c: &Context<'_>, e: &GoldOpened) -> Result<Outcome, StoreError> {
    let row = VerdictRow {
        address: e.verdict.to_string(),
        seq: seq(e.seq),
        order_address: e.order.to_string(),
        opened_at: e.opened_at,
        rent_payer: e.rent_payer.to_string(),
        kind: verdict_kind::GOLD.into(),
        state: verdict_state::OPEN.into(),
        payable_bps: 0,
        fault: fault::NONE.into(),
        chunk: None,
        blame: false,
        answers_by: Some(e.answers_by),
        items: Some(e.items.into()),
        gold_count: Some(e.gold_count.into()),
        floor_bps: Some(e.floor_bps.into()),
        full_bps: Some(e.full_bps.into()),
        compared: 0,
        correct: 0,
        closed: false,
        created_slot: c.slot,
        updated_slot: c.slot,
    };
    begin(write, &row, e.seq).await
}
