//! The API over the tables that the indexer makes of what a world's programs emitted.

use app_api::{Server, Settings};
use e2e_tests::{Sent, World};
use indexer::{
    Follower, Store,
    block::{Block, Inner, Instruction, Transaction},
    source::memory::{Memory, View},
};
use reqwest::{Client, Response};
use serde_json::Value;

pub(crate) struct Served {
    url: String,
    client: Client,
    _directory: tempfile::TempDir,
}

/// A block for each transaction of the world's history, as a node would report it.
fn blocks(history: &[Sent]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (slot, sent) in (1..).zip(history) {
        let (parent_slot, parent_hash) =
            blocks.last().map_or((0, "genesis".into()), |parent| (parent.slot, parent.blockhash.clone()));
        blocks.push(Block {
            slot,
            blockhash: format!("block {slot}"),
            parent_slot,
            parent_hash,
            block_time: Some(sent.unix_seconds),
            transactions: vec![transaction(sent)],
        });
    }
    blocks
}

fn transaction(sent: &Sent) -> Transaction {
    let meta = &sent.receipt.meta;
    let inner = (0..).zip(&meta.inner_instructions).map(|(index, inner)| Inner {
        index,
        instructions: inner
            .iter()
            .map(|inner| Instruction {
                program_id_index: inner.instruction.program_id_index,
                accounts: inner.instruction.accounts.clone(),
                data: bs58::encode(&inner.instruction.data).into_string(),
            })
            .collect(),
    });
    Transaction {
        index: 0,
        signature: meta.signature.to_string(),
        error: None,
        keys: sent.receipt.keys.iter().map(ToString::to_string).collect(),
        instructions: Vec::new(),
        inner: inner.collect(),
    }
}

/// Serves what the world's programs emitted, none of which may contradict what came before it.
pub(crate) async fn served(world: &World) -> Served {
    let history = world.history.as_ref().expect("a world that keeps its history");
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("index.db");
    let chain = blocks(history);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    let store = Store::open(&database).await.unwrap();
    Follower::new(store, Memory::new(vec![view]), "confirmed").step().await.unwrap();
    let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), database, ..Settings::default() };
    let server = Server::bind(settings).await.unwrap();
    let url = format!("http://{}", server.address());
    tokio::spawn(server.run(std::future::pending()));
    let served = Served { url, client: Client::new(), _directory: directory };
    assert_eq!(served.data("dead-letters").await, Value::Array(vec![]));
    served
}

impl Served {
    async fn response(&self, path: &str) -> Response {
        self.client.get(format!("{}/v1/{path}", self.url)).send().await.unwrap()
    }

    /// What is answered about a path below `/v1/`.
    pub(crate) async fn data(&self, path: &str) -> Value {
        let body: Value = self.response(path).await.json().await.unwrap();
        assert!(body["context"]["slot"].is_i64(), "{path}: {body:#}");
        body["data"].clone()
    }
}

/// Asserts that a JSON object has these fields, whatever else it has.
#[track_caller]
pub(crate) fn shows(data: &Value, fields: &Value) {
    for (name, expected) in fields.as_object().unwrap() {
        assert_eq!(&data[name], expected, "{name} of {data:#}");
    }
}
