//! The real binary on the embedded chain with the real programs.
#![allow(clippy::unwrap_used)]

use chain::{Keypair, Rpc, Signer as _, instruction::market as build};
use indexer::{Settings, Store};
use localnet::{Bytecode, GenesisProgram, Localnet, LocalnetConfig};
use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const SOL: u64 = 1_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn bytecode(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("../target"), PathBuf::from);
    target.join("deploy").join(name)
}

async fn chain_with_market(admin: &Keypair) -> Localnet {
    let program = |id, name: &str| GenesisProgram {
        id,
        bytecode: Bytecode::File(bytecode(name)),
        upgrade_authority: admin.pubkey(),
    };
    let config = LocalnetConfig {
        rpc_port: 0,
        ws_port: 0,
        slot_ms: 50,
        programs: vec![program(market::ID, "market.so"), program(rewards::ID, "rewards.so")],
        ..LocalnetConfig::default()
    };
    let net = Localnet::start(config).unwrap();
    net.airdrop(&admin.pubkey(), 100 * SOL).await.unwrap();
    let mut mints = [chain::Pubkey::default(); 4];
    mints[0] = admin.pubkey();
    let settings = build::Settings {
        treasury: admin.pubkey(),
        mints,
        fee_bps: 250,
        award_category: 1,
        accept_seconds: 600,
        delivery_seconds: 600,
        audit_seconds: 600,
        dispute_seconds: 60,
        answer_seconds: 60,
        resolve_seconds: 60,
        award_seconds: 600,
        seller_bond_bps: 0,
        challenge_bond_bps: 0,
        slash_challenger_bps: 0,
        slash_buyer_bps: 0,
    };
    net.rpc().send(&[build::initialize(admin.pubkey(), settings)], &[admin]).await.unwrap();
    net
}

async fn pause(rpc: &Rpc, admin: &Keypair, times: u8) {
    for bits in 0..times {
        // two instructions, so two events whose keys differ in the top-level place only
        let two = [build::set_pause(admin.pubkey(), bits), build::set_pause(admin.pubkey(), bits ^ 7)];
        rpc.send(&two, &[admin]).await.unwrap();
    }
}

/// The indexer as a process, killed without warning when dropped.
struct Process(Child);

impl Process {
    fn start(url: &str, database: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aixblock-indexer"));
        command.args(["--rpc-url", url, "--poll-ms", "5", "--database"]).arg(database);
        Self(command.stdin(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

async fn events(database: &Path) -> i64 {
    let Ok(pool) = indexer::store::open_read_only(database, 1).await else { return 0 };
    sqlx::query_scalar("SELECT count(*) FROM events").fetch_one(&pool).await.unwrap_or(0)
}

async fn wait_for_events(database: &Path, wanted: i64) {
    let deadline = Instant::now() + PATIENCE;
    while events(database).await < wanted {
        assert!(Instant::now() < deadline, "{} of {wanted} events", events(database).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_point_and_across_a_jump_in_time_nothing_is_lost_or_repeated() {
    let admin = Keypair::new();
    let net = chain_with_market(&admin).await;
    let (rpc, url) = (net.rpc(), net.rpc_url());
    let directory = tempfile::tempdir().unwrap();
    let (killed, clean) = (directory.path().join("killed.db"), directory.path().join("clean.db"));

    for round in 0..6u64 {
        let process = Process::start(&url, &killed);
        if round == 3 {
            let now = rpc.unix_seconds().await.unwrap();
            net.time_travel(now + 30 * 86_400).await.unwrap();
        }
        pause(&rpc, &admin, 4).await;
        tokio::time::sleep(Duration::from_millis(37 * round)).await;
        drop(process);
    }
    let wanted = 1 + 6 * 4 * 2;
    let process = Process::start(&url, &killed);
    wait_for_events(&killed, wanted).await;
    drop(process);

    // the same chain, read at once and in this process
    let settings = Settings { rpc_url: url.clone(), database: clean.clone(), ..Settings::default() };
    let reading = tokio::spawn(indexer::run(settings, wait_then_stop(clean.clone(), wanted)));
    reading.await.unwrap().unwrap();
    let (killed, clean) = (Store::open(&killed).await.unwrap(), Store::open(&clean).await.unwrap());
    assert_eq!(killed.digest().await.unwrap(), clean.digest().await.unwrap());
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter").fetch_one(clean.pool()).await.unwrap();
    let paused: i64 = sqlx::query_scalar("SELECT paused FROM market_config").fetch_one(clean.pool()).await.unwrap();
    assert_eq!((dead, paused), (0, 3 ^ 7));
    let head = clean.head().await.unwrap();
    println!("head {head:?}");
    assert!(head.checked_slot > head.slot);
    clean.rebuild().await.unwrap();
    assert_eq!(killed.digest().await.unwrap(), clean.digest().await.unwrap());
}

async fn wait_then_stop(database: PathBuf, wanted: i64) {
    wait_for_events(&database, wanted).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_another_chain_is_refused() {
    let (admin, directory) = (Keypair::new(), tempfile::tempdir().unwrap());
    let database = directory.path().join("index.db");
    let first = chain_with_market(&admin).await;
    pause(&first.rpc(), &admin, 1).await;
    let settings = Settings { rpc_url: first.rpc_url(), database: database.clone(), ..Settings::default() };
    indexer::run(settings, wait_then_stop(database.clone(), 3)).await.unwrap();
    first.stop();
    // what is at the head's slot of another chain has another hash
    let store = Store::open(&database).await.unwrap();
    sqlx::query("UPDATE head SET blockhash = 'elsewhere'").execute(store.pool()).await.unwrap();
    sqlx::query("UPDATE head SET slot = slot - 1").execute(store.pool()).await.unwrap();
    drop(store);
    let second = chain_with_market(&admin).await;
    pause(&second.rpc(), &admin, 2).await;
    let settings = Settings { rpc_url: second.rpc_url(), database, ..Settings::default() };
    let refused = tokio::time::timeout(PATIENCE, indexer::run(settings, std::future::pending())).await.unwrap();
    assert!(refused.unwrap_err().to_string().contains("give each chain a database of its own"));
}
