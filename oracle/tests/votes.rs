//! What becomes of audits: the right votes, once each, whatever breaks in between.
#![allow(clippy::unwrap_used)]

mod support;

use oracle::memory::{Memory, Stage};
use oracle::node::Node;
use oracle::{OracleError, Settings};
use protocol::digest::content_address;
use protocol::report::{ArtefactFault, DifferingPart, ReplayReport, SegmentVerdict, Verdict, reason_code};
use protocol::sampling::sampled_segments;
use std::{future::pending, path::Path, sync::Arc};
use support::*;

/// Carries the only audit step by step until it is closed, with a new process for every step.
async fn to_the_end(folder: &Path, chain: &FakeChain, trainer: &FakeTrainer, store: &FakeStore) -> Vec<Stage> {
    let mut stages = Vec::new();
    for _ in 0..40 {
        let oracle = oracle(folder, chain, trainer, store).await;
        oracle.look().await.unwrap();
        if let Some(record) = oracle.memory.due().await.unwrap().pop() {
            oracle.step(&record).await.unwrap();
        }
        let all = oracle.memory.all().await.unwrap();
        oracle.memory.close().await;
        let Some(record) = all.into_iter().next() else { continue };
        stages.push(record.stage.clone());
        if !is_open(&record.stage) {
            return stages;
        }
    }
    panic!("the audit does not end: {stages:?}");
}

#[tokio::test]
async fn an_honest_result_gets_one_accepting_vote_with_its_report_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let (chain, trainer, store) =
        (FakeChain::with(audit.clone()), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    let oracle = Arc::new(oracle(folder.path(), &chain, &trainer, &store).await);
    oracle.run(true, pending()).await.unwrap();

    let [vote] = chain.votes()[..] else { panic!("{:?}", chain.votes()) };
    assert!(vote.accept);
    assert_eq!(vote.reason, reason_code::NONE);
    let report = store.remove(&vote.report);
    assert_eq!(content_address(&report), vote.report);
    let report: ReplayReport = serde_json::from_slice(&report).unwrap();
    assert_eq!(report.job_root, Some(audit.result_root));
    assert_eq!(report.sample_signature, Some(hex::encode(chain.sign_sample(&audit))));
    let asked = trainer.asked.lock().unwrap();
    let expected = sampled_segments(audit.seed, &chain.sign_sample(&audit), 3, manifest.segments());
    assert_eq!((asked.len(), &asked[0].segments), (1, &expected));
    assert_eq!(expected.len(), 5);
}

