//! Numbers that use all 64 bits, from the bytes of events to the answers: SQL's integers have 63.

use super::served::served_after;
use chain::event::{Event, GrantsEvent as G, MarketEvent as M, OraclesEvent as O, RentalEvent as L, RewardsEvent as R};
use indexer::testing::{self, address};

const MAX: u64 = u64::MAX;

/// Makes every amount of an event as large as it can be. Points of all time are 1, so that the profit of a wallet is that large.
fn raise(event: &mut Event) {
    match event {
        Event::Market(M::OracleSetCreated(e)) => e.min_bond = MAX,
        Event::Market(M::ListingChanged(e)) => e.price = MAX,
        Event::Market(M::OrderOpened(e)) => (e.amount, e.quantity) = (MAX, MAX),
        Event::Market(M::OrderAccepted(e)) => e.seller_bond = MAX,
        Event::Market(M::OrderSettled(e)) => {
            (e.payable, e.released, e.fee) = (MAX, MAX, MAX);
            (e.refunded, e.rewarded, e.burned) = (MAX, MAX, MAX);
        }
        Event::Rental(L::RentalOpened(e)) => (e.id, e.rate, e.deposit) = (MAX, MAX, MAX),
        Event::Rental(L::RentalExtended(e)) => e.deposit = MAX,
        Event::Rental(L::RentalWithdrawn(e)) => (e.paid, e.fee) = (MAX, MAX),
        Event::Rental(L::RentalEnded(e)) => (e.paid, e.fee, e.returned) = (MAX, MAX, MAX),
        Event::Oracles(O::ConfigChanged(e)) => e.min_bond = MAX,
        Event::Oracles(O::BondDeposited(e)) => (e.amount, e.bond) = (MAX, MAX),
        Event::Oracles(O::UnbondRequested(e)) => e.unbonding = MAX,
        Event::Oracles(O::PanelConvened(e)) => e.min_bond = MAX,
        Event::Oracles(O::VoteRecorded(e)) => {
            (e.to_challenger, e.to_buyer, e.burned) = (MAX, MAX, MAX);
            (e.bond, e.unbonding) = (MAX, MAX);
        }
        Event::Rewards(R::ScheduleSet(e)) => (e.pools, e.scheduled) = ([MAX; 12], MAX),
        Event::Rewards(R::EpochOpened(e)) => (e.pool, e.threshold) = (MAX, MAX),
        Event::Rewards(R::AwardIssued(e)) => {
            (e.quantity, e.points) = (MAX, MAX);
            (e.wallet_points, e.total_points, e.lifetime_points) = (1, MAX, 1);
        }
        Event::Rewards(R::EpochClosed(e)) => e.total_points = MAX,
        Event::Rewards(R::EpochFinalized(e)) => {
            (e.total_points, e.distributed, e.to_reserve) = (MAX, MAX, MAX);
        }
        Event::Rewards(R::RewardClaimed(e)) => (e.points, e.amount, e.epoch_paid) = (MAX, MAX, MAX),
        Event::Rewards(R::ProfitDeposited(e)) => {
            (e.amount, e.to_holders, e.to_reserve) = (MAX, MAX, MAX);
            (e.profit_index, e.lifetime_points) = (u128::from(MAX) << 64, MAX);
        }
        // all of it is owed to a point: the first claim takes it, nothing is left for the second
        Event::Rewards(R::ProfitClaimed(e)) => {
            (e.amount, e.profit_paid) = (if e.seq == 2 { MAX } else { 0 }, MAX);
        }
        Event::Rewards(R::SpendProposed(e)) => (e.id, e.amount) = (MAX - e.id, MAX),
        Event::Rewards(R::SpendExecuted(e)) => (e.id, e.spent) = (MAX - e.id, MAX),
        Event::Rewards(R::SpendCancelled(e)) => e.id = MAX - e.id,
        Event::Grants(G::VoteCast(e)) => (e.weight, e.votes_for) = (MAX, MAX),
        _ => {}
    }
}

#[tokio::test]
async fn amounts_of_64_bits_reach_the_answers_whole() {
    let mut events = testing::journey();
    events.iter_mut().for_each(raise);
    let served = served_after(&events).await;
    assert_eq!(served.json("/readyz").await["dead_letters"], 0, "{:#}", served.json("/v1/dead-letters").await);
    let [seller, mint] = ["seller", "mint"].map(address);
    let [owed, paid] = ["who-0", "who-1"].map(|who| format!("contributors/{}", address(who)));
    let record = format!("records/{}", address("order-0"));
    let source = served.rows("/v1/awards").await[0]["source"].as_str().unwrap().to_owned();
    for (path, fields) in [
        (format!("rentals/{}", address("rental-0")), "id rate deposit paid fee returned"),
        (format!("oracles/{}", address("oracle-0")), "bond unbonding slashed"),
        (record, "votes/0/to_challenger votes/0/to_buyer votes/0/burned"),
        ("recorded-votes".into(), "0/to_challenger 0/to_buyer 0/burned"),
        (format!("panels/{}", address("order-0")), "min_bond"),
        ("panels".into(), "0/min_bond 1/min_bond"),
        (format!("reputations/{seller}/{mint}"), "volume slashed"),
        (format!("awards/{source}"), "quantity points"),
        ("profit".into(), "received paid"),
        ("profit/deposits".into(), "0/amount 0/to_holders 0/to_reserve 0/lifetime_points"),
        ("profit/claims".into(), "1/amount"),
        (owed, "profit/unclaimed"),
        (paid, "profit/paid"),
        ("reserve".into(), "reserved spent outflow_limit"),
        (format!("reserve/spends/{MAX}"), "id amount"),
        ("reserve/spends".into(), "0/id 0/amount"),
        ("schedule/1".into(), "scheduled pool distributed to_reserve paid"),
        ("epochs/1".into(), "pool threshold total_points"),
        ("oracle-sets/1".into(), "min_bond"),
        ("config".into(), "oracles/min_bond rewards/scheduled rewards/lifetime_allocation"),
        ("ballots".into(), "0/weight"),
    ] {
        let data = served.json(&format!("/v1/{path}")).await["data"].clone();
        for field in fields.split(' ') {
            let found = data.pointer(&format!("/{field}"));
            assert_eq!(found, Some(&MAX.to_string().into()), "{field} of {path}: {data:#}");
        }
    }
    // as a cursor too
    let first = served.json("/v1/reserve/spends?limit=1").await;
    let next = first["next"].as_str().unwrap();
    let second = served.rows(&format!("/v1/reserve/spends?limit=1&cursor={next}")).await;
    assert_eq!(second[0]["id"], (MAX - 1).to_string());
    let index = (u128::from(MAX) << 64).to_string();
    assert_eq!(served.json("/v1/profit").await["data"]["index"], index);
}
