//! What the members of an order's oracle set seal, what of it goes on their record, and whose the rent is.
use e2e_tests::{
    AUDIT,
    address::oracles as at,
    instruction::oracles as ix,
    oracles_world::{BOND, Bonds},
    passed, refused,
};
use market::state::{Order, judge, order_state, verdict};
use oracles::{
    OraclesError,
    events::{SealsClosed, VoteRecorded, VoteSealed},
    state::{RECORD_SECONDS, Seals},
};

fn seal(b: &mut Bonds, order: anchor_lang::Address, place: usize) -> [u8; 32] {
    let commitment = b.world.commitment(&order, &b.oracles[place], verdict::ACCEPT);
    let receipt = passed(b.world.send(ix::seal_vote(b.oracles[place], order, 1, commitment)));
    let event: VoteSealed = receipt.event(&oracles::ID);
    assert_eq!((event.order, event.oracle, event.commitment), (order, b.oracles[place], commitment));
    commitment
}

#[test]
fn a_seal_is_kept_at_its_members_place_and_the_first_pays_the_rent() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    let late_first = seal(&mut b, order, 2);
    let first = seal(&mut b, order, 0);
    let seals: Seals = b.world.read(&at::seals(&order));
    assert_eq!((seals.order, seals.rent_payer, seals.sealed.get(), seals.seq.get()), (order, b.oracles[2], 0b101, 2));
    assert_eq!((seals.commitments[0], seals.commitments[1], seals.commitments[2]), (first, [0; 32], late_first));
}

#[test]
fn only_members_seal_and_only_while_their_order_is_under_audit() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    refused(b.world.send(ix::seal_vote(b.stranger, order, 1, [1; 32])), OraclesError::NotAMember);
    b.world.put_oracle_set(2, &[b.stranger], |_| ());
    refused(b.world.send(ix::seal_vote(b.stranger, order, 2, [1; 32])), OraclesError::WrongOracleSet);
    b.world.put_oracle_set(1, &b.oracles, |set| set.retired = 1);
    refused(b.world.send(ix::seal_vote(b.oracles[0], order, 1, [1; 32])), OraclesError::SetRetired);
    b.world.put_oracle_set(1, &b.oracles, |_| ());
    let others: [fn(&mut Order); 4] = [
        |order| order.state = order_state::SUBMITTED,
        |order| order.state = order_state::AUDITED,
        |order| order.state = order_state::DISPUTED,
        |order| (order.state, order.judge) = (order_state::AUDITING, judge::GOLD),
    ];
    for change in others {
        let other = b.order(change);
        refused(b.world.send(ix::seal_vote(b.oracles[0], other, 1, [1; 32])), OraclesError::NotUnderAudit);
    }
}

#[test]
fn sealing_ends_at_the_second_in_the_middle_of_the_audit() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    let ends = b.world.read::<Order>(&order).audit_by.get() - AUDIT / 2;
    b.world.set_time(ends - 1);
    seal(&mut b, order, 0);
    b.world.set_time(ends);
    refused(b.world.send(ix::seal_vote(b.oracles[1], order, 1, [1; 32])), OraclesError::SealingOver);
}

#[test]
fn an_order_at_the_address_of_a_closed_one_begins_without_seals() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    seal(&mut b, order, 0);
    seal(&mut b, order, 1);
    let opened_at = b.world.read::<Order>(&order).opened_at.get();
    b.settle(&order, |order| {
        order.opened_at = (opened_at + 1).into();
        order.state = order_state::AUDITING;
    });
    seal(&mut b, order, 1);
    let seals: Seals = b.world.read(&at::seals(&order));
    assert_eq!((seals.sealed.get(), seals.opened_at.get(), seals.rent_payer), (0b010, opened_at + 1, b.oracles[0]));
    assert_eq!(seals.commitments[0], [0; 32]);
}

/// What recording the three members of an order counts as hidden, where members 0 and 1 sealed and `change` says what happened
/// then.
fn hidden(change: impl FnOnce(&mut Order)) -> [bool; 3] {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    for place in [0, 1] {
        seal(&mut b, order, place);
    }
    b.world.pass(AUDIT);
    b.settle(&order, change);
    [0, 1, 2].map(|place| {
        let oracle = b.oracles[place];
        let event: VoteRecorded = passed(b.send_record(order, oracle)).event(&oracles::ID);
        assert_eq!(b.oracle(&oracle).hidden.get(), u64::from(event.hidden));
        assert!(event.missed || !event.hidden);
        event.hidden
    })
}

#[test]
fn a_member_that_sealed_and_never_showed_its_vote_has_that_on_its_record() {
    assert_eq!(hidden(|order| order.votes_for = 0b100.into()), [true, true, false]);
    assert_eq!(hidden(|order| order.votes_for = 0b001.into()), [false, true, false]);
    assert_eq!(hidden(|order| order.votes_against = 0b011.into()), [false; 3]);
    // a dispute ended the voting before its time
    assert_eq!(hidden(|order| order.disputed = 1), [false; 3]);
}

#[test]
fn the_rent_of_seals_returns_once_nothing_in_them_is_needed() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    let before = b.world.lamports(&b.oracles[0]);
    for place in [0, 1] {
        seal(&mut b, order, place);
    }
    let payer = b.oracles[0];
    let close = ix::close_seals(order, None, payer);
    refused(b.world.send(close.clone()), OraclesError::SealsNeeded);
    refused(b.world.send(ix::close_seals(order, None, b.stranger)), OraclesError::WrongTokenAccount);
    b.settle(&order, |order| order.votes_for = 0b011.into());
    let event: SealsClosed = passed(b.world.send(close)).event(&oracles::ID);
    assert_eq!((event.order, event.seq), (order, 3));
    assert!(b.world.is_gone(&at::seals(&order)));
    assert_eq!(b.world.lamports(&payer), before);
}

#[test]
fn seals_of_a_member_that_hid_its_vote_stay_until_that_is_recorded_or_too_old() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    for place in [0, 1] {
        seal(&mut b, order, place);
    }
    b.world.pass(AUDIT);
    b.settle(&order, |order| order.votes_for = 0b001.into());
    let (hider, payer) = (b.oracles[1], b.oracles[0]);
    refused(b.world.send(ix::close_seals(order, None, payer)), OraclesError::SealsNeeded);
    passed(b.send_record(order, payer));
    let close = ix::close_seals(order, Some(at::record(&order)), payer);
    refused(b.world.send(close.clone()), OraclesError::SealsNeeded);
    let (mut recorded, mut late, mut gone) = (b.clone(), b.clone(), b.clone());
    passed(recorded.send_record(order, hider));
    passed(recorded.world.send(close));
    late.world.pass(RECORD_SECONDS.into());
    passed(late.world.send(ix::close_seals(order, None, payer)));
    let system = anchor_lang::Address::default();
    gone.world.put(order, system, vec![]);
    passed(gone.world.send(ix::close_seals(order, None, payer)));
    assert_eq!(b.oracle(&hider).bond.get(), BOND);
}

#[test]
fn the_record_of_another_order_frees_no_seals() {
    let mut b = Bonds::new();
    let order = b.order_under_audit();
    for place in [0, 1] {
        seal(&mut b, order, place);
    }
    b.world.pass(AUDIT);
    b.settle(&order, |order| order.votes_for = 0b001.into());
    let other = b.order(|_| ());
    for oracle in b.oracles {
        passed(b.send_record(other, oracle));
    }
    let close = ix::close_seals(order, Some(at::record(&other)), b.oracles[0]);
    refused(b.world.send(close), OraclesError::SealsNeeded);
}
