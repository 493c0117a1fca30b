//! A chain made up for tests: the whole journey of orders and months, as events in blocks.
#![allow(clippy::unwrap_used, missing_docs)]

mod bonds;
mod grant;
mod panels;
mod profit;
mod rentals;
mod verdicts;

pub use bonds::bonds;
pub use grant::grant;
pub use panels::{judged_by_a_panel, panels};
pub use profit::profit;
pub use rentals::rentals;
pub use verdicts::verdicts;

use crate::block::{Block, Inner, Instruction, Transaction};
use chain::event::{Event, MarketEvent, Program, RewardsEvent, authority};
use market::events as m;
use protocol::{month, points::order_source};
use rewards::events as r;
use solana_pubkey::Pubkey;

/// 2026-01-01 in UTC.
pub const JANUARY: i64 = 1_767_225_600;
/// 2026-02-01 in UTC.
pub const FEBRUARY: i64 = 1_769_904_000;

/// An address that a test can name.
#[must_use]
pub fn address(name: &str) -> Pubkey {
    Pubkey::new_from_array(protocol::digest::content_address(name.as_bytes()).0)
}

fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut bytes = [0; N];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    bytes
}

fn members(names: &[&str]) -> [Pubkey; 16] {
    let mut list = [Pubkey::default(); 16];
    for (place, name) in list.iter_mut().zip(names) {
        *place = address(name);
    }
    list
}

/// Base units that the seller of every order deposits.
const BOND: u64 = 100_000;

/// Events of both programs' setting up.
#[must_use]
pub fn setup() -> Vec<Event> {
    let mut mints = [Pubkey::default(); 4];
    mints[0] = address("mint");
    vec![
        market(MarketEvent::ConfigChanged(m::ConfigChanged {
            seq: 1,
            admin: address("admin"),
            pending_admin: Pubkey::default(),
            treasury: address("treasury"),
            fee_bps: 500,
            paused: 0,
            oracle_set: 0,
            accept_seconds: 600,
            delivery_seconds: 3_600,
            audit_seconds: 3_600,
            dispute_seconds: 60,
            answer_seconds: 60,
            resolve_seconds: 600,
            award_seconds: 600,
            award_category: 1,
            seller_bond_bps: 1_000,
            challenge_bond_bps: 500,
            slash_challenger_bps: 3_000,
            slash_buyer_bps: 5_000,
            mints,
        })),
        market(MarketEvent::OracleSetCreated(m::OracleSetCreated {
            seq: 2,
            version: 1,
            threshold: 2,
            samples: 3,
            min_bond: 0,
            count: 3,
            members: members(&["oracle-0", "oracle-1", "oracle-2"]),
        })),
        rewards(RewardsEvent::ConfigChanged(r::ConfigChanged {
            seq: 1,
            admin: address("admin"),
            pending_admin: Pubkey::default(),
            mint: address("mint"),
            threshold: 500,
            below_bps: 5_000,
            review_seconds: 60,
            lifetime_allocation: u64::MAX,
            awards_paused: false,
            cap_per_point: false,
            claim_seconds: 90 * 86_400,
            confirm_points: 0,
            confirmer: Pubkey::default(),
            reserve_delay_seconds: 86_400,
            outflow_limit: u64::MAX,
            outflow_window_seconds: 86_400,
            profit_share_bps: 2_000,
        })),
        rewards(RewardsEvent::CategorySet(r::CategorySet {
            seq: 2,
            id: 1,
            name: padded("code"),
            weight: 10,
            min_quantity: 1,
            max_quantity: 100,
            enabled: true,
        })),
        rewards(RewardsEvent::IssuerSet(r::IssuerSet {
            seq: 3,
            issuer: address("issuer"),
            epoch_cap: 10_000,
            enabled: true,
        })),
    ]
}

/// A listing and `orders` orders on it; every third is rejected and refunded, the others are paid and awarded.
#[must_use]
pub fn market_journey(orders: u64) -> Vec<Event> {
    let listing = address("listing");
    let mut events = vec![market(MarketEvent::ListingChanged(m::ListingChanged {
        listing,
        seq: 1,
        seller: address("seller"),
        id: u64::MAX,
        version: 1,
        kind: 1,
        unit: 1,
        active: true,
        price: 1_000_000,
        mint: address("mint"),
        metadata_hash: [7; 32],
        content_root: [0; 32],
        uri: padded("https://example.org/gpu"),
    }))];
    for id in 0..orders {
        events.extend(order(id, id % 3 != 2));
    }
    events
}

