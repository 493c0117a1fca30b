use anchor_lang::Address;
use e2e_tests::{DISPUTE, Market, OK, Outcome, compare, instruction::market as ix, no, passed, refused};
use market::{
    MarketError,
    state::{order_state as state, verdict},
};
use solana_instruction::Instruction;

type Call = fn(&Market, Address) -> Instruction;

const CALLS: [(&str, Call); 11] = [
    ("accept", |m, o| m.accept_ix(o)),
    ("cancel", |m, o| ix::cancel_order(m.settlement(o))),
    ("submit", |m, o| m.submit_ix(o)),
    ("arm", |_, o| ix::arm_audit(o, 1)),
    ("attest", |m, o| m.vote_ix(o, 2, verdict::ACCEPT)),
    ("dispute", |m, o| ix::dispute(m.seller, o, [1; 32])),
    ("resolve", |m, o| ix::resolve(m.world.admin, o, 1)),
    ("release", |m, o| m.release_ix(o)),
    ("refund", |m, o| m.refund_ix(o)),
    ("award", |m, o| m.award_ix(o)),
    ("close", |m, o| ix::close_order(o, m.buyer)),
];

#[test]
fn every_instruction_is_refused_in_every_state_that_it_is_not_for() {
    let mut m = Market::new();
    m.add_rewards();
    // the release lets time pass, so it comes first; all others are then within their windows
    let released = m.order_in(state::RELEASED);
    let orders = [
        m.order_in(state::FUNDED),
        m.order_in(state::ACCEPTED),
        m.order_in(state::SUBMITTED),
        m.order_in(state::AUDITING),
        m.order_in(state::AUDITED),
        m.order_in(state::DISPUTED),
        released,
        m.order_in(state::REFUNDED),
    ];
    m.world.set_slot(m.world.slot() + 5);

    let w = || no(MarketError::WrongState);
    let early = || no(MarketError::DeadlineNotPassed);
    let open = || no(MarketError::DisputeWindowOpen);
    let twice = || no(MarketError::AlreadyDisputed);
    let pending = || no(MarketError::AwardPending);
    // columns: accept, cancel, submit, arm, attest, dispute, resolve, release, refund, award, close
    let table: [[Outcome; 11]; 8] = [
        [OK, OK, w(), w(), w(), w(), w(), w(), early(), w(), w()],
        [w(), w(), OK, w(), w(), w(), w(), w(), early(), w(), w()],
        [w(), w(), w(), OK, w(), w(), w(), w(), early(), w(), w()],
        [w(), w(), w(), w(), OK, w(), w(), w(), early(), w(), w()],
        [w(), w(), w(), w(), OK, OK, w(), open(), open(), w(), w()],
        [w(), w(), w(), w(), w(), twice(), OK, open(), open(), w(), w()],
        [w(), w(), w(), w(), w(), w(), w(), w(), w(), OK, pending()],
        [w(), w(), w(), w(), w(), w(), w(), w(), w(), w(), OK],
    ];
    let mut rows = Vec::new();
    for (i, (order, expected)) in orders.into_iter().zip(table).enumerate() {
        for ((name, call), expected) in CALLS.iter().zip(expected) {
            rows.push((format!("{name} in state {}", i + 1), call(&m, order), expected));
        }
    }
    compare(&m.world, rows);
}

#[test]
fn a_resolution_is_final() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    passed(m.world.send(ix::resolve(m.world.admin, order, 1)));
    refused(m.world.send(ix::resolve(m.world.admin, order, 2)), MarketError::WrongState);
    refused(m.world.send(ix::dispute(m.seller, order, [1; 32])), MarketError::AlreadyDisputed);
    refused(m.vote(order, 2, verdict::REJECT), MarketError::WrongState);
    passed(m.world.send(m.release_ix(order)));
}

#[test]
fn an_order_is_paid_once_and_awarded_once() {
    let mut m = Market::new();
    m.add_rewards();
    let order = m.order_in(state::AUDITED);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    let after = m.balances();
    refused(m.world.send(m.release_ix(order)), MarketError::WrongState);
    refused(m.world.send(m.refund_ix(order)), MarketError::WrongState);
    assert_eq!(m.balances(), after);
    passed(m.world.send(m.award_ix(order)));
    refused(m.world.send(m.award_ix(order)), MarketError::AlreadyAwarded);
}

#[test]
fn a_verdict_pays_the_side_that_it_names_and_no_other() {
    let mut m = Market::new();
    let (accepted, rejected) = (m.order_in(state::AUDITED), m.rejected_order());
    m.world.pass(DISPUTE);
    refused(m.world.send(m.refund_ix(accepted)), MarketError::OrderIsPayable);
    refused(m.world.send(m.release_ix(rejected)), MarketError::NothingPayable);
    passed(m.world.send(m.release_ix(accepted)));
    passed(m.world.send(m.refund_ix(rejected)));
}
