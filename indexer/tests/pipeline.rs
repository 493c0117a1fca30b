//! The pipeline on chains in memory.
#![allow(clippy::unwrap_used)]

use chain::event::Program;
use indexer::{
    Follower, Store, StoreError,
    block::Block,
    decoder,
    follow::FollowError,
    source::{
        Source as _,
        memory::{Memory, View},
    },
    testing,
};
use proptest::prelude::*;

fn whole(chain: &[Block]) -> View {
    View { chain: chain.to_vec(), delivered: (0..chain.len()).collect(), finalized: None }
}

async fn replay(chain: &[Block]) -> Store {
    let store = Store::in_memory().await.unwrap();
    let mut follower = Follower::new(store.clone(), Memory::new(vec![whole(chain)]), "confirmed");
    follower.step().await.unwrap();
    store
}

async fn count(store: &Store, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(store.pool()).await.unwrap()
}

#[test]
fn every_event_of_the_journey_is_found_in_its_block() {
    let events = testing::journey();
    let found: Vec<_> = testing::chain(&events, 4).iter().flat_map(decoder::decode).collect();
    let read: Vec<_> = found.iter().map(|found| found.event.clone().unwrap()).collect();
    assert_eq!(read, events);
}

#[test]
fn a_failed_transaction_and_a_strangers_instruction_tell_nothing() {
    let mut block = testing::block(None, 1, "", &[testing::setup()]);
    block.transactions[0].error = Some("custom".into());
    assert!(decoder::decode(&block).is_empty());
    block.transactions[0].error = None;
    let all = decoder::decode(&block).len();
    // the other program's authority, and the payer in place of the program
    block.transactions[0].inner[0].instructions[0].accounts = vec![Program::ALL.len() as u8 + 2];
    block.transactions[0].inner[0].instructions[1].program_id_index = 0;
    block.transactions[0].inner[0].instructions[2].accounts = vec![200];
    assert_eq!(decoder::decode(&block).len(), all - 3);
}

#[tokio::test]
async fn the_journey_fills_the_tables_without_dead_letters() {
    let store = replay(&testing::chain(&testing::journey(), 2)).await;
    assert_eq!(count(&store, "SELECT count(*) FROM dead_letter").await, 0);
    assert_eq!(count(&store, "SELECT count(*) FROM orders").await, 3);
    assert_eq!(count(&store, "SELECT count(*) FROM votes").await, 6);
    assert_eq!(count(&store, "SELECT open_orders FROM listings").await, 0);
    assert_eq!(
        count(&store, "SELECT count(*) FROM verdicts WHERE fault = 2 AND chunk IS NULL AND NOT closed").await,
        1
    );
    assert_eq!(count(&store, "SELECT chunk FROM chunk_claims WHERE seq = 1 AND NOT closed").await, 9);
    assert_eq!(count(&store, "SELECT CAST(distributed AS INTEGER) FROM epochs WHERE epoch = 0").await, 5_000);
    assert_eq!(
        count(&store, "SELECT CAST(amount AS INTEGER) FROM claims WHERE epoch = 0 AND points = '00000000000000000100'")
            .await,
        1_250
    );
}

