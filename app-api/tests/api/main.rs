//! The API over a seeded database.
#![allow(clippy::unwrap_used)]

mod amounts;
mod panels;
mod resources;
mod served;

use app_api::{ServeError, Server, Settings};
use indexer::{Store, testing};
use reqwest::StatusCode;
use serde_json::Value;
use served::served;

#[tokio::test]
async fn an_order_shows_its_audit_its_votes_and_its_settlement() {
    let served = served().await;
    let order = testing::address("order-0");
    let body = served.json(&format!("/v1/orders/{order}")).await;
    println!("{body:#}");
    let data = &body["data"];
    assert_eq!(data["state"], "released");
    assert_eq!(data["audit"]["verdict"], "accept");
    assert_eq!(data["audit"]["threshold"], 2);
    assert_eq!(data["audit"]["votes"].as_array().unwrap().len(), 2);
    assert_eq!((&data["judge"], &data["seller_bond"]), (&"oracles".into(), &"100000".into()));
    assert_eq!(data["settlement"]["paid"], "1050000");
    assert_eq!(data["award"]["awarded"], true);
    assert_eq!(body["context"]["commitment"], "confirmed");
    assert_eq!(body["context"]["lag_slots"], 0);
    let refused = served.json(&format!("/v1/orders/{}", testing::address("order-2"))).await;
    assert_eq!(refused["data"]["state"], "refunded");
    assert_eq!(refused["data"]["settlement"]["refund_reason"], "rejected");
    assert_eq!(refused["data"]["settlement"]["refunded"], "1080000");
    assert_eq!(refused["data"]["settlement"]["burned"], "20000");
    assert_eq!(refused["data"]["audit"]["votes"][0]["reason"], 7);
}

#[tokio::test]
async fn a_listing_keeps_all_64_bits_of_its_id() {
    let served = served().await;
    let body = served.json("/v1/listings?kind=compute&active=true").await;
    assert_eq!(body["data"][0]["id"], "18446744073709551615");
    assert_eq!(body["data"][0]["uri"], "https://example.org/gpu");
    assert_eq!(body["next"], Value::Null);
    let address = body["data"][0]["address"].as_str().unwrap();
    assert_eq!(served.json(&format!("/v1/listings/{address}")).await["data"], body["data"][0]);
}

