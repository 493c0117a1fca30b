//! Each resource over the made-up journey: what it shows, its filters, its pages, and what it answers to wrong input.

use super::served::{served, served_after, shows};
use chain::event::{Event, MarketEvent as M, RentalEvent as L};
use indexer::testing::{self, address};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A second oracle set, a second seller with an order, and two events that contradict what came before them.
fn more() -> Vec<Event> {
    let [listing, order, seller] = ["listing of another", "order of another", "another seller"].map(address);
    let first = address("order-0");
    let mut events = testing::journey();
    events.retain_mut(|event| match event {
        Event::Market(M::OracleSetCreated(e)) => {
            (e.seq, e.version) = (3, 2);
            true
        }
        Event::Market(M::ListingChanged(e)) => {
            (e.listing, e.seller) = (listing, seller);
            true
        }
        Event::Market(M::OrderOpened(e)) if e.order == first => {
            (e.listing, e.order, e.seller) = (listing, order, seller);
            true
        }
        Event::Market(M::OrderAccepted(e)) if e.order == first => {
            e.order = order;
            true
        }
        Event::Rental(L::RentalClosed(e)) => {
            e.rental = address("never opened");
            true
        }
        _ => false,
    });
    let contradicts = events.last().unwrap().clone();
    events.push(contradicts);
    events
}

#[tokio::test]
async fn cursors_visit_every_row_once() {
    let served = served_after(&[testing::journey(), more()].concat()).await;
    for list in [
        "listings",
        "orders",
        "oracle-sets",
        "votes",
        "reputations",
        "oracles",
        "records",
        "recorded-votes",
        "panels",
        "panel-votes",
        "verdicts",
        "chunk-claims",
        "rentals",
        "contributors",
        "epochs",
        "points",
        "awards",
        "claims",
        "schedule",
        "profit/deposits",
        "profit/claims",
        "reserve/spends",
        "ballots",
        "events",
        "dead-letters",
    ] {
        let whole = served.rows(&format!("/v1/{list}?limit=200")).await;
        assert!(whole.len() > 1, "{list}");
        let (mut seen, mut path) = (Vec::new(), format!("/v1/{list}?limit=1"));
        loop {
            let page = served.json(&path).await;
            assert_eq!(page["data"].as_array().unwrap().len(), 1, "{list}");
            assert!(page["context"]["slot"].is_i64(), "{list}");
            seen.extend(page["data"].as_array().unwrap().clone());
            let Some(cursor) = page["next"].as_str() else { break };
            path = format!("/v1/{list}?limit=1&cursor={cursor}");
        }
        assert_eq!(seen, whole, "{list}");
        let distinct: BTreeSet<String> = seen.iter().map(Value::to_string).collect();
        assert_eq!(distinct.len(), seen.len(), "{list}");
        // a cursor belongs to its list
        let cursor = served.json(&format!("/v1/{list}?limit=1")).await["next"].as_str().unwrap().to_owned();
        let other = if list == "orders" { "listings" } else { "orders" };
        served.problem(&format!("/v1/{other}?cursor={cursor}"), 400, "bad-cursor").await;
    }
}

#[tokio::test]
async fn a_rental_shows_what_was_paid_and_why_it_ended() {
    let served = served().await;
    let [ran, cancelled] = ["rental-0", "rental-1"].map(|name| address(name).to_string());
    let data = served.json(&format!("/v1/rentals/{ran}")).await["data"].clone();
    shows(
        &data,
        json!({
            "id": "0", "state": "ended", "end_reason": "stopped", "closed": true, "rate": "1000000", "hours": 3,
            "deposit": "3000000", "paid": "1425000", "fee": "75000", "returned": "1500000",
        }),
    );
    assert_eq!(served.rows("/v1/rentals").await[0]["address"], cancelled);
    let (buyer, seller) = (address("buyer"), address("seller"));
    for (filter, rows) in [
        ("state=ended".into(), 2),
        ("state=running".into(), 0),
        (format!("renter={buyer}"), 2),
        (format!("renter={seller}"), 0),
        (format!("provider={seller}&state=ended"), 2),
        (format!("wallet={seller}"), 2),
        (format!("listing={}", address("listing")), 2),
        (format!("listing={buyer}"), 0),
    ] {
        assert_eq!(served.rows(&format!("/v1/rentals?{filter}")).await.len(), rows, "{filter}");
    }
}

