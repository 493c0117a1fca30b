//! Panels of oracles that had no part in an order judge its dispute: before the administrator may, and with the real program.
use anchor_lang::{Address, prelude::ProgramError};
use e2e_tests::{
    AMOUNT, CHALLENGE_BOND, Forge, Market, PURSE, SELLER_BOND, Token,
    address::{oracles as oracles_at, token_account},
    compare, fee,
    instruction::{market as ix, oracles as oracles_ix},
    no,
    oracles_world::{BOND, SLASH_BPS},
    passed, refused,
};
use market::{
    MarketError, events,
    state::{judge, judged_by, order_state as state, resolution},
};
use oracles::state::{Oracle, Panel, panel_state};
use protocol::panel::ballot::{ACCEPT, REJECT, REJECT_PLAIN};

/// What an oracle loses with an overturned vote.
const LOST: u64 = BOND * SLASH_BPS as u64 / 10_000;

/// An answered dispute about a verdict of the market's first two oracles, judged by a panel with these ballots; and what the
/// market says of it.
fn judged(accepted: bool, ballots: [u8; 3]) -> (Market, Address, events::OrderJudged) {
    let mut m = Market::judged(judge::ORACLES);
    let order = if accepted { m.answered_order() } else { rejected_and_answered(&mut m) };
    m.add_oracles(5);
    m.hold_panel(order, &ballots);
    let event = passed(m.world.send(ix::apply_verdict(order, oracles_at::panel(&order)))).event(&market::ID);
    (m, order, event)
}

fn rejected_and_answered(m: &mut Market) -> Address {
    let order = m.rejected_order();
    passed(m.world.send(m.dispute_ix(m.seller, order)));
    passed(m.world.send(ix::answer(m.buyer, order, [1; 32])));
    order
}

/// What each of the order's own oracles has lost of its bond, once its vote is recorded.
fn lost(m: &mut Market, order: Address) -> [u64; 3] {
    let (payer, token) = (m.stranger, Token::classic(m.mint));
    m.oracles.map(|oracle| {
        let (challenger_tokens, buyer_tokens) = (Some(m.seller_tokens), Some(m.buyer_tokens));
        let record =
            oracles_ix::RecordVote { payer, order, oracle_set: 1, oracle, token, challenger_tokens, buyer_tokens };
        passed(m.world.send(oracles_ix::record_vote(record)));
        BOND - m.world.read::<Oracle>(&oracles_at::oracle(&oracle)).bond.get()
    })
}

#[test]
fn a_panel_that_finds_what_all_had_to_see_overturns_the_verdict_and_the_liars_are_slashed() {
    let (mut m, order, event) = judged(true, [REJECT_PLAIN, REJECT_PLAIN, ACCEPT]);
    assert_eq!((event.by, event.resolution, event.payable), (judged_by::PANEL, resolution::OVERTURNED, 0));
    passed(m.world.send(m.refund_ix(order)));
    // the buyer that challenged has its bond back, and both shares of the seller's
    assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + SELLER_BOND * 8 / 10, PURSE]);
    assert_eq!(lost(&mut m, order), [LOST, LOST, 0]);
}

#[test]
fn a_panel_whose_majority_does_not_blame_ends_the_dispute_for_the_challenger_and_slashes_nobody() {
    for ballots in [[REJECT, REJECT, ACCEPT], [REJECT, REJECT_PLAIN, ACCEPT], [REJECT_PLAIN, ACCEPT, REJECT]] {
        let (mut m, order, event) = judged(true, ballots);
        assert_eq!((event.by, event.resolution, event.payable), (judged_by::PANEL, resolution::PROVEN, 0));
        passed(m.world.send(m.refund_ix(order)));
        assert_eq!(m.holdings(), [PURSE - SELLER_BOND, 0, PURSE + SELLER_BOND * 8 / 10, PURSE]);
        assert_eq!((m.reputation().disputes_lost.get(), lost(&mut m, order)), (1, [0; 3]));
    }
}

#[test]
fn a_panel_that_accepts_what_was_rejected_has_the_seller_paid_and_slashes_nobody() {
    // or a seller that withheld its data from the audit, and served it to the panel, would take the bonds of honest oracles
    let (mut m, order, event) = judged(false, [ACCEPT, REJECT_PLAIN, ACCEPT]);
    assert_eq!((event.by, event.resolution, event.payable), (judged_by::PANEL, resolution::PROVEN, AMOUNT));
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.holdings(), [PURSE + AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT, PURSE]);
    assert_eq!(lost(&mut m, order), [0; 3]);
}

#[test]
fn a_panel_that_upholds_the_verdict_costs_the_challenger_its_bond() {
    let (mut m, order, event) = judged(true, [ACCEPT, ACCEPT, REJECT]);
    assert_eq!((event.by, event.resolution, event.payable), (judged_by::PANEL, resolution::UPHELD, AMOUNT));
    passed(m.world.send(m.release_ix(order)));
    let (seller, buyer) = (PURSE + AMOUNT - fee(AMOUNT) + CHALLENGE_BOND, PURSE - AMOUNT - CHALLENGE_BOND);
    assert_eq!(m.holdings(), [seller, fee(AMOUNT), buyer, PURSE]);
    assert_eq!(lost(&mut m, order), [0; 3]);

    let (mut m, order, event) = judged(false, [REJECT, REJECT, REJECT]);
    assert_eq!((event.resolution, event.payable), (resolution::UPHELD, 0));
    passed(m.world.send(m.refund_ix(order)));
    assert_eq!(lost(&mut m, order), [0; 3]);
}