#[tokio::test]
async fn filters_choose_orders() {
    let served = served().await;
    assert_eq!(served.json("/v1/orders?state=released").await["data"].as_array().unwrap().len(), 2);
    assert_eq!(served.json("/v1/orders?state=refunded").await["data"].as_array().unwrap().len(), 1);
    let buyer = testing::address("buyer");
    assert_eq!(served.json(&format!("/v1/orders?wallet={buyer}")).await["data"].as_array().unwrap().len(), 3);
    assert_eq!(served.json(&format!("/v1/orders?seller={buyer}")).await["data"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_proposal_shows_its_votes_its_milestones_and_what_became_of_it() {
    let served = served().await;
    let (proposal, proposer) = (testing::address("proposal"), testing::address("who-0"));
    let data = served.json(&format!("/v1/proposals/{proposal}")).await["data"].clone();
    assert_eq!(
        (&data["state"], &data["reason"], &data["bond_state"]),
        (&"cancelled".into(), &"late".into(), &"returned".into())
    );
    assert_eq!((&data["votes_for"], &data["votes_against"], &data["voters"]), (&"400".into(), &"0".into(), &2.into()));
    assert_eq!((&data["total"], &data["paid"], &data["committed"]), (&"3000".into(), &"1000".into(), &"0".into()));
    let milestones = data["milestones"].as_array().unwrap();
    let states: Vec<_> = milestones.iter().map(|milestone| milestone["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["paid", "pending"]);
    assert_eq!(milestones[0]["evidence"], "02".repeat(32));
    let list = served.json(&format!("/v1/proposals?state=cancelled&proposer={proposer}")).await;
    assert_eq!(list["data"][0]["address"], proposal.to_string());
    assert_eq!(served.json("/v1/proposals?state=voting").await["data"].as_array().unwrap().len(), 0);
    let ballots = served.json(&format!("/v1/proposals/{proposal}/ballots")).await["data"].clone();
    let mut weights: Vec<_> =
        ballots.as_array().unwrap().iter().map(|b| (b["choice"].clone(), b["weight"].clone())).collect();
    weights.sort_by_key(|(_, weight)| weight.to_string());
    assert_eq!(weights, [("for".into(), "100".into()), ("for".into(), "300".into())]);
    let nobody = testing::address("nobody");
    served.problem(&format!("/v1/proposals/{nobody}"), 404, "not-found").await;
    served.problem("/v1/proposals?state=lost", 400, "bad-request").await;
}

#[tokio::test]
async fn a_month_recomputed_from_events_agrees_with_what_was_paid() {
    let served = served().await;
    for (epoch, points, distributed, reserve, share) in
        [(0, "400", "5000", "5000", "1250"), (1, "1000", "10000", "0", "1000")]
    {
        let body = served.json(&format!("/v1/epochs/{epoch}/audit")).await;
        let audit = &body["data"];
        assert_eq!(audit["mismatches"], Value::Array(vec![]));
        assert_eq!(audit["expected"], audit["actual"]);
        assert_eq!(audit["expected"]["total_points"], points);
        assert_eq!(audit["expected"]["distributed"], distributed);
        assert_eq!(audit["expected"]["to_reserve"], reserve);
        let claims = served.json(&format!("/v1/epochs/{epoch}/claims")).await;
        let hundred = claims["data"].as_array().unwrap().iter().find(|claim| claim["points"] == "100").unwrap();
        assert_eq!(hundred["amount"], share);
        let earned = served.json(&format!("/v1/epochs/{epoch}/points")).await;
        assert!(earned["data"].as_array().unwrap().iter().all(|row| row["claimed"] == true));
    }
}

#[tokio::test]
async fn a_month_that_was_paid_wrongly_is_called_out() {
    let served = served().await;
    let store = Store::open(&served.directory.path().join("index.db")).await.unwrap();
    sqlx::query("UPDATE events SET body = replace(body, '\"1250\"', '\"1251\"') WHERE name = 'RewardClaimed'")
        .execute(store.pool())
        .await
        .unwrap();
    let audit = served.json("/v1/epochs/0/audit").await;
    assert_eq!(audit["data"]["mismatches"].as_array().unwrap().len(), 2, "{audit:#}");
}

#[tokio::test]
async fn a_reader_who_is_ahead_of_the_tables_gets_412_until_they_catch_up() {
    let served = served().await;
    let slot = served.json("/v1/stats").await["context"]["slot"].as_u64().unwrap();
    served.json(&format!("/v1/orders?min_slot={slot}")).await;
    let path = format!("/v1/orders?min_slot={}", slot + 1);
    let detail = served.problem(&path, 412, "behind").await;
    assert!(detail.contains("try again"), "{detail}");
    assert_eq!(served.response(&path).await.headers()["retry-after"], "1");
    let store = Store::open(&served.directory.path().join("index.db")).await.unwrap();
    store.checked(slot + 1, slot + 1, "confirmed", 0).await.unwrap();
    served.json(&path).await;
}

#[tokio::test]
async fn an_unchanged_answer_is_304() {
    let served = served().await;
    let first = served.response("/v1/listings").await;
    let tag = first.headers()["etag"].clone();
    assert!(tag.to_str().unwrap().starts_with('"'), "strong");
    let url = format!("{}/v1/listings", served.url);
    let again = served.client.get(&url).header("if-none-match", tag.clone()).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(again.headers()["etag"], tag);
    assert!(again.bytes().await.unwrap().is_empty());
    let other = served.client.get(url).header("if-none-match", "\"0\"").send().await.unwrap();
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn bad_input_is_a_problem_that_says_what_to_do() {
    let served = served().await;
    for path in [
        "/v1/orders?state=paid",
        "/v1/orders?limit=0",
        "/v1/orders?limit=201",
        "/v1/orders?limit=many",
        "/v1/orders?colour=red",
        "/v1/orders?limit=1&limit=2",
        "/v1/orders?min_slot=soon",
        "/v1/epochs/first",
        "/v1/epochs/-1",
        "/v1/points?epoch=4294967296",
    ] {
        served.problem(path, 400, "bad-request").await;
    }
    let cursor = served.json("/v1/orders?limit=1").await["next"].as_str().unwrap().to_owned();
    for path in ["/v1/orders?cursor=%20", "/v1/orders?cursor=AAAA", &format!("/v1/awards?cursor={cursor}")] {
        served.problem(path, 400, "bad-cursor").await;
    }
    for path in ["/v1/orders/nobody", "/v1/epochs/9", "/v1/epochs/9/audit", "/v1/epochs/9/points", "/v2", "/"] {
        served.problem(path, 404, "not-found").await;
    }
    let posted = served.client.post(format!("{}/v1/orders", served.url)).body("{}").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(posted.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn statistics_add_up() {
    let served = served().await;
    let body = served.json("/v1/stats").await;
    let config = served.json("/v1/config").await;
    println!("{body:#}\n{config:#}");
    assert_eq!(config["data"]["grants"]["disbursed"], "1000");
    let data = &body["data"];
    assert_eq!(data["orders"]["released"], 2);
    assert_eq!(data["volume"][testing::address("mint").to_string()]["ordered"], "3000000");
    assert_eq!(data["distributed"], "15000");
    assert_eq!(data["claims"], 4);
    assert_eq!(data["events"], testing::journey().len());
}

#[tokio::test]
async fn readiness_tells_a_silent_indexer_from_a_live_one() {
    let served = served().await;
    assert_eq!(served.json("/healthz").await["status"], "ok");
    assert_eq!(served.json("/readyz").await["status"], "ready");
    let store = Store::open(&served.directory.path().join("index.db")).await.unwrap();
    store.checked(1, 1, "confirmed", 0).await.unwrap();
    let stale = served.response("/readyz").await;
    assert_eq!(stale.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stale.json::<Value>().await.unwrap()["status"], "stale");
}

#[tokio::test]
async fn a_stream_resumes_after_the_last_event_that_was_seen() {
    let served = served().await;
    let open = |last: &str| {
        let request = served.client.get(format!("{}/v1/events", served.url)).header("accept", "text/event-stream");
        request.header("last-event-id", last.to_owned()).send()
    };
    let mut stream = open("3").await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while !text.contains("\n\n") {
        text += &String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap());
    }
    assert!(text.contains("id: 4\n"), "{text}");
    assert!(!text.contains("id: 3\n"), "{text}");
    let second = open("3").await.unwrap();
    assert_eq!(second.status(), StatusCode::TOO_MANY_REQUESTS);
    let bad = open("x").await.unwrap();
    assert_eq!(bad.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn pages_of_other_origins_may_read() {
    let served = served().await;
    let request = served.client.get(format!("{}/v1/stats", served.url)).header("origin", "https://example.org");
    assert_eq!(request.send().await.unwrap().headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn a_port_in_use_is_a_clear_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings { listen: taken.local_addr().unwrap(), ..Settings::default() };
    let error = Server::bind(settings).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }));
    assert!(error.to_string().contains("choose another with --listen"), "{error}");
}
