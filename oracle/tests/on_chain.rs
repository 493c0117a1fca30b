//! Three oracles on the embedded chain with the real program: only the replay itself is a double.
#![allow(clippy::unwrap_used)]

mod support;
#[path = "../../chain/localnet/tests/support/mod.rs"]
mod world;

use artefacts::Store;
use chain::{Keypair, Pubkey, Signer, instruction::market as build};
use market::state::{Order, order_state, verdict};
use oracle::memory::Stage;
use oracle::{Memory, Oracle, SolanaNode, Watch};
use oracles::state::Seals;
use protocol::report::{DifferingPart, ReplayReport, Verdict, reason_code};
use std::{future::pending, path::Path, sync::Arc};
use support::{FakeTrainer, Reply, hasty, job, mismatch, only};
use world::{Job, World};

type RealOracle = Oracle<SolanaNode, FakeTrainer, Store>;

async fn start(folder: &Path, world: &World, key: &Keypair, trainer: FakeTrainer) -> Arc<RealOracle> {
    let memory = Memory::open(&folder.join(format!("{}.db", key.pubkey()))).await.unwrap();
    let node = SolanaNode::new(world.net.rpc(), key.insecure_clone());
    let store = Store::open(folder.join("store")).unwrap();
    Arc::new(Oracle { node, replayer: trainer, store, memory, settings: hasty(), watch: Watch::default() })
}

