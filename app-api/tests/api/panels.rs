//! Panels on disputes: who was drawn, what they sealed, how they voted, and what an order says of it.

use super::served::{served, served_after, shows};
use indexer::testing::{self, address};
use serde_json::{Value, json};

/// The journey of the panels, up to where the first one is closed.
fn first_panel() -> Vec<chain::event::Event> {
    let mut events = testing::panels();
    let closed = events.iter().position(|event| event.name() == "PanelClosed").unwrap();
    events.truncate(closed + 1);
    events
}

fn each(votes: &Value, field: &str) -> Vec<Value> {
    votes.as_array().unwrap().iter().map(|vote| vote[field].clone()).collect()
}

#[tokio::test]
async fn a_panel_shows_who_was_drawn_and_how_they_voted() {
    let served = served_after(&first_panel()).await;
    let order = address("order-0").to_string();
    let data = served.json(&format!("/v1/panels/{order}")).await["data"].clone();
    shows(
        &data,
        json!({
            "order": order, "opened_at": testing::JANUARY, "state": "final", "oracle_set": 2, "size": 3, "min_bond": "100",
            "draw_slot": 600, "seed": "06".repeat(32), "sealed": 3, "votes_for": 1, "votes_against": 2, "payable_bps": 0,
            "blame": true, "closed": true,
        }),
    );
    let members = ["panelist-0", "panelist-1", "panelist-2"].map(|member| address(member).to_string());
    assert_eq!(each(&data["votes"], "oracle"), members);
    assert_eq!(each(&data["votes"], "seat"), [0, 1, 2]);
    assert_eq!(each(&data["votes"], "ballot"), ["accept", "reject_plain", "reject_plain"]);
    shows(&data["votes"][1], json!({ "commitment": "02".repeat(32), "reason": 7, "report": "05".repeat(32) }));
    assert!(each(&data["votes"], "voted_at").iter().chain(&each(&data["votes"], "sealed_at")).all(Value::is_i64));
    assert_eq!(served.rows("/v1/panel-votes?ballot=reject_plain").await.len(), 2);
    assert_eq!(served.rows("/v1/panel-votes?ballot=reject").await.len(), 0);
}

#[tokio::test]
async fn a_panel_on_the_next_order_at_an_address_begins_anew_and_the_first_ones_votes_stay() {
    let served = served().await;
    let [again, other] = ["order-0", "order-1"].map(|order| address(order).to_string());
    let data = served.json(&format!("/v1/panels/{again}")).await["data"].clone();
    shows(
        &data,
        json!({
            "opened_at": testing::JANUARY + 60, "state": "sitting", "sealed": 1, "votes_for": 0, "blame": false,
            "closed": false,
        }),
    );
    assert_eq!(each(&data["votes"], "commitment"), ["01".repeat(32).into(), Value::Null, Value::Null]);
    assert_eq!(each(&data["votes"], "ballot"), [Value::Null, Value::Null, Value::Null]);
    assert_eq!(served.rows(&format!("/v1/panel-votes?order={again}")).await.len(), 6);
    for (filter, rows) in [
        (format!("order={other}&state=sitting"), 1),
        ("state=sitting".into(), 2),
        ("state=final".into(), 0),
        ("oracle_set=2&closed=false".into(), 2),
        ("oracle_set=1".into(), 0),
        ("closed=true".into(), 0),
    ] {
        assert_eq!(served.rows(&format!("/v1/panels?{filter}")).await.len(), rows, "{filter}");
    }
    let oracle = address("panelist-0");
    assert_eq!(served.rows(&format!("/v1/panel-votes?oracle={oracle}")).await.len(), 3);
    assert_eq!(served.rows(&format!("/v1/panel-votes?oracle={oracle}&order={other}&ballot=accept")).await.len(), 0);
}

#[tokio::test]
async fn a_panel_that_was_not_drawn_yet_has_no_members() {
    let served = served_after(&testing::panels()[..1]).await;
    let data = served.json(&format!("/v1/panels/{}", address("order-0"))).await["data"].clone();
    shows(&data, json!({ "state": "convened", "draw_slot": 40, "seed": null, "sealed": 0, "votes": [] }));
}

#[tokio::test]
async fn an_order_says_that_a_panel_judged_it() {
    let served = served_after(&testing::judged_by_a_panel()).await;
    let data = served.json(&format!("/v1/orders/{}", address("order-0"))).await["data"].clone();
    assert_eq!(data["state"], "audited");
    shows(&data["audit"], json!({ "verdict": "accept", "judged_by": "panel", "payable": "0" }));
    shows(&data["dispute"], json!({ "by": address("buyer").to_string(), "resolution": "overturned" }));
}
