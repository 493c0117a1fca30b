//! Folds the events of the rentals.

use super::{Context, Outcome, follows, seq, unknown};
use crate::{
    Amount,
    rows::RentalRow,
    store::{StoreError, Write},
};
use chain::event::RentalEvent;
use rental::{events::RentalOpened, state::rental_state};
use solana_pubkey::Pubkey;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &RentalEvent,
) -> Result<Outcome, StoreError> {
    use RentalEvent as E;
    let c = context;
    match event {
        E::RentalOpened(e) => opened(write, c, e).await,
        E::RentalStarted(e) => {
            rental(write, c, &e.rental, e.seq, |row| {
                row.state = rental_state::RUNNING.into();
                (row.started_at, row.ends_at) = (Some(e.started_at), Some(e.ends_at));
            })
            .await
        }
        E::RentalExtended(e) => {
            rental(write, c, &e.rental, e.seq, |row| {
                (row.hours, row.deposit, row.ends_at) = (seq(e.hours), e.deposit.into(), Some(e.ends_at));
            })
            .await
        }
        E::RentalWithdrawn(e) => {
            rental(write, c, &e.rental, e.seq, |row| (row.paid, row.fee) = (e.paid.into(), e.fee.into())).await
        }
        E::RentalEnded(e) => {
            rental(write, c, &e.rental, e.seq, |row| {
                row.state = rental_state::ENDED.into();
                row.end_reason = Some(e.reason.into());
                (row.paid, row.fee, row.returned) = (e.paid.into(), e.fee.into(), e.returned.into());
                row.ended_at = Some(e.ended_at);
            })
            .await
        }
        E::RentalClosed(e) => rental(write, c, &e.rental, e.seq, |row| row.closed = true).await,
    }
}

async fn opened(write: &mut Write<'_>, c: &Context<'_>, e: &RentalOpened) -> Result<Outcome, StoreError> {
    let row = RentalRow {
        address: e.rental.to_string(),
        seq: seq(e.seq),
        rental_id: e.id.into(),
        listing: e.listing.to_string(),
        listing_version: e.listing_version.into(),
        renter: e.renter.to_string(),
        provider: e.provider.to_string(),
        mint: e.mint.to_string(),
        rate: e.rate.into(),
        hours: seq(e.hours),
        deposit: e.deposit.into(),
        fee_bps: e.fee_bps.into(),
        state: rental_state::REQUESTED.into(),
        end_reason: None,
        paid: Amount(0),
        fee: Amount(0),
        returned: Amount(0),
        closed: false,
        accept_by: e.accept_by,
        started_at: None,
        ends_at: None,
        ended_at: None,
        opened_at: c.block_time,
        opened_slot: c.slot,
        updated_slot: c.slot,
    };
    let reused = write.load::<RentalRow>(&[(&row.address).into()]).await?.is_some_and(|was| !was.closed);
    write.save(&row).await?;
    if reused {
        return Ok(Outcome::Suspect("a rental was opened where another is open: events were missed".into()));
    }
    Ok(Outcome::Done)
}

async fn rental(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut RentalRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<RentalRow>(&[(&address.to_string()).into()]).await? else {
        return Ok(unknown("rental"));
    };
    let outcome = follows("rental", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}
