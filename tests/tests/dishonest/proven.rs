//! `aixblock prove`: who replayed a job has its fault convicted on the chain without a judge, and the money ends where it should.
#[path = "../support/people.rs"]
pub(crate) mod people;

use crate::shop::Shop;
use chain::Pubkey;
use market::state::{Order, order_state, resolution};
use people::{People, chain_support::Job};
use protocol::{
    manifest::{FORMAT_VERSION, Manifest, Optimizer},
    report::TrainReport,
};
use std::os::unix::fs::symlink;

const PRICE: u64 = 2_000;
const SELLER_BOND: u64 = 400;
const CHALLENGE_BOND: u64 = 100;
const BOND: u64 = 500;

/// A market of bonds, in which three oracles judge and anybody may challenge.
async fn market_of_bonds() -> (People, u32) {
    let purses =
        [("seller", 5_000), ("buyer", 20_000), ("watcher", 1_000), ("ana", BOND), ("ben", BOND), ("cleo", BOND)];
    let p = People::new(&purses).await;
    let mut settings = p.output("admin", &["admin", "show", "market"]);
    for (old, new) in [
        ("seller_bond_bps = 0", "seller_bond_bps = 2000"),
        ("challenge_bond_bps = 0", "challenge_bond_bps = 500"),
        ("slash_challenger_bps = 0", "slash_challenger_bps = 5000"),
        ("slash_buyer_bps = 0", "slash_buyer_bps = 2500"),
        ("dispute_seconds = 60", "dispute_seconds = 3600"),
    ] {
        assert!(settings.contains(old), "no {old} in {settings}");
        settings = settings.replace(old, new);
    }
    let settings = p.file("market.toml", &settings);
    p.run("admin", &["admin", "set", "market", "--settings", &settings], "set");
    let set = p.bonded_set(&["ana", "ben", "cleo"]).await;
    (p, set)
}

/// An order for what a trainer of `shop` made, which Ana and Ben accept.
async fn accepted(p: &People, oracle_set: u32, id: u64, shop: &Shop, run: &TrainReport) -> Pubkey {
    let _ = std::fs::remove_file(p.path("store"));
    symlink(shop.store.root(), p.path("store")).unwrap();
    let manifest_hash = shop.manifest.hash().0;
    let job = Job { oracle_set, manifest_hash, root: run.job_root.0, log: run.log.0 };
    let order = p.world.submitted_order(p.key("seller"), p.key("buyer"), id, job).await;
    p.run("ana", &["arm", &order.to_string()], "audit armed");
    p.seal(order, &["ana", "ben", "cleo"]).await;
    for oracle in ["ana", "ben"] {
        p.vote(order, oracle).await.unwrap();
    }
    order
}

async fn purses(p: &People) -> [u64; 3] {
    [p.tokens("seller").await, p.tokens("buyer").await, p.tokens("watcher").await]
}

/// Proves the order wrong as a stranger, with a bond; what it says.
async fn convicted(p: &People, order: Pubkey, name: &str) -> String {
    let before = purses(p).await;
    let said = p.output("watcher", &["prove", &order.to_string()]);
    assert!(said.contains(&format!("proven       {name}: the verdict is final")), "{said}");
    assert!(said.contains(&format!("disputed     with a bond of {CHALLENGE_BOND}")), "{said}");
    let [seller, buyer, watcher] = purses(p).await;
    // the seller's bond: half for the challenger, whose own comes back, a quarter for the buyer, the rest burned
    let expected = [before[0], before[1] + PRICE + SELLER_BOND / 4, before[2] + SELLER_BOND / 2];
    assert_eq!([seller, buyer, watcher], expected, "{said}");
    let state: Order = p.world.rpc.get(&order).await.unwrap();
    assert_eq!((state.state, state.resolution), (order_state::REFUNDED, resolution::OVERTURNED));
    p.fails("watcher", &["prove", &order.to_string()], "only an audited or disputed one");
    said
}