#[tokio::test]
async fn a_restart_after_every_step_neither_loses_the_verdict_nor_repeats_the_replay() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer) = (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default());
    let stages = to_the_end(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await;
    assert!(
        matches!(stages[..], [Stage::Judged(_), Stage::Sealing(..), Stage::Sealed(_), Stage::Sent(..), Stage::Voted]),
        "{stages:?}"
    );
    assert_eq!((chain.votes().len(), trainer.asked.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_vote_whose_answer_was_lost_is_not_repeated_after_a_restart() {
    for fate in [Fate::LandsUnheard, Fate::Lost] {
        let folder = tempfile::tempdir().unwrap();
        let (manifest, log) = job();
        let chain = FakeChain::with(audit(&manifest, &log));
        // of the seal, of its repetition if it was lost, and of the vote
        chain.set(|state| state.fates = if fate == Fate::Lost { vec![fate, Fate::Lands, fate] } else { vec![fate; 2] });
        to_the_end(folder.path(), &chain, &FakeTrainer::default(), &FakeStore::of(&manifest, &log)).await;
        assert_eq!(chain.votes().len(), 1, "{fate:?}");
        // the same signed bytes were submitted both times: of one seal and of one vote
        assert_eq!(chain.set(|state| state.signed.len()), 2, "{fate:?}");
    }
}

#[tokio::test]
async fn an_expired_vote_is_signed_again_and_lands_once() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let chain = FakeChain::with(audit(&manifest, &log));
    let twice = [Fate::Lost, Fate::Expires, Fate::Lands];
    chain.set(|state| state.fates = twice.repeat(2));
    to_the_end(folder.path(), &chain, &FakeTrainer::default(), &FakeStore::of(&manifest, &log)).await;
    assert_eq!((chain.votes().len(), chain.set(|state| state.signed.len())), (1, 4));
}

#[tokio::test]
async fn a_sealed_vote_is_shown_when_the_others_sealed_even_by_an_oracle_that_lost_its_memory() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (manifest, log) = job();
    let (chain, trainer, store) =
        (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    chain.set(|state| state.waits = true);
    let sealing = oracle(first.path(), &chain, &trainer, &store).await;
    sealing.look().await.unwrap();
    for _ in 0..6 {
        sealing.step(&only(&sealing.memory).await).await.unwrap();
    }
    let record = only(&sealing.memory).await;
    assert!(matches!(record.stage, Stage::Sealed(opinion) if opinion.accept), "{:?}", record.stage);
    assert_eq!((record.attempts, chain.votes().len(), chain.set(|state| state.signed.len())), (0, 0, 1));

    let forgetful = oracle(second.path(), &chain, &trainer, &store).await;
    forgetful.look().await.unwrap();
    forgetful.step(&only(&forgetful.memory).await).await.unwrap();
    chain.set(|state| state.waits = false);
    forgetful.carry(only(&forgetful.memory).await).await.unwrap();
    assert_eq!(only(&forgetful.memory).await.stage, Stage::Voted);
    // one seal, by the first, and one vote
    assert_eq!((chain.votes().len(), chain.set(|state| state.signed.len())), (1, 2));
}

#[tokio::test]
async fn a_seal_that_a_fork_took_back_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer, store) =
        (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    let oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    while !matches!(only(&oracle.memory).await.stage, Stage::Sealed(_)) {
        oracle.step(&only(&oracle.memory).await).await.unwrap();
    }
    chain.set(|state| state.seal = None);
    oracle.carry(only(&oracle.memory).await).await.unwrap();
    assert_eq!((chain.votes().len(), chain.set(|state| state.signed.len())), (1, 3));
    assert_eq!(trainer.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_outage_of_the_node_costs_time_only() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer, store) =
        (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    chain.set(|state| state.down = true);
    let oracle = Arc::new(oracle(folder.path(), &chain, &trainer, &store).await);
    let running = tokio::spawn(Arc::clone(&oracle).run(true, pending()));
    // down at every stage in turn: before it is seen, then after each change of stage
    let mut last = None;
    while !running.is_finished() {
        let stage = oracle.memory.all().await.ok().and_then(|all| all.into_iter().next()).map(|record| record.stage);
        let down = stage != last || (stage.is_none() && chain.set(|state| state.down && state.now < 20));
        chain.set(|state| {
            state.down = down;
            state.now += 1;
        });
        last = stage;
        tokio::task::yield_now().await;
    }
    running.await.unwrap().unwrap();
    assert_eq!(chain.votes().len(), 1);
}

#[tokio::test]
async fn a_differing_record_is_a_vote_against_with_the_records_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let chain = FakeChain::with(audit(&manifest, &log));
    let reply = Reply::Report(Verdict::Mismatch, mismatch(DifferingPart::Gradient { virtual_rank: 1 }));
    to_the_end(folder.path(), &chain, &FakeTrainer::replying(&[reply]), &FakeStore::of(&manifest, &log)).await;
    assert_eq!(
        chain.votes().iter().map(|vote| (vote.accept, vote.reason)).collect::<Vec<_>>(),
        [(false, reason_code::GRADIENT)]
    );
}

#[tokio::test]
async fn a_log_that_contradicts_the_order_is_a_vote_against_without_a_replay() {
    let (manifest, log) = job();
    let mut other_metric = log.clone();
    other_metric.end.metric.correct += 1;
    let mut broken_chain = log.clone();
    broken_chain.segments[3].start_root = protocol::digest::Digest([6; 32]);
    // another root than was submitted; a log that contradicts itself; and one that cannot be read at all
    let mut cases = vec![(audit(&manifest, &other_metric), other_metric.encode(), Some(log.job_root()))];
    cases.push((audit(&manifest, &broken_chain), broken_chain.encode(), None));
    let mut unreadable = audit(&manifest, &log);
    unreadable.result_log = content_address(b"no log");
    cases.push((unreadable, b"no log".to_vec(), None));
    for (mut audit, bytes, submitted) in cases {
        let folder = tempfile::tempdir().unwrap();
        audit.result_root = submitted.unwrap_or(audit.result_root);
        let (chain, trainer, store) = (FakeChain::with(audit), FakeTrainer::default(), FakeStore::default());
        oracle::store::Artefacts::put(&store, &manifest.encode()).unwrap();
        oracle::store::Artefacts::put(&store, &bytes).unwrap();
        to_the_end(folder.path(), &chain, &trainer, &store).await;
        assert_eq!(
            chain.votes().iter().map(|vote| (vote.accept, vote.reason)).collect::<Vec<_>>(),
            [(false, reason_code::LOG)]
        );
        assert!(trainer.asked.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_failure_of_this_host_is_never_a_vote_and_is_tried_again() {
    let unreadable = SegmentVerdict::Unavailable { fault: ArtefactFault::Unreadable, detail: "disk".into() };
    let failures = [
        Reply::Crash,
        Reply::OtherSegments,
        Reply::Report(Verdict::IncompatibleHost, SegmentVerdict::Match),
        Reply::Report(Verdict::Unavailable, unreadable),
        Reply::Report(Verdict::Match, mismatch(DifferingPart::Loss)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer) = (FakeChain::with(audit(&manifest, &log)), FakeTrainer::replying(&failures));
    let stages = to_the_end(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await;
    assert_eq!(stages.iter().filter(|stage| **stage == Stage::Seen).count(), failures.len());
    assert!(chain.votes()[0].accept);
    assert_eq!(chain.votes().len(), 1);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_no_proof_even_after_the_grace() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer, store) =
        (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    *store.unreadable.lock().unwrap() = true;
    let mut oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.settings.unavailable_grace_seconds = 0;
    oracle.look().await.unwrap();
    for _ in 0..3 {
        oracle.step(&only(&oracle.memory).await).await.unwrap();
    }
    let record = only(&oracle.memory).await;
    assert_eq!((record.stage, record.attempts, record.unavailable_since_ms), (Stage::Seen, 3, None));
    assert!(record.note.unwrap().contains("cannot read"));
    *store.unreadable.lock().unwrap() = false;
    to_the_end(folder.path(), &chain, &trainer, &store).await;
    assert!(chain.votes()[0].accept);
}

#[tokio::test]
async fn a_missing_log_is_waited_for_and_then_a_vote_against_with_its_own_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let (chain, trainer, store) =
        (FakeChain::with(audit.clone()), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    store.remove(&audit.result_log);
    let mut oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    for _ in 0..3 {
        oracle.step(&only(&oracle.memory).await).await.unwrap();
    }
    let record = only(&oracle.memory).await;
    assert_eq!(record.stage, Stage::Seen);
    let since = record.unavailable_since_ms.unwrap();
    oracle.step(&record).await.unwrap();
    assert_eq!(only(&oracle.memory).await.unavailable_since_ms, Some(since), "the first look counts");

    oracle.settings = Settings { unavailable_grace_seconds: 0, ..hasty() };
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    let Stage::Judged(opinion) = only(&oracle.memory).await.stage else { panic!() };
    assert_eq!((opinion.accept, opinion.reason), (false, reason_code::UNAVAILABLE));
    let report: ReplayReport = serde_json::from_slice(&store.remove(&opinion.report)).unwrap();
    assert_eq!(report.verdict, Verdict::Unavailable);
}

#[tokio::test]
async fn a_log_that_comes_back_within_the_grace_is_judged_as_if_nothing_had_been() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let (chain, trainer, store) =
        (FakeChain::with(audit.clone()), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    let bytes = store.remove(&audit.result_log);
    let oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    store.lie(audit.result_log, &bytes);
    oracle.carry(only(&oracle.memory).await).await.unwrap();
    assert!(chain.votes()[0].accept);
}

#[tokio::test]
async fn missing_artefacts_are_decided_before_the_deadline_makes_the_vote_worthless() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let (chain, trainer, store) =
        (FakeChain::with(audit.clone()), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    store.remove(&audit.manifest_hash);
    chain.set(|state| state.now = audit.seal_by - 31);
    let oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    assert_eq!(only(&oracle.memory).await.stage, Stage::Seen);
    chain.set(|state| state.now = audit.seal_by - 30);
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    assert!(
        matches!(only(&oracle.memory).await.stage, Stage::Judged(opinion) if opinion.reason == reason_code::UNAVAILABLE)
    );
}

#[tokio::test]
async fn a_lying_store_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let audit = audit(&manifest, &log);
    let (chain, trainer, store) =
        (FakeChain::with(audit.clone()), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    // a log that is fine in itself, under the address of another
    let mut forged = log.clone();
    forged.end.metric.correct = 100;
    store.lie(audit.result_log, &forged.encode());
    let oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    let record = only(&oracle.memory).await;
    assert_eq!(record.stage, Stage::Seen);
    assert!(record.note.unwrap().contains("hash to"));
    assert!(trainer.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_incompatible_host_refuses_to_vote() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let trainer = FakeTrainer { compatible: false, ..FakeTrainer::default() };
    let chain = FakeChain::with(audit(&manifest, &log));
    let oracle = Arc::new(oracle(folder.path(), &chain, &trainer, &FakeStore::of(&manifest, &log)).await);
    let error = oracle.run(true, pending()).await.unwrap_err();
    assert!(matches!(error, OracleError::SelfTest(_)));
    assert!(error.to_string().contains("incompatible host"), "{error}");
    assert!(chain.votes().is_empty());
}

#[tokio::test]
async fn an_audit_that_ended_is_void_and_its_verdict_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let (chain, trainer, store) =
        (FakeChain::with(audit(&manifest, &log)), FakeTrainer::default(), FakeStore::of(&manifest, &log));
    let oracle = oracle(folder.path(), &chain, &trainer, &store).await;
    oracle.look().await.unwrap();
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    chain.set(|state| state.closed = Some("the oracle set is retired".into()));
    oracle.step(&only(&oracle.memory).await).await.unwrap();
    let record = only(&oracle.memory).await;
    assert_eq!((record.stage, record.note.as_deref()), (Stage::Void, Some("the oracle set is retired")));
    assert!(chain.votes().is_empty());
}

#[tokio::test]
async fn a_second_audit_at_the_address_of_a_closed_order_is_another_audit() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, log) = job();
    let first = audit(&manifest, &log);
    let mut second = first.clone();
    second.seed = [77; 32];
    let memory = Memory::open(&folder.path().join("oracle.db")).await.unwrap();
    assert!(memory.discover(&first).await.unwrap());
    assert!(!memory.discover(&first).await.unwrap());
    assert!(memory.discover(&second).await.unwrap());
    assert_eq!(memory.open_count().await.unwrap(), 2);
}

#[tokio::test]
async fn stopping_ends_a_running_oracle_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let chain = FakeChain::default();
    chain.set(|state| state.down = true);
    let oracle = oracle(folder.path(), &chain, &FakeTrainer::default(), &FakeStore::default()).await;
    Arc::new(oracle).run(false, async {}).await.unwrap();
}
