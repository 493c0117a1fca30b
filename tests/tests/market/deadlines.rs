use anchor_lang::Address;
use e2e_tests::{AMOUNT, AWARD, Market, PURSE, compare, fee, instruction::market as ix, no, passed, refused};
use market::{
    MarketError, events,
    state::{Listing, Order, order_state as state, refund_reason, verdict},
};
use solana_instruction::Instruction;

/// On the last second before `deadline` the party's instruction goes through and the settlement does not; from the
/// deadline on it is the other way round.
#[track_caller]
fn both_sides_of(m: &mut Market, deadline: i64, act: (Instruction, MarketError), settle: (Instruction, MarketError)) {
    m.world.set_time(deadline - 1);
    let rows = vec![("act".into(), act.0.clone(), None), ("settle".into(), settle.0.clone(), no(settle.1))];
    compare(&m.world, rows);
    m.world.set_time(deadline);
    compare(&m.world, vec![("act late".into(), act.0, no(act.1)), ("settle late".into(), settle.0, None)]);
}

fn refund_after(state: u8, act: fn(&mut Market, Address) -> Instruction, deadline: fn(&Order) -> i64, reason: u8) {
    let mut m = Market::new();
    let order = m.order_in(state);
    m.world.set_slot(m.world.slot() + 5);
    let (act, refund, deadline) = (act(&mut m, order), m.refund_ix(order), deadline(&m.order(order)));
    both_sides_of(&mut m, deadline, (act, MarketError::DeadlinePassed), (refund, MarketError::DeadlineNotPassed));

    let lamports = m.world.lamports(&m.stranger);
    let receipt = passed(m.world.send(m.refund_ix(order)));
    let event: events::OrderSettled = receipt.event(&market::ID);
    assert_eq!((event.state, event.refunded, event.reason), (state::REFUNDED, AMOUNT, reason));
    assert_eq!(m.balances(), [0, 0, PURSE]);
    assert_eq!(m.world.lamports(&m.stranger), lamports, "who calls gets nothing");
    assert!(m.world.is_gone(&m.vault(order)));
    let settled = m.order(order);
    assert_eq!((settled.state, settled.settled_at.get()), (state::REFUNDED, deadline));
    assert_eq!(m.world.read::<Listing>(&m.listing()).open_orders.get(), 0);
}

#[test]
fn an_order_that_nobody_accepts_is_refunded_by_a_stranger() {
    refund_after(state::FUNDED, |m, o| m.accept_ix(o), |o| o.accept_by.get(), refund_reason::NOT_ACCEPTED);
}

#[test]
fn an_order_that_is_not_delivered_is_refunded_by_a_stranger() {
    refund_after(state::ACCEPTED, |m, o| m.submit_ix(o), |o| o.deliver_by.get(), refund_reason::NOT_DELIVERED);
}

#[test]
fn an_order_whose_audit_is_never_armed_is_refunded_by_a_stranger() {
    refund_after(state::SUBMITTED, |_, o| ix::arm_audit(o, 1), |o| o.audit_by.get(), refund_reason::NOT_AUDITED);
}

#[test]
fn an_order_that_the_oracles_do_not_decide_is_refunded_by_a_stranger() {
    let vote = |m: &mut Market, o| {
        m.world.put_seal(o, &m.oracles, 0, verdict::ACCEPT);
        m.vote_ix(o, 0, verdict::ACCEPT)
    };
    refund_after(state::AUDITING, vote, |o| o.audit_by.get(), refund_reason::NOT_AUDITED);
}

#[test]
fn one_vote_short_of_the_threshold_is_no_verdict() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    passed(m.vote(order, 0, verdict::ACCEPT));
    refused(m.world.send(m.release_ix(order)), MarketError::DeadlineNotPassed);
    m.world.set_time(m.order(order).audit_by.get());
    refused(m.world.send(m.release_ix(order)), MarketError::NothingPayable);
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_verdict_is_disputed_until_its_last_second_and_pays_from_the_next() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    let (dispute, release) = (m.dispute_ix(m.buyer, order), m.release_ix(order));
    let until = m.order(order).dispute_until.get();
    let act = (dispute, MarketError::DisputeWindowOver);
    both_sides_of(&mut m, until, act, (release, MarketError::DisputeWindowOpen));
}

#[test]
fn a_rejection_is_disputed_until_its_last_second_and_refunds_from_the_next() {
    let mut m = Market::new();
    let order = m.rejected_order();
    let (dispute, refund) = (m.dispute_ix(m.seller, order), m.refund_ix(order));
    let until = m.order(order).dispute_until.get();
    let act = (dispute, MarketError::DisputeWindowOver);
    both_sides_of(&mut m, until, act, (refund, MarketError::DisputeWindowOpen));
}

#[test]
fn a_dispute_that_nobody_resolves_ends_in_the_verdict() {
    let mut m = Market::new();
    let order = m.answered_order();
    let (resolve, release) = (m.resolve_ix(order, 0), m.release_ix(order));
    let by = m.order(order).resolve_by.get();
    both_sides_of(&mut m, by, (resolve, MarketError::DeadlinePassed), (release, MarketError::DisputeWindowOpen));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
}

#[test]
fn a_disputed_rejection_that_nobody_resolves_ends_in_the_refund() {
    let mut m = Market::new();
    let order = m.rejected_order();
    passed(m.world.send(m.dispute_ix(m.seller, order)));
    passed(m.world.send(ix::answer(m.buyer, order, [1; 32])));
    m.world.set_time(m.order(order).resolve_by.get() - 1);
    refused(m.world.send(m.refund_ix(order)), MarketError::DisputeWindowOpen);
    m.world.pass(1);
    let receipt = passed(m.world.send(m.refund_ix(order)));
    assert_eq!(receipt.event::<events::OrderSettled>(&market::ID).reason, refund_reason::REJECTED);
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_released_order_without_its_award_closes_when_the_award_window_ends() {
    let mut m = Market::new();
    let order = m.order_in(state::RELEASED);
    m.world.pass(AWARD - 1);
    refused(m.world.send(ix::close_order(order, m.buyer)), MarketError::AwardPending);
    m.world.pass(1);
    passed(m.world.send(ix::close_order(order, m.buyer)));
    assert!(m.world.is_gone(&order));
}
