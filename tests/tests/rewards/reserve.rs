//! Payments from the reserve.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    DELAY, Forge, OUTFLOW, Rewards, WINDOW, address::rewards as at, instruction::rewards as ix, passed, refused,
};
use rewards::{RewardsError, events, instructions::Settings, state::Spend};

const DAYS_30: i64 = 30 * 86_400;

/// A reserve of 10 windows' limits, and a token account of somebody to pay.
fn filled() -> (Rewards, Address) {
    let mut r = Rewards::open();
    passed(r.world.send(r.deposit_ix(10 * OUTFLOW)));
    let (payee, mint) = (r.world.wallet(), r.mint);
    let tokens = r.world.fund(&payee, &mint, 0);
    (r, tokens)
}

fn propose(r: &mut Rewards, amount: u64, destination: Address) -> u64 {
    let id = r.config().next_spend.get();
    let terms = ix::SpendTerms { amount, destination, purpose: [5; 32] };
    let admin = r.world.admin;
    let event: events::SpendProposed = passed(r.world.send(ix::propose_spend(admin, id, terms))).event(&rewards::ID);
    assert_eq!((event.id, event.amount, event.destination, event.purpose), (id, amount, destination, [5; 32]));
    assert_eq!((event.executable_at, event.expires_at), (r.world.now() + DELAY, r.world.now() + DELAY + DAYS_30));
    id
}

#[test]
fn a_payment_is_made_by_anyone_once_its_delay_is_over_and_once_only() {
    let (mut r, payee) = filled();
    let id = propose(&mut r, 70, payee);
    r.world.pass(DELAY - 1);
    refused(r.world.send(r.execute_ix(id, payee)), RewardsError::SpendNotDue);
    r.world.pass(1);
    let (rent, admin) = (r.world.lamports(&at::spend(id)), r.world.admin);
    let before = r.world.lamports(&admin);
    let event: events::SpendExecuted = passed(r.world.send(r.execute_ix(id, payee))).event(&rewards::ID);
    assert_eq!((event.id, event.amount, event.spent), (id, 70, 70));
    assert_eq!((r.world.tokens(&payee), r.reserve()), (70, 10 * OUTFLOW - 70));
    assert_eq!(r.config().reserved.get() - r.config().spent.get(), r.reserve());
    assert!(r.world.is_gone(&at::spend(id)));
    assert_eq!(r.world.lamports(&admin), before + rent);
    assert!(r.world.send(r.execute_ix(id, payee)).is_err());
    let again = ix::SpendTerms { amount: 70, destination: payee, purpose: [5; 32] };
    refused(r.world.send(ix::propose_spend(admin, id, again)), RewardsError::SpendOutOfOrder);
}

#[test]
fn a_payment_that_nobody_makes_within_30_days_is_never_made() {
    let (mut r, payee) = filled();
    let (first, second) = (propose(&mut r, 1, payee), propose(&mut r, 2, payee));
    r.world.pass(DELAY + DAYS_30 - 1);
    passed(r.world.send(r.execute_ix(first, payee)));
    r.world.pass(1);
    refused(r.world.send(r.execute_ix(second, payee)), RewardsError::SpendExpired);
    let admin = r.world.admin;
    passed(r.world.send(ix::cancel_spend(admin, second, admin)));
    assert_eq!(r.world.tokens(&payee), 1);
}

#[test]
fn the_administrator_alone_proposes_and_cancels() {
    let (mut r, payee) = filled();
    let (admin, stranger) = (r.world.admin, r.stranger);
    let terms = ix::SpendTerms { amount: 1, destination: payee, purpose: [0; 32] };
    refused(r.world.send(ix::propose_spend(stranger, 0, terms)), RewardsError::NotAdmin);
    refused(r.world.send(ix::propose_spend(admin, 1, terms)), RewardsError::SpendOutOfOrder);
    let nothing = ix::SpendTerms { amount: 0, ..terms };
    refused(r.world.send(ix::propose_spend(admin, 0, nothing)), RewardsError::NoAmount);
    let id = propose(&mut r, 1, payee);
    refused(r.world.send(ix::cancel_spend(stranger, id, admin)), RewardsError::NotAdmin);
    refused(r.world.send(ix::cancel_spend(admin, id, stranger)), RewardsError::WrongRentPayer);
    let event: events::SpendCancelled = passed(r.world.send(ix::cancel_spend(admin, id, admin))).event(&rewards::ID);
    assert_eq!((event.id, event.seq), (id, r.config().seq.get()));
    r.world.pass(DELAY);
    assert!(r.world.send(r.execute_ix(id, payee)).is_err());
    assert_eq!((r.world.tokens(&payee), r.config().next_spend.get()), (0, id + 1));
}

