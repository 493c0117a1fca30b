//! What each instruction costs, compared with the committed table: a change of more than 2 % shows in the diff.
use e2e_tests::{
    AMOUNT, CLAIM, DELAY, DISPUTE, LISTING, Market, Meter, POINT, POOL, REVIEW, Rewards, START, TOKEN, category,
    changed,
    instruction::{market as ix, rewards as rewards_ix},
    members, passed, record, root,
};
use market::state::{order_state as state, verdict};

/// The most that an instruction may cost, in units, and a program may weigh, in bytes.
const BUDGETS: [(&str, &str, u64); 8] = [
    ("market", "attest", 4_000),
    ("market", "open_order", 12_000),
    ("market", "release_partial", 15_000),
    ("rewards", "claim", 4_500),
    ("rewards", "finalize_epoch", 6_000),
    ("rewards", "issue_award", 7_000),
    ("so_bytes", "market", 150_000),
    ("so_bytes", "rewards", 150_000),
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
    let (admin, payer, mint, issuer) = (r.world.admin, r.world.payer, r.mint, r.issuer);
    let settings = rewards_ix::Settings { confirm_points: 50, ..r.settings() };
    let mut run = |r: &mut Rewards, name: &str, i| meter.send(&mut r.world, "rewards", name, i);
    run(&mut r, "initialize", rewards_ix::initialize(admin, mint, settings));
    run(&mut r, "set_category", rewards_ix::set_category(admin, POINT, category(1, 1, 5_000)));
    run(&mut r, "set_issuer", rewards_ix::set_issuer(admin, issuer, 10_000, true));
    run(&mut r, "set_pause", rewards_ix::set_pause(admin, false));
    run(&mut r, "update_config", rewards_ix::update_config(admin, settings));
    let year = r.schedule_ix(1, &[POOL; 12]);
    run(&mut r, "set_schedule", year);
    // epoch 0: the day before the first month
    r.world.set_time(START - 86_400);
    let open = r.open_until_ix(0, START - 86_400, START);
    run(&mut r, "open_epoch_0", open);
    let wallet = r.world.wallet();
    let destination = r.world.fund(&wallet, &mint, 0);
    run(&mut r, "register", rewards_ix::register(wallet, destination));
    run(&mut r, "set_destination", rewards_ix::set_destination(wallet, destination));
    r.world.set_time(START);
    run(&mut r, "close_epoch", rewards_ix::close_epoch(0));
    let convert = r.convert_ix(POOL);
    run(&mut r, "convert_tge", convert);
    let open = r.open_ix(1, START);
    run(&mut r, "open_epoch", open);

    let (first, second) = (r.award_ix(1, wallet, 50), r.award_ix(1, wallet, 30));
    run(&mut r, "issue_award_first", first);
    run(&mut r, "issue_award", second);
    let wrong = r.last_source();
    let deposit = r.deposit_ix(POOL);
    run(&mut r, "deposit_profit", deposit);
    // settles the profit of the wallet first
    let settles = r.award_ix(1, wallet, 1);
    run(&mut r, "issue_award_settling", settles);
    let pending = r.award_ix(1, wallet, 51);
    run(&mut r, "issue_award_pending", pending);
    let confirm = rewards_ix::confirm_award(r.review(r.confirmer, 1, wallet, r.last_source()));
    run(&mut r, "confirm_award", confirm);
    let void = rewards_ix::void_award(r.review(admin, 1, wallet, wrong), [1; 32]);
    run(&mut r, "void_award", void);
    let profit = r.claim_profit_ix(wallet);
    run(&mut r, "claim_profit", profit);

    r.world.set_time(r.epoch(1).end.get());
    passed(r.world.send(rewards_ix::close_epoch(1)));
    r.world.pass(REVIEW);
    let finalize = r.finalize_ix(1);
    run(&mut r, "finalize_epoch", finalize);
    let claim = r.claim_ix(1, wallet);
    run(&mut r, "claim", claim);
    run(&mut r, "close_points", rewards_ix::close_points(wallet, 1, payer));
    r.world.pass(CLAIM);
    let expire = r.expire_ix(1);
    run(&mut r, "expire_epoch", expire);
    run(&mut r, "close_award", rewards_ix::close_award(wrong, 1, payer));

    let terms = rewards_ix::SpendTerms { amount: TOKEN, destination, purpose: [1; 32] };
    run(&mut r, "propose_spend", rewards_ix::propose_spend(admin, 0, terms));
    passed(r.world.send(rewards_ix::propose_spend(admin, 1, terms)));
    run(&mut r, "cancel_spend", rewards_ix::cancel_spend(admin, 1, admin));
    r.world.pass(DELAY);
    let execute = r.execute_ix(0, destination);
    run(&mut r, "execute_spend", execute);
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
