//! Panels on disputes: convened, drawn, then sealed and shown as the first votes were.

use crate::{
    Amount,
    project::{Context, Outcome, follows, hash, seq, some_address, unknown},
    rows::{PanelRow, PanelVoteRow},
    store::{StoreError, Write},
};
use oracles::{
    events::{PanelConvened, PanelDrawn, PanelVoteSealed, PanelVoted},
    state::panel_state,
};
use solana_pubkey::Pubkey;

pub(super) async fn convened(write: &mut Write<'_>, c: &Context<'_>, e: &PanelConvened) -> Result<Outcome, StoreError> {
    let order_address = e.order.to_string();
    let was = write.load::<PanelRow>(&[(&order_address).into()]).await?.filter(|row| !row.closed);
    let row = PanelRow {
        order_address,
        seq: seq(e.seq),
        opened_at: e.opened_at,
        rent_payer: e.rent_payer.to_string(),
        state: panel_state::CONVENED.into(),
        oracle_set: e.oracle_set.into(),
        size: e.size.into(),
        min_bond: Amount(e.min_bond),
        draw_slot: seq(e.slot),
        seed: None,
        seal_by: e.seal_by,
        sealed: 0,
        votes_for: 0,
        votes_against: 0,
        payable_bps: 0,
        blame: false,
        closed: false,
        convened_slot: c.slot,
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    Ok(follows("panel", was.map_or(0, |row| row.seq), e.seq))
}

pub(super) async fn drawn(write: &mut Write<'_>, c: &Context<'_>, e: &PanelDrawn) -> Result<Outcome, StoreError> {
    let mut opened_at = None;
    let outcome = step(write, c, &e.order, e.seq, |row| {
        opened_at = Some(row.opened_at);
        row.state = panel_state::SITTING.into();
        row.seed = Some(hash(&e.seed));
    })
    .await?;
    let Some(opened_at) = opened_at else { return Ok(outcome) };
    for (seat, member) in (0..).zip(&e.members) {
        let Some(oracle) = some_address(member) else { break };
        let row = PanelVoteRow {
            order_address: e.order.to_string(),
            opened_at,
            oracle,
            seat,
            commitment: None,
            sealed_at: None,
            ballot: None,
            reason: None,
            report: None,
            voted_at: None,
            drawn_slot: c.slot,
            updated_slot: c.slot,
            signature: c.signature.into(),
        };
        write.save(&row).await?;
    }
    Ok(outcome)
}

pub(super) async fn vote_sealed(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &PanelVoteSealed,
) -> Result<Outcome, StoreError> {
    let outcome = step(write, c, &e.order, e.seq, |row| row.sealed = e.sealed.into()).await?;
    let of_member = member(write, c, (&e.order, e.opened_at, &e.oracle), |row| {
        row.commitment = Some(hash(&e.commitment));
        row.sealed_at = c.block_time;
    })
    .await?;
    Ok(outcome.and(of_member))
}

pub(super) async fn voted(write: &mut Write<'_>, c: &Context<'_>, e: &PanelVoted) -> Result<Outcome, StoreError> {
    let outcome = step(write, c, &e.order, e.seq, |row| {
        (row.votes_for, row.votes_against) = (e.votes_for.into(), e.votes_against.into());
        (row.state, row.payable_bps, row.blame) = (e.state.into(), e.payable_bps.into(), e.blame != 0);
    })
    .await?;
    let of_member = member(write, c, (&e.order, e.opened_at, &e.oracle), |row| {
        row.ballot = Some(e.ballot.into());
        row.reason = Some(e.reason.into());
        row.report = Some(hash(&e.report));
        row.voted_at = c.block_time;
    })
    .await?;
    Ok(outcome.and(of_member))
}

/// Changes the row of a panel by its next event.
pub(super) async fn step(
    write: &mut Write<'_>,
    c: &Context<'_>,
    order: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut PanelRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<PanelRow>(&[(&order.to_string()).into()]).await? else {
        return Ok(unknown("panel"));
    };
    let outcome = follows("panel", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

/// Changes the row of an oracle that was drawn for the panel on the order that was opened then.
async fn member(
    write: &mut Write<'_>,
    c: &Context<'_>,
    (order, opened_at, oracle): (&Pubkey, i64, &Pubkey),
    change: impl FnOnce(&mut PanelVoteRow),
) -> Result<Outcome, StoreError> {
    let key = [(&order.to_string()).into(), (&opened_at).into(), (&oracle.to_string()).into()];
    let Some(mut row) = write.load::<PanelVoteRow>(&key).await? else {
        return Ok(unknown("draw of this member of a panel"));
    };
    change(&mut row);
    (row.updated_slot, row.signature) = (c.slot, c.signature.into());
    write.save(&row).await?;
    Ok(Outcome::Done)
}
