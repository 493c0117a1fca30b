//! Review of awards, expiry, profit and the reserve, from events to rows.
#![allow(clippy::unwrap_used)]

use chain::event::{Event, RewardsEvent as E};
use indexer::{
    Amount, Follower, Store, Wide, audit,
    rows::{AwardRow, ContributorRow, EpochRow, ProfitDepositRow, RewardsConfigRow, ScheduledMonthRow, SpendRow},
    source::memory::{Memory, View},
    testing::{self, FEBRUARY, JANUARY, address},
};
use rewards::{
    events as r,
    state::{award_state, epoch_state},
};

const WRONG: [u8; 32] = [1; 32];
const LARGE: [u8; 32] = [2; 32];
/// What a point earned after a hundred base units came in for six hundred points.
const INDEX: u128 = (100 << 64) / 600;

fn issued(seq: u64, source: [u8; 32], points: u64, state: u8, after: u64) -> E {
    E::AwardIssued(r::AwardIssued {
        epoch: 0,
        seq,
        wallet: address("ada"),
        issuer: address("issuer"),
        source,
        category: 1,
        quantity: 1,
        points,
        state,
        wallet_points: after,
        total_points: after,
        lifetime_points: after,
    })
}

fn reviewed(seq: u64, source: [u8; 32], points: u64, state: u8, after: u64) -> E {
    E::AwardReviewed(r::AwardReviewed {
        epoch: 0,
        seq,
        source,
        wallet: address("ada"),
        by: address("confirmer"),
        state,
        reason: [7; 32],
        points,
        wallet_points: after,
        total_points: after,
        lifetime_points: after,
    })
}

/// Epoch 0: a void award of 5, a confirmed one of 600, a pool of 1,000 that nobody claims; profit, a schedule and two spends.
fn history() -> Vec<Event> {
    let wallet = address("ada");
    let mut pools = [0; 12];
    pools[..2].copy_from_slice(&[70, 30]);
    let spend = |seq, id| {
        E::SpendProposed(r::SpendProposed {
            seq,
            id,
            amount: 40,
            destination: address("payee"),
            purpose: [3; 32],
            executable_at: 10,
            expires_at: 20,
        })
    };
    let events = vec![
        E::ScheduleSet(r::ScheduleSet {
            seq: 4,
            first_month: 1,
            count: 2,
            pools,
            scheduled: 100,
            lifetime_allocation: 9_000,
        }),
        E::EpochOpened(r::EpochOpened {
            epoch: 0,
            seq: 1,
            start: JANUARY,
            end: FEBRUARY,
            pool: 0,
            threshold: 0,
            below_bps: 0,
            cap_per_point: false,
        }),
        E::ContributorRegistered(r::ContributorRegistered { wallet, seq: 1, destination: address("tokens") }),
        issued(2, WRONG, 5, award_state::COUNTED, 5),
        issued(3, LARGE, 600, award_state::PENDING, 5),
        reviewed(4, LARGE, 600, award_state::COUNTED, 605),
        reviewed(5, WRONG, 5, award_state::VOID, 600),
        E::EpochClosed(r::EpochClosed { epoch: 0, seq: 6, total_points: 600, review_ends: FEBRUARY + 60 }),
        E::TgeConverted(r::TgeConverted { epoch: 0, seq: 7, pool: 1_000 }),
        E::EpochFinalized(r::EpochFinalized {
            epoch: 0,
            seq: 8,
            total_points: 600,
            pool: 1_000,
            distributed: 1_000,
            to_reserve: 0,
            expires_at: FEBRUARY + 999,
        }),
        E::ProfitDeposited(r::ProfitDeposited {
            seq: 5,
            from: address("treasury"),
            amount: 500,
            to_holders: 100,
            to_reserve: 400,
            profit_index: INDEX,
            lifetime_points: 600,
        }),
        E::ProfitClaimed(r::ProfitClaimed {
            wallet,
            seq: 2,
            destination: address("tokens"),
            amount: 99,
            profit_paid: 99,
        }),
        E::EpochExpired(r::EpochExpired { epoch: 0, seq: 9, unclaimed: 1_000 }),
        E::PointsClosed(r::PointsClosed { epoch: 0, seq: 10, wallet }),
        E::AwardClosed(r::AwardClosed { epoch: 0, seq: 11, source: WRONG }),
        spend(6, 0),
        spend(7, u64::MAX),
        E::SpendExecuted(r::SpendExecuted { seq: 8, id: 0, amount: 40, spent: 40 }),
        E::SpendCancelled(r::SpendCancelled { seq: 9, id: u64::MAX }),
    ];
    testing::setup().into_iter().chain(events.into_iter().map(Event::Rewards)).collect()
}

