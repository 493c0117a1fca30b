//! Payments from the reserve: announced, then paid or cancelled.

use super::step_config;
use crate::{
    Amount,
    project::{Context, Outcome, hash, unknown},
    rows::SpendRow,
    store::{StoreError, Write},
};
use rewards::events::{SpendCancelled, SpendExecuted, SpendProposed};

/// The program refuses sums that do not fit, so that saturating loses nothing.
pub(super) fn with(sum: Amount, part: u64) -> Amount {
    Amount(sum.0.saturating_add(part))
}

pub(super) async fn proposed(write: &mut Write<'_>, c: &Context<'_>, e: &SpendProposed) -> Result<Outcome, StoreError> {
    let row = SpendRow {
        id: e.id.into(),
        state: "proposed".into(),
        amount: e.amount.into(),
        destination: e.destination.to_string(),
        purpose: hash(&e.purpose),
        executable_at: e.executable_at,
        expires_at: e.expires_at,
        proposed_at: c.block_time,
        ended_at: None,
        signature: c.signature.into(),
        created_slot: c.slot,
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    step_config(write, c, e.seq, |_| {}).await
}

pub(super) async fn executed(write: &mut Write<'_>, c: &Context<'_>, e: &SpendExecuted) -> Result<Outcome, StoreError> {
    let known = end(write, c, e.id, "executed").await?;
    Ok(known.and(step_config(write, c, e.seq, |row| row.spent = e.spent.into()).await?))
}

pub(super) async fn cancelled(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &SpendCancelled,
) -> Result<Outcome, StoreError> {
    let known = end(write, c, e.id, "cancelled").await?;
    Ok(known.and(step_config(write, c, e.seq, |_| {}).await?))
}

async fn end(write: &mut Write<'_>, c: &Context<'_>, id: u64, state: &str) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<SpendRow>(&[(&Amount(id)).into()]).await? else { return Ok(unknown("spend")) };
    (row.state, row.ended_at) = (state.into(), c.block_time);
    (row.signature, row.updated_slot) = (c.signature.into(), c.slot);
    write.save(&row).await?;
    Ok(Outcome::Done)
}
