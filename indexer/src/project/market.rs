//! Folds the market's events.

use super::{Context, Outcome, addresses, follows, hash, seq, some_address, unknown};
use crate::{
    Amount,
    rows::{ListingRow, MarketConfigRow, OracleSetRow, OrderRow, ReputationRow, VoteRow},
    store::{StoreError, Write},
};
use chain::event::{MarketEvent, text};
use market::state::{order_state, refund_reason, resolution, verdict};
use solana_pubkey::Pubkey;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &MarketEvent,
) -> Result<Outcome, StoreError> {
    use MarketEvent as E;
    let c = context;
    match event {
        E::ConfigChanged(e) => {
            let last = config(write).await?.map_or(0, |row| row.seq);
            let row = MarketConfigRow {
                id: 1,
                seq: seq(e.seq),
                admin: e.admin.to_string(),
                pending_admin: some_address(&e.pending_admin),
                treasury: e.treasury.to_string(),
                fee_bps: e.fee_bps.into(),
                paused: e.paused.into(),
                oracle_set: e.oracle_set.into(),
                accept_seconds: e.accept_seconds,
                delivery_seconds: e.delivery_seconds,
                audit_seconds: e.audit_seconds,
                dispute_seconds: e.dispute_seconds,
                resolve_seconds: e.resolve_seconds,
                award_seconds: e.award_seconds,
                answer_seconds: e.answer_seconds,
                award_category: e.award_category.into(),
                seller_bond_bps: e.seller_bond_bps.into(),
                challenge_bond_bps: e.challenge_bond_bps.into(),
                slash_challenger_bps: e.slash_challenger_bps.into(),
                slash_buyer_bps: e.slash_buyer_bps.into(),
                mints: addresses(&e.mints),
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("market config", last, e.seq))
        }
        E::OracleSetCreated(e) => {
            let row = OracleSetRow {
                version: e.version.into(),
                threshold: e.threshold.into(),
                samples: e.samples.into(),
                min_bond: e.min_bond.into(),
                members: addresses(&e.members),
                retired: false,
                created_slot: c.slot,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            step_config(write, c, e.seq, Some(e.version)).await
        }
        E::OracleSetRetired(e) => {
            let Some(mut row) = write.load::<OracleSetRow>(&[(&i64::from(e.version)).into()]).await? else {
                return Ok(unknown("oracle set"));
            };
            (row.retired, row.updated_slot) = (true, c.slot);
            write.save(&row).await?;
            step_config(write, c, e.seq, None).await
        }
        E::ListingChanged(e) => listing_changed(write, c, e).await,
        E::ListingClosed(e) => {
            let Some(mut row) = listing(write, &e.listing.to_string()).await? else { return Ok(unknown("listing")) };
            let outcome = follows("listing", row.seq, e.seq);
            (row.closed, row.active, row.seq, row.updated_slot) = (true, false, seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::OrderOpened(e) => order_opened(write, c, e).await,
        E::OrderAccepted(e) => {
            let mut of = None;
            let outcome = order(write, c, &e.order, e.seq, |row| {
                row.state = order_state::ACCEPTED.into();
                row.deliver_by = Some(e.deliver_by);
                row.seller_bond = e.seller_bond.into();
                of = Some(row.clone());
            })
            .await?;
            reputation(write, c, of.as_ref(), |row, _| row.accepted += 1).await?;
            Ok(outcome)
        }
        E::ResultSubmitted(e) => {
            order(write, c, &e.order, e.seq, |row| {
                row.state = e.state.into();
                row.result_root = Some(hash(&e.result_root));
                row.result_log = Some(hash(&e.result_log));
                row.audit_slot = Some(seq(e.audit_slot));
                row.audit_by = some_time(e.audit_by);
                // the buyer's approval is taken for granted until somebody disputes
                row.verdict = if e.payable > 0 { verdict::ACCEPT.into() } else { row.verdict };
                row.payable = e.payable.into();
                row.dispute_until = some_time(e.dispute_until);
            })
            .await
        }
        E::LicenceDelivered(e) => {
            order(write, c, &e.order, e.seq, |row| {
                row.state = order_state::AUDITED.into();
                row.result_root = Some(hash(&e.key_hash));
                row.result_log = Some(hash(&e.sealed_hash));
                row.sealed_key = Some(e.sealed_key.iter().map(|byte| format!("{byte:02x}")).collect());
                row.verdict = verdict::ACCEPT.into();
                row.payable = e.payable.into();
                row.dispute_until = some_time(e.dispute_until);
            })
            .await
        }
        E::AuditPostponed(e) => order(write, c, &e.order, e.seq, |row| row.audit_slot = Some(seq(e.audit_slot))).await,
        E::AuditArmed(e) => {
            order(write, c, &e.order, e.seq, |row| {
                row.state = order_state::AUDITING.into();
                row.audit_seed = Some(hash(&e.audit_seed));
                row.samples = Some(e.samples.into());
            })
            .await
        }
        E::OracleVoted(e) => oracle_voted(write, c, e).await,
        E::OrderDisputed(e) => {
            let mut of = None;
            let outcome = order(write, c, &e.order, e.seq, |row| {
                row.state = order_state::DISPUTED.into();
                row.disputed = true;
                row.disputed_by = Some(e.by.to_string());
                row.dispute_reason = Some(hash(&e.reason));
                row.challenge_bond = e.bond.into();
                row.answer_by = Some(e.answer_by);
                row.resolve_by = Some(e.resolve_by);
                of = Some(row.clone());
            })
            .await?;
            reputation(write, c, of.as_ref(), |row, _| row.disputed += 1).await?;
            Ok(outcome)
        }
        E::DisputeAnswered(e) => {
            order(write, c, &e.order, e.seq, |row| row.answer_evidence = Some(hash(&e.evidence))).await
        }
        E::OrderJudged(e) => {
            order(write, c, &e.order, e.seq, |row| {
                row.state = order_state::AUDITED.into();
                row.judged_by = Some(e.by.into());
                row.verdict = e.verdict.into();
                row.resolution = e.resolution.into();
                row.payable = e.payable.into();
                row.dispute_until = Some(e.dispute_until);
            })
            .await
        }
        E::OrderSettled(e) => settled(write, c, e).await,
        E::OrderAwarded(e) => {
            order(write, c, &e.order, e.seq, |row| {
                row.awarded = true;
                row.award_source = Some(hash(&e.source));
            })
            .await
        }
        E::OrderClosed(e) => order(write, c, &e.order, e.seq, |row| row.closed = true).await,
    }
}

async fn config(write: &mut Write<'_>) -> Result<Option<MarketConfigRow>, StoreError> {
    write.load(&[(&1).into()]).await
}

/// Oracle sets are counted by the configuration's sequence number.
async fn step_config(
    write: &mut Write<'_>,
    c: &Context<'_>,
    number: u64,
    oracle_set: Option<u32>,
) -> Result<Outcome, StoreError> {
    let Some(mut row) = config(write).await? else { return Ok(unknown("market config")) };
    let outcome = follows("market config", row.seq, number);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    row.oracle_set = oracle_set.map_or(row.oracle_set, i64::from);
    write.save(&row).await?;
    Ok(outcome)
}

async fn listing(write: &mut Write<'_>, address: &String) -> Result<Option<ListingRow>, StoreError> {
    write.load(&[address.into()]).await
}

async fn listing_changed(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &market::events::ListingChanged,
) -> Result<Outcome, StoreError> {
    let address = e.listing.to_string();
    // a closed listing's address can be used again
    let was = listing(write, &address).await?.filter(|row| !row.closed);
    let outcome = follows("listing", was.as_ref().map_or(0, |row| row.seq), e.seq);
    let row = ListingRow {
        address,
        seq: seq(e.seq),
        seller: e.seller.to_string(),
        listing_id: e.id.into(),
        version: e.version.into(),
        kind: e.kind.into(),
        unit: e.unit.into(),
        active: e.active,
        closed: false,
        price: e.price.into(),
        mint: e.mint.to_string(),
        metadata_hash: hash(&e.metadata_hash),
        content_root: some_hash(&e.content_root),
        uri: text(&e.uri),
        open_orders: was.as_ref().map_or(0, |row| row.open_orders),
        created_slot: was.as_ref().map_or(c.slot, |row| row.created_slot),
        updated_slot: c.slot,
    };
    write.save(&row).await?;
    Ok(outcome)
}

async fn count_open_orders(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &String,
    change: i64,
) -> Result<Outcome, StoreError> {
    let Some(mut row) = listing(write, address).await? else { return Ok(unknown("listing")) };
    row.open_orders += change;
    row.updated_slot = c.slot;
    write.save(&row).await?;
    Ok(Outcome::Done)
}

async fn order_opened(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &market::events::OrderOpened,
) -> Result<Outcome, StoreError> {
    let row = OrderRow {
        address: e.order.to_string(),
        seq: seq(e.seq),
        order_id: e.id.into(),
        listing: e.listing.to_string(),
        listing_version: e.listing_version.into(),
        buyer: e.buyer.to_string(),
        seller: e.seller.to_string(),
        mint: e.mint.to_string(),
        quantity: e.quantity.into(),
        amount: e.amount.into(),
        fee_bps: e.fee_bps.into(),
        manifest_hash: hash(&e.manifest_hash),
        content_root: some_hash(&e.content_root),
        judge: e.judge.into(),
        allow_partial: e.allow_partial,
        oracle_set: e.oracle_set.into(),
        state: order_state::FUNDED.into(),
        result_root: None,
        result_log: None,
        sealed_key: None,
        audit_slot: None,
        audit_seed: None,
        samples: None,
        votes_for: 0,
        votes_against: 0,
        verdict: verdict::NONE.into(),
        payable: Amount(0),
        disputed: false,
        disputed_by: None,
        dispute_reason: None,
        answer_evidence: None,
        judged_by: None,
        resolution: resolution::NONE.into(),
        seller_bond: Amount(0),
        challenge_bond: Amount(0),
        paid: Amount(0),
        fee: Amount(0),
        refunded: Amount(0),
        rewarded: Amount(0),
        burned: Amount(0),
        refund_reason: None,
        awarded: false,
        award_source: None,
        closed: false,
        accept_by: e.accept_by,
        deliver_by: None,
        audit_by: None,
        dispute_until: None,
        answer_by: None,
        resolve_by: None,
        opened_at: Some(e.opened_at),
        settled_at: None,
        opened_slot: c.slot,
        updated_slot: c.slot,
    };
    let reused = write.load::<OrderRow>(&[(&row.address).into()]).await?.is_some_and(|was| !was.closed);
    write.save(&row).await?;
    if reused {
        return Ok(Outcome::Suspect("an order was opened where another is open: events were missed".into()));
    }
    count_open_orders(write, c, &row.listing, 1).await
}

async fn order(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut OrderRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<OrderRow>(&[(&address.to_string()).into()]).await? else {
        return Ok(unknown("order"));
    };
    let outcome = follows("order", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

async fn settled(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &market::events::OrderSettled,
) -> Result<Outcome, StoreError> {
    let mut of = None;
    let outcome = order(write, c, &e.order, e.seq, |row| {
        row.state = e.state.into();
        row.refund_reason = (e.reason != 0).then_some(e.reason.into());
        row.resolution = e.resolution.into();
        row.payable = e.payable.into();
        (row.paid, row.fee, row.refunded) = (e.released.into(), e.fee.into(), e.refunded.into());
        (row.rewarded, row.burned) = (e.rewarded.into(), e.burned.into());
        row.settled_at = c.block_time;
        of = Some(row.clone());
    })
    .await?;
    reputation(write, c, of.as_ref(), |row, order| {
        let not_delivered = e.reason == refund_reason::NOT_DELIVERED;
        let rejected = matches!(e.reason, refund_reason::REJECTED | refund_reason::RESOLVED);
        let favoured_seller = order.verdict == i64::from(verdict::ACCEPT);
        let lost = match e.resolution {
            resolution::OVERTURNED | resolution::FORFEITED | resolution::PROVEN => favoured_seller,
            resolution::UPHELD => !favoured_seller,
            _ => false,
        };
        row.released += i64::from(e.state == order_state::RELEASED);
        row.rejected += i64::from(rejected);
        row.not_delivered += i64::from(not_delivered);
        row.disputes_lost += i64::from(lost);
        row.volume = Amount(row.volume.0.saturating_add(e.payable));
        if rejected || not_delivered {
            row.slashed = Amount(row.slashed.0.saturating_add(order.seller_bond.0));
        }
    })
    .await?;
    match (outcome, of) {
        (Outcome::Done, Some(order)) => count_open_orders(write, c, &order.listing, -1).await,
        (outcome, _) => Ok(outcome),
    }
}

/// Changes the reputation of the seller of `order`, as the program does.
async fn reputation(
    write: &mut Write<'_>,
    c: &Context<'_>,
    order: Option<&OrderRow>,
    change: impl FnOnce(&mut ReputationRow, &OrderRow),
) -> Result<(), StoreError> {
    let Some(order) = order else { return Ok(()) };
    let was = write.load::<ReputationRow>(&[(&order.seller).into(), (&order.mint).into()]).await?;
    let mut row = was.unwrap_or_else(|| ReputationRow {
        seller: order.seller.clone(),
        mint: order.mint.clone(),
        accepted: 0,
        released: 0,
        rejected: 0,
        not_delivered: 0,
        disputed: 0,
        disputes_lost: 0,
        volume: Amount(0),
        slashed: Amount(0),
        updated_slot: c.slot,
    });
    change(&mut row, order);
    row.updated_slot = c.slot;
    write.save(&row).await
}

/// Times that do not matter are 0 in an event.
fn some_time(seconds: i64) -> Option<i64> {
    (seconds != 0).then_some(seconds)
}

fn some_hash(bytes: &[u8; 32]) -> Option<String> {
    (*bytes != [0; 32]).then(|| hash(bytes))
}

async fn oracle_voted(
    write: &mut Write<'_>,
    c: &Context<'_>,
    e: &market::events::OracleVoted,
) -> Result<Outcome, StoreError> {
    let mut opened = None;
    let outcome = order(write, c, &e.order, e.seq, |row| {
        opened = Some(row.opened_slot);
        row.state = e.state.into();
        row.verdict = e.order_verdict.into();
        row.payable = e.payable.into();
        row.votes_for = e.votes_for.into();
        row.votes_against = e.votes_against.into();
        row.dispute_until = some_time(e.dispute_until);
    })
    .await?;
    let Some(opened_slot) = opened else { return Ok(outcome) };
    let vote = VoteRow {
        order_address: e.order.to_string(),
        opened_slot,
        oracle: e.oracle.to_string(),
        oracle_set: e.oracle_set.into(),
        result_root: hash(&e.result_root),
        verdict: e.verdict.into(),
        reason: e.reason.into(),
        report: hash(&e.report),
        voted_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&vote).await?;
    Ok(outcome)
}
