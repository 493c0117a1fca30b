use super::{JANUARY, address};
use chain::event::{Event, RentalEvent as E};
use rental::events as r;
use solana_pubkey::Pubkey;

/// A rental that ran for an hour and a half of its three hours, and one that never started.
#[must_use]
pub fn rentals() -> Vec<Event> {
    let (ran, cancelled) = (address("rental-0"), address("rental-1"));
    let started_at = JANUARY + 60;
    let [first, third] = [1, 3].map(|hours| started_at + hours * 3_600);
    let (paid, fee, returned) = (1_425_000, 75_000, 1_500_000);
    let ended_at = started_at + 5_400;
    vec![
        opened(ran, 0, 1),
        E::RentalStarted(r::RentalStarted { rental: ran, seq: 2, started_at, ends_at: first }),
        E::RentalExtended(r::RentalExtended { rental: ran, seq: 3, hours: 3, deposit: 3_000_000, ends_at: third }),
        E::RentalWithdrawn(r::RentalWithdrawn { rental: ran, seq: 4, paid: 950_000, fee: 50_000 }),
        E::RentalEnded(r::RentalEnded { rental: ran, seq: 5, reason: 3, paid, fee, returned, ended_at }),
        E::RentalClosed(r::RentalClosed { rental: ran, seq: 6 }),
        opened(cancelled, 1, 2),
        E::RentalEnded(r::RentalEnded {
            rental: cancelled,
            seq: 2,
            reason: 1,
            paid: 0,
            fee: 0,
            returned: 2_000_000,
            ended_at: JANUARY + 1,
        }),
    ]
    .into_iter()
    .map(Event::Rental)
    .collect()
}

fn opened(rental: Pubkey, id: u64, hours: u64) -> E {
    E::RentalOpened(r::RentalOpened {
        rental,
        seq: 1,
        id,
        listing: address("listing"),
        listing_version: 1,
        renter: address("buyer"),
        provider: address("seller"),
        mint: address("mint"),
        rate: 1_000_000,
        hours,
        deposit: hours * 1_000_000,
        fee_bps: 500,
        accept_by: JANUARY + 600,
    })
}
