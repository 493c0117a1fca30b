use e2e_tests::{AMOUNT, Market, PURSE, fee, instruction::market as ix, passed, refused};
use market::{
    MarketError, events,
    state::{order_state as state, refund_reason},
};

#[test]
fn buyer_and_seller_may_dispute_and_a_stranger_may_not() {
    let mut m = Market::new();
    for party in [m.buyer, m.seller] {
        let order = m.order_in(state::AUDITED);
        let receipt = passed(m.world.send(ix::dispute(party, order, [7; 32])));
        let event: events::OrderDisputed = receipt.event(&market::ID);
        assert_eq!((event.by, event.reason), (party, [7; 32]));
        assert_eq!(m.order(order).state, state::DISPUTED);
        refused(m.world.send(ix::dispute(party, order, [7; 32])), MarketError::AlreadyDisputed);
    }
    let order = m.order_in(state::AUDITED);
    let by_stranger = ix::dispute(m.stranger, order, [7; 32]);
    refused(m.world.send(by_stranger), MarketError::NotAParty);
    let by_admin = ix::dispute(m.world.admin, order, [7; 32]);
    refused(m.world.send(by_admin), MarketError::NotAParty);
}

#[test]
fn a_partial_resolution_pays_that_part_and_returns_the_rest() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    let payable = 33_333_333;
    passed(m.world.send(ix::resolve(m.world.admin, order, payable)));
    // final at once: nobody can contest it
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [payable - fee(payable), fee(payable), PURSE - payable]);
    let settled = m.order(order);
    assert_eq!((settled.released.get(), settled.fee.get()), (payable - fee(payable), fee(payable)));
    assert_eq!(settled.refunded.get(), AMOUNT - payable);
    assert_eq!(settled.released.get() + settled.fee.get() + settled.refunded.get(), AMOUNT);
}

#[test]
fn a_resolution_for_the_buyer_refunds_everything() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    passed(m.world.send(ix::resolve(m.world.admin, order, 0)));
    refused(m.world.send(m.release_ix(order)), MarketError::NothingPayable);
    let receipt = passed(m.world.send(m.refund_ix(order)));
    assert_eq!(receipt.event::<events::OrderRefunded>(&market::ID).reason, refund_reason::RESOLVED);
    assert_eq!(m.balances(), [0, 0, PURSE]);
}

#[test]
fn a_resolution_may_pay_a_rejected_order() {
    let mut m = Market::new();
    let order = m.rejected_order();
    passed(m.world.send(ix::dispute(m.seller, order, [7; 32])));
    passed(m.world.send(ix::resolve(m.world.admin, order, AMOUNT)));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
}

#[test]
fn a_resolution_never_pays_more_than_the_order_holds() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    for payable in [AMOUNT + 1, u64::MAX] {
        refused(m.world.send(ix::resolve(m.world.admin, order, payable)), MarketError::PayableAboveAmount);
    }
    // a donation to the vault does not widen what may be paid
    let vault = m.vault(order);
    m.world.donate(&vault, 10);
    refused(m.world.send(ix::resolve(m.world.admin, order, AMOUNT + 1)), MarketError::PayableAboveAmount);
    passed(m.world.send(ix::resolve(m.world.admin, order, AMOUNT)));
}

#[test]
fn a_resolution_of_one_base_unit_pays_it_without_a_fee() {
    let mut m = Market::new();
    let order = m.order_in(state::DISPUTED);
    passed(m.world.send(ix::resolve(m.world.admin, order, 1)));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [1, 0, PURSE - 1]);
}
