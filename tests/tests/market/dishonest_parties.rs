//! Oracles that lie and challengers that only mean to hold things up: where the money ends, to the base unit.
use e2e_tests::{
    AMOUNT, ANSWER, CHALLENGE_BOND, DISPUTE, Market, PURSE, RESOLVE, SELLER_BOND, fee, instruction::market as ix,
    passed, refused,
};
use market::{
    MarketError,
    state::{judge, order_state as state, resolution, verdict},
};

/// Seller, treasury, buyer, challenger after an honest order was paid, with nothing lost to anybody.
const PAID: [u64; 4] = {
    let fee = fee_of(AMOUNT);
    [PURSE + AMOUNT - fee, fee, PURSE - AMOUNT, PURSE]
};

const fn fee_of(amount: u64) -> u64 {
    amount * e2e_tests::FEE_BPS as u64 / 10_000
}

#[test]
fn a_lying_oracle_among_three_neither_costs_an_honest_seller_nor_pays_a_cheat() {
    assert_eq!(fee(AMOUNT), fee_of(AMOUNT));
    for liar in 0..3 {
        let votes = |m: &mut Market, order, truth: u8, lie: u8| {
            for oracle in 0..3 {
                passed(m.vote(order, oracle, if oracle == liar { lie } else { truth }));
            }
        };
        let mut m = Market::judged(judge::ORACLES);
        let honest = m.order_in(state::AUDITING);
        votes(&mut m, honest, verdict::ACCEPT, verdict::REJECT);
        m.world.pass(DISPUTE);
        passed(m.world.send(m.release_ix(honest)));
        assert_eq!((m.holdings(), m.world.tokens(&m.vault(honest))), (PAID, 0), "liar {liar}");

        let mut m = Market::judged(judge::ORACLES);
        let cheat = m.order_in(state::AUDITING);
        votes(&mut m, cheat, verdict::REJECT, verdict::ACCEPT);
        m.world.pass(DISPUTE);
        refused(m.world.send(m.release_ix(cheat)), MarketError::NothingPayable);
        passed(m.world.send(m.refund_ix(cheat)));
        // 80 % of the cheat's bond is the buyer's, the rest is burned
        assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + SELLER_BOND * 8 / 10, PURSE], "liar {liar}");
    }
}

#[test]
fn an_oracle_that_says_nothing_holds_up_nobody() {
    for silent in 0..3 {
        let mut m = Market::judged(judge::ORACLES);
        let order = m.order_in(state::AUDITING);
        for oracle in (0..3).filter(|oracle| *oracle != silent) {
            passed(m.vote(order, oracle, verdict::ACCEPT));
        }
        m.world.pass(DISPUTE);
        passed(m.world.send(m.release_ix(order)));
        assert_eq!(m.holdings(), PAID, "silent {silent}");
    }
}

#[test]
fn a_majority_that_colludes_with_a_cheat_is_overturned_and_the_cheat_pays_the_challenger() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::AUDITING);
    passed(m.vote(order, 0, verdict::ACCEPT));
    passed(m.vote(order, 1, verdict::ACCEPT));
    passed(m.vote(order, 2, verdict::REJECT));
    passed(m.world.send(m.dispute_ix(m.challenger, order)));
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, 0)));
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(m.order(order).resolution, resolution::OVERTURNED);
    let (to_challenger, to_buyer) = (SELLER_BOND * 3 / 10, SELLER_BOND / 2);
    assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + to_buyer, PURSE + to_challenger]);
}

#[test]
fn a_griefing_challenger_pays_the_seller_for_every_order_that_it_holds_up() {
    let mut m = Market::judged(judge::ORACLES);
    let orders: Vec<_> = (0..3).map(|_| m.order_in(state::AUDITED)).collect();
    for (place, order) in (1u64..).zip(&orders) {
        passed(m.world.send(m.dispute_ix(m.challenger, *order)));
        assert_eq!(m.world.tokens(&m.challenger_tokens), PURSE - place * CHALLENGE_BOND);
        // once for each order: there is no second dispute to hold it up again
        refused(m.world.send(m.dispute_ix(m.challenger, *order)), MarketError::AlreadyDisputed);
        passed(m.world.send(ix::answer(m.seller, *order, [1; 32])));
        let held_up_until = m.order(*order).resolve_by.get();
        assert!(held_up_until <= m.world.now() + ANSWER + RESOLVE);
    }
    for order in orders {
        m.wait_for_panel(order);
        passed(m.world.send(m.resolve_ix(order, AMOUNT)));
        passed(m.world.send(m.release_ix(order)));
    }
    let [seller, treasury, buyer, challenger] = m.holdings();
    assert_eq!((treasury, buyer), (3 * fee(AMOUNT), PURSE - 3 * AMOUNT));
    assert_eq!(seller, PURSE + 3 * (AMOUNT - fee(AMOUNT)) + 3 * CHALLENGE_BOND);
    assert_eq!(challenger, PURSE - 3 * CHALLENGE_BOND);
}