#[tokio::test]
async fn an_oracle_shows_its_bond_and_what_its_votes_came_to() {
    let served = served().await;
    let [good, bad] = ["oracle-0", "oracle-1"].map(|name| address(name).to_string());
    shows(
        &served.json(&format!("/v1/oracles/{bad}")).await["data"],
        json!({
            "bond": "0", "unbonding": "0", "unbond_at": null, "votes": 1, "agreed": 0, "dissented": 1, "overturned": 1,
            "slashed": "100", "closed": true,
        }),
    );
    let open = served.rows("/v1/oracles?closed=false").await;
    assert_eq!(open.len(), 1);
    shows(&open[0], json!({ "oracle": good, "bond": "1000", "votes": 2, "agreed": 2, "slashed": "0" }));

    let order = address("order-0").to_string();
    let record = served.json(&format!("/v1/records/{order}")).await["data"].clone();
    shows(&record, json!({ "order": order, "closed": true, "opened_at": testing::JANUARY }));
    let lost: Vec<_> = record["votes"].as_array().unwrap().iter().map(|vote| vote["to_challenger"].clone()).collect();
    assert_eq!(lost.len(), 2);
    let overturned = served.rows("/v1/recorded-votes?overturned=true").await;
    assert_eq!(overturned.len(), 1);
    shows(
        &overturned[0],
        json!({
            "order": order, "oracle": bad, "vote": "reject", "ended": "accept", "missed": false,
            "to_challenger": "50", "to_buyer": "25", "burned": "25",
        }),
    );
    assert_eq!(served.rows(&format!("/v1/recorded-votes?oracle={good}")).await.len(), 2);
    assert_eq!(served.rows(&format!("/v1/recorded-votes?order={order}&missed=false")).await.len(), 2);
    assert_eq!(served.rows("/v1/records?closed=false").await.len(), 1);
    // as they were cast, three orders with two votes each
    assert_eq!(served.rows(&format!("/v1/votes?oracle={good}&verdict=accept")).await.len(), 2);
    assert_eq!(served.rows(&format!("/v1/votes?order={order}")).await.len(), 2);
    let config = served.json("/v1/config").await["data"]["oracles"].clone();
    shows(
        &config,
        json!({
            "min_bond": "100", "slash_bps": 1_000, "unbonding_seconds": 1_300_000, "panel_set": 2, "panel_size": 3,
        }),
    );
    shows(
        &served.json("/v1/oracle-sets/1").await["data"],
        json!({ "threshold": 2, "min_bond": "0", "retired": false }),
    );
}

#[tokio::test]
async fn a_verdict_shows_its_fault_and_a_claim_its_chunk() {
    let served = served().await;
    let [order, other] = ["licence", "another licence"].map(|name| address(name).to_string());
    let verdict = served.json(&format!("/v1/verdicts/{}", address("verdict"))).await["data"].clone();
    shows(
        &verdict,
        json!({ "order": order, "kind": "proof", "state": "final", "fault": "key", "chunk": null, "gold": null }),
    );
    let faulty = served.rows("/v1/verdicts?fault=chunk&closed=false").await;
    assert_eq!(faulty.len(), 1);
    shows(&faulty[0], json!({ "order": other, "chunk": 0, "payable_bps": 0 }));
    assert_eq!(served.rows(&format!("/v1/verdicts?order={order}&kind=proof&state=final")).await.len(), 1);
    assert_eq!(served.rows("/v1/verdicts?kind=gold").await.len(), 0);
    let trained = served.rows("/v1/verdicts?kind=training").await;
    assert_eq!(trained.len(), 1);
    shows(&trained[0], json!({ "fault": "reduction", "step": 41, "chunk": null, "payable_bps": 0, "gold": null }));
    let claim = served.json(&format!("/v1/chunk-claims/{}", address("claim"))).await["data"].clone();
    shows(&claim, json!({ "order": order, "chunk": 9, "plain_hash": "01".repeat(32), "closed": false }));
    let claimant = address("who-0");
    assert_eq!(served.rows(&format!("/v1/chunk-claims?claimant={claimant}")).await.len(), 1);
    assert_eq!(served.rows(&format!("/v1/chunk-claims?order={order}&closed=false")).await.len(), 1);
}

#[tokio::test]
async fn a_verdict_on_labels_counts_what_was_compared() {
    let mut events = testing::verdicts();
    let judged = events.iter().position(|event| event.name() == "GoldJudged").unwrap();
    events.truncate(judged);
    let served = served_after(&events).await;
    let verdict = served.json(&format!("/v1/verdicts/{}", address("verdict"))).await["data"].clone();
    shows(&verdict, json!({ "kind": "gold", "state": "open", "fault": "none" }));
    shows(
        &verdict["gold"],
        json!({ "items": 1_000, "count": 10, "floor_bps": 5_000, "full_bps": 9_000, "compared": 3, "correct": 2 }),
    );
}

