//! What the votes on an order came to, recorded once for each member.
use e2e_tests::{
    Forge,
    address::oracles as at,
    instruction::oracles::{self as ix, RecordVote},
    oracles_world::{BOND, Bonds},
    passed, refused,
};
use market::state::{Order, judge, order_state, verdict};
use oracles::{
    OraclesError,
    events::VoteRecorded,
    state::{Oracle, RECORD_SECONDS},
};

/// Votes, agreed, dissented, missed, overturned.
fn counts(oracle: &Oracle) -> [u64; 5] {
    [oracle.votes, oracle.agreed, oracle.dissented, oracle.missed, oracle.overturned].map(|count| count.get())
}

/// What recording the three members' parts in an order counts.
fn recorded(change: impl FnOnce(&mut Order)) -> [[u64; 5]; 3] {
    let mut b = Bonds::new();
    let order = b.order(change);
    b.oracles.map(|oracle| {
        passed(b.send_record(order, oracle));
        counts(&b.oracle(&oracle))
    })
}

const AGREED: [u64; 5] = [1, 1, 0, 0, 0];
const DISSENTED: [u64; 5] = [1, 0, 1, 0, 0];
const MISSED: [u64; 5] = [0, 0, 0, 1, 0];
const VOTED: [u64; 5] = [1, 0, 0, 0, 0];
const NOTHING: [u64; 5] = [0; 5];

#[test]
fn a_vote_agrees_with_how_its_order_ended_or_it_does_not() {
    assert_eq!(recorded(|_| ()), [AGREED, AGREED, MISSED]);
    let against = |order: &mut Order| order.votes_against = 0b100.into();
    assert_eq!(recorded(against), [AGREED, AGREED, DISSENTED]);
    let rejected = |order: &mut Order| {
        (order.verdict, order.state) = (verdict::REJECT, order_state::REFUNDED);
        (order.votes_for, order.votes_against) = (0b001.into(), 0b110.into());
    };
    assert_eq!(recorded(rejected), [DISSENTED, AGREED, AGREED]);
}

#[test]
fn a_vote_without_a_verdict_is_neither_right_nor_wrong() {
    let undecided = |order: &mut Order| {
        (order.verdict, order.state) = (verdict::NONE, order_state::REFUNDED);
        (order.votes_for, order.votes_against) = (0b001.into(), 0b010.into());
    };
    assert_eq!(recorded(undecided), [VOTED, VOTED, MISSED]);
}

#[test]
fn only_a_member_that_had_the_whole_audit_missed_it() {
    let early = |order: &mut Order| order.audit_by = (order.settled_at.get() + 1).into();
    assert_eq!(recorded(early)[2], NOTHING);
    let on_time = |order: &mut Order| order.audit_by = order.settled_at;
    assert_eq!(recorded(on_time)[2], MISSED);
    assert_eq!(recorded(|order| order.disputed = 1)[2], NOTHING);
    let mut b = Bonds::new();
    let (order, oracles) = (b.order(|_| ()), b.oracles);
    b.world.put_oracle_set(1, &oracles, |set| set.retired = 1);
    passed(b.send_record(order, oracles[2]));
    assert_eq!(counts(&b.oracle(&oracles[2])), NOTHING);
}

#[test]
fn a_part_is_recorded_once() {
    let mut b = Bonds::new();
    let (order, [first, second, _]) = (b.order(|_| ()), b.oracles);
    passed(b.send_record(order, first));
    refused(b.send_record(order, first), OraclesError::AlreadyRecorded);
    passed(b.send_record(order, second));
    refused(b.send_record(order, second), OraclesError::AlreadyRecorded);
    assert_eq!((b.record_of(&order).counted.get(), b.record_of(&order).seq.get()), (0b011, 2));
}

#[test]
fn an_order_whose_address_is_used_again_is_recorded_again() {
    let mut b = Bonds::new();
    let (order, oracle) = (b.order(|_| ()), b.oracles[0]);
    passed(b.send_record(order, oracle));
    let buyer = b.buyer;
    // closed and opened under the same number, and settled in the same second
    let again = b.world.put_order(&buyer, 1, |order| {
        (order.judge, order.state, order.verdict) = (judge::ORACLES, order_state::REFUNDED, verdict::REJECT);
        (order.audit_seed, order.opened_at) = ([8; 32], (e2e_tests::START - 1).into());
        (order.oracle_set, order.votes_for) = (1.into(), 0b001.into());
        order.settled_at = e2e_tests::START.into();
    });
    assert_eq!(again, order);
    passed(b.send_record(order, oracle));
    assert_eq!(counts(&b.oracle(&oracle)), [2, 1, 1, 0, 0]);
    assert_eq!(b.record_of(&order).counted.get(), 0b001);
    refused(b.send_record(order, oracle), OraclesError::AlreadyRecorded);
}

