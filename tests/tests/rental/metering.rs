//! Each second earns its part, and nobody is paid twice or beyond the deposit.
use e2e_tests::{
    FEE_BPS, TokenKind,
    address::rental as at,
    instruction::rental as ix,
    passed, refused,
    rental_world::{DEPOSIT, HOURS, RATE, RENTERS_PURSE, Rentals, earned_after},
};
use rental::{RentalError, state::rental_state};

const END: i64 = HOURS as i64 * 3_600;

#[test]
fn a_stop_at_any_second_pays_what_has_elapsed_and_returns_the_rest() {
    for kind in TokenKind::ALL {
        for seconds in [0, 1, 2, 1_799, 3_599, 3_600, 3_601, 10_799, 10_800, 10_801, 1_000_000] {
            let mut r = Rentals::in_token(kind);
            let address = r.running();
            r.world.pass(seconds);
            let by = if seconds % 2 == 0 { r.renter } else { r.provider };
            passed(r.world.send(r.stop_ix(by, address)));
            let [paid, fee] = earned_after(seconds);
            let returned = DEPOSIT - paid - fee;
            assert_eq!(r.balances(), [paid, fee, RENTERS_PURSE - DEPOSIT + returned], "{kind:?} {seconds}");
            let rental = r.rental(&address);
            assert_eq!((rental.paid.get(), rental.fee.get(), rental.returned.get()), (paid, fee, returned));
            assert_eq!((rental.state, rental.ended_at.get()), (rental_state::ENDED, r.world.now()));
            assert!(r.world.is_gone(&at::vault(&address)));
        }
    }
}

#[test]
fn withdrawals_come_to_the_same_however_often_they_are_made() {
    for every in [1_i64, 7, 61, 3_599, 3_600, 5_000] {
        let mut r = Rentals::new();
        let (address, start) = (r.running(), r.world.now());
        for _ in 0..40 {
            r.world.pass(every);
            let result = r.withdraw(address);
            let [paid, fee] = earned_after(r.world.now() - start);
            assert_eq!(r.balances(), [paid, fee, RENTERS_PURSE - DEPOSIT], "every {every}");
            if r.world.now() - start - every >= END {
                refused(result, RentalError::NothingEarned);
            } else {
                passed(result);
            }
            assert_eq!(r.vault(&address), DEPOSIT - paid - fee);
        }
    }
}

#[test]
fn a_withdrawal_within_the_second_of_the_last_has_nothing_to_pay() {
    let mut r = Rentals::new();
    let address = r.running();
    refused(r.withdraw(address), RentalError::NothingEarned);
    r.world.pass(1);
    passed(r.withdraw(address));
    r.world.svm.expire_blockhash();
    refused(r.withdraw(address), RentalError::NothingEarned);
}

#[test]
fn the_last_second_belongs_to_the_rental_and_the_next_to_nobody() {
    let mut r = Rentals::new();
    let (address, stranger, renter) = (r.running(), r.stranger, r.renter);
    let stop = r.stop_ix(stranger, address);
    let extend = ix::extend_rental(renter, r.payment(address), 1);
    r.world.pass(END - 1);
    refused(r.world.send(stop.clone()), RentalError::NotAParty);
    r.world.simulate(extend.clone()).unwrap();
    let [paid, fee] = earned_after(END - 1);
    assert!(paid + fee < DEPOSIT);
    r.world.pass(1);
    refused(r.world.send(extend), RentalError::RentalOver);
    // a withdrawal at the end takes all of it, and the stop has nothing left to pay
    passed(r.withdraw(address));
    assert_eq!((r.vault(&address), r.balances()[2]), (0, RENTERS_PURSE - DEPOSIT));
    passed(r.world.send(stop));
    assert_eq!(r.rental(&address).returned.get(), 0);
}

#[test]
fn more_hours_go_on_at_the_same_rate_from_the_same_start() {
    let mut r = Rentals::new();
    let (address, renter, start) = (r.running(), r.renter, r.world.now());
    r.world.pass(5_000);
    passed(r.withdraw(address));
    // the price of new rentals does not matter to this one
    r.put_listing(RATE * 9);
    passed(r.world.send(ix::extend_rental(renter, r.payment(address), 2)));
    let rental = r.rental(&address);
    assert_eq!((rental.hours.get(), rental.deposit.get()), (HOURS + 2, RATE * (HOURS + 2)));
    assert_eq!(rental.ends_at.get(), start + END + 7_200);
    r.world.set_time(start + END + 7_199);
    passed(r.withdraw(address));
    let all = u128::from(RATE) * u128::from(END.unsigned_abs() + 7_199) / 3_600;
    let fee = all * u128::from(FEE_BPS) / 10_000;
    assert_eq!(r.balances().map(u128::from)[..2], [all - fee, fee]);
    r.world.pass(1);
    passed(r.world.send(r.stop_ix(renter, address)));
    let [provider, treasury, left] = r.balances();
    assert_eq!((provider + treasury, left), (RATE * (HOURS + 2), RENTERS_PURSE - RATE * (HOURS + 2)));
}

