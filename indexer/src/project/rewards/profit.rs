//! Profit: what came in for the holders of points, what each of them earned of it, and what was paid (`protocol::profit`).

use super::{config, contributor, step_config, totals};
use crate::{
    Wide,
    project::{Context, Outcome, follows, seq, unknown},
    rows::{ContributorRow, ProfitClaimRow, ProfitDepositRow},
    store::{StoreError, Write},
};
use protocol::profit;
use rewards::events::{ProfitClaimed, ProfitDeposited};

pub(super) async fn deposited(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &ProfitDeposited,
) -> Result<Outcome, StoreError> {
    let row = ProfitDepositRow {
        seq: seq(e.seq),
        sender: e.from.to_string(),
        amount: e.amount.into(),
        to_holders: e.to_holders.into(),
        to_reserve: e.to_reserve.into(),
        profit_index: e.profit_index.into(),
        lifetime_points: e.lifetime_points.into(),
        deposited_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&row).await?;
    step_config(write, c, e.seq, |row| {
        row.profit_index = e.profit_index.into();
        row.profit_in = super::reserve::with(row.profit_in, e.to_holders);
        row.reserved = super::reserve::with(row.reserved, e.to_reserve);
    })
    .await
}

/// Credits a contributor with the profit since it was last settled, as the program does before its points change.
pub(super) async fn settle(write: &mut Write<'_>, row: &mut ContributorRow) -> Result<Outcome, StoreError> {
    let now = config(write).await?.map_or(Wide(0), |config| config.profit_index);
    let accrued = profit::accrued(row.lifetime_points.0, row.profit_index.0, now.0);
    row.profit_index = now;
    let Some(owed) = accrued.and_then(|accrued| accrued.checked_add(row.profit_owed.0)) else {
        return Ok(Outcome::Suspect(format!(
            "profit of {} is more than ever came in: start from the programs' first slot and rebuild",
            row.wallet
        )));
    };
    row.profit_owed = Wide(owed);
    Ok(Outcome::Done)
}

pub(super) async fn claimed(write: &mut Write<'_>, c: &Context<'_>, e: &ProfitClaimed) -> Result<Outcome, StoreError> {
    let wallet = e.wallet.to_string();
    let Some(mut row) = contributor(write, &wallet).await? else { return Ok(unknown("contributor")) };
    let outcome = follows("contributor", row.seq, e.seq).and(settle(write, &mut row).await?);
    let (amount, fraction) = profit::payable(row.profit_owed.0);
    let agreed = if amount == e.amount {
        Outcome::Done
    } else {
        Outcome::Suspect(format!(
            "{wallet} was paid a profit of {} where {amount} was owed: start from the programs' first slot and rebuild",
            e.amount
        ))
    };
    row.profit_owed = Wide(fraction);
    (row.profit_paid, row.seq, row.updated_slot) = (e.profit_paid.into(), seq(e.seq), c.slot);
    write.save(&row).await?;
    totals(write, |row| row.profit_out = super::reserve::with(row.profit_out, e.amount)).await?;
    let claim = ProfitClaimRow {
        wallet,
        seq: seq(e.seq),
        destination: e.destination.to_string(),
        amount: e.amount.into(),
        claimed_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&claim).await?;
    Ok(outcome.and(agreed))
}