/// Records all votes on the order. What Ana and Ben lost.
async fn lost(p: &People, order: Pubkey) -> [String; 2] {
    p.run("cleo", &["bond", "record", &order.to_string()], "recorded 3 of 3");
    ["ana", "ben"].map(|oracle| p.run(oracle, &["bond", "show"], "lost"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_mean_is_convicted_without_a_judge_and_everybody_is_paid_and_slashed_as_they_should() {
    let (p, set) = market_of_bonds().await;
    let shop = Shop::new();

    let honest = accepted(&p, set, 1, &shop, &shop.train(None)).await;
    p.fails("seller", &["prove", &honest.to_string()], "the verdict favours you");
    p.fails("watcher", &["prove", &honest.to_string()], "no fault was found");
    let untouched: Order = p.world.rpc.get(&honest).await.unwrap();
    assert_eq!((untouched.state, untouched.disputed), (order_state::AUDITED, 0));

    let order = accepted(&p, set, 2, &shop, &shop.train(Some("reducer-drops-rank"))).await;
    let said = convicted(&p, order, "prove_reduction").await;
    assert!(said.contains("rank 3 is missing in the sum"), "{said}");
    // it is in the first segment, which every oracle replays
    assert!(said.contains("oracles      had to find it"), "{said}");
    assert_eq!(lost(&p, order).await, ["50", "50"]);

    let order = accepted(&p, set, 3, &shop, &shop.train(Some("reducer-order"))).await;
    let said = convicted(&p, order, "prove_reduction").await;
    assert!(said.contains("the sum begins at rank 1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_update_is_convicted_by_the_served_state_or_by_what_usually_goes_wrong() {
    let (p, set) = market_of_bonds().await;
    // the state after a segment's last step is served
    let served = Shop::with(|manifest| manifest.segment_len = 1);
    let order = accepted(&p, set, 1, &served, &served.train(Some("learning-rate"))).await;
    let said = convicted(&p, order, "prove_update").await;
    assert!(said.contains("as its checkpoint shows"), "{said}");
    assert_eq!(lost(&p, order).await, ["50", "50"]);

    let within = Shop::new();
    let order = accepted(&p, set, 2, &within, &within.train(Some("no-weight-decay"))).await;
    let said = convicted(&p, order, "prove_update").await;
    assert!(said.contains("weights do not decay"), "{said}");

    let clipped = Shop::with(|manifest: &mut Manifest| {
        let Optimizer::Adamw { clip_norm, .. } = &mut manifest.optimizer;
        (manifest.version, *clip_norm) = (FORMAT_VERSION, Some(0.05));
    });
    let order = accepted(&p, set, 3, &clipped, &clipped.train(Some("learning-rate"))).await;
    let said = convicted(&p, order, "prove_update").await;
    assert!(said.contains("the learning rate is twice") && said.contains("mean gradient's norm"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contradictory_log_is_convicted_by_itself_and_what_no_program_computes_is_left_to_oracles() {
    let (p, set) = market_of_bonds().await;
    let shop = Shop::new();
    let order = accepted(&p, set, 1, &shop, &shop.train(Some("broken-link"))).await;
    convicted(&p, order, "prove_break").await;
    assert_eq!(lost(&p, order).await, ["50", "50"]);
    let order = accepted(&p, set, 2, &shop, &shop.train(Some("other-jobs-proof"))).await;
    convicted(&p, order, "prove_log").await;

    for (id, cheat, part) in [(3, "lazy-rank-zero", "the gradient of virtual rank 3"), (4, "forged-loss", "the loss")] {
        let order = accepted(&p, set, id, &shop, &shop.train(Some(cheat))).await;
        let because = format!("{part} is nothing that a program on the chain can compute: oracles must judge it");
        p.fails("watcher", &["prove", &order.to_string()], &because);
        let state: Order = p.world.rpc.get(&order).await.unwrap();
        assert_eq!((state.state, state.disputed), (order_state::AUDITED, 0), "{cheat}");
    }
}
