//! A wrong sealed key convicts the seller, and a right one nobody.
use e2e_tests::{BUYER_SECRET, Proofs, Sold, address::proofs as at, instruction::proofs as ix, passed, refused};
use market::state::{judge, order_state};
use proofs::{
    ProofsError, events,
    state::{Verdict, fault, verdict_kind, verdict_state},
};
use proptest::prelude::*;
use protocol::{
    content,
    digest::content_address,
    licence::{SEALED_KEY_BYTES, request_hash},
    licence_keys,
};

/// A licence whose seller delivered `sealed` as the key with the hash of `promised`.
fn delivered(
    p: &mut Proofs,
    sealed: [u8; SEALED_KEY_BYTES],
    promised: [u8; 32],
    buyer: [u8; 32],
) -> anchor_lang::Address {
    let sold = Sold::full(1, None);
    p.order(|order| {
        sold.delivered(order);
        order.manifest_hash = request_hash(&buyer).0;
        order.result_root = content::key_hash(&promised).0;
        order.result_log = content_address(&sealed).0;
    })
}

fn public() -> [u8; 32] {
    licence_keys::public_key(&BUYER_SECRET)
}

#[test]
fn a_sealed_key_that_is_not_the_promised_one_is_proven() {
    let mut p = Proofs::new();
    let sealed = licence_keys::seal(&[1; 32], &public(), &[2; 32]).unwrap();
    let order = delivered(&mut p, sealed, [3; 32], public());
    let evidence = licence_keys::evidence(&BUYER_SECRET, &sealed);
    let receipt = passed(p.world.send(ix::prove_key(p.buyer, order, &evidence, sealed)));
    let event: events::FaultProven = receipt.event(&proofs::ID);
    assert_eq!((event.order, event.fault, event.chunk, event.seq), (order, fault::KEY, 0, 1));
    let verdict: Verdict = p.world.read(&at::verdict(&order));
    assert_eq!((verdict.kind, verdict.state), (verdict_kind::PROOF, verdict_state::FINAL));
    assert_eq!((verdict.payable_bps.get(), verdict.fault), (0, fault::KEY));
    refused(p.world.send(ix::prove_key(p.stranger, order, &evidence, sealed)), ProofsError::AlreadyJudged);
}

#[test]
fn the_right_key_convicts_nobody_whatever_the_evidence() {
    let mut p = Proofs::new();
    let sealed = licence_keys::seal(&[1; 32], &public(), &[2; 32]).unwrap();
    let order = delivered(&mut p, sealed, [1; 32], public());
    let honest = licence_keys::evidence(&BUYER_SECRET, &sealed);
    let mut send = |evidence, sealed| p.world.send(ix::prove_key(p.buyer, order, &evidence, sealed));
    refused(send(honest, sealed), ProofsError::KeyIsRight);
    let other = licence_keys::evidence(&[7; 32], &sealed);
    refused(send(other, sealed), ProofsError::OtherRequest);
    let mut wrong = honest;
    wrong.secret = other.secret;
    refused(send(wrong, sealed), ProofsError::WrongSecret);
    wrong.secret = [0xff; 32];
    refused(send(wrong, sealed), ProofsError::WrongSecret);
    wrong = honest;
    wrong.ephemeral_point = [2; 32];
    refused(send(wrong, sealed), ProofsError::WrongPoint);
    wrong = honest;
    wrong.shared = other.shared;
    refused(send(wrong, sealed), ProofsError::WrongShared);
    let mut changed = sealed;
    changed[40] ^= 1;
    refused(send(honest, changed), ProofsError::OtherSealedKey);
}

#[test]
fn an_ephemeral_key_that_is_none_is_proven() {
    let mut p = Proofs::new();
    let mut high = public();
    high[31] |= 0x80;
    // zero is of small order, 2 is the u-coordinate of no point of the curve, all ones is not below p
    for (ephemeral, what) in
        [([0; 32], "small order"), ([0xff; 32], "not canonical"), (high, "high bit"), (twist(), "twist")]
    {
        let mut sealed = [7; SEALED_KEY_BYTES];
        sealed[..32].copy_from_slice(&ephemeral);
        let order = delivered(&mut p, sealed, [1; 32], public());
        let evidence = licence_keys::evidence(&BUYER_SECRET, &sealed);
        let result = p.world.send(ix::prove_key(p.buyer, order, &evidence, sealed));
        assert!(result.is_ok(), "{what}: {:?}", result.err().map(|refusal| refusal.err));
    }
}

fn twist() -> [u8; 32] {
    let mut u = [0; 32];
    u[0] = 2;
    u
}

#[test]
fn a_key_is_proven_wrong_only_while_the_licence_is_disputed() {
    let mut p = Proofs::new();
    let sealed = licence_keys::seal(&[1; 32], &public(), &[2; 32]).unwrap();
    let order = delivered(&mut p, sealed, [3; 32], public());
    let prove = ix::prove_key(p.buyer, order, &licence_keys::evidence(&BUYER_SECRET, &sealed), sealed);
    for state in [order_state::ACCEPTED, order_state::AUDITED, order_state::RELEASED, order_state::REFUNDED] {
        p.change(&order, |order| order.state = state);
        refused(p.world.send(prove.clone()), ProofsError::NotDisputed);
    }
    p.change(&order, |order| (order.state, order.judge) = (order_state::DISPUTED, judge::APPROVAL));
    refused(p.world.send(prove.clone()), ProofsError::NotALicence);
    p.change(&order, |order| order.judge = judge::PROOF);
    passed(p.world.send(prove));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn the_chain_and_the_buyers_own_software_agree_about_any_sealed_key(
        key: [u8; 32], secret: [u8; 32], ephemeral: [u8; 32], change in prop::option::of((0usize..80, 1u8..))
    ) {
        let mut p = Proofs::new();
        let buyer = licence_keys::public_key(&secret);
        let mut sealed = licence_keys::seal(&key, &buyer, &ephemeral).unwrap();
        if let Some((at, mask)) = change {
            sealed[at] ^= mask;
        }
        let order = delivered(&mut p, sealed, key, buyer);
        let evidence = licence_keys::evidence(&secret, &sealed);
        let proven = p.world.send(ix::prove_key(p.buyer, order, &evidence, sealed));
        match licence_keys::open(&secret, &sealed, &content::key_hash(&key)) {
            Ok(opened) => {
                prop_assert_eq!(opened, key);
                refused(proven, ProofsError::KeyIsRight);
            }
            Err(_) => {
                passed(proven);
            }
        }
    }
}
