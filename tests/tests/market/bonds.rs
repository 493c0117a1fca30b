//! What becomes of bonds, to the base unit.
use anchor_lang::Address;
use e2e_tests::{
    AMOUNT, CHALLENGE_BOND, DISPUTE, Market, PURSE, SELLER_BOND, address::market as at, fee, instruction::market as ix,
    passed, refused,
};
use market::{
    MarketError, events,
    instructions::Settings,
    state::{judge, order_state as state, refund_reason, resolution},
};

/// Seller, treasury, buyer, challenger: what each has more (or less) than at the beginning.
fn gains(m: &Market) -> [i128; 4] {
    let before = [PURSE, 0, PURSE, PURSE].map(i128::from);
    let after = m.holdings().map(i128::from);
    std::array::from_fn(|i| after[i] - before[i])
}

const BOND: i128 = SELLER_BOND as i128;
const CHALLENGE: i128 = CHALLENGE_BOND as i128;
const PRICE: i128 = AMOUNT as i128;
/// Shares of a lost bond: 30 % to a challenger, 50 % to the buyer.
const TO_CHALLENGER: i128 = BOND * 3 / 10;
const TO_BUYER: i128 = BOND / 2;

fn paid() -> (i128, i128) {
    (PRICE - i128::from(fee(AMOUNT)), i128::from(fee(AMOUNT)))
}

fn disputed(m: &mut Market, by: fn(&Market) -> Address, rejected: bool) -> Address {
    let by = by(m);
    let order = if rejected { m.rejected_order() } else { m.order_in(state::AUDITED) };
    passed(m.world.send(m.dispute_ix(by, order)));
    order
}

#[test]
fn bonds_are_deposited_in_the_orders_vault_once() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.open();
    let receipt = passed(m.world.send(m.accept_ix(order)));
    assert_eq!(receipt.event::<events::OrderAccepted>(&market::ID).seller_bond, SELLER_BOND);
    assert_eq!(m.world.tokens(&m.vault(order)), AMOUNT + SELLER_BOND);
    refused(m.world.send(m.accept_ix(order)), MarketError::WrongState);
    passed(m.world.send(m.submit_ix(order)));
    passed(m.world.send(ix::approve(m.buyer, order)));
    let disputed = m.order_in(state::AUDITED);
    let receipt = passed(m.world.send(m.dispute_ix(m.challenger, disputed)));
    assert_eq!(receipt.event::<events::OrderDisputed>(&market::ID).bond, CHALLENGE_BOND);
    assert_eq!(m.world.tokens(&m.vault(disputed)), AMOUNT + SELLER_BOND + CHALLENGE_BOND);
    refused(m.world.send(m.dispute_ix(m.challenger, disputed)), MarketError::AlreadyDisputed);
    assert_eq!(gains(&m), [-2 * BOND, 0, -2 * PRICE, -CHALLENGE]);
}

#[test]
fn a_seller_or_challenger_without_the_tokens_deposits_nothing_and_changes_nothing() {
    let mut m = Market::judged(judge::ORACLES);
    let (funded, audited) = (m.open(), m.order_in(state::AUDITED));
    let (seller_tokens, challenger_tokens) = (m.seller_tokens, m.challenger_tokens);
    for (tokens, left) in [(seller_tokens, SELLER_BOND - 1), (challenger_tokens, CHALLENGE_BOND - 1)] {
        m.world.tamper(&tokens, |a| a.data[64..72].copy_from_slice(&left.to_le_bytes()));
    }
    // the token program's own words: insufficient funds
    let poor = anchor_lang::prelude::ProgramError::Custom(1);
    refused(m.world.send(m.accept_ix(funded)), poor.clone());
    refused(m.world.send(m.dispute_ix(m.challenger, audited)), poor);
    assert_eq!((m.order(funded).state, m.order(audited).state), (state::FUNDED, state::AUDITED));
}

#[test]
fn a_bond_comes_back_with_the_payment_and_with_a_refund_that_is_nobodys_fault() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::RELEASED);
    let (seller, fee) = paid();
    assert_eq!(gains(&m), [seller, fee, -PRICE, 0]);
    let settled = m.order(order);
    assert_eq!(i128::from(settled.released.get()), seller + BOND);
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::AUDITING);
    m.world.set_time(m.order(order).audit_by.get());
    let receipt = passed(m.world.send(m.refund_ix(order)));
    assert_eq!(receipt.event::<events::OrderSettled>(&market::ID).reason, refund_reason::NOT_AUDITED);
    assert_eq!(gains(&m), [0; 4]);
    let r = m.reputation();
    assert_eq!((r.accepted.get(), r.rejected.get(), r.not_delivered.get(), r.slashed.get()), (1, 0, 0, 0));
}