/// The life of one order.
#[must_use]
pub fn order(id: u64, honest: bool) -> Vec<Event> {
    let order = address(&format!("order-{id}"));
    let amount = 1_000_000;
    let root = [id as u8 ^ 0x5a; 32];
    let vote = |seq, oracle: &str, votes: u8| {
        let decided = votes == 2;
        MarketEvent::OracleVoted(m::OracleVoted {
            order,
            seq,
            oracle: address(oracle),
            oracle_set: 1,
            result_root: root,
            verdict: if honest { 1 } else { 2 },
            reason: if honest { 0 } else { 7 },
            report: [3; 32],
            votes_for: if honest { votes } else { 0 },
            votes_against: if honest { 0 } else { votes },
            state: if decided { 5 } else { 4 },
            order_verdict: if !decided {
                0
            } else if honest {
                1
            } else {
                2
            },
            payable: if decided && honest { amount } else { 0 },
            dispute_until: if decided { JANUARY + 60 } else { 0 },
        })
    };
    let mut events = vec![
        MarketEvent::OrderOpened(m::OrderOpened {
            order,
            seq: 1,
            id,
            listing: address("listing"),
            listing_version: 1,
            buyer: address("buyer"),
            seller: address("seller"),
            mint: address("mint"),
            quantity: 1,
            amount,
            fee_bps: 500,
            manifest_hash: [9; 32],
            content_root: [0; 32],
            judge: 1,
            allow_partial: false,
            oracle_set: 1,
            opened_at: JANUARY,
            accept_by: JANUARY + 600,
        }),
        MarketEvent::OrderAccepted(m::OrderAccepted { order, seq: 2, deliver_by: JANUARY + 3_600, seller_bond: BOND }),
        MarketEvent::ResultSubmitted(m::ResultSubmitted {
            order,
            seq: 3,
            result_root: root,
            result_log: [8; 32],
            audit_slot: 40,
            audit_by: JANUARY + 7_200,
            state: 3,
            payable: 0,
            dispute_until: 0,
        }),
        MarketEvent::AuditArmed(m::AuditArmed { order, seq: 4, audit_seed: [4; 32], oracle_set: 1, samples: 3 }),
        vote(5, "oracle-0", 1),
        vote(6, "oracle-1", 2),
    ];
    let settled = m::OrderSettled {
        order,
        seq: 7,
        state: 7,
        reason: 0,
        resolution: 0,
        payable: amount,
        released: 950_000 + BOND,
        fee: 50_000,
        refunded: 0,
        rewarded: 0,
        burned: 0,
    };
    if honest {
        events.push(MarketEvent::OrderSettled(settled));
        let source = order_source(&order.to_bytes());
        events.push(MarketEvent::OrderAwarded(m::OrderAwarded { order, seq: 8, source }));
        events.push(MarketEvent::OrderClosed(m::OrderClosed { order, seq: 9 }));
    } else {
        // the seller's bond: 80 % to the buyer, as nobody challenged, and the rest burned
        let (refunded, burned) = (amount + BOND / 10 * 8, BOND / 10 * 2);
        let (state, reason, payable, released, fee) = (8, 5, 0, 0, 0);
        let settled = m::OrderSettled { state, reason, payable, released, fee, refunded, burned, ..settled };
        events.push(MarketEvent::OrderSettled(settled));
    }
    events.into_iter().map(market).collect()
}