/// Arms as anybody can.
async fn arm(world: &World, payer: &Keypair, order: Pubkey, oracle_set: u32) {
    let arm = [build::arm_audit(order, oracle_set)];
    while let Err(error) = world.rpc.send(&arm, &[payer]).await {
        assert!(
            error.failure().is_some_and(|failure| failure.is_market(market::MarketError::AuditTooEarly)),
            "{error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_oracles_vote_on_chain_and_two_of_them_decide() {
    let folder = tempfile::tempdir().unwrap();
    let world = world::world().await;
    let (seller, buyer) = (world.wallet(0).await, world.wallet(5_000).await);
    let mut keys = Vec::new();
    for _ in 0..3 {
        keys.push(world.wallet(0).await);
    }
    let members: Vec<Pubkey> = keys.iter().map(Keypair::pubkey).collect();
    let oracle_set = world.oracle_set(&members).await;
    let (manifest, log) = job();
    let store = Store::open(folder.path().join("store")).unwrap();
    store.put(&manifest.encode()).unwrap();
    let address = store.put(&log.encode()).unwrap();
    let job = Job { oracle_set, manifest_hash: manifest.hash().0, root: log.job_root().0, log: address.0 };
    let order = world.submitted_order(&seller, &buyer, 1, job).await;

    // the first to see the result draws the audit's seed, as soon as its slots are over, and has an audit from then on
    let honest = start(folder.path(), &world, &keys[0], FakeTrainer::default()).await;
    let state: Order = world.rpc.get(&order).await.unwrap();
    assert_eq!((state.state, honest.memory.open_count().await.unwrap()), (order_state::SUBMITTED, 0));
    while honest.memory.open_count().await.unwrap() == 0 {
        assert!(honest.look().await.unwrap());
    }
    let state: Order = world.rpc.get(&order).await.unwrap();
    assert_eq!(state.state, order_state::AUDITING);
    assert_ne!(state.audit_seed, [0; 32]);

    // the first is stopped after it signed its seal and before it submitted, and goes on as another process
    honest.look().await.unwrap();
    honest.step(&only(&honest.memory).await).await.unwrap();
    honest.step(&only(&honest.memory).await).await.unwrap();
    assert!(matches!(only(&honest.memory).await.stage, Stage::Sealing(..)));
    honest.memory.close().await;
    drop(honest);
    let honest = start(folder.path(), &world, &keys[0], FakeTrainer::default()).await;
    for _ in 0..3 {
        honest.step(&only(&honest.memory).await).await.unwrap();
    }
    // sealed, and in vain asked twice whether the others have
    let record = only(&honest.memory).await;
    assert!(matches!(record.stage, Stage::Sealed(_)), "{:?}", record.stage);
    let sealed: Seals = world.rpc.get(&chain::address::oracles::seals(&order)).await.unwrap();
    assert_eq!((sealed.sealed.get(), sealed.rent_payer), (0b001, keys[0].pubkey()));

    let lying = Reply::Report(Verdict::Mismatch, mismatch(DifferingPart::Loss));
    let lying = start(folder.path(), &world, &keys[1], FakeTrainer::replying(&[lying])).await;
    let third = start(folder.path(), &world, &keys[2], FakeTrainer::default()).await;
    let run = |oracle: &Arc<_>| Oracle::run(Arc::clone(oracle), true, pending());
    let (first, second, last) = tokio::join!(run(&honest), run(&lying), run(&third));
    first.and(second).and(last).unwrap();
    // the first judged in the process before its present one
    for (oracle, lines) in [
        (&honest, ["votes_total{verdict=\"accept\"} 1", "audits_judged_total{verdict=\"accept\",reason=\"none\"} 0"]),
        (&lying, ["votes_total{verdict=\"reject\"} 1", "audits_judged_total{verdict=\"reject\",reason=\"loss\"} 1"]),
    ] {
        let text = oracle.watch.metrics.text();
        for line in lines.into_iter().chain(["open_audits 0", "self_test_passed 1"]) {
            assert!(text.lines().any(|found| found == format!("aixblock_oracle_{line}")), "{line} is not in {text}");
        }
    }
    let state: Order = world.rpc.get(&order).await.unwrap();
    assert_eq!((state.state, state.verdict), (order_state::AUDITED, verdict::ACCEPT));
    assert_eq!((state.votes_for.get(), state.votes_against.get()), (0b101, 0b010));

    // a fresh memory finds nothing to do: the chain knows that this oracle voted
    std::fs::create_dir(folder.path().join("new")).unwrap();
    let forgetful = start(&folder.path().join("new"), &world, &keys[0], FakeTrainer::default()).await;
    forgetful.look().await.unwrap();
    assert_eq!(forgetful.memory.open_count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_root_is_refused_and_a_retired_set_takes_no_vote() {
    let folder = tempfile::tempdir().unwrap();
    let world = world::world().await;
    let (seller, buyer, key) = (world.wallet(0).await, world.wallet(9_000).await, world.wallet(0).await);
    let oracle_set = world.oracle_set(&[key.pubkey()]).await;
    let (manifest, log) = job();
    let store = Store::open(folder.path().join("store")).unwrap();
    store.put(&manifest.encode()).unwrap();
    let address = store.put(&log.encode()).unwrap();
    let forged = Job { oracle_set, manifest_hash: manifest.hash().0, root: [66; 32], log: address.0 };
    let order = world.submitted_order(&seller, &buyer, 1, forged).await;
    arm(&world, &buyer, order, oracle_set).await;
    let oracle = start(folder.path(), &world, &key, FakeTrainer::default()).await;
    Arc::clone(&oracle).run(true, pending()).await.unwrap();
    let state: Order = world.rpc.get(&order).await.unwrap();
    assert_eq!((state.state, state.verdict, state.payable.get()), (order_state::AUDITED, verdict::REJECT, 0));

    // the second order's audit is seen, then its set is retired
    let honest = Job { root: log.job_root().0, ..forged };
    let order = world.submitted_order(&seller, &buyer, 2, honest).await;
    arm(&world, &buyer, order, oracle_set).await;
    let oracle = start(folder.path(), &world, &key, FakeTrainer::default()).await;
    let first = only(&oracle.memory).await;
    assert_eq!(first.stage, Stage::Voted);
    oracle.look().await.unwrap();
    let retire = build::retire_oracle_set(world.admin.pubkey(), oracle_set);
    world.rpc.send(&[retire], &[&world.admin]).await.unwrap();
    oracle.carry(oracle.memory.due().await.unwrap().pop().unwrap()).await.unwrap();
    let second = oracle.memory.all().await.unwrap().pop().unwrap();
    assert_eq!((second.stage, second.audit.order), (Stage::Void, order));
    assert!(second.note.unwrap().contains("retired"));

    // the vote against came without a replay; its report is in the store for everybody to read
    assert!(reports(&store).any(|report| report.reason_code() == Some(reason_code::LOG)));
}

fn reports(store: &Store) -> impl Iterator<Item = ReplayReport> {
    let folders = std::fs::read_dir(store.root()).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
    files.filter_map(|file| serde_json::from_slice(&std::fs::read(file).unwrap()).ok())
}
