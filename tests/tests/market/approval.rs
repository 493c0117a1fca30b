//! What buyer and seller decide between themselves.
use e2e_tests::{
    AMOUNT, DISPUTE, Market, PURSE, SELLER_BOND, compare, fee, instruction::market as ix, no, passed, refused,
};
use market::{
    MarketError, events,
    state::{judge, judged_by, order_state as state, refund_reason, resolution, verdict},
};

#[test]
fn a_buyer_that_says_nothing_pays_when_the_dispute_window_ends() {
    let mut m = Market::judged(judge::APPROVAL);
    let order = m.order_in(state::ACCEPTED);
    let receipt = passed(m.world.send(m.submit_ix(order)));
    let delivered = m.order(order);
    assert_eq!(
        (delivered.state, delivered.verdict, delivered.payable.get()),
        (state::AUDITED, verdict::ACCEPT, AMOUNT)
    );
    assert_eq!((delivered.dispute_until.get(), delivered.audit_by.get()), (m.world.now() + DISPUTE, 0));
    let event: events::ResultSubmitted = receipt.event(&market::ID);
    assert_eq!((event.state, event.payable, event.dispute_until), (state::AUDITED, AMOUNT, m.world.now() + DISPUTE));
    m.world.pass(DISPUTE - 1);
    refused(m.world.send(m.release_ix(order)), MarketError::DisputeWindowOpen);
    m.world.pass(1);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
}

#[test]
fn an_approval_pays_at_once_whoever_was_to_judge() {
    for (judged, from) in [
        (judge::ORACLES, state::SUBMITTED),
        (judge::ORACLES, state::AUDITING),
        (judge::ORACLES, state::AUDITED),
        (judge::APPROVAL, state::AUDITED),
        (judge::PROOF, state::AUDITED),
        (judge::GOLD, state::SUBMITTED),
    ] {
        let mut m = Market::judged(judged);
        let order = m.order_in(from);
        let receipt = passed(m.world.send(ix::approve(m.buyer, order)));
        let event: events::OrderJudged = receipt.event(&market::ID);
        assert_eq!((event.by, event.verdict, event.payable), (judged_by::BUYER, verdict::ACCEPT, AMOUNT));
        refused(m.world.send(m.dispute_ix(m.challenger, order)), MarketError::DisputeWindowOver);
        passed(m.world.send(m.release_ix(order)));
        assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
    }
}

#[test]
fn a_buyer_may_pay_what_the_oracles_rejected() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.rejected_order();
    passed(m.world.send(ix::approve(m.buyer, order)));
    refused(m.world.send(m.refund_ix(order)), MarketError::OrderIsPayable);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
}

#[test]
fn an_approval_after_a_concession_pays_what_was_conceded() {
    let mut m = Market::judged(judge::APPROVAL);
    let order = m.order_in(state::AUDITED);
    let receipt = passed(m.world.send(ix::concede(m.seller, order, 1_000_000)));
    let event: events::OrderJudged = receipt.event(&market::ID);
    assert_eq!((event.by, event.payable, event.dispute_until), (judged_by::SELLER, 1_000_000, m.world.now() + DISPUTE));
    // a part can still be disputed, and lowered again, but never raised
    refused(m.world.send(ix::concede(m.seller, order, 1_000_000)), MarketError::NotAConcession);
    refused(m.world.send(ix::concede(m.seller, order, AMOUNT)), MarketError::NotAConcession);
    passed(m.world.simulate(m.dispute_ix(m.buyer, order)));
    refused(m.world.send(m.release_ix(order)), MarketError::DisputeWindowOpen);
    passed(m.world.send(ix::approve(m.buyer, order)));
    passed(m.world.send(m.release_ix(order)));
    let (paid, back) = (1_000_000 - fee(1_000_000), AMOUNT - 1_000_000);
    assert_eq!(m.holdings(), [PURSE + paid, fee(1_000_000), PURSE - AMOUNT + back, PURSE]);
}

#[test]
fn a_seller_that_gives_up_returns_the_amount_and_loses_its_bond() {
    for (judged, from) in [
        (judge::ORACLES, state::SUBMITTED),
        (judge::ORACLES, state::AUDITING),
        (judge::ORACLES, state::AUDITED),
        (judge::PROOF, state::AUDITED),
        (judge::GOLD, state::SUBMITTED),
    ] {
        let mut m = Market::judged(judged);
        let order = m.order_in(from);
        passed(m.world.send(ix::concede(m.seller, order, 0)));
        let conceded = m.order(order);
        assert_eq!((conceded.state, conceded.verdict, conceded.resolution), (state::AUDITED, verdict::REJECT, 0));
        let receipt = passed(m.world.send(m.refund_ix(order)));
        let event: events::OrderSettled = receipt.event(&market::ID);
        assert_eq!((event.reason, event.burned), (refund_reason::REJECTED, SELLER_BOND / 5));
        let slashed = SELLER_BOND - SELLER_BOND / 5;
        assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + slashed, PURSE]);
    }
}

#[test]
fn a_part_is_conceded_of_an_undisputed_verdict_only() {
    let mut m = Market::judged(judge::ORACLES);
    let [submitted, auditing, disputed] =
        [state::SUBMITTED, state::AUDITING, state::DISPUTED].map(|state| m.order_in(state));
    let rejected = m.rejected_order();
    compare(
        &m.world,
        vec![
            ("submitted".into(), ix::concede(m.seller, submitted, 1), no(MarketError::PartialNotAllowed)),
            ("auditing".into(), ix::concede(m.seller, auditing, 1), no(MarketError::PartialNotAllowed)),
            ("disputed".into(), ix::concede(m.seller, disputed, 1), no(MarketError::PartialNotAllowed)),
            ("rejected: nothing".into(), ix::concede(m.seller, rejected, 0), no(MarketError::NotAConcession)),
            ("rejected: a part".into(), ix::concede(m.seller, rejected, 1), no(MarketError::NotAConcession)),
        ],
    );
}

#[test]
fn a_concession_within_a_dispute_ends_it_for_the_challenger_without_a_judgement() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::AUDITED);
    passed(m.world.send(m.dispute_ix(m.challenger, order)));
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    passed(m.world.send(ix::concede(m.seller, order, 0)));
    let conceded = m.order(order);
    // oracles that accepted were not overruled by anybody: a seller cannot have them slashed by giving up
    assert_eq!((conceded.resolution, conceded.verdict), (resolution::FORFEITED, verdict::ACCEPT));
    passed(m.world.send(m.refund_ix(order)));
    let (challenger, buyer) = (SELLER_BOND / 10 * 3, SELLER_BOND / 2);
    assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + buyer, PURSE + challenger]);
}
