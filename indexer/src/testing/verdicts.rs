use super::{JANUARY, address};
use chain::event::{Event, ProofsEvent};
use proofs::{events as p, state::fault};

/// A licence's chunk that is claimed twice and proven, labels compared with gold at the same address later, and both closed;
/// a training job that is computed again.
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
    let events = [
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
        ProofsEvent::ChunkClaimed(p::ChunkClaimed {
            claim: address("claim of another"),
            seq: 1,
            order: address("another licence"),
            claimant: address("who-0"),
            opened_at: JANUARY,
            chunk: 0,
            plain_hash: [1; 32],
            cipher_hash: [2; 32],
        }),
        ProofsEvent::FaultProven(p::FaultProven {
            verdict: address("verdict on another"),
            seq: 1,
            order: address("another licence"),
            rent_payer: address("who-0"),
            opened_at: JANUARY,
            fault: fault::CHUNK,
            chunk: 0,
            blame: false,
        }),
        // of a training job, whose oracles all had to find it
        ProofsEvent::FaultProven(p::FaultProven {
            verdict: address("verdict-of-training"),
            seq: 1,
            order: address("order-0"),
            rent_payer: address("buyer"),
            opened_at: JANUARY,
            fault: fault::REDUCTION,
            chunk: 41,
            blame: true,
        }),
    ];
    events.map(Event::Proofs).to_vec()
}