#[test]
fn an_extension_is_paid_for_in_full_or_refused() {
    let mut r = Rentals::new();
    let (address, renter, provider) = (r.running(), r.renter, r.provider);
    let extend = |r: &Rentals, hours| ix::extend_rental(renter, r.payment(address), hours);
    refused(r.world.send(extend(&r, 0)), RentalError::NoHours);
    refused(r.world.send(extend(&r, u64::MAX)), RentalError::Overflow);
    refused(r.world.send(extend(&r, 87_601 - HOURS)), RentalError::Overflow);
    assert!(r.world.send(extend(&r, 87_600 - HOURS)).is_err(), "more than the renter has");
    assert_eq!((r.rental(&address).hours.get(), r.vault(&address)), (HOURS, DEPOSIT));
    let by_provider = ix::extend_rental(provider, r.payment(address), 1);
    refused(r.world.send(by_provider), RentalError::NotRenter);
}

#[test]
fn the_largest_rate_is_metered_exactly() {
    let mut r = Rentals::new();
    let (renter, token) = (r.renter, r.token);
    let supply = r.world.supply(&token.mint);
    r.world.fund_with(&renter, &token, u64::MAX - supply);
    let rate = u64::MAX - supply;
    r.put_listing(rate);
    let mut open = r.open_ix(50);
    (open.terms.hours, open.terms.max_total) = (1, u64::MAX);
    passed(r.world.send(ix::open_rental(open)));
    let address = at::rental(&renter, 50);
    passed(r.world.send(ix::start_rental(r.provider, address)));
    r.world.pass(3_599);
    passed(r.withdraw(address));
    let all = u128::from(rate) * 3_599 / 3_600;
    let fee = all * u128::from(FEE_BPS) / 10_000;
    assert_eq!(r.balances().map(u128::from)[..2], [all - fee, fee]);
    r.world.pass(1);
    passed(r.world.send(r.stop_ix(renter, address)));
    let [provider, treasury, _] = r.balances();
    assert_eq!(provider + treasury, rate);
    assert_eq!(r.rental(&address).returned.get(), 0);
}

#[test]
fn a_rate_below_a_unit_a_second_earns_the_unit_when_it_is_whole() {
    let mut r = Rentals::new();
    r.put_listing(1);
    let address = r.running();
    r.world.pass(3_599);
    refused(r.withdraw(address), RentalError::NothingEarned);
    r.world.pass(1);
    passed(r.withdraw(address));
    assert_eq!((r.balances()[0], r.balances()[1]), (1, 0));
    passed(r.world.send(r.stop_ix(r.renter, address)));
    assert_eq!(r.rental(&address).returned.get(), 2);
}

#[test]
fn a_clock_that_steps_back_pays_nothing_again_and_takes_nothing_back() {
    let mut r = Rentals::new();
    let (address, start) = (r.running(), r.world.now());
    r.world.pass(3_600);
    passed(r.withdraw(address));
    let before = r.balances();
    r.world.set_time(start - 10);
    refused(r.withdraw(address), RentalError::NothingEarned);
    passed(r.world.send(r.stop_ix(r.renter, address)));
    assert_eq!(r.balances()[..2], before[..2]);
    assert_eq!(r.balances()[2], RENTERS_PURSE - RATE);
}

#[test]
fn tokens_that_strangers_send_go_to_the_renter_and_never_to_the_provider() {
    let mut r = Rentals::new();
    let address = r.running();
    r.world.donate(&at::vault(&address), 1_000);
    r.world.pass(END * 2);
    passed(r.withdraw(address));
    let [provider, treasury, _] = r.balances();
    assert_eq!(provider + treasury, DEPOSIT);
    passed(r.world.send(r.stop_ix(r.stranger, address)));
    assert_eq!(r.balances()[2], RENTERS_PURSE - DEPOSIT + 1_000);
}

#[test]
fn a_vault_that_lost_tokens_is_reported_and_pays_nobody() {
    let mut r = Rentals::new();
    let (waiting, running) = (r.open(), r.running());
    for rental in [waiting, running] {
        let vault = at::vault(&rental);
        r.world.tamper(&vault, |account| account.data[64..72].copy_from_slice(&(DEPOSIT - 1).to_le_bytes()));
    }
    r.world.pass(10);
    refused(r.world.send(ix::cancel_rental(r.renter, r.payment(waiting))), RentalError::VaultShort);
    refused(r.withdraw(running), RentalError::VaultShort);
    refused(r.world.send(r.stop_ix(r.renter, running)), RentalError::VaultShort);
}