#[test]
fn a_seller_that_does_not_deliver_or_is_rejected_loses_its_bond_to_the_buyer_and_the_fire() {
    let mut m = Market::judged(judge::ORACLES);
    let supply = m.world.supply(&m.mint);
    let late = m.order_in(state::ACCEPTED);
    m.world.set_time(m.order(late).deliver_by.get());
    passed(m.world.send(m.refund_ix(late)));
    assert_eq!(gains(&m), [-BOND, 0, TO_CHALLENGER + TO_BUYER, 0]);
    let rejected = m.rejected_order();
    m.world.pass(DISPUTE);
    passed(m.world.send(m.refund_ix(rejected)));
    assert_eq!(gains(&m), [-2 * BOND, 0, 2 * (TO_CHALLENGER + TO_BUYER), 0]);
    let burned = 2 * (BOND - TO_CHALLENGER - TO_BUYER);
    assert_eq!(i128::from(supply - m.world.supply(&m.mint)), burned, "what nobody gets is out of existence");
    let r = m.reputation();
    assert_eq!((r.accepted.get(), r.not_delivered.get(), r.rejected.get()), (2, 1, 1));
    assert_eq!((r.slashed.get(), r.volume.get(), r.released.get()), (2 * SELLER_BOND, 0, 0));
}

#[test]
fn a_challenger_that_was_right_gets_its_bond_and_a_share_of_the_sellers() {
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.challenger, false);
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 0)));
    assert_eq!(m.order(order).resolution, resolution::OVERTURNED);
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(gains(&m), [-BOND, 0, TO_BUYER, TO_CHALLENGER]);
    let settled = m.order(order);
    assert_eq!(i128::from(settled.rewarded.get()), CHALLENGE + TO_CHALLENGER);
    let r = m.reputation();
    assert_eq!((r.disputed.get(), r.disputes_lost.get(), r.rejected.get(), r.slashed.get()), (1, 1, 1, SELLER_BOND));
}

#[test]
fn a_buyer_that_challenges_and_is_right_gets_both_shares_in_one_account() {
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.buyer, false);
    m.world.set_time(m.order(order).answer_by.get());
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(gains(&m), [-BOND, 0, TO_BUYER + TO_CHALLENGER, 0]);
    assert_eq!(m.order(order).resolution, resolution::FORFEITED);
    assert_eq!(m.reputation().disputes_lost.get(), 1);
}

#[test]
fn a_challenger_that_was_wrong_pays_the_side_that_was_right() {
    let (seller, fee) = paid();
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.challenger, false);
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
    assert_eq!(m.order(order).resolution, resolution::UPHELD);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(gains(&m), [seller + CHALLENGE, fee, -PRICE, -CHALLENGE]);
    assert_eq!((m.reputation().disputes_lost.get(), m.reputation().volume.get()), (0, AMOUNT));

    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.seller, true);
    passed(m.world.send(ix::answer(m.buyer, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 0)));
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(gains(&m), [-BOND - CHALLENGE, 0, CHALLENGE + TO_CHALLENGER + TO_BUYER, 0]);
    assert_eq!(m.reputation().disputes_lost.get(), 1);
}

#[test]
fn a_seller_that_was_rejected_in_error_is_paid_and_gets_both_bonds_back() {
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.seller, true);
    passed(m.world.send(ix::answer(m.buyer, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
    passed(m.world.send(m.release_ix(order)));
    let (seller, fee) = paid();
    assert_eq!(gains(&m), [seller, fee, -PRICE, 0]);
    let r = m.reputation();
    assert_eq!((r.disputed.get(), r.disputes_lost.get(), r.released.get(), r.slashed.get()), (1, 0, 1, 0));
}

#[test]
fn a_part_that_a_challenger_won_leaves_the_sellers_bond_alone() {
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.challenger, false);
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 7)));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(gains(&m), [7, 0, -7, 0]);
    assert_eq!(m.reputation().disputes_lost.get(), 1);
}