#[tokio::test]
async fn bonds_and_rentals_fill_their_tables() {
    let store = replay(&testing::chain(&testing::journey(), 2)).await;
    let oracle: (i64, i64, i64, String, bool) = sqlx::query_as(
        "SELECT agreed, dissented, overturned, slashed, closed FROM oracles ORDER BY overturned DESC LIMIT 1",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    assert_eq!(oracle, (0, 1, 1, "00000000000000000100".into(), true));
    assert_eq!(count(&store, "SELECT sum(agreed) FROM oracles").await, 2);
    assert_eq!(count(&store, "SELECT count(*) FROM recorded_votes").await, 3);
    assert_eq!(count(&store, "SELECT seq FROM records WHERE closed").await, 3);
    let sums =
        "SELECT CAST(deposit AS INTEGER) - CAST(paid AS INTEGER) - CAST(fee AS INTEGER) - CAST(returned AS INTEGER)
                FROM rentals WHERE state = 3 AND hours = 3";
    assert_eq!(count(&store, sums).await, 0);
    assert_eq!(count(&store, "SELECT end_reason FROM rentals WHERE NOT closed").await, 1);
}

#[tokio::test]
async fn panels_keep_the_votes_of_each_opening_of_their_order() {
    let store = replay(&testing::chain(&testing::journey(), 2)).await;
    assert_eq!(count(&store, "SELECT count(*) FROM panels WHERE state = 3 AND NOT closed").await, 2);
    let votes: Vec<(i64, i64, i64, Option<i64>)> = sqlx::query_as(
        "SELECT opened_at - (SELECT min(opened_at) FROM panel_votes), seat, commitment IS NOT NULL, ballot
         FROM panel_votes WHERE order_address = ? ORDER BY opened_at, seat",
    )
    .bind(testing::address("order-0").to_string())
    .fetch_all(store.pool())
    .await
    .unwrap();
    let (first, again) = ([(0, Some(1)), (1, Some(3)), (2, Some(3))], [(0, 1), (1, 0), (2, 0)]);
    let expected = first.map(|(seat, ballot)| (0, seat, 1, ballot)).into_iter();
    assert_eq!(votes, expected.chain(again.map(|(seat, sealed)| (60, seat, sealed, None))).collect::<Vec<_>>());
    assert_eq!(count(&store, "SELECT panel_size FROM oracles_config WHERE panel_set = 2").await, 3);
}

#[tokio::test]
async fn what_a_panel_does_after_a_missed_event_is_a_dead_letter() {
    for (missed, told, says) in [
        ("PanelConvened", 9, "panel was never seen"),
        ("PanelPostponed", 1, "panel: event 3 follows event 1"),
        ("PanelDrawn", 6, "panel: event 4 follows event 2"),
        ("PanelVoteSealed", 1, "panel: event 5 follows event 3"),
        ("PanelVoted", 1, "panel: event 8 follows event 6"),
        ("PanelClosed", 1, "panel: event 1 follows event 9"),
    ] {
        let mut events = testing::panels();
        let place = events.iter().position(|event| event.name() == missed).unwrap();
        events.remove(place);
        let store = replay(&testing::chain(&events, 2)).await;
        let reasons: Vec<String> = sqlx::query_scalar("SELECT reason FROM dead_letter ORDER BY slot, inner_index")
            .fetch_all(store.pool())
            .await
            .unwrap();
        assert!(reasons[0].starts_with(says), "{missed}: {reasons:?}");
        assert_eq!(reasons.len(), told, "{missed}: {reasons:?}");
    }
}

#[tokio::test]
async fn a_rebuild_equals_the_live_tables() {
    let store = replay(&testing::chain(&testing::journey(), 3)).await;
    let live = store.digest().await.unwrap();
    sqlx::query("UPDATE orders SET state = 1").execute(store.pool()).await.unwrap();
    sqlx::query("DELETE FROM claims").execute(store.pool()).await.unwrap();
    assert_ne!(store.digest().await.unwrap(), live);
    store.rebuild().await.unwrap();
    assert_eq!(store.digest().await.unwrap(), live);
}

#[tokio::test]
async fn an_event_that_does_not_read_goes_to_dead_letter_and_the_rest_goes_on() {
    let mut chain = testing::chain(&testing::journey(), 2);
    let data = &mut chain[0].transactions[0].inner[0].instructions[1].data;
    let mut bytes = bs58::decode(&*data).into_vec().unwrap();
    bytes.push(0);
    *data = bs58::encode(bytes).into_string();
    let store = replay(&chain).await;
    let reason: String =
        sqlx::query_scalar("SELECT reason FROM dead_letter ORDER BY slot").fetch_one(store.pool()).await.unwrap();
    assert!(reason.contains("OracleSetCreated"), "{reason}");
    assert_eq!(store.head().await.unwrap().slot(), Some(chain.last().unwrap().slot));
    assert_eq!(count(&store, "SELECT count(*) FROM claims").await, 4);
}

#[tokio::test]
async fn a_missed_event_is_noticed_by_its_sequence_number() {
    let mut events = testing::journey();
    let accepted = events.iter().position(|event| event.name() == "OrderAccepted").unwrap();
    events.remove(accepted);
    let store = replay(&testing::chain(&events, 2)).await;
    let reason: String = sqlx::query_scalar("SELECT reason FROM dead_letter").fetch_one(store.pool()).await.unwrap();
    assert!(reason.contains("event 3 follows event 1"), "{reason}");
}

#[tokio::test]
async fn a_second_writer_fences_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let chain = testing::chain(&testing::journey(), 2);
    let first = Store::open(&path).await.unwrap();
    let second = Store::open(&path).await.unwrap();
    let head = first.head().await.unwrap();
    assert!(matches!(first.apply(&head, &chain[0], None).await, Err(StoreError::Fenced)));
    second.apply(&head, &chain[0], None).await.unwrap();
    assert!(matches!(second.apply(&head, &chain[0], None).await, Err(StoreError::Fenced | StoreError::Sql(_))));
}

#[tokio::test]
async fn a_fork_below_the_final_slot_stops_loudly() {
    let chain = testing::chain(&testing::journey(), 4);
    let mut other = vec![chain[0].clone()];
    for slot in 11..60 {
        let next = testing::block(other.last(), slot, "other", &[]);
        other.push(next);
    }
    let mut first = whole(&chain);
    first.finalized = Some(13);
    let mut follower =
        Follower::new(Store::in_memory().await.unwrap(), Memory::new(vec![first, whole(&other)]), "confirmed");
    follower.step().await.unwrap();
    let error = follower.step().await.unwrap_err();
    assert!(matches!(error, FollowError::Store(StoreError::ForkBelowFinal { .. })), "{error}");
    assert!(error.is_fatal());
}

