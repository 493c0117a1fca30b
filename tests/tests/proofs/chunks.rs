//! A wrong chunk convicts the seller, and a right one nobody.
use anchor_lang::Address;
use e2e_tests::{
    Proofs, Sold,
    address::proofs as at,
    instruction::proofs::{self as ix, ProveChunk},
    passed, refused,
};
use market::state::{judge, order_state};
use proofs::{
    ProofsError, events,
    state::{Claim, Verdict, fault, verdict_kind, verdict_state},
};
use proptest::prelude::*;
use solana_instruction::Instruction;

fn prove_ix(sold: &Sold, by: Address, order: Address, place: usize) -> Instruction {
    let cipher = sold.cipher[place].clone();
    ix::prove_chunk(ProveChunk { payer: by, order, claimant: by, key: sold.key, cipher })
}

#[test]
fn a_faulty_chunk_is_claimed_then_proven() {
    let mut p = Proofs::new();
    let sold = Sold::full(5, Some(3));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    let opened_at = p.world.now() - 100;

    let receipt = passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(3))));
    let claimed: events::ChunkClaimed = receipt.event(&proofs::ID);
    assert_eq!((claimed.order, claimed.claimant, claimed.chunk, claimed.seq), (order, buyer, 3, 1));
    assert_eq!((claimed.claim, claimed.opened_at), (at::claim(&order, &buyer), opened_at));
    assert_eq!((claimed.plain_hash, claimed.cipher_hash), (sold.chunk(3).plain.0, sold.chunk(3).cipher.0));

    let receipt = passed(p.world.send(prove_ix(&sold, buyer, order, 3)));
    let verdict: Verdict = p.world.read(&at::verdict(&order));
    assert_eq!((verdict.order, verdict.rent_payer, verdict.opened_at.get()), (order, buyer, opened_at));
    assert_eq!((verdict.payable_bps.get(), verdict.kind), (0, verdict_kind::PROOF));
    assert_eq!((verdict.state, verdict.fault, verdict.chunk.get()), (verdict_state::FINAL, fault::CHUNK, 3));
    let expected = events::FaultProven {
        verdict: at::verdict(&order),
        seq: 1,
        order,
        rent_payer: buyer,
        opened_at,
        fault: fault::CHUNK,
        chunk: 3,
        blame: false,
    };
    assert_eq!(receipt.event::<events::FaultProven>(&proofs::ID), expected);
    // once is enough, and nothing undoes it
    refused(p.world.send(prove_ix(&sold, buyer, order, 3)), ProofsError::AlreadyJudged);
}

#[test]
fn the_last_chunk_may_be_shorter() {
    let mut p = Proofs::new();
    let chunk = |place| if place == 2 { vec![9; 5] } else { vec![place as u8; 512] };
    let sold = Sold::new(3, chunk, Some(2));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(2))));
    passed(p.world.send(prove_ix(&sold, buyer, order, 2)));
}

#[test]
fn nothing_is_proven_with_another_key_other_bytes_or_a_right_chunk() {
    let mut p = Proofs::new();
    let sold = Sold::full(4, Some(1));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(2))));
    refused(p.world.send(prove_ix(&sold, buyer, order, 2)), ProofsError::ChunkIsRight);
    refused(p.world.send(prove_ix(&sold, buyer, order, 1)), ProofsError::OtherCipher);
    let other = Sold { key: [1; 32], ..sold.clone() };
    refused(p.world.send(prove_ix(&other, buyer, order, 2)), ProofsError::OtherKey);
    assert!(p.world.is_gone(&at::verdict(&order)), "a refused proof leaves nothing");
    // the claim is replaced by the right one
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(1))));
    let claim: Claim = p.world.read(&at::claim(&order, &buyer));
    assert_eq!((claim.seq.get(), claim.chunk.get()), (2, 1));
    passed(p.world.send(prove_ix(&sold, buyer, order, 1)));
}

