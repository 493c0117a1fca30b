//! What each instruction costs, compared with the committed table: a change of more than 2 % shows in the diff.
use e2e_tests::{
    AMOUNT, BUYER_SECRET, DISPUTE, LISTING, Labelled, Market, Meter, POINT, POOL, Proofs, REVIEW, Rewards, SALT, START,
    Sold, TokenKind, category, changed,
    instruction::{
        market as ix, oracles as oracles_ix, proofs as proofs_ix, rental as rental_ix, rewards as rewards_ix,
    },
    members,
    oracles_world::{BOND, Bonds, UNBONDING, bond_settings},
    record,
    rental_world::Rentals,
    root, settings,
};
use market::state::{order_state as state, verdict};
use protocol::{labelling::GoldItem, licence_keys};

/// The most that an instruction may cost, in units, and a program may weigh, in bytes.
const BUDGETS: [(&str, &str, u64); 12] = [
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
    ("so_bytes", "proofs", 150_000),
    ("so_bytes", "rewards", 150_000),
    ("so_bytes", "oracles", 150_000),
    ("so_bytes", "rental", 150_000),
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
    r.world.send(other).unwrap();
    run(&mut r, "cancel_rental", rental_ix::cancel_rental(renter, of_cancelled));
    run(&mut r, "start_rental", rental_ix::start_rental(provider, rental));
    r.world.pass(1_000);
    run(&mut r, "extend_rental", rental_ix::extend_rental(renter, payment, 1));
    run(&mut r, "withdraw", rental_ix::withdraw(payment));
    r.world.pass(1_000);
    run(&mut r, "stop_rental", rental_ix::stop_rental(renter, payment));
    run(&mut r, "close_rental", rental_ix::close_rental(rental, renter));
}

/// Each at its most: a full chunk at the deepest place, all gold items in one leaf of a large tree.
fn proofs_costs(meter: &mut Meter) {
    let mut p = Proofs::new();
    let (buyer, sold) = (p.buyer, Sold::full(1, Some(0)));
    let mut run = |p: &mut Proofs, name: &str, i| meter.send(&mut p.world, "proofs", name, i);
    let (chunk, root) = sold.deepest_chunk();
    let order = p.order(|order| {
        sold.delivered(order);
        order.content_root = root.0;
    });
    run(&mut p, "open_chunk", proofs_ix::open_chunk(buyer, order, &chunk));
    let (key, cipher) = (sold.key, sold.cipher[0].clone());
    let prove = proofs_ix::ProveChunk { payer: buyer, order, claimant: buyer, key, cipher };
    run(&mut p, "prove_chunk", proofs_ix::prove_chunk(prove));
    run(&mut p, "close_claim", proofs_ix::close_claim(buyer, order));
    let wrong = p.order(|order| {
        sold.delivered(order);
        order.result_root = [1; 32];
    });
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sold.sealed);
    run(&mut p, "prove_key", proofs_ix::prove_key(buyer, wrong, &evidence, sold.sealed));
    let gold = (0..64).map(|item| GoldItem { item: 2 * item, label: 7 }).collect();
    let job = Labelled::new(vec![7; 100_000], gold, 5_000, 9_000);
    let order = p.labelled(&job);
    let (answers, siblings) = job.leaf(0);
    run(&mut p, "open_gold", proofs_ix::open_gold(buyer, order, &job.task, SALT, &job.gold));
    run(&mut p, "open_answers", proofs_ix::open_answers(order, &answers, 0, &siblings));
    run(&mut p, "finish_gold", proofs_ix::finish_gold(order));
    p.change(&order, |order| order.state = state::RELEASED);
    run(&mut p, "close_verdict", proofs_ix::close_verdict(order, buyer));
}

#[test]
fn every_instruction_keeps_its_budget_and_costs_what_the_committed_table_says() {
    let mut meter = Meter::default();
    market_costs(&mut meter);
    rewards_costs(&mut meter);
    oracles_costs(&mut meter);
    rental_costs(&mut meter);
    proofs_costs(&mut meter);
    let costs = meter.costs();
    record(&costs);
    let programs = ["market", "rewards", "oracles", "rental", "proofs"];
    for (name, units) in programs.iter().flat_map(|program| &costs[*program]) {
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
