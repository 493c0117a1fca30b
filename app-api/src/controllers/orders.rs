//! `/v1/orders`: purchases, with the progress of their audits.

use crate::{
    context::Scope,
    list::{List, find, listed, parts},
    names::{JUDGE, JUDGED_BY, ORDER_STATE, REFUND_REASON, RESOLUTION, VERDICT},
    page::Page,
    params::{Address, Params, Part},
    problem::Problem,
    view::view,
};
use axum::response::Response;
use indexer::{
    Amount,
    rows::{OracleSetRow, OrderRow, VoteRow},
};
use serde::{Deserialize, Serialize};

listed!(OrderRow in "orders" of "orders", Newest by opened_slot: i64, address: String);

#[derive(Serialize)]
struct Order {
    address: String,
    id: Amount,
    state: &'static str,
    closed: bool,
    listing: String,
    listing_version: i64,
    buyer: String,
    seller: String,
    mint: String,
    quantity: Amount,
    amount: Amount,
    fee_bps: i64,
    manifest_hash: String,
    content_root: Option<String>,
    judge: &'static str,
    allow_partial: bool,
    /// Base units that the seller deposited.
    seller_bond: Amount,
    result: Option<Committed>,
    audit: Audit,
    dispute: Option<Dispute>,
    deadlines: Deadlines,
    settlement: Option<Settlement>,
    award: Award,
    opened_at: Option<i64>,
    opened_slot: i64,
    updated_slot: i64,
}

/// What the seller committed to.
#[derive(Serialize)]
struct Committed {
    root: String,
    log: Option<String>,
    /// The content key of a licence, sealed for the buyer, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed_key: Option<String>,
}

#[derive(Serialize)]
struct Audit {
    oracle_set: i64,
    /// The seed is drawn from slots after this one.
    slot: Option<i64>,
    seed: Option<String>,
    samples: Option<i64>,
    votes_for: i64,
    votes_against: i64,
    verdict: &'static str,
    /// Whose act made or changed the verdict, where it was not the oracles' votes or the delivery.
    judged_by: Option<&'static str>,
    /// Base units that the verdict pays, fee included.
    payable: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    votes: Option<Vec<Vote>>,
}

view! {
    Vote of row: VoteRow {
        oracle: String,
        verdict: &'static str = VERDICT.word(row.verdict),
        reason: i64,
        report: String,
        result_root: String,
        voted_at: Option<i64>,
        slot: i64,
        signature: String,
    }
}

#[derive(Serialize)]
struct Dispute {
    by: Option<String>,
    reason: Option<String>,
    /// Base units that the challenger deposited.
    bond: Amount,
    /// Hash of the answer's evidence.
    evidence: Option<String>,
    resolution: &'static str,
}

/// Unix seconds.
#[derive(Serialize)]
struct Deadlines {
    accept_by: i64,
    deliver_by: Option<i64>,
    audit_by: Option<i64>,
    dispute_until: Option<i64>,
    answer_by: Option<i64>,
    resolve_by: Option<i64>,
}

#[derive(Serialize)]
struct Settlement {
    /// Base units to the seller (bond included), the treasury, the buyer and the challenger, and burned.
    paid: Amount,
    fee: Amount,
    refunded: Amount,
    rewarded: Amount,
    burned: Amount,
    refund_reason: Option<&'static str>,
    settled_at: Option<i64>,
}

#[derive(Serialize)]
struct Award {
    awarded: bool,
    source: Option<String>,
}

impl From<OrderRow> for Order {
    fn from(row: OrderRow) -> Self {
        let state = ORDER_STATE.word(row.state);
        let settled = matches!(state, "released" | "refunded");
        Self {
            address: row.address,
            id: row.order_id,
            state,
            closed: row.closed,
            listing: row.listing,
            listing_version: row.listing_version,
            buyer: row.buyer,
            seller: row.seller,
            mint: row.mint,
            quantity: row.quantity,
            amount: row.amount,
            fee_bps: row.fee_bps,
            manifest_hash: row.manifest_hash,
            content_root: row.content_root,
            judge: JUDGE.word(row.judge),
            allow_partial: row.allow_partial,
            seller_bond: row.seller_bond,
            result: row.result_root.map(|root| Committed { root, log: row.result_log, sealed_key: row.sealed_key }),
            audit: Audit {
                oracle_set: row.oracle_set,
                slot: row.audit_slot,
                seed: row.audit_seed,
                samples: row.samples,
                votes_for: row.votes_for,
                votes_against: row.votes_against,
                verdict: VERDICT.word(row.verdict),
                judged_by: row.judged_by.map(|code| JUDGED_BY.word(code)),
                payable: row.payable,
                threshold: None,
                members: None,
                votes: None,
            },
            dispute: row.disputed.then_some(Dispute {
                by: row.disputed_by,
                reason: row.dispute_reason,
                bond: row.challenge_bond,
                evidence: row.answer_evidence,
                resolution: RESOLUTION.word(row.resolution),
            }),
            deadlines: Deadlines {
                accept_by: row.accept_by,
                deliver_by: row.deliver_by,
                audit_by: row.audit_by,
                dispute_until: row.dispute_until,
                answer_by: row.answer_by,
                resolve_by: row.resolve_by,
            },
            settlement: settled.then(|| Settlement {
                paid: row.paid,
                fee: row.fee,
                refunded: row.refunded,
                rewarded: row.rewarded,
                burned: row.burned,
                refund_reason: row.refund_reason.map(|code| REFUND_REASON.word(code)),
                settled_at: row.settled_at,
            }),
            award: Award { awarded: row.awarded, source: row.award_source },
            opened_at: row.opened_at,
            opened_slot: row.opened_slot,
            updated_slot: row.updated_slot,
        }
    }
}

/// Filters of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    state: Option<String>,
    buyer: Option<Address>,
    seller: Option<Address>,
    /// Buyer or seller.
    wallet: Option<Address>,
    listing: Option<Address>,
}

/// Newest first, without the single votes.
pub async fn list(scope: Scope, page: Page, Params(query): Params<Query>) -> Result<Response, Problem> {
    List::<OrderRow>::new(&page)?
        .only("state", ORDER_STATE.asked(query.state)?)
        .only("buyer", query.buyer)
        .only("seller", query.seller)
        .either(["buyer", "seller"], query.wallet)
        .only("listing", query.listing)
        .answer(scope, Order::from)
        .await
}

/// One order by its address, with its oracle set and their votes.
pub async fn one(mut scope: Scope, Part(address): Part<String>) -> Result<Response, Problem> {
    let row: OrderRow = find(&mut scope, "order", "address", address.clone()).await?;
    let mut votes: Vec<VoteRow> = parts(&mut scope, "order_address", address).await?;
    votes.retain(|vote| vote.opened_slot == row.opened_slot);
    let set: Option<OracleSetRow> = sqlx::query_as("SELECT * FROM oracle_sets WHERE version = ?")
        .bind(row.oracle_set)
        .fetch_optional(&mut *scope.db)
        .await?;
    let mut order = Order::from(row);
    order.audit.votes = Some(votes.into_iter().map(Vote::from).collect());
    order.audit.threshold = set.as_ref().map(|set| set.threshold);
    order.audit.members = set.and_then(|set| serde_json::from_str(&set.members).ok());
    Ok(scope.one(&order))
}