async fn store() -> Store {
    let chain = testing::chain(&history(), 2);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    let store = Store::in_memory().await.unwrap();
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();
    store
}

#[tokio::test]
async fn every_event_changes_the_row_that_it_is_about() {
    let store = store().await;
    let pool = store.pool();
    let dead: i64 = sqlx::query_scalar("SELECT count(*) FROM dead_letter").fetch_one(pool).await.unwrap();
    assert_eq!(dead, 0);

    let config: RewardsConfigRow = sqlx::query_as("SELECT * FROM rewards_config").fetch_one(pool).await.unwrap();
    assert_eq!((config.seq, config.scheduled, config.lifetime_allocation), (9, Amount(100), Amount(9_000)));
    assert_eq!((config.spent, config.profit_share_bps, config.confirmer), (Amount(40), 2_000, None));
    let months: Vec<ScheduledMonthRow> =
        sqlx::query_as("SELECT * FROM scheduled_months ORDER BY epoch").fetch_all(pool).await.unwrap();
    assert_eq!(months.iter().map(|m| (m.epoch, m.pool)).collect::<Vec<_>>(), [(1, Amount(70)), (2, Amount(30))]);

    let epoch: EpochRow = sqlx::query_as("SELECT * FROM epochs").fetch_one(pool).await.unwrap();
    assert_eq!((epoch.state, epoch.seq, epoch.contributors), (epoch_state::EXPIRED.into(), 11, 1));
    assert_eq!((epoch.pool, epoch.unclaimed, epoch.expires_at), (Amount(1_000), Amount(1_000), Some(FEBRUARY + 999)));
    let awards: Vec<AwardRow> = sqlx::query_as("SELECT * FROM awards ORDER BY source").fetch_all(pool).await.unwrap();
    let states: Vec<_> = awards.iter().map(|award| (award.state, award.reason.is_some())).collect();
    assert_eq!(states, [(award_state::VOID.into(), true), (award_state::COUNTED.into(), false)]);

    let ada: ContributorRow = sqlx::query_as("SELECT * FROM contributors").fetch_one(pool).await.unwrap();
    assert_eq!((ada.lifetime_points, ada.profit_paid, ada.seq), (Amount(600), Amount(99), 2));
    let deposit: ProfitDepositRow = sqlx::query_as("SELECT * FROM profit_deposits").fetch_one(pool).await.unwrap();
    assert_eq!((deposit.to_holders, deposit.profit_index), (Amount(100), Wide(INDEX)));
    // a hundred, less what the index cannot show
    assert_eq!((config.profit_in, config.profit_out, config.reserved), (Amount(100), Amount(99), Amount(1_400)));
    assert_eq!((config.lifetime_points, config.profit_index), (Amount(600), Wide(INDEX)));
    assert_eq!(ada.profit_owed, Wide(600 * INDEX - (99 << 64)));
    let spends: Vec<SpendRow> =
        sqlx::query_as("SELECT * FROM reserve_spends ORDER BY id").fetch_all(pool).await.unwrap();
    let states: Vec<_> = spends.iter().map(|spend| (spend.id, spend.state.as_str())).collect();
    assert_eq!(states, [(Amount(0), "executed"), (Amount(u64::MAX), "cancelled")]);
}

#[tokio::test]
async fn an_audit_counts_what_was_confirmed_and_not_what_was_void() {
    let store = store().await;
    let mut connection = store.pool().acquire().await.unwrap();
    let month = audit::month(&mut connection, 0).await.unwrap().unwrap();
    assert_eq!(month.mismatches, Vec::<String>::new());
    assert_eq!((month.state, month.pool, month.expected.total_points), ("expired", Amount(1_000), Amount(600)));
    assert_eq!(month.wallets[0].expected, Amount(1_000));
}

#[tokio::test]
async fn profit_that_was_paid_and_is_not_what_deposits_came_to_is_called_out() {
    let mut events = history();
    for event in &mut events {
        if let Event::Rewards(E::ProfitClaimed(claimed)) = event {
            claimed.amount += 1;
        }
    }
    let chain = testing::chain(&events, 2);
    let view = View { delivered: (0..chain.len()).collect(), chain, finalized: None };
    let store = Store::in_memory().await.unwrap();
    Follower::new(store.clone(), Memory::new(vec![view]), "confirmed").step().await.unwrap();
    let reasons: Vec<String> =
        sqlx::query_scalar("SELECT reason FROM dead_letter").fetch_all(store.pool()).await.unwrap();
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].contains("was paid a profit of 100 where 99 was owed"), "{reasons:?}");
}
