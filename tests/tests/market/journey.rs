use e2e_tests::{
    AMOUNT, DISPUTE, MANIFEST, Market, ORDER_POINTS, PRICE, PURSE, QUANTITY, ROOT, START, address, fee,
    instruction::market as ix, passed,
};
use market::{
    events,
    state::{Listing, order_state, refund_reason, verdict},
};
use rewards::state::{Contributor, Epoch, Points};

#[test]
fn an_order_goes_from_listing_to_release_and_award_and_leaves_nothing_behind() {
    let mut m = Market::new();
    m.add_rewards();
    let lamports_before = m.world.lamports(&m.buyer);

    let order = m.open();
    let opened = m.order(order);
    assert_eq!((opened.state, opened.amount.get(), opened.quantity.get()), (order_state::FUNDED, AMOUNT, QUANTITY));
    assert_eq!((opened.buyer, opened.seller, opened.manifest_hash), (m.buyer, m.seller, MANIFEST));
    assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT);
    assert_eq!(m.world.read::<Listing>(&m.listing()).open_orders.get(), 1);

    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    assert_eq!(m.order(order).result_root, ROOT);
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::arm_audit(order, 1)));
    assert_ne!(m.order(order).audit_seed, [0; 32]);
    for oracle in 0..3 {
        passed(m.vote(order, oracle, verdict::ACCEPT));
    }
    let audited = m.order(order);
    assert_eq!(
        (audited.state, audited.verdict, audited.payable.get()),
        (order_state::AUDITED, verdict::ACCEPT, AMOUNT)
    );
    assert_eq!(audited.votes_for.get(), 0b111);

    m.world.pass(DISPUTE);
    let receipt = passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
    assert!(m.world.is_gone(&m.vault(order)));
    let event: events::OrderSettled = receipt.event(&market::ID);
    assert_eq!((event.order, event.state, event.reason), (order, order_state::RELEASED, 0));
    assert_eq!((event.released, event.fee, event.refunded), (AMOUNT - fee(AMOUNT), fee(AMOUNT), 0));
    assert_eq!(m.world.read::<Listing>(&m.listing()).open_orders.get(), 0);

    passed(m.world.send(m.award_ix(order)));
    let points: Points = m.world.read(&address::rewards::points(0, &m.seller));
    let epoch: Epoch = m.world.read(&address::rewards::epoch(0));
    let contributor: Contributor = m.world.read(&address::rewards::contributor(&m.seller));
    assert_eq!((points.wallet, points.points.get()), (m.seller, ORDER_POINTS));
    assert_eq!((epoch.total_points.get(), contributor.lifetime_points.get()), (ORDER_POINTS, ORDER_POINTS));

    passed(m.world.send(ix::close_order(order, m.buyer)));
    assert!(m.world.is_gone(&order));
    assert_eq!(m.world.lamports(&m.buyer), lamports_before, "the rent of order and vault came back");
}

#[test]
fn a_rejected_order_goes_back_to_its_buyer_whole() {
    let mut m = Market::new();
    let lamports_before = m.world.lamports(&m.buyer);
    let order = m.rejected_order();
    assert_eq!((m.order(order).verdict, m.order(order).payable.get()), (verdict::REJECT, 0));
    m.world.pass(DISPUTE);
    let receipt = passed(m.world.send(m.refund_ix(order)));
    let event: events::OrderSettled = receipt.event(&market::ID);
    assert_eq!((event.refunded, event.reason), (AMOUNT, refund_reason::REJECTED));
    assert_eq!(m.balances(), [0, 0, PURSE]);
    assert!(m.world.is_gone(&m.vault(order)));
    passed(m.world.send(ix::close_order(order, m.buyer)));
    assert_eq!(m.world.lamports(&m.buyer), lamports_before);
}

#[test]
fn a_buyer_cancels_an_order_that_nobody_accepted() {
    let mut m = Market::new();
    let order = m.open();
    let receipt = passed(m.world.send(ix::cancel_order(m.settlement(order))));
    let event: events::OrderSettled = receipt.event(&market::ID);
    assert_eq!((event.refunded, event.reason), (AMOUNT, refund_reason::CANCELLED));
    assert_eq!(m.balances(), [0, 0, PURSE]);
    assert_eq!(m.order(order).state, order_state::REFUNDED);
    assert_eq!(m.order(order).settled_at.get(), START);
    assert!(m.world.is_gone(&m.vault(order)));
}

#[test]
fn two_orders_of_one_listing_never_touch_each_others_money() {
    let mut m = Market::new();
    let (a, b) = (m.order_in(order_state::AUDITED), m.rejected_order());
    assert_eq!(m.balances(), [0, 0, PURSE - 2 * AMOUNT]);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(a)));
    assert_eq!(m.world.tokens(&m.vault(b)), AMOUNT);
    passed(m.world.send(m.refund_ix(b)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
    assert_eq!(PRICE * QUANTITY, AMOUNT);
}
