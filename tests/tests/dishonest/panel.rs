//! A majority that lies, and the panel that judges it: with the oracle's own service, replaying for real.
use crate::on_chain::{arm, support, support::Job, vote};
use crate::shop::{NOWHERE, Shop};
use artefacts::Store;
use chain::instruction::{market as build, oracles as ix, token::Token};
use chain::{Keypair, Pubkey, Signer, address};
use market::state::{Order, order_state, resolution, verdict};
use oracle::{Memory, Oracle, Settings, SolanaNode, TrainerProcess, Watch};
use oracles::state::{Oracle as Bonded, Panel};
use std::{future::pending, path::PathBuf, sync::Arc, time::Duration};
use support::World;

const BOND: u64 = 1_000;

/// Registers and bonds `key`.
async fn bond(world: &World, key: &Keypair) {
    let token = Token::classic(world.mint);
    let register = ix::register_oracle(key.pubkey(), key.pubkey(), token);
    let deposit = ix::deposit_bond(key.pubkey(), token.account_of(&key.pubkey()), token, BOND);
    world.rpc.send(&[register, deposit], &[key]).await.unwrap();
}

async fn bond_of(world: &World, key: &Keypair) -> u64 {
    let oracle: Bonded = world.rpc.get(&address::oracles::oracle(&key.pubkey())).await.unwrap();
    oracle.bond.get()
}

async fn service(world: &World, shop: &Shop, key: &Keypair) -> Arc<Oracle<SolanaNode, TrainerProcess, Store>> {
    let replayer = TrainerProcess {
        program: e2e_tests::binary("aixblock-trainer"),
        store: PathBuf::from(shop.store.root()),
        replay_timeout: Duration::from_secs(120),
        self_test_timeout: Duration::from_secs(120),
        nice: 0,
    };
    Arc::new(Oracle {
        node: SolanaNode::new(world.net.rpc(), key.insecure_clone()),
        replayer,
        store: Store::open(shop.store.root()).unwrap(),
        memory: Memory::open(&shop.folder.path().join(format!("{}.db", key.pubkey()))).await.unwrap(),
        settings: Settings { poll_ms: 50, ..Settings::default() },
        watch: Watch::default(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_majority_that_lies_is_overturned_by_a_panel_that_had_no_part_in_it() {
    let world = support::world().await;
    let (seller, buyer) = (world.wallet(0).await, world.wallet(10_000).await);
    let mut keys = Vec::new();
    for _ in 0..6 {
        keys.push(world.wallet(BOND).await);
    }
    let (liars, fresh) = keys.split_at(3);
    // the set that panels are drawn from has one of the liars as well
    let pool: Vec<Pubkey> = keys[2..].iter().map(Keypair::pubkey).collect();
    let panel_set = world.oracle_set(&pool).await;
    let oracle_set = world.oracle_set(&liars.iter().map(Keypair::pubkey).collect::<Vec<_>>()).await;
    let settings =
        ix::Settings { min_bond: 100, unbonding_seconds: 30 * 86_400, slash_bps: 5_000, panel_set, panel_size: 3 };
    let initialize = ix::initialize(world.admin.pubkey(), world.mint, settings);
    world.rpc.send(&[initialize], &[&world.admin]).await.unwrap();
    for key in &keys {
        bond(&world, key).await;
    }

    let shop = Shop::new();
    let cheat = shop.train(Some("lazy-rank-zero"));
    let job = Job { oracle_set, manifest_hash: shop.manifest.hash().0, root: cheat.job_root.0, log: cheat.log.0 };
    let order = world.submitted_order(&seller, &buyer, 1, job).await;
    arm(&world, order, oracle_set, &buyer).await;
    let accept = (verdict::ACCEPT, 0, NOWHERE);
    vote(&world, order, oracle_set, cheat.job_root, &[(&liars[0], accept), (&liars[1], accept), (&liars[2], accept)])
        .await;
    let token = Token::classic(world.mint);
    let challenge = build::Deposit {
        actor: buyer.pubkey(),
        order,
        seller: seller.pubkey(),
        mint: world.mint,
        token_program: token.program,
    };
    world.rpc.send(&[build::dispute(challenge, [1; 32])], &[&buyer]).await.unwrap();
    let answer = build::answer(seller.pubkey(), order, [2; 32]);
    world.rpc.send(&[answer], &[&seller]).await.unwrap();
    let early = world.rpc.send(&[build::resolve(world.admin.pubkey(), order, 2_000)], &[&world.admin]).await;
    assert!(early.unwrap_err().failure().unwrap().is_market(market::MarketError::PanelSits));

    // any of them convenes and draws; each finds that it was drawn
    let mut services = Vec::new();
    for key in fresh {
        services.push(service(&world, &shop, key).await);
    }
    for service in &services {
        while service.memory.open_count().await.unwrap() == 0 {
            assert!(service.look().await.unwrap());
        }
    }
    let run = |place: usize| Oracle::run(Arc::clone(&services[place]), true, pending());
    let (first, second, third) = tokio::join!(run(0), run(1), run(2));
    first.and(second).and(third).unwrap();
    let panel: Panel = world.rpc.get(&address::oracles::panel(&order)).await.unwrap();
    let mut drawn = panel.members[..3].to_vec();
    drawn.sort();
    let mut expected: Vec<Pubkey> = fresh.iter().map(Keypair::pubkey).collect();
    expected.sort();
    assert_eq!(drawn, expected);
    assert_eq!((panel.votes_for, panel.blame), (0, 1), "every oracle replays the first segment, which is wrong");

    // the verdict goes to the market by the hand of any of them
    let last = service(&world, &shop, &fresh[0]).await;
    let state = loop {
        assert!(last.look().await.unwrap());
        let state: Order = world.rpc.get(&order).await.unwrap();
        if state.state != order_state::DISPUTED {
            break state;
        }
    };
    assert_eq!((state.state, state.resolution, state.payable.get()), (order_state::AUDITED, resolution::OVERTURNED, 0));
    let settle = build::Settlement::of(order, &state, token.program);
    world.rpc.send(&[build::refund(buyer.pubkey(), settle)], &[&buyer]).await.unwrap();
    for liar in liars {
        let record = ix::RecordVote {
            payer: buyer.pubkey(),
            order,
            oracle_set,
            oracle: liar.pubkey(),
            token,
            challenger_tokens: None,
            buyer_tokens: Some(token.account_of(&buyer.pubkey())),
        };
        world.rpc.send(&[ix::record_vote(record)], &[&buyer]).await.unwrap();
        assert_eq!(bond_of(&world, liar).await, BOND / 2);
    }
    for honest in fresh {
        assert_eq!(bond_of(&world, honest).await, BOND);
    }
    let before = world.rpc.raw_account(&panel.rent_payer).await.unwrap().unwrap().lamports;
    world.rpc.send(&[ix::close_panel(order, panel.rent_payer)], &[&buyer]).await.unwrap();
    assert!(world.rpc.raw_account(&panel.rent_payer).await.unwrap().unwrap().lamports > before);
    tokio::task::spawn_blocking(move || world.net.stop()).await.unwrap();
}