#[tokio::test]
async fn blocks_that_are_final_and_empty_leave_no_rows() {
    let mut chain = testing::chain(&testing::setup(), 5);
    for slot in 20..120 {
        let next = testing::block(chain.last(), slot, "main", &[]);
        chain.push(next);
    }
    let store = Store::in_memory().await.unwrap();
    let mut view = whole(&chain);
    view.finalized = Some(110);
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();
    // the one with transactions, the newest final one, and those above it
    assert_eq!(count(&store, "SELECT count(*) FROM blocks").await, 1 + 1 + 9);
    assert_eq!(count(&store, "SELECT count(*) FROM undo").await, 0);
}

/// A chain of random length and shape on `trunk`: some blocks empty, some slots skipped, the events in order.
fn branch(trunk: &[Block], fork: &str, shape: &[(u64, usize)]) -> Vec<Block> {
    let events = testing::journey();
    let told = trunk.iter().flat_map(decoder::decode).count();
    let mut rest = &events[told.min(events.len())..];
    let mut blocks = trunk.to_vec();
    for (skip, take) in shape {
        let (now, later) = rest.split_at((*take).min(rest.len()));
        rest = later;
        let slot = blocks.last().map_or(10, |last| last.slot + 1) + skip;
        let transactions: Vec<_> = now.chunks(2).map(<[_]>::to_vec).collect();
        let next = testing::block(blocks.last(), slot, fork, &transactions);
        blocks.push(next);
    }
    blocks
}

fn shape() -> impl Strategy<Value = Vec<(u64, usize)>> {
    prop::collection::vec((0u64..3, 0usize..6), 1..8)
}

/// Views of a chain that grows and forks, each handed out with repetitions, out of order and with gaps.
fn history() -> impl Strategy<Value = Vec<View>> {
    let step = (any::<prop::sample::Index>(), shape(), prop::collection::vec(any::<prop::sample::Index>(), 0..12));
    prop::collection::vec(step, 1..6).prop_map(|steps| {
        let mut views: Vec<View> = Vec::new();
        let mut highest = 0;
        for (number, (keep, shape, order)) in steps.into_iter().enumerate() {
            let chain = views.last().map(|view| view.chain.clone()).unwrap_or_default();
            let trunk = &chain[..if chain.is_empty() { 0 } else { 1 + keep.index(chain.len()) }];
            let mut next = branch(trunk, &number.to_string(), &shape);
            // a fork that wins is longer in the end
            while next.last().is_none_or(|last| last.slot <= highest) {
                next = branch(&next, &number.to_string(), &[(0, 2)]);
            }
            highest = next.last().map_or(0, |last| last.slot);
            let delivered = order.iter().map(|place| place.index(next.len())).collect();
            views.push(View { chain: next, delivered, finalized: None });
        }
        views
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn forks_repetitions_gaps_and_crashes_end_in_the_digest_of_a_clean_replay(
        history in history(), crashes in prop::collection::vec(0i64..60, 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let last = history.last().unwrap().chain.clone();
            let store = Store::in_memory().await.unwrap();
            let mut source = Memory::new(history);
            for budget in crashes {
                // each attempt dies after so many statements, if it has that many
                let _ = Follower::new(store.crash_after(budget), source.clone(), "confirmed").step().await;
                source.poll(&store.head().await.unwrap()).await.unwrap();
            }
            let mut follower = Follower::new(store.clone(), source, "confirmed");
            while !follower.source().is_over() {
                follower.step().await.unwrap();
            }
            follower.step().await.unwrap();
            assert_eq!(store.digest().await.unwrap(), replay(&last).await.digest().await.unwrap());
            // a reader who folds the feed, reverts included, has the table of events
            let folded = count(&store, "SELECT sum(CASE kind WHEN 'apply' THEN 1 ELSE -1 END) FROM outbox").await;
            assert_eq!(folded, count(&store, "SELECT count(*) FROM events").await);
            let live = store.digest().await.unwrap();
            store.rebuild().await.unwrap();
            assert_eq!(store.digest().await.unwrap(), live);
        });
    }
}

#[tokio::test]
async fn a_crash_after_any_statement_loses_and_repeats_nothing() {
    let chain = testing::chain(&testing::journey(), 5);
    let clean = replay(&chain).await.digest().await.unwrap();
    for budget in 0..90 {
        let store = Store::in_memory().await.unwrap();
        for _ in 0..3 {
            let dying = store.crash_after(budget);
            let _ = Follower::new(dying, Memory::new(vec![whole(&chain)]), "confirmed").step().await;
        }
        Follower::new(store.clone(), Memory::new(vec![whole(&chain)]), "confirmed").step().await.unwrap();
        assert_eq!(store.digest().await.unwrap(), clean, "after {budget} statements");
    }
}
