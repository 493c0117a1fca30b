use anchor_lang::{Address, ErrorCode};
use e2e_tests::{
    EPOCH_CAP, Forge, Market, ORDER_CATEGORY, ORDER_POINTS,
    address::{market as at, rewards as rewards_at},
    category, compare,
    instruction::{market as ix, rewards as rewards_ix},
    no, passed, refused,
};
use market::{MarketError, state::order_state as state};
use rewards::{RewardsError, state::Award};

fn released() -> (Market, Address) {
    let mut m = Market::new();
    m.add_rewards();
    let order = m.order_in(state::RELEASED);
    (m, order)
}

#[test]
fn a_released_order_is_awarded_by_a_stranger_to_its_seller() {
    let (mut m, order) = released();
    let receipt = passed(m.world.send(m.award_ix(order)));
    let source = protocol::points::order_source(order.as_array());
    let event: market::events::OrderAwarded = receipt.event(&market::ID);
    assert_eq!((event.order, event.source), (order, source));
    let issued: rewards::events::AwardIssued = receipt.event(&rewards::ID);
    assert_eq!((issued.wallet, issued.points, issued.quantity), (m.seller, ORDER_POINTS, 1));
    assert_eq!((issued.issuer, issued.category), (at::issuer_authority(), ORDER_CATEGORY));
    let award: Award = m.world.read(&rewards_at::award(&source));
    assert_eq!((award.wallet, award.rent_payer, award.points.get()), (m.seller, m.stranger, ORDER_POINTS));
    assert_eq!(m.order(order).awarded, 1);
}

#[test]
fn an_award_goes_through_the_real_rewards_to_the_seller_alone() {
    let (mut m, order) = released();
    let tokens = m.world.fund(&m.stranger.clone(), &m.mint.clone(), 0);
    passed(m.world.send(rewards_ix::register(m.stranger, tokens)));
    let award = m.award_ix(order);
    let own = at::issuer_authority();
    compare(
        &m.world,
        vec![
            (
                "fake rewards program".into(),
                award.clone().swap(&rewards_at::PROGRAM, &market::ID),
                no(ErrorCode::ConstraintAddress),
            ),
            (
                "a stranger as contributor".into(),
                award.clone().swap(&rewards_at::contributor(&m.seller), &rewards_at::contributor(&m.stranger)),
                no(MarketError::NotSeller),
            ),
            (
                "another signer for the market".into(),
                award.clone().swap(&own, &m.buyer),
                no(ErrorCode::ConstraintSeeds),
            ),
            (
                "another source's award".into(),
                award.clone().swap(
                    &rewards_at::award(&protocol::points::order_source(order.as_array())),
                    &rewards_at::award(&[9; 32]),
                ),
                no(ErrorCode::ConstraintSeeds),
            ),
            (
                "a stranger's points".into(),
                award.swap(&rewards_at::points(0, &m.seller), &rewards_at::points(0, &m.stranger)),
                no(ErrorCode::ConstraintSeeds),
            ),
        ],
    );
}

#[test]
fn nobody_signs_for_the_market_in_rewards() {
    let (mut m, _) = released();
    let issuer = at::issuer_authority();
    let direct = rewards_ix::issue_award(rewards_ix::IssueAward {
        payer: m.stranger,
        issuer,
        wallet: m.seller,
        epoch: 0,
        source: [1; 32],
        category: ORDER_CATEGORY,
        quantity: 1,
    });
    refused(m.world.send(direct.unsigned(&issuer)), anchor_lang::prelude::ProgramError::MissingRequiredSignature);
}

#[test]
fn what_rewards_refuses_leaves_the_order_to_be_awarded_later() {
    let (mut m, order) = released();
    let admin = m.world.admin;
    passed(m.world.send(rewards_ix::set_pause(admin, true)));
    refused(m.world.send(m.award_ix(order)), RewardsError::AwardsPaused);
    passed(m.world.send(rewards_ix::set_pause(admin, false)));
    passed(m.world.send(rewards_ix::set_issuer(admin, at::issuer_authority(), ORDER_POINTS - 1, true)));
    refused(m.world.send(m.award_ix(order)), RewardsError::IssuerCapReached);
    passed(m.world.send(rewards_ix::set_issuer(admin, at::issuer_authority(), EPOCH_CAP, false)));
    refused(m.world.send(m.award_ix(order)), RewardsError::IssuerDisabled);
    passed(m.world.send(rewards_ix::set_issuer(admin, at::issuer_authority(), EPOCH_CAP, true)));
    passed(m.world.send(rewards_ix::set_category(admin, ORDER_CATEGORY, category(ORDER_POINTS, 2, 3))));
    refused(m.world.send(m.award_ix(order)), RewardsError::QuantityOutOfBounds);
    assert_eq!(m.order(order).awarded, 0);
    passed(m.world.send(rewards_ix::set_category(admin, ORDER_CATEGORY, category(ORDER_POINTS, 1, 1))));
    passed(m.world.send(m.award_ix(order)));
}

#[test]
fn the_category_of_an_order_is_the_one_at_its_opening() {
    let (mut m, order) = released();
    let settings = market::instructions::Settings { award_category: 9, ..m.settings() };
    passed(m.world.send(ix::update_config(m.world.admin, settings)));
    passed(m.world.send(m.award_ix(order)));
}

#[test]
fn a_seller_that_orders_again_under_one_number_is_not_awarded_again() {
    let (mut m, order) = released();
    passed(m.world.send(m.award_ix(order)));
    passed(m.world.send(ix::close_order(order, m.buyer)));
    passed(m.world.send(ix::open_order(m.open_ix(1))));
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::arm_audit(order, 1)));
    passed(m.vote(order, 0, market::state::verdict::ACCEPT));
    passed(m.vote(order, 1, market::state::verdict::ACCEPT));
    m.world.pass(e2e_tests::DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    assert!(m.world.send(m.award_ix(order)).is_err());
    m.world.pass(e2e_tests::AWARD);
    passed(m.world.send(ix::close_order(order, m.buyer)));
}