/// An epoch in which the wallets `who-0..` earn these points, up to its claims.
#[must_use]
pub fn month(epoch: u32, pool: u64, earned: &[u64]) -> Vec<Event> {
    let (start, end) = if epoch == 0 { (JANUARY, FEBRUARY) } else { (FEBRUARY, FEBRUARY + 28 * 86_400) };
    let opened =
        r::EpochOpened { epoch, seq: 1, start, end, pool, threshold: 500, below_bps: 5_000, cap_per_point: false };
    let mut events = vec![RewardsEvent::EpochOpened(opened)];
    let (mut seq, mut total) = (1, 0);
    for (who, points) in earned.iter().copied().enumerate() {
        let wallet = address(&format!("who-{who}"));
        if epoch == 0 {
            let destination = address(&format!("tokens-{who}"));
            events.push(RewardsEvent::ContributorRegistered(r::ContributorRegistered { wallet, seq: 1, destination }));
        }
        (seq, total) = (seq + 1, total + points);
        events.push(RewardsEvent::AwardIssued(r::AwardIssued {
            epoch,
            seq,
            wallet,
            issuer: address("issuer"),
            source: protocol::points::link_source(&format!("https://example.org/{epoch}/{who}")),
            category: 1,
            quantity: points / 10,
            points,
            state: ::rewards::state::award_state::COUNTED,
            wallet_points: points,
            total_points: total,
            lifetime_points: points,
        }));
    }
    let review_ends = end + 60;
    events.push(RewardsEvent::EpochClosed(r::EpochClosed { epoch, seq: seq + 1, total_points: total, review_ends }));
    let terms = month::MonthTerms { pool, threshold: 500, below_bps: 5_000, cap_per_point: false };
    let split = month::split(&terms, total);
    let (distributed, to_reserve) = (split.distributed, split.to_reserve);
    seq += 2;
    let finalized = r::EpochFinalized {
        epoch,
        seq,
        total_points: total,
        pool,
        distributed,
        to_reserve,
        expires_at: review_ends + 90 * 86_400,
    };
    events.push(RewardsEvent::EpochFinalized(finalized));
    let mut epoch_paid = 0;
    for (who, points) in earned.iter().copied().enumerate() {
        let amount = month::payout(distributed, points, total);
        (seq, epoch_paid) = (seq + 1, epoch_paid + amount);
        let (wallet, destination) = (address(&format!("who-{who}")), address(&format!("tokens-{who}")));
        let claimed = r::RewardClaimed { epoch, seq, wallet, destination, points, amount, epoch_paid };
        events.push(RewardsEvent::RewardClaimed(claimed));
    }
    events.into_iter().map(rewards).collect()
}

/// Everything: set-up, three orders, a month below the threshold and one above it, profit, a grant, bonds, panels, rentals,
/// verdicts.
#[must_use]
pub fn journey() -> Vec<Event> {
    let months = [month(0, 10_000, &[100, 300]), month(1, 10_000, &[100, 900])].concat();
    [setup(), market_journey(3), months, profit(), grant(), bonds(), panels(), rentals(), verdicts()].concat()
}

fn market(event: MarketEvent) -> Event {
    Event::Market(event)
}

fn rewards(event: RewardsEvent) -> Event {
    Event::Rewards(event)
}

/// A transaction that emits these events, one instruction each, as a node reports it.
#[must_use]
pub fn transaction(index: u32, name: &str, events: &[Event]) -> Transaction {
    let programs = Program::ALL;
    let keys: Vec<String> = [address("payer")]
        .into_iter()
        .chain(programs.map(|program| program.id()))
        .chain(programs.map(authority))
        .map(|key| key.to_string())
        .collect();
    let instruction = |event: &Event| {
        let place = programs.iter().position(|program| *program == event.program()).unwrap() as u8;
        let data = bs58::encode(event.encode()).into_string();
        // the payer, the programs, the authorities of their events
        let authority = 1 + programs.len() as u8 + place;
        Instruction { program_id_index: 1 + place, accounts: vec![authority], data }
    };
    let signature = bs58::encode([address(name).to_bytes(), address(&format!("{name}'")).to_bytes()].concat());
    Transaction {
        index,
        signature: signature.into_string(),
        error: None,
        instructions: vec![Instruction { program_id_index: 1, accounts: vec![0], data: String::new() }],
        inner: vec![Inner { index: 0, instructions: events.iter().map(instruction).collect() }],
        keys,
    }
}

/// A block on `parent` at `slot`; `fork` makes it differ from other blocks at that slot.
#[must_use]
pub fn block(parent: Option<&Block>, slot: u64, fork: &str, transactions: &[Vec<Event>]) -> Block {
    let (parent_slot, parent_hash) = parent.map_or((0, "genesis".into()), |p| (p.slot, p.blockhash.clone()));
    let name = format!("{fork}/{parent_hash}/{slot}");
    let transactions = (0u32..)
        .zip(transactions)
        .map(|(index, events)| transaction(index, &format!("{name}/{index}"), events))
        .collect();
    let blockhash = address(&name).to_string();
    Block { slot, blockhash, parent_slot, parent_hash, block_time: Some(JANUARY + slot as i64), transactions }
}

/// A chain with one transaction in each block, `events_each` events in each transaction, from slot 10 on.
#[must_use]
pub fn chain(events: &[Event], events_each: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (slot, events) in (10u64..).zip(events.chunks(events_each)) {
        let next = block(blocks.last(), slot, "main", &[events.to_vec()]);
        blocks.push(next);
    }
    blocks
}