#[test]
fn a_panel_gives_nothing_back_that_the_seller_had_conceded() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::AUDITED);
    passed(m.world.send(ix::concede(m.seller, order, 1_000)));
    passed(m.world.send(m.dispute_ix(m.buyer, order)));
    passed(m.world.send(ix::answer(m.seller, order, [1; 32])));
    let (mut rejecting, panel) = (m.clone(), m.put_panel(order, |panel| panel.payable_bps = 10_000.into()));
    passed(m.world.send(ix::apply_verdict(order, panel)));
    // the buyer wanted more than that, and was wrong
    assert_eq!((m.order(order).payable.get(), m.order(order).resolution), (1_000, resolution::UPHELD));
    let panel = rejecting.put_panel(order, |_| ());
    passed(rejecting.world.send(ix::apply_verdict(order, panel)));
    assert_eq!((rejecting.order(order).payable.get(), rejecting.order(order).resolution), (0, resolution::PROVEN));
}

#[test]
fn the_administrator_decides_from_the_middle_of_the_window_on_where_oracles_judged() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.answered_order();
    let from = m.order(order).resolve_by.get() - e2e_tests::RESOLVE / 2;
    refused(m.world.send(m.resolve_ix(order, 0)), MarketError::PanelSits);
    m.world.set_time(from - 1);
    refused(m.world.send(m.resolve_ix(order, 0)), MarketError::PanelSits);
    m.world.set_time(from);
    passed(m.world.send(m.resolve_ix(order, 0)));

    for judge in [judge::APPROVAL, judge::PROOF] {
        let mut m = Market::judged(judge);
        let order = m.answered_order();
        passed(m.world.send(m.resolve_ix(order, 0)));
    }
}

#[test]
fn the_shortest_window_leaves_the_administrator_a_second() {
    let mut m = Market::judged(judge::ORACLES);
    let settings = market::instructions::Settings { resolve_seconds: 1, ..m.settings() };
    passed(m.world.send(ix::update_config(m.world.admin, settings)));
    let order = m.answered_order();
    m.world.set_time(m.order(order).resolve_by.get() - 1);
    passed(m.world.send(m.resolve_ix(order, 0)));
}

#[test]
fn a_panel_that_is_late_counts_until_somebody_decides() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.answered_order();
    let panel = m.put_panel(order, |_| ());
    m.world.set_time(m.order(order).resolve_by.get());
    passed(m.world.simulate(ix::apply_verdict(order, panel)));
    passed(m.world.send(m.release_ix(order)));
    refused(m.world.send(ix::apply_verdict(order, panel)), MarketError::WrongState);

    let mut m = Market::judged(judge::ORACLES);
    let order = m.answered_order();
    let panel = m.put_panel(order, |_| ());
    m.wait_for_panel(order);
    passed(m.world.send(m.resolve_ix(order, AMOUNT)));
    refused(m.world.send(ix::apply_verdict(order, panel)), MarketError::WrongState);
}

type Change = fn(&mut Panel);

#[test]
fn only_the_final_panel_of_this_very_order_is_applied() {
    let mut m = Market::judged(judge::ORACLES);
    let (order, other) = (m.answered_order(), m.answered_order());
    let wrong: [(&str, Change); 4] = [
        ("convened", |p| p.state = panel_state::CONVENED),
        ("sitting", |p| p.state = panel_state::SITTING),
        ("of an earlier order at this address", |p| p.opened_at = (p.opened_at.get() - 1).into()),
        ("of a later order at this address", |p| p.opened_at = (p.opened_at.get() + 1).into()),
    ];
    for (name, change) in wrong {
        let panel = m.put_panel(order, change);
        compare(&m.world, vec![(name.into(), ix::apply_verdict(order, panel), no(MarketError::WrongVerdict))]);
    }
    let (panel, of_other) = (m.put_panel(order, |_| ()), m.put_panel(other, |_| ()));
    let data = m.world.svm.get_account(&panel).unwrap().data;
    let [of_proofs, of_market] = std::array::from_fn(|_| m.world.wallet());
    m.world.put(of_proofs, proofs::ID, data.clone());
    m.world.put(of_market, market::ID, data);
    let apply = ix::apply_verdict(order, panel);
    let with = |account| apply.clone().swap(&panel, &account);
    compare(
        &m.world,
        vec![
            ("another order's".into(), with(of_other), no(MarketError::WrongVerdict)),
            ("written by proofs".into(), with(of_proofs), no(ProgramError::InvalidAccountData)),
            ("written by the market".into(), with(of_market), no(ProgramError::IllegalOwner)),
            ("the right one".into(), apply.clone(), None),
        ],
    );
}

#[test]
fn a_panel_judges_no_order_that_oracles_did_not() {
    for judge in [judge::APPROVAL, judge::PROOF] {
        let mut m = Market::judged(judge);
        let order = m.answered_order();
        let panel = m.put_panel(order, |_| ());
        refused(m.world.send(ix::apply_verdict(order, panel)), MarketError::WrongVerdict);
    }
}

#[test]
fn an_undisputed_verdict_is_not_a_panels_to_change() {
    let mut m = Market::judged(judge::ORACLES);
    let order = m.order_in(state::AUDITED);
    let panel = m.put_panel(order, |_| ());
    refused(m.world.send(ix::apply_verdict(order, panel)), MarketError::WrongState);
}

#[test]
fn members_of_a_panel_are_paid_nothing_and_lose_nothing() {
    let (m, order, _) = judged(true, [REJECT_PLAIN, REJECT_PLAIN, ACCEPT]);
    for member in m.world.panel_members(&order) {
        let account: Oracle = m.world.read(&oracles_at::oracle(&member));
        assert_eq!((account.bond.get(), m.world.tokens(&token_account(&member, &m.mint))), (BOND, 0));
    }
}