#[test]
fn a_payment_goes_where_it_was_announced_to_go() {
    let (mut r, payee) = filled();
    let id = propose(&mut r, 1, payee);
    r.world.pass(DELAY);
    let (stranger, mint) = (r.stranger, r.mint);
    let (elsewhere, other_mint) = (r.world.fund(&stranger, &mint, 0), r.world.mint());
    let call = r.execute_ix(id, payee);
    refused(r.world.send(call.clone().swap(&payee, &elsewhere)), RewardsError::WrongDestination);
    refused(r.world.send(call.clone().swap(&mint, &other_mint)), RewardsError::WrongMint);
    refused(r.world.send(call.clone().swap(&at::reserve(), &at::epoch_vault(1))), ErrorCode::ConstraintSeeds);
    let admin = r.world.admin;
    refused(r.world.send(call.clone().swap(&admin, &stranger)), RewardsError::WrongRentPayer);
    let (copy, data) = (r.world.wallet(), r.world.svm.get_account(&at::spend(id)).unwrap().data);
    r.world.put(copy, rewards::ID, data);
    refused(r.world.send(call.clone().swap(&at::spend(id), &copy)), ErrorCode::ConstraintSeeds);
    passed(r.world.send(call));
    // a destination of another token is refused by the token program
    let foreign = r.world.fund(&stranger, &other_mint, 0);
    let id = propose(&mut r, 1, foreign);
    r.world.pass(DELAY);
    refused(r.world.send(r.execute_ix(id, foreign)), ProgramError::Custom(3));
}

#[test]
fn no_more_than_the_limit_leaves_the_reserve_within_a_window() {
    let (mut r, payee) = filled();
    let ids = [OUTFLOW - 5, 5, 1, OUTFLOW].map(|amount| propose(&mut r, amount, payee));
    let above = propose(&mut r, OUTFLOW + 1, payee);
    r.world.pass(DELAY);
    let start = r.world.now();
    refused(r.world.send(r.execute_ix(above, payee)), RewardsError::OutflowLimit);
    passed(r.world.send(r.execute_ix(ids[0], payee)));
    r.world.set_time(start + WINDOW - 1);
    passed(r.world.send(r.execute_ix(ids[1], payee)));
    refused(r.world.send(r.execute_ix(ids[2], payee)), RewardsError::OutflowLimit);
    assert_eq!((r.config().window_start.get(), r.config().window_spent.get()), (start, OUTFLOW));
    // the window is over at its last second's end: the next payment begins another
    r.world.set_time(start + WINDOW);
    passed(r.world.send(r.execute_ix(ids[3], payee)));
    refused(r.world.send(r.execute_ix(ids[2], payee)), RewardsError::OutflowLimit);
    assert_eq!((r.config().window_start.get(), r.world.tokens(&payee)), (start + WINDOW, 2 * OUTFLOW));
}

#[test]
fn the_reserve_pays_no_more_than_it_holds() {
    let (mut r, payee) = filled();
    r.update(Settings { outflow_limit: u64::MAX, ..r.settings() });
    let id = propose(&mut r, 10 * OUTFLOW + 1, payee);
    let max = propose(&mut r, u64::MAX, payee);
    let one = propose(&mut r, 1, payee);
    r.world.pass(DELAY);
    refused(r.world.send(r.execute_ix(id, payee)), RewardsError::ReserveShort);
    passed(r.world.send(r.execute_ix(one, payee)));
    refused(r.world.send(r.execute_ix(max, payee)), RewardsError::OutflowLimit);
    // gifts can be spent like anything else
    r.world.donate(&at::reserve(), 2);
    passed(r.world.send(r.execute_ix(id, payee)));
    assert_eq!((r.reserve(), r.world.tokens(&payee)), (0, 10 * OUTFLOW + 2));
}

#[test]
fn a_delay_is_the_one_at_the_proposal() {
    let (mut r, payee) = filled();
    let id = propose(&mut r, 1, payee);
    r.update(Settings { reserve_delay_seconds: 86_400, ..r.settings() });
    r.world.pass(86_400);
    refused(r.world.send(r.execute_ix(id, payee)), RewardsError::SpendNotDue);
    let spend: Spend = r.world.read(&at::spend(id));
    assert_eq!((spend.rent_payer, spend.amount.get()), (r.world.admin, 1));
}
