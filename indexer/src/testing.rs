//! A chain made up for tests: the whole journey of orders and months, as events in blocks.
#![allow(clippy::unwrap_used, missing_docs)]

mod bonds;
mod rentals;

pub use bonds::bonds;
pub use rentals::rentals;

use crate::block::{Block, Inner, Instruction, Transaction};
use chain::event::{Event, GrantsEvent, MarketEvent, Program, ProofsEvent, RewardsEvent, authority};
use grants::{events as g, state as grants_state};
use market::events as m;
use proofs::{events as p, state::fault};
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

/// A funded pool and a proposal of two milestones: voted on, with a vote that is changed, paid once, and then late.
#[must_use]
pub fn grant() -> Vec<Event> {
    use grants_state::{bond_state, choice, end_reason, proposal_state};
    let proposal = address("proposal");
    let mut events = vec![
        GrantsEvent::ConfigChanged(g::ConfigChanged {
            seq: 1,
            admin: address("admin"),
            pending_admin: Pubkey::default(),
            reviewer: address("reviewer"),
            mint: address("mint"),
            allocation: 525_000,
            quorum_points: 100,
            min_points: 10,
            proposal_bond: 50,
            bond_floor_points: 20,
            voting_seconds: 600,
            review_seconds: 60,
            approval_bps: 5_000,
            paused: 0,
        }),
        GrantsEvent::GrantsFunded(g::GrantsFunded { seq: 2, by: address("admin"), amount: 9_000, funded: 9_000 }),
        GrantsEvent::ProposalOpened(g::ProposalOpened {
            proposal,
            seq: 1,
            id: 0,
            proposer: address("who-0"),
            recipient: address("who-1"),
            metadata_hash: [7; 32],
            uri: padded("https://example.org/proposal"),
            count: 2,
            amounts: [1_000, 2_000, 0, 0, 0, 0, 0, 0],
            due: [FEBRUARY, FEBRUARY + 600, 0, 0, 0, 0, 0, 0],
            total: 3_000,
            bond: 50,
            bond_floor_points: 20,
            quorum_points: 100,
            approval_bps: 5_000,
            snapshot_epoch: 1,
            opened_at: JANUARY,
            ends_at: JANUARY + 600,
            bonds: 50,
        }),
    ];
    let votes = [
        ("who-0", choice::FOR, 1, (100, 0)),
        ("who-1", choice::AGAINST, 1, (100, 300)),
        ("who-1", choice::FOR, 2, (400, 0)),
    ];
    for (seq, (who, choice, votes, (votes_for, votes_against))) in (2..).zip(votes) {
        events.push(GrantsEvent::VoteCast(g::VoteCast {
            proposal,
            seq,
            voter: address(who),
            choice,
            weight: if who == "who-0" { 100 } else { 300 },
            votes,
            votes_for,
            votes_against,
            abstained: 0,
            voters: if who == "who-0" { 1 } else { 2 },
        }));
    }
    let decided = |seq, state, reason, bond_state, committed, bonds| {
        let pool_committed = committed;
        let e = g::ProposalDecided {
            proposal,
            seq,
            state,
            reason,
            bond_state,
            committed,
            funded: 9_000,
            pool_committed,
            bonds,
        };
        GrantsEvent::ProposalDecided(e)
    };
    let submitted = |seq, evidence| {
        GrantsEvent::MilestoneSubmitted(g::MilestoneSubmitted {
            proposal,
            seq,
            index: 0,
            evidence,
            review_by: FEBRUARY,
        })
    };
    let reviewed = |seq, accepted| {
        GrantsEvent::MilestoneReviewed(g::MilestoneReviewed {
            proposal,
            seq,
            index: 0,
            by: address("reviewer"),
            accepted,
        })
    };
    let (approved, cancelled) = (proposal_state::APPROVED, proposal_state::CANCELLED);
    events.extend([
        decided(5, approved, end_reason::NONE, bond_state::RETURNABLE, 3_000, 50),
        GrantsEvent::BondReturned(g::BondReturned {
            proposal,
            seq: 6,
            destination: address("tokens-0"),
            amount: 50,
            bonds: 0,
        }),
        submitted(7, [1; 32]),
        reviewed(8, false),
        submitted(9, [2; 32]),
        reviewed(10, true),
        GrantsEvent::MilestonePaid(g::MilestonePaid {
            proposal,
            seq: 11,
            index: 0,
            destination: address("tokens-1"),
            amount: 1_000,
            paid: 1_000,
            committed: 2_000,
            state: approved,
            pool_committed: 2_000,
            disbursed: 1_000,
        }),
        decided(12, cancelled, end_reason::LATE, bond_state::RETURNED, 0, 0),
        GrantsEvent::BallotClosed(g::BallotClosed { proposal, voter: address("who-1"), seq: 3 }),
        GrantsEvent::ProposalClosed(g::ProposalClosed { proposal, seq: 13 }),
    ]);
    events.into_iter().map(Event::Grants).collect()
}

