//! Every instruction in every state, and by everybody who might try.
use e2e_tests::{OK, Outcome, compare, instruction::rental as ix, no, passed, rental_world::Rentals};
use rental::{RentalError, state::rental_state as state};

fn rental_in(r: &mut Rentals, wanted: u8) -> anchor_lang::Address {
    let address = if wanted == state::REQUESTED { r.open() } else { r.running() };
    r.world.pass(1);
    if wanted == state::ENDED {
        passed(r.world.send(r.stop_ix(r.renter, address)));
    }
    assert_eq!(r.rental(&address).state, wanted);
    address
}

#[test]
fn every_instruction_is_refused_in_every_state_that_it_is_not_for() {
    let states = [state::REQUESTED, state::RUNNING, state::ENDED];
    let wrong = || no(RentalError::WrongState);
    let table: [(&str, [Outcome; 3]); 6] = [
        ("start", [OK, wrong(), wrong()]),
        ("cancel", [OK, wrong(), wrong()]),
        ("extend", [wrong(), OK, wrong()]),
        ("withdraw", [wrong(), OK, wrong()]),
        ("stop", [wrong(), OK, wrong()]),
        ("close", [wrong(), wrong(), OK]),
    ];
    for (place, state) in states.into_iter().enumerate() {
        let mut r = Rentals::new();
        let rental = rental_in(&mut r, state);
        let payment = r.payment(rental);
        let rows = table.iter().map(|(name, outcomes)| {
            let instruction = match *name {
                "start" => ix::start_rental(r.provider, rental),
                "cancel" => ix::cancel_rental(r.renter, payment),
                "extend" => ix::extend_rental(r.renter, payment, 1),
                "withdraw" => ix::withdraw(payment),
                "stop" => ix::stop_rental(r.provider, payment),
                _ => ix::close_rental(rental, r.renter),
            };
            (format!("{name} in state {state}"), instruction, outcomes[place].clone())
        });
        compare(&r.world, rows.collect());
    }
}

#[test]
fn only_the_party_whose_act_it_is_may_act() {
    let mut r = Rentals::new();
    let (waiting, running) = (r.open(), r.running());
    r.world.pass(10);
    let (renter, provider, stranger) = (r.renter, r.provider, r.stranger);
    let (of_waiting, of_running) = (r.payment(waiting), r.payment(running));
    let rows = vec![
        ("start: the renter", ix::start_rental(renter, waiting), no(RentalError::NotProvider)),
        ("start: a stranger", ix::start_rental(stranger, waiting), no(RentalError::NotProvider)),
        ("cancel: the provider", ix::cancel_rental(provider, of_waiting), no(RentalError::DeadlineNotPassed)),
        ("cancel: a stranger", ix::cancel_rental(stranger, of_waiting), no(RentalError::DeadlineNotPassed)),
        ("extend: the provider", ix::extend_rental(provider, of_running, 1), no(RentalError::NotRenter)),
        ("stop: a stranger", ix::stop_rental(stranger, of_running), no(RentalError::NotAParty)),
        ("stop: the renter", ix::stop_rental(renter, of_running), OK),
        ("stop: the provider", ix::stop_rental(provider, of_running), OK),
        ("withdraw: anyone", ix::withdraw(of_running), OK),
        ("close: a stranger", ix::close_rental(waiting, stranger), no(RentalError::WrongRentPayer)),
    ];
    compare(&r.world, rows.into_iter().map(|(name, instruction, ends)| (name.into(), instruction, ends)).collect());
}
