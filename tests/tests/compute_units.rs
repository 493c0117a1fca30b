//! What each instruction costs, compared with the committed table: a change of more than 2 % shows in the diff.
use e2e_tests::{
    AMOUNT, DISPUTE, LISTING, Market, Meter, POINT, POOL, REVIEW, Rewards, START, TokenKind, category, changed,
    instruction::{market as ix, oracles as oracles_ix, rental as rental_ix, rewards as rewards_ix},
    members,
    oracles_world::{BOND, Bonds, UNBONDING, bond_settings},
    passed, record,
    rental_world::Rentals,
    root, settings,
};
use market::state::{order_state as state, verdict};

/// The most that an instruction may cost, in units, and a program may weigh, in bytes.
const BUDGETS: [(&str, &str, u64); 11] = [
    ("market", "attest", 4_000),
    ("market", "open_order", 12_000),
    ("market", "release_partial", 15_000),
    ("rewards", "claim", 4_500),
    ("rewards", "finalize_epoch", 6_000),
    ("rewards", "issue_award", 7_000),
    ("rewards", "issue_award_first", 7_000),
    ("so_bytes", "market", 150_000),
    ("so_bytes", "rewards", 150_000),
    ("so_bytes", "oracles", 150_000),
    ("so_bytes", "rental", 150_000),
];
const BUDGET_OF_ALL: u64 = 40_000;

fn market_costs(meter: &mut Meter) {
    let mut m = Market::uninitialized();
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
    run(&mut m, "dispute", ix::dispute(buyer, contested, [1; 32]));
    run(&mut m, "resolve", ix::resolve(admin, contested, AMOUNT / 2));
    let partial = m.release_ix(contested);
    run(&mut m, "release_partial", partial);
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

fn oracles_costs(meter: &mut Meter) {
    let mut b = Bonds::uninitialized(TokenKind::Classic);
    let (admin, oracle, second) = (b.world.admin, b.oracles[0], b.oracles[1]);
    let mut run = |b: &mut Bonds, name: &str, i| meter.send(&mut b.world, "oracles", name, i);
    let initialize = oracles_ix::initialize(admin, b.token.mint, bond_settings());
    run(&mut b, "initialize", initialize);
    run(&mut b, "update_config", oracles_ix::update_config(admin, bond_settings()));
    for (name, i) in [
        ("register_oracle", b.register_ix(oracle)),
        ("register_oracle", b.register_ix(second)),
        ("deposit_bond", b.deposit_ix(oracle, BOND)),
        ("deposit_bond", b.deposit_ix(second, BOND)),
    ] {
        run(&mut b, name, i);
    }
    let (order, overturned) = (b.order(|_| ()), b.overturned_order());
    let records = [(order, oracle), (order, second), (overturned, second)].map(|(order, who)| b.record_ix(order, who));
    let [first, next, slashing] = records;
    run(&mut b, "record_vote_first", first);
    run(&mut b, "record_vote", next);
    run(&mut b, "record_vote_slashing", slashing);
    run(&mut b, "request_unbond", oracles_ix::request_unbond(oracle, BOND));
    b.world.pass(UNBONDING);
    let (withdraw, close) = (b.withdraw_ix(oracle), b.close_ix(oracle));
    run(&mut b, "withdraw_bond", withdraw);
    run(&mut b, "close_oracle", close);
    let next = b.stranger;
    run(&mut b, "close_record", oracles_ix::close_record(order, next));
    run(&mut b, "propose_admin", oracles_ix::propose_admin(admin, next));
    run(&mut b, "accept_admin", oracles_ix::accept_admin(next));
}

fn rental_costs(meter: &mut Meter) {
    let mut r = Rentals::new();
    let (renter, provider) = (r.renter, r.provider);
    let mut run = |r: &mut Rentals, name: &str, i| meter.send(&mut r.world, "rental", name, i);
    let [open, other] = [90, 91].map(|id| rental_ix::open_rental(r.open_ix(id)));
    let [rental, cancelled] = [90, 91].map(|id| e2e_tests::address::rental::rental(&renter, id));
    let [payment, of_cancelled] = [rental, cancelled].map(|rental| r.payment(rental));
    run(&mut r, "open_rental", open);
    passed(r.world.send(other));
    run(&mut r, "cancel_rental", rental_ix::cancel_rental(renter, of_cancelled));
    run(&mut r, "start_rental", rental_ix::start_rental(provider, rental));
    r.world.pass(1_000);
    run(&mut r, "extend_rental", rental_ix::extend_rental(renter, payment, 1));
    run(&mut r, "withdraw", rental_ix::withdraw(payment));
    r.world.pass(1_000);
    run(&mut r, "stop_rental", rental_ix::stop_rental(renter, payment));
    run(&mut r, "close_rental", rental_ix::close_rental(rental, renter));
}

#[test]
fn every_instruction_keeps_its_budget_and_costs_what_the_committed_table_says() {
    let mut meter = Meter::default();
    market_costs(&mut meter);
    rewards_costs(&mut meter);
    oracles_costs(&mut meter);
    rental_costs(&mut meter);
    let costs = meter.costs();
    record(&costs);
    for (name, units) in ["market", "rewards", "oracles", "rental"].iter().flat_map(|program| &costs[*program]) {
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
