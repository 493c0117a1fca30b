use e2e_tests::{
    AMOUNT, Market, OK, Outcome, PURSE, compare, fee, instruction::market as ix, members, no, passed, refused,
};
use market::{
    MarketError, events,
    state::{judge, order_state as state, refund_reason, resolution},
};

#[test]
fn the_side_that_a_verdict_favours_does_not_dispute_it() {
    let mut m = Market::judged(judge::ORACLES);
    let (accepted, rejected) = (m.order_in(state::AUDITED), m.rejected_order());
    let favoured = || no(MarketError::FavouredSide);
    let rows: [(&str, anchor_lang::Address, Outcome, Outcome); 3] =
        [("seller", m.seller, favoured(), OK), ("buyer", m.buyer, OK, favoured()), ("another", m.challenger, OK, OK)];
    let rows = rows.into_iter().flat_map(|(name, who, of_accepted, of_rejected)| {
        [
            (format!("{name}: accepted"), m.dispute_ix(who, accepted), of_accepted),
            (format!("{name}: rejected"), m.dispute_ix(who, rejected), of_rejected),
        ]
    });
    compare(&m.world, rows.collect());
    let receipt = passed(m.world.send(m.dispute_ix(m.challenger, accepted)));
    let event: events::OrderDisputed = receipt.event(&market::ID);
    assert_eq!((event.by, event.reason), (m.challenger, [6; 32]));
    refused(m.world.send(m.dispute_ix(m.buyer, accepted)), MarketError::AlreadyDisputed);
}

#[test]
fn only_the_parties_open_a_dispute_that_costs_nothing() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    for stranger in [m.stranger, m.world.admin, m.oracles[0]] {
        refused(m.world.send(m.dispute_ix(stranger, order)), MarketError::NotAParty);
    }
    let receipt = passed(m.world.send(m.dispute_ix(m.buyer, order)));
    assert_eq!(receipt.event::<events::OrderDisputed>(&market::ID).bond, 0);
}

#[test]
fn an_answer_is_the_favoured_sides_once() {
    let mut m = Market::new();
    let (accepted, rejected) = (m.order_in(state::DISPUTED), m.rejected_order());
    passed(m.world.send(m.dispute_ix(m.seller, rejected)));
    for (order, favoured, other) in [(accepted, m.seller, m.buyer), (rejected, m.buyer, m.seller)] {
        for wrong in [other, m.stranger, m.world.admin] {
            refused(m.world.send(ix::answer(wrong, order, [7; 32])), MarketError::NotFavoured);
        }
        let receipt = passed(m.world.send(ix::answer(favoured, order, [7; 32])));
        let event: events::DisputeAnswered = receipt.event(&market::ID);
        assert_eq!((event.order, event.evidence, m.order(order).answered), (order, [7; 32], 1));
        refused(m.world.send(ix::answer(favoured, order, [8; 32])), MarketError::AlreadyAnswered);
    }
}

#[test]
fn a_dispute_that_is_not_answered_is_not_the_administrators_to_decide() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    refused(m.world.send(m.resolve_ix(order, 0)), MarketError::NotAnswered);
    m.world.set_time(m.order(order).answer_by.get());
    refused(m.world.send(m.resolve_ix(order, 0)), MarketError::NotAnswered);
    refused(m.world.send(ix::answer(m.seller, order, [7; 32])), MarketError::DeadlinePassed);
    refused(m.world.send(m.release_ix(order)), MarketError::NothingPayable);
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!((m.balances(), m.order(order).resolution), ([0, 0, PURSE], resolution::FORFEITED));
}

#[test]
fn a_rejection_that_the_buyer_does_not_defend_is_paid() {
    let mut m = Market::new();
    let order = m.rejected_order();
    passed(m.world.send(m.dispute_ix(m.seller, order)));
    m.world.set_time(m.order(order).answer_by.get() - 1);
    refused(m.world.send(m.release_ix(order)), MarketError::DisputeWindowOpen);
    m.world.pass(1);
    refused(m.world.send(m.refund_ix(order)), MarketError::OrderIsPayable);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
}

#[test]
fn a_partial_resolution_pays_that_part_and_returns_the_rest() {
    let mut m = Market::new();
    let order = m.answered_order();
    m.wait_for_panel(order);
    let payable = 33_333_333;
    passed(m.world.send(m.resolve_ix(order, payable)));
    // final at once: nobody can contest it
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [payable - fee(payable), fee(payable), PURSE - payable]);
    let settled = m.order(order);
    assert_eq!((settled.released.get(), settled.fee.get()), (payable - fee(payable), fee(payable)));
    assert_eq!((settled.refunded.get(), settled.resolution), (AMOUNT - payable, resolution::OVERTURNED));
}

