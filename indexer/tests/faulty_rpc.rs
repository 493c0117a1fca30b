//! The source over every block, in front of a server that fails in every way it can.
#![allow(clippy::unwrap_used)]

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use indexer::{
    Follower, Settings, Store,
    block::{Block, Transaction},
    settings::SourceKind,
    source::memory::{Memory, View},
    testing,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Ways to fail, each used in turn. The first six suit any method, the others `getBlock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    TooManyRequests,
    ServerError,
    Hang,
    CutJson,
    NotJson,
    EmptyAnswer,
    NullMeta,
    NoInnerInstructions,
    NotYet,
    Skipped,
    OtherParent,
    NoVersionOne,
}

const FAULTS: [Fault; 12] = [
    Fault::TooManyRequests,
    Fault::ServerError,
    Fault::Hang,
    Fault::CutJson,
    Fault::NotJson,
    Fault::EmptyAnswer,
    Fault::NullMeta,
    Fault::NoInnerInstructions,
    Fault::NotYet,
    Fault::Skipped,
    Fault::OtherParent,
    Fault::NoVersionOne,
];

const GENERAL: usize = 6;

struct Node {
    chain: BTreeMap<u64, Block>,
    /// Calls of `getBlock`, and of the other methods.
    calls: [usize; 2],
    /// Every so many calls of `getBlock` one fails; 0 for never.
    every: usize,
    met: BTreeSet<Fault>,
}

impl Node {
    fn new(chain: &[Block], every: usize) -> Self {
        let mut node = Self { chain: BTreeMap::new(), calls: [0; 2], every, met: BTreeSet::new() };
        node.grow(chain);
        node
    }

    fn grow(&mut self, chain: &[Block]) {
        self.chain = chain.iter().map(|block| (block.slot, block.clone())).collect();
    }

    fn fault(&mut self, method: &str) -> Option<Fault> {
        let of_blocks = method == "getBlock";
        let calls = &mut self.calls[usize::from(!of_blocks)];
        *calls += 1;
        // a poll makes three other calls in a row, which must succeed together once in a while
        let every = if of_blocks { self.every } else { 2 * self.every + 1 };
        if self.every == 0 || !calls.is_multiple_of(every) {
            return None;
        }
        let fault = FAULTS[*calls / every % if of_blocks { FAULTS.len() } else { GENERAL }];
        if of_blocks {
            self.met.insert(fault);
        }
        Some(fault)
    }
}

fn rendered(transaction: &Transaction) -> Value {
    json!({
        "transaction": {
            "signatures": [transaction.signature],
            "message": { "accountKeys": transaction.keys, "instructions": transaction.instructions },
        },
        "meta": { "err": transaction.error, "innerInstructions": transaction.inner, "loadedAddresses": null },
        "version": 0,
    })
}

fn block(block: &Block) -> Value {
    let transactions: Vec<Value> = block.transactions.iter().map(rendered).collect();
    json!({
        "blockhash": block.blockhash, "previousBlockhash": block.parent_hash, "parentSlot": block.parent_slot,
        "blockTime": block.block_time, "transactions": transactions,
    })
}

fn refused(code: i64, message: &str) -> Response {
    Json(json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": code, "message": message } })).into_response()
}

async fn answer(State(node): State<Arc<Mutex<Node>>>, Json(call): Json<Value>) -> Response {
    let params = &call["params"];
    let method = call["method"].as_str().unwrap_or_default().to_owned();
    let (fault, mut result) = {
        let mut node = node.lock().unwrap();
        let fault = node.fault(&method);
        let tip = *node.chain.keys().last().unwrap();
        let result = match method.as_str() {
            "getSlot" if params[0]["commitment"] == "finalized" => json!(tip.saturating_sub(5)),
            "getSlot" => json!(tip),
            "getFirstAvailableBlock" => json!(node.chain.keys().next()),
            "getBlocks" => {
                let range = params[0].as_u64().unwrap()..=params[1].as_u64().unwrap();
                // a list with holes proves nothing either
                let holes = 1 + usize::from(node.every > 0 && node.calls[1].is_multiple_of(4));
                json!(node.chain.range(range).map(|(slot, _)| slot).step_by(holes).collect::<Vec<_>>())
            }
            "getBlock" => match node.chain.get(&params[0].as_u64().unwrap()) {
                Some(found) => block(found),
                None => return refused(-32_009, "Slot was skipped, or missing in long-term storage"),
            },
            other => panic!("{other}"),
        };
        (fault, result)
    };
    let whole = |result: &Value| json!({ "jsonrpc": "2.0", "id": 1, "result": result });
    match fault {
        Some(Fault::TooManyRequests) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response(),
        Some(Fault::ServerError) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::CutJson) => {
            let text = whole(&result).to_string();
            text[..text.len() / 2].to_owned().into_response()
        }
        Some(Fault::NotJson) => "<html>maintenance</html>".into_response(),
        Some(Fault::EmptyAnswer) => "{}".into_response(),
        Some(Fault::NotYet) => refused(-32_004, "Block not available for slot"),
        Some(Fault::Skipped) => refused(-32_007, "Slot was skipped"),
        Some(Fault::NoVersionOne) if params[1]["maxSupportedTransactionVersion"] == 1 => {
            refused(-32_602, "Invalid params")
        }
        Some(Fault::NullMeta) if !result["transactions"][0].is_null() => {
            result["transactions"][0]["meta"] = Value::Null;
            Json(whole(&result)).into_response()
        }
        Some(Fault::NoInnerInstructions) if !result["transactions"][0].is_null() => {
            result["transactions"][0]["meta"]["innerInstructions"] = Value::Null;
            Json(whole(&result)).into_response()
        }
        Some(Fault::OtherParent) => {
            result["previousBlockhash"] = json!("elsewhere");
            Json(whole(&result)).into_response()
        }
        _ => Json(whole(&result)).into_response(),
    }
}

async fn serve(listener: tokio::net::TcpListener, node: Arc<Mutex<Node>>) {
    axum::serve(listener, Router::new().route("/", post(answer)).with_state(node)).await.unwrap();
}

fn settings(address: std::net::SocketAddr, database: PathBuf) -> Settings {
    Settings {
        rpc_url: format!("http://{address}"),
        database,
        source: SourceKind::Blocks,
        poll_ms: 5,
        request_timeout_seconds: 1,
        backoff_max_ms: 50,
        ..Settings::default()
    }
}

/// A chain with skipped slots.
fn chain() -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (place, events) in testing::journey().chunks(2).enumerate() {
        let slot = blocks.last().map_or(10, |last| last.slot) + 1 + (place as u64 % 3);
        let transactions = [events.to_vec()];
        let next = testing::block(blocks.last(), slot, "main", if place % 5 == 4 { &[] } else { &transactions });
        blocks.push(next.clone());
        if place % 5 == 4 {
            let again = testing::block(Some(&next), slot + 1, "main", &transactions);
            blocks.push(again);
        }
    }
    blocks
}

async fn clean_digest(chain: &[Block]) -> String {
    let store = Store::in_memory().await.unwrap();
    let view = View { chain: chain.to_vec(), delivered: (0..chain.len()).collect(), finalized: None };
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();
    store.digest().await.unwrap()
}

async fn until_slot(database: PathBuf, slot: u64) {
    let deadline = Instant::now() + Duration::from_secs(90);
    loop {
        if let Ok(pool) = indexer::store::open_read_only(&database, 1).await
            && indexer::Head::of(&pool).await.is_ok_and(|head| head.slot() == Some(slot))
        {
            return;
        }
        assert!(Instant::now() < deadline, "slot {slot} was not reached");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn indexed(address: std::net::SocketAddr, chain: &[Block], directory: &tempfile::TempDir) -> String {
    let database = directory.path().join("index.db");
    let last = chain.last().unwrap().slot;
    indexer::run(settings(address, database.clone()), until_slot(database.clone(), last)).await.unwrap();
    Store::open(&database).await.unwrap().digest().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_fails_in_every_way_loses_nothing() {
    let (chain, directory) = (chain(), tempfile::tempdir().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let node = Arc::new(Mutex::new(Node::new(&chain, 2)));
    tokio::spawn(serve(listener, node.clone()));
    assert_eq!(indexed(address, &chain, &directory).await, clean_digest(&chain).await);
    let met = node.lock().unwrap().met.clone();
    assert_eq!(met, BTreeSet::from(FAULTS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_down_for_a_while_is_waited_for() {
    let (chain, directory) = (chain(), tempfile::tempdir().unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let half = &chain[..chain.len() / 2];
    let known = half.last().unwrap().slot;
    let node = Arc::new(Mutex::new(Node::new(half, 0)));
    let first = tokio::spawn(serve(listener, node.clone()));
    let database = directory.path().join("index.db");
    let outage = {
        let (chain, database) = (chain.clone(), database.clone());
        async move {
            until_slot(database, known).await;
            first.abort();
            let _ = first.await;
            // the chain goes on while nobody can ask
            node.lock().unwrap().grow(&chain);
            tokio::time::sleep(Duration::from_millis(700)).await;
            serve(tokio::net::TcpListener::bind(address).await.unwrap(), node).await;
        }
    };
    tokio::spawn(outage);
    assert_eq!(indexed(address, &chain, &directory).await, clean_digest(&chain).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_are_refused_where_forks_would_go_unseen() {
    let directory = tempfile::tempdir().unwrap();
    let version = || async { Json(json!({ "jsonrpc": "2.0", "id": 1, "result": { "solana-core": "4.2.2" } })) };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(version))).await });
    let settings = Settings { source: SourceKind::Signatures, ..settings(address, directory.path().join("index.db")) };
    let error = indexer::run(settings, std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("commitment = \"finalized\""), "{error}");
}
