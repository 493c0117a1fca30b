//! The API over a database that the indexer filled from a chain in memory.

use app_api::{Server, Settings};
use chain::event::Event;
use indexer::{
    Follower, Store,
    source::memory::{Memory, View},
    testing,
};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) directory: tempfile::TempDir,
}

/// The API over a chain on which these events happened.
pub(crate) async fn served_after(events: &[Event]) -> Served {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("index.db");
    let store = Store::open(&database).await.unwrap();
    let chain = testing::chain(events, 2);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    Follower::new(store, Memory::new(vec![view]), "confirmed").step().await.unwrap();
    let settings = Settings { listen: "127.0.0.1:0".parse().unwrap(), database, max_streams: 1, ..Settings::default() };
    let server = Server::bind(settings).await.unwrap();
    let url = format!("http://{}", server.address());
    tokio::spawn(server.run(std::future::pending()));
    Served { url, client: Client::new(), directory }
}

/// The API over the made-up journey.
pub(crate) async fn served() -> Served {
    served_after(&testing::journey()).await
}

impl Served {
    pub(crate) async fn response(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.response(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}: {}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    pub(crate) async fn problem(&self, path: &str, status: u16, kind: &str) -> String {
        let response = self.response(path).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["type"], format!("/problems/{kind}"), "{path}");
        assert_eq!(body["status"], status);
        body["detail"].as_str().unwrap().to_owned()
    }

    /// The rows of the first page.
    pub(crate) async fn rows(&self, path: &str) -> Vec<Value> {
        self.json(path).await["data"].as_array().unwrap().clone()
    }
}

/// Asserts that a JSON object has these fields, whatever else it has.
#[track_caller]
pub(crate) fn shows(data: &Value, fields: Value) {
    for (name, expected) in fields.as_object().unwrap() {
        assert_eq!(&data[name], expected, "{name} of {data:#}");
    }
}
