//! What each instruction costs, compared with the committed table: a change of more than 2 % shows in the diff.
use e2e_tests::{
    AMOUNT, DISPUTE, LISTING, Market, Meter, Money, POINT, POOL, REVIEW, Rewards, START, Setup, category, changed,
    instruction::{market as ix, rewards as rewards_ix},
    members, passed, record, root, settings,
};
use market::state::{judge, order_state as state, verdict};

/// The most that an instruction may cost, in units, and a program may weigh, in bytes.
const BUDGETS: [(&str, &str, u64); 11] = [
    ("market", "attest", 4_000),
    ("market", "open_order", 12_000),
    ("market", "release", 15_000),
    ("market", "release_partial", 15_000),
    ("market", "refund_slashed", 15_000),
    ("rewards", "claim", 4_500),
    ("rewards", "finalize_epoch", 6_000),
    ("rewards", "issue_award", 7_000),
    ("rewards", "issue_award_first", 7_000),
    ("so_bytes", "market", 150_000),
    ("so_bytes", "rewards", 150_000),
];
const BUDGET_OF_ALL: u64 = 40_000;

fn market_costs(meter: &mut Meter) {
    let mut m = Market::uninitialized_with(Setup { judge: judge::ORACLES, money: Money::Classic, bonds: true });
    let (admin, seller, buyer) = (m.world.admin, m.seller, m.buyer);
    let terms = m.listing_terms();
    let mut run = |m: &mut Market, name: &str, i| meter.send(&mut m.world, "market", name, i);

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
    let order = e2e_tests::address::market::order(&buyer, 90);
    let cancel = ix::cancel_order(m.settlement(order));
    run(&mut m, "cancel_order", cancel);
    let order = m.open();
    let (accept, submit) = (m.accept_ix(order), m.submit_ix(order));
    run(&mut m, "accept_order", accept);
    run(&mut m, "submit_result", submit);
    m.world.set_slot(m.world.slot() + 400);
    run(&mut m, "arm_audit", ix::arm_audit(order, 1));
    let votes = [0, 1].map(|oracle| m.vote_ix(order, oracle, verdict::ACCEPT));
    let [first, decides] = votes;
    run(&mut m, "attest", first);
    run(&mut m, "attest_deciding", decides);
    let contested = m.order_in(state::AUDITED);
    let dispute = m.dispute_ix(m.challenger, contested);
    run(&mut m, "dispute", dispute);
    run(&mut m, "answer", ix::answer(seller, contested, [1; 32]));
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
    meter.send(&mut m.world, "market", "deliver_licence", deliver);
    passed(m.world.send(m.dispute_ix(m.buyer, order)));
    let verdict = m.put_verdict(order, |_| ());
    meter.send(&mut m.world, "market", "apply_verdict", ix::apply_verdict(order, verdict));
}

fn rewards_costs(meter: &mut Meter) {
    let mut r = Rewards::uninitialized();
    let (admin, mint, issuer) = (r.world.admin, r.mint, r.issuer);
    let mut run = |r: &mut Rewards, name: &str, i| meter.send(&mut r.world, "rewards", name, i);
    run(&mut r, "initialize", rewards_ix::initialize(admin, mint, settings()));
    run(&mut r, "set_category", rewards_ix::set_category(admin, POINT, category(1, 1, 5_000)));
    run(&mut r, "set_issuer", rewards_ix::set_issuer(admin, issuer, 10_000, true));
    run(&mut r, "set_pause", rewards_ix::set_pause(admin, false));
    let open = r.open_ix(0, START, POOL);
    run(&mut r, "open_epoch", open);
    let wallet = r.world.wallet();
    let destination = r.world.fund(&wallet, &mint, 0);
    run(&mut r, "register", rewards_ix::register(wallet, destination));
    run(&mut r, "set_destination", rewards_ix::set_destination(wallet, destination));
    let (first, second) = (r.award_ix(0, wallet, 100), r.award_ix(0, wallet, 300));
    run(&mut r, "issue_award_first", first);
    run(&mut r, "issue_award", second);
    r.world.set_time(r.epoch(0).end.get());
    run(&mut r, "close_epoch", rewards_ix::close_epoch(0));
    r.world.pass(REVIEW);
    run(&mut r, "finalize_epoch", rewards_ix::finalize_epoch(0, mint));
    let claim = r.claim_ix(0, wallet);
    run(&mut r, "claim", claim);
    let next = r.stranger;
    run(&mut r, "propose_admin", rewards_ix::propose_admin(admin, next));
    run(&mut r, "accept_admin", rewards_ix::accept_admin(next));
}

#[test]
fn every_instruction_keeps_its_budget_and_costs_what_the_committed_table_says() {
    let mut meter = Meter::default();
    market_costs(&mut meter);
    rewards_costs(&mut meter);
    let costs = meter.costs();
    record(&costs);
    for (name, units) in ["market", "rewards"].iter().flat_map(|program| &costs[*program]) {
        assert!(*units <= BUDGET_OF_ALL, "{name}: {units} units, {BUDGET_OF_ALL} at most");
    }
    // the table and its budgets are the upstream toolchain's: another compiler gives other figures
    let toolchain = std::fs::read_to_string(root().join("target/deploy/toolchain")).expect("make programs wrote it");
    if toolchain.trim() != "upstream" {
        return;
    }
    for (group, name, most) in BUDGETS {
        assert!(costs[group][name] <= most, "{group}.{name}: {}, at most {most}", costs[group][name]);
    }
    let changed = changed(&costs);
    assert!(changed.is_empty(), "{}\nrun with UPDATE_CU=1 if that is meant", changed.join("\n"));
}
