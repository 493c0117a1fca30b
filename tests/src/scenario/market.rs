use super::Journey;
use crate::{AMOUNT, DISPUTE, LISTING, Market, Money, Setup, instruction::market as ix, members, passed};
use market::state::{judge, order_state as state, verdict};

/// Sets a market up, takes orders of each judge to each of their ends, and closes everything again.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut m = Market::uninitialized_with(Setup { judge: judge::ORACLES, money: Money::Classic, bonds: true });
    let (admin, seller, buyer) = (m.world.admin, m.seller, m.buyer);
    let terms = m.listing_terms();
    let mut run = |m: &mut Market, name: &str, i| journey.send(&mut m.world, "market", name, i);

    let initialize = ix::initialize(admin, m.settings());
    run(&mut m, "initialize", initialize);
    let oracles = members(&m.oracles, 2);
    run(&mut m, "create_oracle_set", ix::create_oracle_set(admin, 1, oracles));
    run(&mut m, "create_listing", ix::create_listing(seller, LISTING, 1, terms));
    run(&mut m, "set_pause", ix::set_pause(admin, 0));
    let update = ix::update_config(admin, m.settings());
    run(&mut m, "update_config", update);
    m.add_rewards();

    let open = ix::open_order(m.open_ix(90));
    run(&mut m, "open_order", open);
    let order = crate::address::market::order(&buyer, 90);
    let cancel = ix::cancel_order(m.settlement(order));
    run(&mut m, "cancel_order", cancel);
    let order = m.open();
    let (accept, submit) = (m.accept_ix(order), m.submit_ix(order));
    run(&mut m, "accept_order", accept);
    run(&mut m, "submit_result", submit);
    m.world.set_slot(m.world.slot() + 400);
    run(&mut m, "arm_audit", ix::arm_audit(order, 1));
    let votes = [0, 1].map(|oracle| {
        m.world.put_seal(order, &m.oracles, oracle, verdict::ACCEPT);
        m.vote_ix(order, oracle, verdict::ACCEPT)
    });
    let [first, decides] = votes;
    run(&mut m, "attest", first);
    run(&mut m, "attest_deciding", decides);
    let contested = m.order_in(state::AUDITED);
    let dispute = m.dispute_ix(m.challenger, contested);
    run(&mut m, "dispute", dispute);
    run(&mut m, "answer", ix::answer(seller, contested, [1; 32]));
    let (silent, oracle) = (m.order_in(state::DISPUTED), m.oracles[2]);
    run(&mut m, "answer_as_member", ix::answer_as_member(oracle, silent, 1, [1; 32]));
    passed(m.world.send(ix::concede(seller, silent, 0)));
    passed(m.world.send(m.refund_ix(silent)));
    m.wait_for_panel(contested);
    run(&mut m, "resolve", ix::resolve(admin, contested, AMOUNT / 2));
    let partial = m.release_ix(contested);
    run(&mut m, "release_partial", partial);
    let slashed = m.answered_order();
    run(&mut m, "concede", ix::concede(seller, slashed, 0));
    let refund = m.refund_ix(slashed);
    run(&mut m, "refund_slashed", refund);
    let approved = m.order_in(state::AUDITED);
    run(&mut m, "approve", ix::approve(buyer, approved));
    passed(m.world.send(m.release_ix(approved)));
    let rejected = m.rejected_order();
    m.world.pass(DISPUTE);
    let (release, award, refund) = (m.release_ix(order), m.award_ix(order), m.refund_ix(rejected));
    run(&mut m, "release", release);
    run(&mut m, "award_order", award);
    run(&mut m, "refund", refund);
    run(&mut m, "close_order", ix::close_order(order, buyer));
    run(&mut m, "update_listing", ix::update_listing(seller, LISTING, terms));
    run(&mut m, "close_listing", ix::close_listing(seller, LISTING));
    run(&mut m, "retire_oracle_set", ix::retire_oracle_set(admin, 1));
    let next = m.stranger;
    run(&mut m, "propose_admin", ix::propose_admin(admin, next));
    run(&mut m, "accept_admin", ix::accept_admin(next));

    let mut m = Market::judged(judge::PROOF);
    let order = m.order_in(state::ACCEPTED);
    let deliver = m.submit_ix(order);
    journey.send(&mut m.world, "market", "deliver_licence", deliver);
    passed(m.world.send(m.dispute_ix(m.buyer, order)));
    let verdict = m.put_verdict(order, |_| ());
    journey.send(&mut m.world, "market", "apply_verdict", ix::apply_verdict(order, verdict));

    let mut m = Market::judged(judge::ORACLES);
    let order = m.answered_order();
    let panel = m.put_panel(order, |_| ());
    journey.send(&mut m.world, "market", "apply_verdict_panel", ix::apply_verdict(order, panel));
}
