//! What those who watch an oracle see: an operator who scrapes it, and whoever reads its journal.
#![allow(clippy::unwrap_used)]

mod support;

use oracle::server::Server;
use oracle::settings::Listen;
use oracle::{Journal, Metrics};
use protocol::report::{DifferingPart, Verdict, reason_code};
use serde_json::Value;
use std::{future::pending, sync::Arc, time::Duration};
use support::*;

async fn scrape(metrics: &Metrics, path: &str) -> (u16, String, String) {
    let listen: Listen = "0".parse().unwrap();
    let server = Server::bind(listen, metrics.clone(), Duration::from_secs(3_600)).await.unwrap();
    let url = format!("http://{}{path}", server.address());
    let served = tokio::spawn(server.run());
    let answer = reqwest::get(url).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let answer = (answer.status().as_u16(), kind, answer.text().await.unwrap());
    served.abort();
    answer
}

/// The value of a sample, by its name and labels.
fn value(text: &str, sample: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("aixblock_oracle_{sample} ")));
    line.unwrap_or_else(|| panic!("no {sample} in {text}")).parse().unwrap()
}

#[tokio::test]
async fn a_scrape_counts_what_became_of_an_audit_and_names_no_order() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let differs = Reply::Report(Verdict::Mismatch, mismatch(DifferingPart::ReducedGradient));
    let (chain, trainer) = (FakeChain::with(audit.clone()), FakeTrainer::replying(&[Reply::Crash, differs]));
    let store = FakeStore::of(&manifest, &log);
    let mut oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.watch.journal = Some(Journal::new(folder.path().join("journal.jsonl"), 1 << 20));
    let metrics = oracle.watch.metrics.clone();
    assert_eq!(scrape(&metrics, "/readyz").await.0, 503);
    Arc::new(oracle).run(true, pending()).await.unwrap();

    let (status, kind, text) = scrape(&metrics, "/metrics").await;
    assert_eq!((status, kind.as_str()), (200, "text/plain; version=0.0.4; charset=utf-8"));
    for (sample, expected) in [
        ("audits_discovered_total", 1.0),
        ("audits_judged_total{verdict=\"reject\",reason=\"reduced_gradient\"}", 1.0),
        ("audits_judged_total{verdict=\"accept\",reason=\"none\"}", 0.0),
        ("audits_postponed_total{cause=\"host\"}", 1.0),
        ("votes_total{verdict=\"reject\"}", 1.0),
        ("votes_total{verdict=\"accept\"}", 0.0),
        ("audits_void_total", 0.0),
        ("open_audits", 0.0),
        ("replays_running", 0.0),
        ("replays_total{outcome=\"failed\"}", 1.0),
        ("replays_total{outcome=\"mismatch\"}", 1.0),
        ("replayed_segments_total{outcome=\"differs\"}", 5.0),
        ("replayed_steps_total", 0.0),
        ("replay_seconds_count", 2.0),
        ("rpc_errors_total{call=\"audits\"}", 0.0),
        ("self_test_passed", 1.0),
    ] {
        assert_eq!(value(&text, sample), expected, "{sample} in {text}");
    }
    assert!(!text.contains("nearest_deadline_seconds"), "nothing is open: {text}");
    assert!(!text.contains(&audit.order.to_string()), "{text}");
    assert_eq!(scrape(&metrics, "/readyz").await.0, 200);
    assert_eq!(scrape(&metrics, "/healthz").await.0, 200);

    let journal = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    let [line] = journal.lines().collect::<Vec<_>>()[..] else { panic!("{journal}") };
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!((&line["accept"], &line["reason"]), (&false.into(), &reason_code::REDUCED_GRADIENT.into()));
    assert_eq!(line["order"], audit.order.to_string());
    assert_eq!((line["segments"].as_array().unwrap().len(), &line["steps"]), (5, &10.into()));
    assert_eq!(line["report"], chain.votes()[0].report.to_string());
}

#[tokio::test]
async fn steps_of_an_honest_result_are_counted_and_an_open_audit_shows_its_deadline() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer) = (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default());
    let oracle = Arc::new(oracle(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await);
    oracle.look().await.unwrap();
    let text = oracle.watch.metrics.text();
    assert_eq!(value(&text, "open_audits"), 1.0);
    // the chain's time is 0, and the audit ends at 1,000,000
    assert!((900_000.0..=1_000_001.0).contains(&value(&text, "nearest_deadline_seconds")), "{text}");
    assert!(value(&text, "oldest_open_audit_seconds") >= 0.0);

    Arc::clone(&oracle).run(true, pending()).await.unwrap();
    let text = oracle.watch.metrics.text();
    let steps = trainer.asked.lock().unwrap()[0].steps;
    assert_eq!((steps, value(&text, "replayed_steps_total")), (10, 10.0));
    assert_eq!(value(&text, "replayed_segments_total{outcome=\"equal\"}"), 5.0);
    assert_eq!(value(&text, "votes_total{verdict=\"accept\"}"), 1.0);
}

#[tokio::test]
async fn a_node_that_does_not_answer_and_an_audit_that_ends_show() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer) = (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default());
    let oracle = oracle(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await;
    oracle.look().await.unwrap();
    chain.set(|state| state.down = true);
    assert!(!oracle.look().await.unwrap());
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    chain.set(|state| (state.down, state.closed) = (false, Some("the order is closed".into())));
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    let text = oracle.watch.metrics.text();
    for (sample, expected) in [
        ("rpc_errors_total{call=\"arm\"}", 1.0),
        ("rpc_errors_total{call=\"audits\"}", 1.0),
        ("rpc_errors_total{call=\"standing\"}", 1.0),
        ("audits_postponed_total{cause=\"node\"}", 1.0),
        ("audits_void_total", 1.0),
    ] {
        assert_eq!(value(&text, sample), expected, "{sample} in {text}");
    }
}

#[tokio::test]
async fn the_operators_page_names_every_metric_once_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer) = (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default());
    let oracle = oracle(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await;
    // some are there only while an audit is open
    oracle.look().await.unwrap();
    let text = oracle.watch.metrics.text();
    let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE aixblock_oracle_"));
    let mut served: Vec<String> = kinds.map(|kind| kind.replace(' ', "` | ")).collect();
    let page = include_str!("../../docs/oracle.md");
    let (_, table) = page.split_once("| `aixblock_oracle_…` |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut named: Vec<String> = rows.map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" | ")).collect();
    served.sort();
    named.sort();
    assert_eq!(named, served);
}