#[test]
fn only_chunks_under_the_listings_root_are_claimed() {
    let mut p = Proofs::new();
    let sold = Sold::full(6, None);
    let (order, buyer) = (p.licence(&sold), p.buyer);
    let good = sold.chunk(2);
    let mut moved = good.clone();
    moved.proof.index = 3;
    let mut longer = good.clone();
    longer.proof.count = 7;
    let mut promised = good.clone();
    promised.plain.0[0] ^= 1;
    let mut sent = good.clone();
    sent.cipher.0[0] ^= 1;
    let mut shorter = good.clone();
    shorter.proof.siblings.pop();
    for bad in [moved, longer, promised, sent, shorter, Sold::full(7, None).chunk(2)] {
        refused(p.world.send(ix::open_chunk(buyer, order, &bad)), ProofsError::NotInContent);
    }
    passed(p.world.send(ix::open_chunk(buyer, order, &good)));
}

#[test]
fn a_claim_is_made_and_proven_only_while_the_licence_is_disputed() {
    let mut p = Proofs::new();
    let sold = Sold::full(2, Some(0));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(0))));
    for state in order_state::FUNDED..=order_state::REFUNDED {
        if state == order_state::DISPUTED {
            continue;
        }
        p.change(&order, |order| order.state = state);
        refused(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(0))), ProofsError::NotDisputed);
        refused(p.world.send(prove_ix(&sold, buyer, order, 0)), ProofsError::NotDisputed);
    }
    for judge in [0, judge::ORACLES, judge::APPROVAL, judge::GOLD] {
        p.change(&order, |order| (order.state, order.judge) = (order_state::DISPUTED, judge));
        refused(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(0))), ProofsError::NotALicence);
        refused(p.world.send(prove_ix(&sold, buyer, order, 0)), ProofsError::NotALicence);
    }
    p.change(&order, |order| order.judge = judge::PROOF);
    passed(p.world.send(prove_ix(&sold, buyer, order, 0)));
}

#[test]
fn nobody_elses_claim_stands_in_the_way() {
    let mut p = Proofs::new();
    let sold = Sold::full(4, Some(1));
    let (order, buyer, seller, stranger) = (p.licence(&sold), p.buyer, p.seller, p.stranger);
    // the seller and a stranger claim right chunks before, between and after
    passed(p.world.send(ix::open_chunk(seller, order, &sold.chunk(0))));
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(1))));
    passed(p.world.send(ix::open_chunk(stranger, order, &sold.chunk(2))));
    refused(p.world.send(prove_ix(&sold, stranger, order, 2)), ProofsError::ChunkIsRight);
    passed(p.world.send(ix::open_chunk(seller, order, &sold.chunk(3))));
    // whoever pays for the verdict, it is the same
    let cipher = sold.cipher[1].clone();
    let by_other = ProveChunk { payer: stranger, order, claimant: buyer, key: sold.key, cipher };
    passed(p.world.send(ix::prove_chunk(by_other)));
    assert_eq!(p.world.read::<Verdict>(&at::verdict(&order)).rent_payer, stranger);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_prover_wins_on_the_corrupted_chunk_and_nowhere_else(
        count in 1usize..9,
        seed: u64,
        last in 1usize..=512,
        corrupted in any::<prop::sample::Index>(),
    ) {
        let corrupted = corrupted.index(count);
        let chunk = |place: usize| {
            let bytes = if place + 1 == count { last } else { 512 };
            (0..bytes).map(|at| (seed.wrapping_mul(at as u64 + 1) >> (place % 57)) as u8).collect()
        };
        let mut p = Proofs::new();
        let sold = Sold::new(count, chunk, Some(corrupted));
        let (order, buyer) = (p.licence(&sold), p.buyer);
        for place in (0..count).filter(|place| *place != corrupted).chain([corrupted]) {
            passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(place))));
            let proven = p.world.send(prove_ix(&sold, buyer, order, place));
            if place == corrupted {
                passed(proven);
            } else {
                refused(proven, ProofsError::ChunkIsRight);
            }
        }
    }
}
