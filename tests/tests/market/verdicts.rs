//! Verdicts of the program `proofs`, written here as it would write them.
use anchor_lang::prelude::ProgramError;
use e2e_tests::{
    AMOUNT, CHALLENGE_BOND, CONTENT, DISPUTE, Forge, KEY_HASH, Market, PURSE, RESOLVE, SELLER_BOND, compare, fee,
    instruction::market as ix, no, passed, refused,
};
use market::{
    MarketError, events,
    foreign::ForeignAccount,
    instructions::DeliveredLicence,
    state::{judge, judged_by, order_state as state, refund_reason, resolution, verdict},
    views::{OracleView, VerdictView},
};
use protocol::digest::content_address;

#[test]
fn a_licence_is_delivered_with_its_sealed_key_and_paid_after_the_window() {
    let mut m = Market::judged(judge::PROOF);
    let order = m.order_in(state::ACCEPTED);
    let sealed_key = [14; 80];
    let empty = DeliveredLicence { key_hash: [0; 32], sealed_key };
    refused(m.world.send(ix::deliver_licence(m.seller, order, empty)), MarketError::EmptyResult);
    let receipt = passed(m.world.send(m.submit_ix(order)));
    let event: events::LicenceDelivered = receipt.event(&market::ID);
    assert_eq!((event.key_hash, event.sealed_key, event.payable), (KEY_HASH, sealed_key, AMOUNT));
    let delivered = m.order(order);
    let hash = content_address(&sealed_key).0;
    assert_eq!((delivered.result_root, delivered.result_log, event.sealed_hash), (KEY_HASH, hash, hash));
    assert_eq!(
        (delivered.state, delivered.verdict, delivered.content_root),
        (state::AUDITED, verdict::ACCEPT, CONTENT)
    );
    assert_eq!(delivered.dispute_until.get(), m.world.now() + DISPUTE);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
}

#[test]
fn a_proof_against_a_training_job_ends_its_dispute_and_blames_oracles_where_they_are_to_blame() {
    for (blame, ended) in [(0, resolution::PROVEN), (1, resolution::OVERTURNED)] {
        for answered in [false, true] {
            let mut m = Market::judged(judge::ORACLES);
            let order = m.order_in(state::AUDITED);
            let verdict = m.put_verdict(order, |v| v.blame = blame);
            refused(m.world.send(ix::apply_verdict(order, verdict)), MarketError::WrongState);
            passed(m.world.send(m.dispute_ix(m.challenger, order)));
            if answered {
                passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
            }
            let event: events::OrderJudged = passed(m.world.send(ix::apply_verdict(order, verdict))).event(&market::ID);
            assert_eq!((event.by, event.resolution, event.payable), (judged_by::PROOFS, ended, 0));
            let event: events::OrderSettled = passed(m.world.send(m.refund_ix(order))).event(&market::ID);
            assert_eq!((event.refunded >= AMOUNT, event.rewarded > CHALLENGE_BOND), (true, true));
            assert_eq!((m.order(order).resolution, m.reputation().disputes_lost.get()), (ended, 1));
        }
    }
}

#[test]
fn a_proof_against_a_rejected_training_job_upholds_the_verdict() {
    for blame in [0, 1] {
        let mut m = Market::judged(judge::ORACLES);
        let order = m.rejected_order();
        passed(m.world.send(m.dispute_ix(m.seller, order)));
        let verdict = m.put_verdict(order, |v| v.blame = blame);
        passed(m.world.send(ix::apply_verdict(order, verdict)));
        passed(m.world.send(m.refund_ix(order)));
        assert_eq!(m.order(order).resolution, resolution::UPHELD);
    }
}

#[test]
fn a_licence_is_not_delivered_late() {
    let mut m = Market::judged(judge::PROOF);
    let order = m.order_in(state::ACCEPTED);
    m.world.set_time(m.order(order).deliver_by.get() - 1);
    passed(m.world.simulate(m.submit_ix(order)));
    m.world.pass(1);
    refused(m.world.send(m.submit_ix(order)), MarketError::DeadlinePassed);
    passed(m.world.send(m.refund_ix(order)));
}

#[test]
fn a_proven_fault_returns_the_price_and_the_challengers_bond_whatever_was_answered() {
    for answered in [false, true] {
        let mut m = Market::judged(judge::PROOF);
        let order = m.order_in(state::AUDITED);
        passed(m.world.send(m.dispute_ix(m.challenger, order)));
        if answered {
            passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
        }
        let verdict = m.put_verdict(order, |_| ());
        let receipt = passed(m.world.send(ix::apply_verdict(order, verdict)));
        let event: events::OrderJudged = receipt.event(&market::ID);
        assert_eq!((event.by, event.payable, event.resolution), (judged_by::PROOFS, 0, resolution::OVERTURNED));
        refused(m.world.send(ix::apply_verdict(order, verdict)), MarketError::WrongState);
        let receipt = passed(m.world.send(m.refund_ix(order)));
        assert_eq!(receipt.event::<events::OrderSettled>(&market::ID).reason, refund_reason::RESOLVED);
        let (challenger, buyer) = (SELLER_BOND / 10 * 3, SELLER_BOND / 2);
        assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + buyer, PURSE + challenger]);
        assert_eq!(m.reputation().disputes_lost.get(), 1);
    }
}

#[test]
fn a_licence_whose_fault_nobody_proves_is_the_administrators_to_decide_like_any_other() {
    let mut m = Market::judged(judge::PROOF);
    let order = m.answered_order();
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
    passed(m.world.send(m.release_ix(order)));
    let (seller, buyer) = (PURSE + AMOUNT - fee(AMOUNT) + CHALLENGE_BOND, PURSE - AMOUNT - CHALLENGE_BOND);
    assert_eq!(m.holdings(), [seller, fee(AMOUNT), buyer, PURSE]);
}