#[test]
fn bonds_of_a_dispute_that_nobody_resolves_go_back_to_their_owners() {
    let mut m = Market::judged(judge::ORACLES);
    let order = disputed(&mut m, |m| m.challenger, false);
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    m.world.set_time(m.order(order).resolve_by.get());
    passed(m.world.send(m.release_ix(order)));
    let (seller, fee) = paid();
    assert_eq!(gains(&m), [seller, fee, -PRICE, 0]);
    assert_eq!(m.order(order).resolution, resolution::NONE);
    let rejected = disputed(&mut m, |m| m.seller, true);
    passed(m.world.send(ix::answer(m.buyer, rejected, [1; 32])));
    m.world.set_time(m.order(rejected).resolve_by.get());
    passed(m.world.send(m.refund_ix(rejected)));
    assert_eq!(gains(&m), [seller - BOND, fee, -PRICE + TO_CHALLENGER + TO_BUYER, 0]);
    assert_eq!(m.reputation().disputes_lost.get(), 0, "nobody judged");
}

#[test]
fn the_bonds_of_an_order_are_those_at_its_opening() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.open();
    let settings = Settings {
        seller_bond_bps: 10_000,
        challenge_bond_bps: 10_000,
        slash_challenger_bps: 0,
        slash_buyer_bps: 0,
        ..m.settings()
    };
    passed(m.world.send(ix::update_config(m.world.admin, settings)));
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    passed(m.world.send(ix::concede(m.seller, order, 0)));
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(gains(&m), [-BOND, 0, TO_BUYER + TO_CHALLENGER, 0]);
    // a new order is under the new ones: the whole of a bond as large as the price is burned
    let (order, supply) = (m.order_in(state::SUBMITTED), m.world.supply(&m.mint));
    passed(m.world.send(ix::concede(m.seller, order, 0)));
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(supply - m.world.supply(&m.mint), AMOUNT);
}

#[test]
fn the_fee_is_nothing_or_a_tenth_at_its_limits() {
    for (fee_bps, fee) in [(0, 0), (1_000, AMOUNT / 10)] {
        let mut m = Market::judged(judge::ORACLES);
        passed(m.world.send(ix::update_config(m.world.admin, Settings { fee_bps, ..m.settings() })));
        // without a fee the treasury needs no token account
        let treasury_tokens = m.treasury_tokens;
        if fee == 0 {
            m.world.tamper(&treasury_tokens, |a| *a = solana_account::Account::default());
        }
        m.order_in(state::RELEASED);
        let fee = i128::from(fee);
        assert_eq!(gains(&m), [PRICE - fee, fee, -PRICE, 0]);
    }
}

#[test]
fn amounts_near_the_largest_number_are_paid_whole() {
    let mut m = Market::judged(judge::ORACLES);
    let price = u64::MAX / 11 * 10;
    let terms = market::instructions::ListingTerms { price, ..m.listing_terms() };
    passed(m.world.send(ix::update_listing(m.seller, e2e_tests::LISTING, terms)));
    let (buyer_tokens, seller_tokens, mint) = (m.buyer_tokens, m.seller_tokens, m.mint);
    m.world.tamper(&buyer_tokens, |a| a.data[64..72].copy_from_slice(&price.to_le_bytes()));
    m.world.tamper(&seller_tokens, |a| a.data[64..72].copy_from_slice(&(price / 10).to_le_bytes()));
    m.world.tamper(&mint, |a| a.data[36..44].copy_from_slice(&u64::MAX.to_le_bytes()));
    let mut open = m.open_ix(1);
    (open.terms.quantity, open.terms.max_total, open.terms.expected_version) = (1, price, 2);
    passed(m.world.send(ix::open_order(open)));
    let order = at::order(&m.buyer, 1);
    passed(m.world.send(m.accept_ix(order)));
    assert_eq!(m.world.tokens(&m.vault(order)), price + price / 10);
    passed(m.world.send(m.submit_ix(order)));
    passed(m.world.send(ix::approve(m.buyer, order)));
    passed(m.world.send(m.release_ix(order)));
    let fee = protocol::settlement::share(price, e2e_tests::FEE_BPS);
    assert_eq!(m.balances(), [price - fee + price / 10, fee, 0]);
}