#[test]
fn an_order_that_was_opened_without_partial_payment_is_paid_in_whole_or_not_at_all() {
    let mut m = Market::new();
    let mut open = m.open_ix(60);
    open.terms.allow_partial = false;
    passed(m.world.send(ix::open_order(open)));
    let order = e2e_tests::address::market::order(&m.buyer, 60);
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    passed(m.world.send(ix::approve(m.buyer, order)));
    refused(m.world.send(ix::concede(m.seller, order, 1)), MarketError::PartialNotAllowed);
    let mut m = Market::judged(judge::APPROVAL);
    let mut open = m.open_ix(61);
    open.terms.allow_partial = false;
    passed(m.world.send(ix::open_order(open)));
    let order = e2e_tests::address::market::order(&m.buyer, 61);
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    passed(m.world.send(m.dispute_ix(m.buyer, order)));
    passed(m.world.send(ix::answer(m.seller, order, [7; 32])));
    for part in [1, AMOUNT - 1] {
        refused(m.world.send(m.resolve_ix(order, part)), MarketError::PartialNotAllowed);
    }
    for whole in [0, AMOUNT] {
        passed(m.world.simulate(m.resolve_ix(order, whole)));
    }
}

#[test]
fn a_resolution_for_the_buyer_refunds_everything() {
    let mut m = Market::new();
    let order = m.answered_order();
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 0)));
    refused(m.world.send(m.release_ix(order)), MarketError::NothingPayable);
    let receipt = passed(m.world.send(m.refund_ix(order)));
    assert_eq!(receipt.event::<events::OrderSettled>(&market::ID).reason, refund_reason::RESOLVED);
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_resolution_may_pay_a_rejected_order() {
    let mut m = Market::new();
    let order = m.rejected_order();
    passed(m.world.send(m.dispute_ix(m.seller, order)));
    passed(m.world.send(ix::answer(m.buyer, order, [7; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
}

#[test]
fn a_resolution_never_pays_more_than_the_order_holds() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.answered_order();
    m.wait_for_panel(order);
    for payable in [AMOUNT + 1, u64::MAX] {
        refused(m.world.send(m.resolve_ix(order, payable)), MarketError::PayableAboveAmount);
    }
    // neither the bonds in the vault nor a donation to it widen what may be paid
    let vault = m.vault(order);
    m.world.donate(&vault, 10);
    refused(m.world.send(m.resolve_ix(order, AMOUNT + 1)), MarketError::PayableAboveAmount);
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
}

#[test]
fn a_resolution_of_one_base_unit_pays_it_without_a_fee() {
    let mut m = Market::new();
    let order = m.answered_order();
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 1)));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [1, 0, PURSE - 1]);
}

#[test]
fn a_member_of_the_orders_set_answers_so_that_silence_protects_nobody() {
    let mut m = Market::judged(judge::ORACLES);
    let (outsider, admin) = (m.world.wallet(), m.world.admin);
    let order = m.order_in(state::DISPUTED);
    passed(m.world.send(ix::create_oracle_set(admin, 2, members(&[outsider], 1))));
    let member = m.oracles[2];
    for (who, set) in [(outsider, 1), (outsider, 2), (m.stranger, 1)] {
        refused(m.world.send(ix::answer_as_member(who, order, set, [7; 32])), MarketError::NotFavoured);
    }
    // a member's key alone is not enough: it may be a member of another set
    refused(m.world.send(ix::answer(member, order, [7; 32])), MarketError::NotFavoured);
    refused(m.world.send(ix::answer_as_member(member, order, 2, [7; 32])), MarketError::NotFavoured);
    let event: events::DisputeAnswered =
        passed(m.world.send(ix::answer_as_member(member, order, 1, [7; 32]))).event(&market::ID);
    assert_eq!((event.by, event.evidence), (member, [7; 32]));
    // the seller is still silent at its deadline, and the dispute is judged all the same
    m.world.set_time(m.order(order).answer_by.get());
    refused(m.world.send(m.refund_ix(order)), MarketError::DisputeWindowOpen);
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 0)));
    assert_eq!(m.order(order).resolution, resolution::OVERTURNED);
}

#[test]
fn no_oracle_answers_where_none_judged() {
    let mut m = Market::judged(judge::APPROVAL);
    let order = m.order_in(state::DISPUTED);
    let member = m.oracles[0];
    refused(m.world.send(ix::answer_as_member(member, order, 1, [7; 32])), MarketError::NotFavoured);
}