#[test]
fn gold_labels_pay_their_share_rounded_down_and_nobody_can_dispute_it() {
    // an odd share, everything, and nothing
    for (bps, payable) in [(3_333, AMOUNT * 3_333 / 10_000), (10_000, AMOUNT), (u16::MAX, AMOUNT), (0, 0)] {
        let mut m = Market::judged(judge::GOLD);
        let order = m.order_in(state::SUBMITTED);
        let verdict = m.put_verdict(order, |v| v.payable_bps = bps.into());
        let receipt = passed(m.world.send(ix::apply_verdict(order, verdict)));
        let event: events::OrderJudged = receipt.event(&market::ID);
        let expected = if payable > 0 { verdict::ACCEPT } else { verdict::REJECT };
        assert_eq!((event.payable, event.verdict, event.resolution), (payable, expected, resolution::NONE));
        refused(m.world.send(m.dispute_ix(m.challenger, order)), MarketError::DisputeWindowOver);
        if payable > 0 {
            passed(m.world.send(m.release_ix(order)));
            let paid = payable - fee(payable);
            assert_eq!(m.holdings(), [PURSE + paid, fee(payable), PURSE - payable, PURSE]);
        } else {
            passed(m.world.send(m.refund_ix(order)));
            let slashed = SELLER_BOND - SELLER_BOND / 5;
            assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + slashed, PURSE]);
        }
    }
}

#[test]
fn a_buyer_that_never_opens_its_gold_pays_in_full_after_both_windows() {
    let mut m = Market::judged(judge::GOLD);
    let order = m.order_in(state::SUBMITTED);
    let audit_by = m.order(order).audit_by.get();
    // gold opened in the last second leaves one window for the answers, and one to finish and apply the verdict
    for time in [audit_by, audit_by + RESOLVE, audit_by + 2 * RESOLVE - 1] {
        m.world.set_time(time);
        refused(m.world.send(m.release_ix(order)), MarketError::DeadlineNotPassed);
        refused(m.world.send(m.refund_ix(order)), MarketError::DeadlineNotPassed);
    }
    let verdict = m.put_verdict(order, |v| v.payable_bps = 5_000.into());
    passed(m.world.simulate(ix::apply_verdict(order, verdict)));
    m.world.pass(1);
    refused(m.world.send(m.refund_ix(order)), MarketError::OrderIsPayable);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
    refused(m.world.send(ix::apply_verdict(order, verdict)), MarketError::WrongState);
}

type Change = fn(&mut VerdictView);

#[test]
fn only_the_final_verdict_on_this_very_order_is_applied() {
    let mut m = Market::judged(judge::GOLD);
    let (order, other) = (m.order_in(state::SUBMITTED), m.order_in(state::SUBMITTED));
    let wrong: [(&str, Change); 4] = [
        ("open", |v| v.state = 1),
        ("of another kind", |v| v.kind = judge::PROOF),
        ("of an earlier order at this address", |v| v.opened_at = (v.opened_at.get() - 1).into()),
        ("of a later order at this address", |v| v.opened_at = (v.opened_at.get() + 1).into()),
    ];
    for (name, change) in wrong {
        let verdict = m.put_verdict(order, change);
        let result = m.world.send(ix::apply_verdict(order, verdict));
        assert!(result.is_err(), "{name}");
        refused(result, MarketError::WrongVerdict);
    }
    let (verdict, of_other) = (m.put_verdict(order, |_| ()), m.put_verdict(other, |_| ()));
    let apply = ix::apply_verdict(order, verdict);
    let data = m.world.svm.get_account(&verdict).unwrap().data;
    let [foreign, no_panel, short, unknown] = std::array::from_fn(|_| m.world.wallet());
    m.world.put(foreign, market::ID, data.clone());
    m.world.put(no_panel, OracleView::PROGRAM, data.clone());
    m.world.put(short, VerdictView::PROGRAM, data[..83].to_vec());
    m.world.put(unknown, VerdictView::PROGRAM, [&[1; 8], &data[8..]].concat());
    let with = |account| apply.clone().swap(&verdict, &account);
    compare(
        &m.world,
        vec![
            ("another order's".into(), with(of_other), no(MarketError::WrongVerdict)),
            ("another program's".into(), with(foreign), no(ProgramError::IllegalOwner)),
            ("of the oracles' program, and no panel".into(), with(no_panel), no(ProgramError::InvalidAccountData)),
            ("cut short".into(), with(short), no(ProgramError::AccountDataTooSmall)),
            ("of another type".into(), with(unknown), no(ProgramError::InvalidAccountData)),
            ("a wallet".into(), with(m.stranger), no(ProgramError::IllegalOwner)),
            ("the right one".into(), apply.clone(), None),
        ],
    );
}

#[test]
fn an_order_is_not_closed_in_the_second_of_its_opening() {
    // or a verdict on it would be one on its successor at the same address
    let mut m = Market::judged(judge::GOLD);
    let order = m.order_in(state::SUBMITTED);
    passed(m.world.send(ix::concede(m.seller, order, 0)));
    passed(m.world.send(m.refund_ix(order)));
    refused(m.world.send(ix::close_order(order, m.buyer)), MarketError::ClosedTooSoon);
    let verdict = m.put_verdict(order, |_| ());
    m.world.pass(1);
    passed(m.world.send(ix::close_order(order, m.buyer)));
    passed(m.world.send(ix::open_order(m.open_ix(1))));
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    refused(m.world.send(ix::apply_verdict(order, verdict)), MarketError::WrongVerdict);
}
