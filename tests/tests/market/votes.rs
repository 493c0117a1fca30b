use e2e_tests::{AMOUNT, Market, ROOT, instruction::market as ix, members, passed, refused, vote};
use market::{
    MarketError, events,
    instructions::Vote,
    state::{order_state as state, verdict},
};

#[test]
fn a_late_third_vote_is_kept_and_changes_nothing() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    let before = m.order(order);
    let receipt = passed(m.vote(order, 2, verdict::REJECT));
    let after = m.order(order);
    assert_eq!((after.votes_for.get(), after.votes_against.get()), (0b011, 0b100));
    assert_eq!((after.state, after.verdict, after.payable), (before.state, before.verdict, before.payable));
    assert_eq!(after.dispute_until, before.dispute_until);
    let event: events::OracleVoted = receipt.event(&market::ID);
    assert_eq!((event.votes_for, event.votes_against, event.order_verdict), (2, 1, verdict::ACCEPT));
    assert_eq!((event.payable, event.reason), (AMOUNT, 9));
}

#[test]
fn a_member_votes_once_whatever_the_verdict() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    passed(m.vote(order, 0, verdict::ACCEPT));
    refused(m.vote(order, 0, verdict::ACCEPT), MarketError::AlreadyVoted);
    refused(m.vote(order, 0, verdict::REJECT), MarketError::AlreadyVoted);
    assert_eq!((m.order(order).votes_for.get(), m.order(order).votes_against.get()), (1, 0));
}

#[test]
fn the_third_vote_decides_between_two_contrary_ones() {
    for (third, state_after) in [(verdict::ACCEPT, AMOUNT), (verdict::REJECT, 0)] {
        let mut m = Market::new();
        let order = m.order_in(state::AUDITING);
        passed(m.vote(order, 0, verdict::ACCEPT));
        passed(m.vote(order, 1, verdict::REJECT));
        assert_eq!(m.order(order).state, state::AUDITING);
        passed(m.vote(order, 2, third));
        let decided = m.order(order);
        assert_eq!((decided.state, decided.verdict, decided.payable.get()), (state::AUDITED, third, state_after));
    }
}

#[test]
fn a_rejection_needs_only_to_make_acceptance_impossible() {
    let mut m = Market::new();
    let (admin, oracles) = (m.world.admin, m.oracles);
    let (fourth, fifth) = (m.world.wallet(), m.world.wallet());
    let set = [oracles[0], oracles[1], oracles[2], fourth, fifth];
    passed(m.world.send(ix::create_oracle_set(admin, 2, members(&set, 4))));
    let open = ix::OpenOrder { oracle_set: Some(2), ..m.open_ix(50) };
    passed(m.world.send(ix::open_order(open)));
    let order = e2e_tests::address::market::order(&m.buyer, 50);
    passed(m.world.send(m.accept_ix(order)));
    passed(m.world.send(m.submit_ix(order)));
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::arm_audit(order, 2)));
    for place in [0, 4] {
        m.world.put_seal(order, &set, place, verdict::REJECT);
    }
    passed(m.world.send(ix::attest(oracles[0], order, 2, None, vote(verdict::REJECT))));
    assert_eq!(m.order(order).state, state::AUDITING);
    passed(m.world.send(ix::attest(fifth, order, 2, None, vote(verdict::REJECT))));
    assert_eq!((m.order(order).state, m.order(order).verdict), (state::AUDITED, verdict::REJECT));
    assert_eq!(m.order(order).votes_against.get(), 0b10001);
}

#[test]
fn a_vote_is_bound_to_the_result_and_names_a_verdict() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    let oracle = m.oracles[0];
    let other_root = Vote { result_root: [7; 32], ..vote(verdict::ACCEPT) };
    refused(m.world.send(ix::attest(oracle, order, 1, None, other_root)), MarketError::VoteOnOtherResult);
    for unknown in [0, 3, 255] {
        refused(m.world.send(ix::attest(oracle, order, 1, None, vote(unknown))), MarketError::UnknownVerdict);
    }
    assert_eq!(m.order(order).result_root, ROOT);
}

#[test]
fn only_members_of_the_orders_own_set_vote() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    let (admin, newcomer) = (m.world.admin, m.world.wallet());
    passed(m.world.send(ix::create_oracle_set(admin, 2, members(&[newcomer], 1))));
    refused(m.world.send(ix::attest(newcomer, order, 1, None, vote(verdict::ACCEPT))), MarketError::NotAnOracle);
    refused(m.world.send(ix::attest(newcomer, order, 2, None, vote(verdict::ACCEPT))), MarketError::WrongOracleSet);
    // who was in the set when the order was opened still votes
    passed(m.vote(order, 0, verdict::ACCEPT));
}

#[test]
fn the_empty_places_of_a_set_are_nobodys() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    let set: market::state::OracleSet = m.world.read(&e2e_tests::address::market::oracle_set(1));
    assert_eq!(set.members[3], anchor_lang::Address::default());
    assert_eq!((set.count, set.threshold), (3, 2));
    refused(m.world.send(ix::attest(m.stranger, order, 1, None, vote(verdict::ACCEPT))), MarketError::NotAnOracle);
}

#[test]
fn a_retired_sets_votes_no_longer_count_and_its_orders_are_refunded() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITING);
    passed(m.vote(order, 0, verdict::ACCEPT));
    passed(m.world.send(ix::retire_oracle_set(m.world.admin, 1)));
    refused(m.vote(order, 1, verdict::ACCEPT), MarketError::OracleSetRetired);
    refused(m.world.send(ix::retire_oracle_set(m.world.admin, 1)), MarketError::OracleSetRetired);
    m.world.set_time(m.order(order).audit_by.get());
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(m.world.tokens(&m.buyer_tokens), e2e_tests::PURSE);
}

#[test]
fn a_verdict_reached_before_the_set_retired_stands() {
    let mut m = Market::new();
    let order = m.order_in(state::AUDITED);
    passed(m.world.send(ix::retire_oracle_set(m.world.admin, 1)));
    refused(m.vote(order, 2, verdict::ACCEPT), MarketError::OracleSetRetired);
    m.world.pass(e2e_tests::DISPUTE);
    passed(m.world.send(m.release_ix(order)));
}
