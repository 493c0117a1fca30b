//! What each instruction costs, what each program weighs and what rent its accounts take, compared with the committed table:
//! a change of more than 2 % shows in the diff.
// helpers beside the tests unwrap as the tests do
#![allow(clippy::unwrap_used)]

use e2e_tests::{
    BUDGET_OF_ALL, BUDGETS, Costs, Idl, IdlInstruction, Meter, SCENARIOS, SO_BYTES_AT_MOST, changed, committed, page,
    page_path, record, root, updating,
};
use std::fs;

fn measured() -> Costs {
    let mut meter = Meter::default();
    for (_, travel) in SCENARIOS {
        travel(&mut meter);
    }
    meter.costs()
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
    let costs = measured();
    record(&costs);
    for idl in Idl::all() {
        let program = &idl.program;
        for (name, units) in &costs[program] {
            assert!(*units <= BUDGET_OF_ALL, "{program}.{name}: {units} units, {BUDGET_OF_ALL} at most");
        }
        for IdlInstruction { name, .. } in &idl.instructions {
            let measured = costs[program].keys().any(|row| idl.of_row(row).is_some_and(|called| called.name == *name));
            assert!(measured, "{program}.{name} is not measured: send it in tests/src/scenario/{program}.rs");
        }
    }
    // the table and its budgets are the upstream toolchain's: another compiler gives other figures
    let toolchain = fs::read_to_string(root().join("target/deploy/toolchain")).expect("make programs wrote it");
    if toolchain.trim() != "upstream" {
        return;
    }
    for (program, name, most) in BUDGETS {
        let units = costs[*program].get(*name).unwrap_or_else(|| panic!("{program}.{name} has a budget and no row"));
        assert!(units <= most, "{program}.{name}: {units} units, {most} at most");
    }
    for (program, bytes) in &costs["so_bytes"] {
        assert!(*bytes <= SO_BYTES_AT_MOST, "{program}.so: {bytes} bytes, {SO_BYTES_AT_MOST} at most");
    }
    let changed = changed(&costs);
    assert!(changed.is_empty(), "{}\nrun with UPDATE_CU=1 if that is meant", changed.join("\n"));
}

#[test]
fn the_page_shows_what_the_committed_table_says() {
    // the other test writes both anew
    if updating() {
        return;
    }
    let path = page_path();
    let shown = fs::read_to_string(&path).unwrap();
    assert!(shown == page(&committed()), "{} is not of the committed table: run `make cu`", path.display());
}