#[tokio::test]
async fn a_reputation_is_a_sellers_in_one_token() {
    let served = served().await;
    let (seller, mint) = (address("seller"), address("mint"));
    let data = served.json(&format!("/v1/reputations/{seller}/{mint}")).await["data"].clone();
    shows(
        &data,
        json!({
            "accepted": 3, "released": 2, "rejected": 1, "not_delivered": 0, "disputed": 0, "volume": "2000000",
            "slashed": "100000",
        }),
    );
    assert_eq!(served.rows(&format!("/v1/reputations?seller={seller}&mint={mint}")).await, [data]);
    let detail = served.problem(&format!("/v1/reputations/{seller}/{seller}"), 404, "not-found").await;
    assert!(detail.contains(&format!("/v1/reputations?seller={seller}")), "{detail}");
}

#[tokio::test]
async fn profit_that_is_owed_is_told_apart_from_profit_that_was_paid() {
    let served = served().await;
    let pool = served.json("/v1/profit").await["data"].clone();
    shows(
        &pool,
        json!({
            "share_bps": 2_000, "received": "1010", "paid": "908", "unclaimed": "102", "lifetime_points": "1000",
            "index": ((1_010u128 << 64) / 1_000).to_string(),
        }),
    );
    // a hundred of a thousand points, and nine hundred; less than one base unit stays with each
    for (who, paid, unclaimed) in [(0, "0", "100"), (1, "908", "0")] {
        let wallet = address(&format!("who-{who}"));
        let data = served.json(&format!("/v1/contributors/{wallet}")).await["data"].clone();
        assert_eq!(data["profit"], json!({ "paid": paid, "unclaimed": unclaimed }));
    }
    let deposits = served.rows("/v1/profit/deposits").await;
    shows(&deposits[0], json!({ "seq": 6, "amount": "50", "to_holders": "10", "to_reserve": "40" }));
    let wallet = address("who-1");
    let claims = served.rows(&format!("/v1/profit/claims?wallet={wallet}")).await;
    let amounts: Vec<_> = claims.iter().map(|claim| claim["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["8", "900"]);
    assert_eq!(served.rows(&format!("/v1/profit/claims?wallet={}", address("who-0"))).await.len(), 0);
}

#[tokio::test]
async fn a_payment_from_the_reserve_is_proposed_then_executed_or_cancelled() {
    let served = served().await;
    // 5,000 of epoch 0 and 4,040 of profit
    let reserve = served.json("/v1/reserve").await["data"].clone();
    shows(&reserve, json!({ "reserved": "9040", "spent": "40", "left": "9000", "delay_seconds": 86_400 }));
    for (id, state, ended) in [(0, "executed", true), (1, "cancelled", true), (2, "proposed", false)] {
        let spend = served.json(&format!("/v1/reserve/spends/{id}")).await["data"].clone();
        shows(&spend, json!({ "id": id.to_string(), "state": state, "amount": "40", "purpose": "03".repeat(32) }));
        assert_eq!((spend["ended_at"].is_i64(), spend["proposed_at"].is_i64()), (ended, true));
        assert_eq!(served.rows(&format!("/v1/reserve/spends?state={state}")).await, [spend]);
    }
    assert_eq!(served.rows(&format!("/v1/reserve/spends?destination={}", address("payee"))).await.len(), 3);
}

#[tokio::test]
async fn the_schedule_shows_what_was_planned_beside_what_was_opened() {
    let served = served().await;
    let months = served.rows("/v1/schedule").await;
    assert_eq!(months.len(), 3);
    // before the token; as planned; to come
    shows(
        &months[0],
        json!({ "epoch": 0, "state": "final", "scheduled": null, "pool": "10000", "to_reserve": "5000" }),
    );
    shows(&months[1], json!({ "epoch": 1, "scheduled": "10000", "pool": "10000", "distributed": "10000" }));
    shows(&months[2], json!({ "epoch": 2, "state": "scheduled", "scheduled": "9000", "pool": null, "start": null }));
    assert_eq!(served.json("/v1/schedule/2").await["data"], months[2]);
    shows(
        &served.json("/v1/config").await["data"]["rewards"],
        json!({ "scheduled": "19000", "lifetime_allocation": "18446744073709551615", "profit_share_bps": 2_000 }),
    );
}

#[tokio::test]
async fn an_award_and_a_ballot_are_found_by_what_names_them() {
    let served = served().await;
    let awards = served.rows("/v1/awards?state=counted&epoch=1").await;
    assert_eq!(awards.len(), 2);
    let source = awards[0]["source"].as_str().unwrap();
    assert_eq!(served.json(&format!("/v1/awards/{source}")).await["data"], awards[0]);
    assert_eq!(served.rows(&format!("/v1/awards?source={source}")).await, [awards[0].clone()]);
    assert_eq!(served.rows("/v1/awards?state=void").await.len(), 0);
    let voter = address("who-0");
    let ballots = served.rows(&format!("/v1/ballots?voter={voter}&choice=for")).await;
    assert_eq!(ballots.len(), 1);
    shows(&ballots[0], json!({ "proposal": address("proposal").to_string(), "weight": "100", "closed": false }));
}

#[tokio::test]
async fn a_dead_letter_says_what_is_wrong() {
    let served = served_after(&[testing::journey(), more()].concat()).await;
    let dead = served.rows("/v1/dead-letters").await;
    assert_eq!(dead.len(), 2);
    shows(&dead[0], json!({ "program": "rental" }));
    assert!(dead[0]["reason"].as_str().unwrap().contains("rental was never seen"), "{dead:?}");
    assert_eq!(served.json("/readyz").await["dead_letters"], 2);
}

#[tokio::test]
async fn wrong_input_to_any_list_says_what_would_be_right() {
    let served = served().await;
    for (path, says) in [
        ("rentals?state=lost", "state must be one of requested, running, ended"),
        ("rentals?renter=me", "write its 32 bytes in base58"),
        ("rentals?colour=red", "unknown field `colour`"),
        ("oracles?closed=maybe", "`true` or `false`"),
        ("records?order=x", "unknown field `order`"),
        ("recorded-votes?oracle=0x12", "write its 32 bytes in base58"),
        ("panels?state=open", "state must be one of convened, final, sitting"),
        ("panels?order=x", "write its 32 bytes in base58"),
        ("panels?oracle_set=two", "invalid digit"),
        ("panels?oracle=x", "unknown field `oracle`"),
        ("panel-votes?oracle=0x12", "write its 32 bytes in base58"),
        ("panel-votes?ballot=for", "ballot must be one of accept, reject, reject_plain"),
        ("verdicts?fault=typo", "fault must be one of none, chunk, key, log, reduction, update"),
        ("verdicts?kind=oracles", "kind must be one of training, approval, proof, gold"),
        ("chunk-claims?claimant=", "write its 32 bytes in base58"),
        ("reputations?mint=SOL", "write its 32 bytes in base58"),
        ("profit/deposits?wallet=x", "unknown field `wallet`"),
        ("profit/claims?wallet=x", "write its 32 bytes in base58"),
        ("reserve/spends?state=paid", "state must be one of proposed, executed, cancelled"),
        ("reserve/spends?limit=0", "limit must be 1 to 200"),
        ("reserve/spends/first", "first"),
        ("reserve/spends/18446744073709551616", "18446744073709551616"),
        ("schedule/soon", "soon"),
        ("schedule?state=open", "unknown field `state`"),
        ("votes?verdict=maybe", "verdict must be one of none, accept, reject"),
        ("ballots?choice=yes", "choice must be one of for, against, abstain"),
        ("awards?source=abc", "64 hex digits in lower case"),
        ("awards?state=open", "state must be one of counted, pending, void"),
        ("oracle-sets/one", "one"),
        ("dead-letters?limit=201", "limit must be 1 to 200"),
    ] {
        let detail = served.problem(&format!("/v1/{path}"), 400, "bad-request").await;
        assert!(detail.contains(says), "{path}: {detail}");
    }
    for (path, lists) in [
        ("rentals/me", "rentals"),
        ("oracles/me", "oracles"),
        ("records/me", "records"),
        ("panels/me", "panels"),
        ("verdicts/me", "verdicts"),
        ("chunk-claims/me", "chunk-claims"),
        ("reserve/spends/3", "reserve/spends"),
        ("schedule/121", "schedule"),
        ("awards/00", "awards"),
        ("oracle-sets/9", "oracle-sets"),
    ] {
        let detail = served.problem(&format!("/v1/{path}"), 404, "not-found").await;
        assert!(detail.ends_with(&format!("GET /v1/{lists} lists what there is")), "{path}: {detail}");
    }
}

#[test]
fn every_route_is_documented_and_nothing_else_is() {
    let (routes, readme) = (include_str!("../../src/controllers/mod.rs"), include_str!("../../../README.md"));
    let made: BTreeSet<&str> = routes.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let table = readme.split("## The API").nth(1).unwrap().split("\n## ").next().unwrap();
    // the first column of the table
    let told = table.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(made, told.collect::<BTreeSet<&str>>());
}

#[tokio::test]
async fn what_is_not_set_up_yet_is_not_there() {
    let served = served_after(&testing::rentals()).await;
    for path in ["/v1/profit", "/v1/reserve"] {
        let detail = served.problem(path, 404, "not-found").await;
        assert!(detail.contains("/v1/config"), "{detail}");
    }
    for list in
        ["oracles", "panels", "panel-votes", "schedule", "profit/deposits", "reserve/spends", "verdicts", "reputations"]
    {
        assert_eq!(served.rows(&format!("/v1/{list}")).await.len(), 0, "{list}");
    }
}
