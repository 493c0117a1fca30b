//! What was found about one order says nothing about a later one at the same address.
use e2e_tests::{
    BUYER_SECRET, GOLD_WINDOW, Labelled, Proofs, SALT, Sold,
    address::proofs as at,
    instruction::proofs::{self as ix, ProveChunk},
    passed, refused,
};
use proofs::{
    ProofsError, events,
    state::{Verdict, verdict_kind, verdict_state},
};
use protocol::licence_keys;

#[test]
fn a_claim_about_an_earlier_order_is_not_proven_about_a_later_one() {
    let mut p = Proofs::new();
    let faulty = Sold::full(2, Some(0));
    let order = p.order_at(9, |order| faulty.delivered(order));
    passed(p.world.send(ix::open_chunk(p.buyer, order, &faulty.chunk(0))));
    // the order is closed and its number used again, for content that is right
    p.world.pass(500);
    let right = Sold::full(2, None);
    assert_eq!(p.order_at(9, |order| right.delivered(order)), order);
    let cipher = faulty.cipher[0].clone();
    let prove = ProveChunk { payer: p.buyer, order, claimant: p.buyer, key: faulty.key, cipher };
    refused(p.world.send(ix::prove_chunk(prove.clone())), ProofsError::StaleClaim);
    refused(p.world.send(ix::open_chunk(p.buyer, order, &faulty.chunk(0))), ProofsError::NotInContent);
    passed(p.world.send(ix::open_chunk(p.buyer, order, &right.chunk(0))));
    refused(p.world.send(ix::prove_chunk(prove)), ProofsError::OtherCipher);
}

#[test]
fn nothing_is_kept_about_an_order_in_the_second_of_its_opening() {
    let mut p = Proofs::new();
    let now = p.world.now();
    let sold = Sold::full(2, Some(0));
    let licence = p.order(|order| {
        sold.delivered(order);
        order.opened_at = now.into();
    });
    let job = Labelled::usual(3);
    let labelled = p.order(|order| {
        job.submitted(order, now + GOLD_WINDOW);
        order.opened_at = now.into();
    });
    let claim = ix::open_chunk(p.buyer, licence, &sold.chunk(0));
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sold.sealed);
    let key = ix::prove_key(p.buyer, licence, &evidence, sold.sealed);
    let gold = ix::open_gold(p.buyer, labelled, &job.task, SALT, &job.gold);
    for early in [&claim, &key, &gold] {
        refused(p.world.send(early.clone()), ProofsError::TooSoon);
    }
    p.world.pass(1);
    passed(p.world.send(claim));
    passed(p.world.send(gold));
    refused(p.world.send(key), ProofsError::KeyIsRight);
}

#[test]
fn a_verdict_on_an_earlier_order_blocks_no_verdict_on_a_later_one() {
    let mut p = Proofs::new();
    let job = Labelled::usual(10);
    let audit_by = p.world.now() + GOLD_WINDOW;
    let order = p.order_at(9, |order| job.submitted(order, audit_by));
    passed(p.world.send(ix::open_gold(p.stranger, order, &job.task, SALT, &job.gold)));
    let (answers, siblings) = job.leaf(0);
    passed(p.world.send(ix::open_answers(order, &answers, 0, &siblings)));

    // the buyer approves, the order is settled and closed, and its number used again
    p.world.pass(500);
    let audit_by = p.world.now() + GOLD_WINDOW;
    assert_eq!(p.order_at(9, |order| job.submitted(order, audit_by)), order);
    refused(p.world.send(ix::open_answers(order, &answers, 0, &siblings)), ProofsError::StaleVerdict);
    refused(p.world.send(ix::finish_gold(order)), ProofsError::StaleVerdict);
    let receipt = passed(p.world.send(ix::open_gold(p.buyer, order, &job.task, SALT, &job.gold)));
    let event: events::GoldOpened = receipt.event(&proofs::ID);
    // the account goes on with its sequence and the rent of who paid it
    assert_eq!((event.seq, event.rent_payer), (3, p.stranger));
    let verdict: Verdict = p.world.read(&at::verdict(&order));
    assert_eq!((verdict.compared.get(), verdict.correct.get()), (0, 0));

    // and again, as a licence
    p.world.pass(500);
    let sold = Sold::full(1, Some(0));
    assert_eq!(p.order_at(9, |order| sold.delivered(order)), order);
    passed(p.world.send(ix::open_chunk(p.buyer, order, &sold.chunk(0))));
    let cipher = sold.cipher[0].clone();
    passed(p.world.send(ix::prove_chunk(ProveChunk {
        payer: p.buyer,
        order,
        claimant: p.buyer,
        key: sold.key,
        cipher,
    })));
    let verdict: Verdict = p.world.read(&at::verdict(&order));
    assert_eq!((verdict.kind, verdict.state), (verdict_kind::PROOF, verdict_state::FINAL));
    assert_eq!((verdict.gold_count, verdict.answers_by.get(), verdict.seq.get()), (0, 0, 4));
}