#[test]
fn only_a_settled_order_that_oracles_judged_is_recorded() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    for state in [order_state::FUNDED, order_state::AUDITING, order_state::AUDITED, order_state::DISPUTED, 0, 9] {
        let order = b.order(|order| order.state = state);
        refused(b.send_record(order, oracle), OraclesError::OrderNotSettled);
    }
    for other in [judge::APPROVAL, judge::PROOF, judge::GOLD] {
        let order = b.order(|order| order.judge = other);
        refused(b.send_record(order, oracle), OraclesError::NotAudited);
    }
    // cancelled before anybody was asked
    let order = b.order(|order| order.audit_seed = [0; 32]);
    refused(b.send_record(order, oracle), OraclesError::NotAudited);
}

#[test]
fn only_members_of_the_orders_own_set_are_recorded() {
    let mut b = Bonds::new();
    let (order, oracles) = (b.order(|_| ()), b.oracles);
    let outsider = b.world.wallet();
    let token = b.token;
    b.world.fund_with(&outsider, &token, BOND);
    passed(b.world.send(b.register_ix(outsider)));
    refused(b.send_record(order, outsider), OraclesError::NotAMember);
    b.world.put_oracle_set(2, &[outsider, oracles[0]], |_| ());
    let other_set = ix::record_vote(RecordVote { oracle_set: 2, ..b.record(order, outsider) });
    refused(b.world.send(other_set), OraclesError::WrongOracleSet);
    // members beyond the set's count are none
    let mut b = Bonds::new();
    let order = b.order(|_| ());
    b.world.put_oracle_set(1, &oracles, |set| set.count = 2);
    refused(b.send_record(order, oracles[2]), OraclesError::NotAMember);
}

#[test]
fn an_order_is_recorded_until_the_second_at_which_its_record_may_go() {
    let mut b = Bonds::new();
    let (order, [first, second, _]) = (b.order(|_| ()), b.oracles);
    passed(b.send_record(order, first));
    let close = ix::close_record(order, b.stranger);
    b.world.pass(i64::from(RECORD_SECONDS) - 1);
    refused(b.world.send(close.clone()), OraclesError::RecordNeeded);
    b.world.simulate(b.record_ix(order, second)).unwrap();
    b.world.pass(1);
    refused(b.send_record(order, second), OraclesError::RecordingOver);
    let before = b.world.lamports(&b.stranger);
    passed(b.world.send(close));
    assert!(b.world.is_gone(&at::record(&order)));
    let rent = b.world.rent(8 + size_of::<oracles::state::Record>());
    assert_eq!(b.world.lamports(&b.stranger), before + rent);
    // without its record, too, nobody is counted twice
    refused(b.send_record(order, first), OraclesError::RecordingOver);
}

#[test]
fn the_record_of_an_order_that_is_gone_closes_at_once() {
    let mut b = Bonds::new();
    let (order, oracle) = (b.order(|_| ()), b.oracles[0]);
    passed(b.send_record(order, oracle));
    let close = ix::close_record(order, b.stranger);
    let other = b.order(|_| ());
    refused(b.world.send(close.clone().swap(&order, &other)), OraclesError::RecordNeeded);
    refused(b.world.send(ix::close_record(order, b.buyer)), OraclesError::WrongTokenAccount);
    b.world.tamper(&order, |account| *account = Default::default());
    passed(b.world.send(close));
    assert!(b.world.is_gone(&at::record(&order)));
}

#[test]
fn an_event_tells_what_was_recorded() {
    let mut b = Bonds::new();
    let (order, oracle) = (b.order(|_| ()), b.oracles[0]);
    let event: VoteRecorded = passed(b.send_record(order, oracle)).event(&oracles::ID);
    let expected = VoteRecorded {
        oracle,
        seq: 3,
        order,
        opened_at: b.world.now() - 10_000,
        record_seq: 1,
        vote: verdict::ACCEPT,
        ended: verdict::ACCEPT,
        missed: false,
        hidden: false,
        overturned: false,
        to_challenger: 0,
        to_buyer: 0,
        burned: 0,
        bond: BOND,
        unbonding: 0,
    };
    assert_eq!(event, expected);
}