/// A licence's chunk that is claimed twice and proven, labels compared with gold at the same address later, and both closed.
#[must_use]
pub fn verdicts() -> Vec<Event> {
    let (order, verdict, claim) = (address("licence"), address("verdict"), address("claim"));
    let claimed = |seq, chunk| {
        let (claimant, opened_at) = (address("buyer"), JANUARY);
        let (plain_hash, cipher_hash) = ([1; 32], [2; 32]);
        let event = p::ChunkClaimed { claim, seq, order, claimant, opened_at, chunk, plain_hash, cipher_hash };
        ProofsEvent::ChunkClaimed(event)
    };
    let proven = |seq, opened_at, fault, chunk| {
        let rent_payer = address("buyer");
        ProofsEvent::FaultProven(p::FaultProven {
            verdict,
            seq,
            order,
            rent_payer,
            opened_at,
            fault,
            chunk,
            blame: false,
        })
    };
    let gold = p::GoldOpened {
        verdict,
        seq: 2,
        order,
        rent_payer: address("buyer"),
        opened_at: JANUARY + 60,
        answers_by: JANUARY + 600,
        items: 1_000,
        gold_count: 10,
        floor_bps: 5_000,
        full_bps: 9_000,
    };
    let of_training = |fault, blame| {
        ProofsEvent::FaultProven(p::FaultProven {
            verdict: address("verdict-of-training"),
            seq: 1,
            order: address("order-0"),
            rent_payer: address("buyer"),
            opened_at: JANUARY,
            fault,
            chunk: 41,
            blame,
        })
    };
    let events = [
        of_training(fault::REDUCTION, true),
        claimed(1, 7),
        claimed(2, 8),
        proven(1, JANUARY, fault::CHUNK, 8),
        ProofsEvent::ClaimClosed(p::ClaimClosed { claim, seq: 3 }),
        ProofsEvent::GoldOpened(gold),
        ProofsEvent::AnswersOpened(p::AnswersOpened { verdict, seq: 3, leaf: 0, compared: 3, correct: 2 }),
        ProofsEvent::GoldJudged(p::GoldJudged { verdict, seq: 4, compared: 3, correct: 2, payable_bps: 0 }),
        ProofsEvent::VerdictClosed(p::VerdictClosed { verdict, seq: 5 }),
        // what was closed begins anew
        claimed(1, 9),
        proven(1, JANUARY + 120, fault::KEY, 0),
    ];
    events.map(Event::Proofs).to_vec()
}

/// Everything: set-up, three orders, a month below the threshold and one above it, a grant, bonds, rentals, verdicts.
#[must_use]
pub fn journey() -> Vec<Event> {
    let months = [month(0, 10_000, &[100, 300]), month(1, 10_000, &[100, 900])].concat();
    [setup(), market_journey(3), months, grant(), bonds(), rentals(), verdicts()].concat()
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
