//! Rent returns to who paid it, once an account is no longer needed.
use anchor_lang::Address;
use e2e_tests::{
    GOLD_WINDOW, Labelled, Proofs, SALT, Sold, address::proofs as at, instruction::proofs as ix, passed, refused,
};
use market::state::order_state;
use proofs::{ProofsError, events};

fn judged(p: &mut Proofs) -> Address {
    let job = Labelled::usual(10);
    let audit_by = p.world.now() + GOLD_WINDOW;
    let order = p.order_at(9, |order| job.submitted(order, audit_by));
    passed(p.world.send(ix::open_gold(p.buyer, order, &job.task, SALT, &job.gold)));
    order
}

#[test]
fn a_verdict_is_closed_when_its_order_is_settled_closed_or_another() {
    let mut p = Proofs::new();
    let order = judged(&mut p);
    for state in order_state::FUNDED..order_state::RELEASED {
        p.change(&order, |order| order.state = state);
        refused(p.world.send(ix::close_verdict(order, p.buyer)), ProofsError::OrderNotSettled);
    }
    let ends: [fn(&mut Proofs, Address); 4] = [
        |p, order| p.change(&order, |order| order.state = order_state::RELEASED),
        |p, order| p.change(&order, |order| order.state = order_state::REFUNDED),
        |p, order| p.change(&order, |order| order.opened_at = (order.opened_at.get() + 1_000).into()),
        |p, order| p.world.svm.set_account(order, solana_account::Account::default()).unwrap(),
    ];
    p.change(&order, |order| order.state = order_state::SUBMITTED);
    for end in ends {
        let mut p = p.clone();
        end(&mut p, order);
        let (buyer, verdict) = (p.buyer, at::verdict(&order));
        let (before, rent) = (p.world.lamports(&buyer), p.world.lamports(&verdict));
        let receipt = passed(p.world.send(ix::close_verdict(order, buyer)));
        let event: events::VerdictClosed = receipt.event(&proofs::ID);
        assert_eq!((event.verdict, event.seq), (verdict, 2));
        assert!(p.world.is_gone(&verdict) && rent > 0);
        assert_eq!(p.world.lamports(&buyer), before + rent);
    }
}

#[test]
fn a_verdict_pays_its_rent_to_nobody_else() {
    let mut p = Proofs::new();
    let order = judged(&mut p);
    p.change(&order, |order| order.state = order_state::RELEASED);
    refused(p.world.send(ix::close_verdict(order, p.stranger)), ProofsError::NotRentPayer);
}

#[test]
fn a_claim_is_closed_by_its_claimant_alone() {
    let mut p = Proofs::new();
    let sold = Sold::full(2, Some(0));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(0))));
    let claim = at::claim(&order, &buyer);
    let mut by_other = ix::close_claim(p.stranger, order);
    by_other.accounts[1].pubkey = claim;
    refused(p.world.send(by_other), ProofsError::NotClaimant);
    let (before, rent) = (p.world.lamports(&buyer), p.world.lamports(&claim));
    let receipt = passed(p.world.send(ix::close_claim(buyer, order)));
    assert_eq!(receipt.event::<events::ClaimClosed>(&proofs::ID), events::ClaimClosed { claim, seq: 2 });
    assert!(p.world.is_gone(&claim) && rent > 0);
    assert_eq!(p.world.lamports(&buyer), before + rent);
    // and may be made anew
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(1))));
}

#[test]
fn lamports_sent_to_an_address_beforehand_block_nothing() {
    let mut p = Proofs::new();
    let sold = Sold::full(2, Some(0));
    let (order, buyer) = (p.licence(&sold), p.buyer);
    for address in [at::claim(&order, &buyer), at::verdict(&order)] {
        p.world.svm.airdrop(&address, 1_000_000).unwrap();
    }
    passed(p.world.send(ix::open_chunk(buyer, order, &sold.chunk(0))));
    let cipher = sold.cipher[0].clone();
    let prove = ix::ProveChunk { payer: buyer, order, claimant: buyer, key: sold.key, cipher };
    passed(p.world.send(ix::prove_chunk(prove)));
}
