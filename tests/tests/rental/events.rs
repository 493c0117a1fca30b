//! Every change is told once, in a sequence without gaps.
use anchor_lang::ErrorCode;
use chain::event::{Event, Program, RentalEvent, TAG};
use e2e_tests::{
    FEE_BPS, Receipt,
    address::rental as at,
    forged_event,
    instruction::rental as ix,
    passed, refused,
    rental_world::{DEPOSIT, HOURS, RATE, Rentals, earned_after},
};
use rental::{
    events::{RentalEnded, RentalOpened},
    state::end_reason,
};

fn told(receipt: &Receipt) -> RentalEvent {
    let [data] = &receipt.event_data(&rental::ID)[..] else { panic!("one event for each instruction") };
    match Event::decode(Program::Rental, &[TAG.as_slice(), data].concat()).unwrap() {
        Event::Rental(event) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_change_of_a_rental_is_told_once_in_a_gapless_sequence() {
    let mut r = Rentals::new();
    let (renter, provider) = (r.renter, r.provider);
    let rental = at::rental(&renter, 8);
    let payment = r.payment(rental);
    let mut names = Vec::new();
    let mut send = |r: &mut Rentals, instruction, seq: u64| {
        let event = told(&passed(r.world.send(instruction)));
        assert_eq!(Event::Rental(event.clone()).fields()["seq"], seq.to_string(), "{}", event.name());
        names.push(event.name());
        event
    };
    let open = ix::open_rental(r.open_ix(8));
    let opened = send(&mut r, open, 1);
    let expected = RentalOpened {
        rental,
        seq: 1,
        id: 8,
        listing: r.listing,
        listing_version: 1,
        renter,
        provider,
        mint: r.token.mint,
        rate: RATE,
        hours: HOURS,
        deposit: DEPOSIT,
        fee_bps: FEE_BPS,
        accept_by: r.world.now() + e2e_tests::ACCEPT,
    };
    assert_eq!(opened, RentalEvent::RentalOpened(expected));
    send(&mut r, ix::start_rental(provider, rental), 2);
    r.world.pass(100);
    send(&mut r, ix::withdraw(payment), 3);
    send(&mut r, ix::extend_rental(renter, payment, 1), 4);
    r.world.pass(100);
    let ended = send(&mut r, ix::stop_rental(renter, payment), 5);
    let [paid, fee] = earned_after(200);
    let (returned, ended_at) = (DEPOSIT + RATE - paid - fee, r.world.now());
    let expected = RentalEnded { rental, seq: 5, reason: end_reason::STOPPED, paid, fee, returned, ended_at };
    assert_eq!(ended, RentalEvent::RentalEnded(expected));
    send(&mut r, ix::close_rental(rental, renter), 6);
    names.sort_unstable();
    let mut all = RentalEvent::NAMES.to_vec();
    all.sort_unstable();
    assert_eq!(names, all);
}

#[test]
fn a_rental_that_did_not_start_tells_why() {
    let mut r = Rentals::new();
    let (cancelled, forgotten, renter, stranger) = (r.open(), r.open(), r.renter, r.stranger);
    let reason = |event| match event {
        RentalEvent::RentalEnded(ended) => (ended.reason, ended.returned),
        other => panic!("{other:?}"),
    };
    let by_renter = told(&passed(r.world.send(ix::cancel_rental(renter, r.payment(cancelled)))));
    assert_eq!(reason(by_renter), (end_reason::CANCELLED, DEPOSIT));
    r.world.pass(e2e_tests::ACCEPT);
    let by_stranger = told(&passed(r.world.send(ix::cancel_rental(stranger, r.payment(forgotten)))));
    assert_eq!(reason(by_stranger), (end_reason::NOT_STARTED, DEPOSIT));
}

#[test]
fn an_event_from_outside_is_refused() {
    let mut r = Rentals::new();
    let stranger = r.stranger;
    refused(r.world.send(forged_event(rental::ID, &[1; 16], None)), ErrorCode::ConstraintSigner);
    refused(r.world.send(forged_event(rental::ID, &[1; 16], Some(stranger))), ErrorCode::ConstraintSeeds);
}
