//! What the members of a panel seal and show, and what it comes to.
use anchor_lang::Address;
use e2e_tests::{
    PANEL_SET, Receipt, Refusal,
    address::market as market_at,
    instruction::oracles::{self as ix, PanelVote, Settings},
    oracles_world::{BOND, Bonds, MIN_BOND, bond_settings},
    panel_vote, passed, refused,
};
use market::state::{OracleSet, Order, order_state};
use oracles::{
    OraclesError,
    events::{PanelVoteSealed, PanelVoted},
    state::panel_state,
};
use protocol::panel::ballot::{ACCEPT, REJECT, REJECT_PLAIN};

fn seal(b: &mut Bonds, order: &Address, member: &Address, ballot: u8) -> Result<Receipt, Refusal> {
    b.world.send(b.world.seal_ballot_ix(order, member, ballot))
}

fn show(b: &mut Bonds, order: &Address, member: &Address, ballot: u8) -> Result<Receipt, Refusal> {
    // the same vote may be tried twice within one blockhash
    b.world.svm.expire_blockhash();
    b.world.send(ix::show_panel_vote(*member, *order, panel_vote(ballot)))
}

/// Bonds, an order in dispute, and the members of its panel.
fn sitting(fresh: usize) -> (Bonds, Address, Vec<Address>) {
    let (mut b, order) = Bonds::disputed(fresh);
    let members = b.seat(&order);
    (b, order, members)
}

/// A sitting panel of which everybody sealed this ballot.
fn sealed(ballot: u8) -> (Bonds, Address, Vec<Address>) {
    let (mut b, order, members) = sitting(5);
    for member in &members {
        passed(seal(&mut b, &order, member, ballot));
    }
    (b, order, members)
}

/// What a panel of so many seats comes to: state, share that is paid, blame.
fn verdict(ballots: &[u8]) -> (u8, u16, u8) {
    let mut b = Bonds::new();
    b.add_panel_set(7);
    let settings = Settings { panel_size: ballots.len().try_into().unwrap(), ..bond_settings() };
    passed(b.world.send(ix::update_config(b.world.admin, settings)));
    let order = b.disputed_order(|_| ());
    b.seat(&order);
    b.world.decide_panel(&order, ballots);
    let panel = b.world.panel(&order);
    (panel.state, panel.payable_bps.get(), panel.blame)
}

#[test]
fn more_than_half_of_the_seats_decide_and_blame_only_for_what_they_all_say_all_had_to_see() {
    let (paid, refused, blamed) =
        ((panel_state::FINAL, 10_000, 0), (panel_state::FINAL, 0, 0), (panel_state::FINAL, 0, 1));
    for (ballots, expected) in [
        (&[ACCEPT][..], paid),
        (&[REJECT], refused),
        (&[REJECT_PLAIN], blamed),
        (&[ACCEPT, REJECT, ACCEPT], paid),
        (&[REJECT, ACCEPT, REJECT], refused),
        (&[REJECT_PLAIN, ACCEPT, REJECT_PLAIN], blamed),
        (&[REJECT_PLAIN, REJECT, ACCEPT], refused),
        (&[REJECT_PLAIN, REJECT_PLAIN, ACCEPT, ACCEPT, REJECT], refused),
        (&[REJECT_PLAIN, REJECT_PLAIN, ACCEPT, ACCEPT, REJECT_PLAIN], blamed),
        (&[ACCEPT, REJECT, ACCEPT, REJECT_PLAIN, ACCEPT, REJECT, ACCEPT], paid),
        (&[ACCEPT, REJECT_PLAIN, ACCEPT, REJECT_PLAIN, REJECT_PLAIN, ACCEPT, REJECT_PLAIN], blamed),
    ] {
        assert_eq!(verdict(ballots), expected, "{ballots:?}");
    }
}

#[test]
fn a_vote_is_told_with_what_it_comes_to_and_none_is_taken_after_the_verdict() {
    let (mut b, order, members) = sealed(REJECT_PLAIN);
    let told = |receipt: Receipt| receipt.event::<PanelVoted>(&oracles::ID);
    let first = told(passed(show(&mut b, &order, &members[2], REJECT_PLAIN)));
    assert_eq!((first.order, first.oracle, first.ballot, first.reason), (order, members[2], REJECT_PLAIN, 9));
    assert_eq!((first.report, first.seq, first.votes_for, first.votes_against), ([8; 32], 6, 0, 1));
    assert_eq!((first.state, first.payable_bps, first.blame), (panel_state::SITTING, 0, 0));
    refused(show(&mut b, &order, &members[2], REJECT_PLAIN), OraclesError::AlreadyShown);
    let second = told(passed(show(&mut b, &order, &members[0], REJECT_PLAIN)));
    assert_eq!((second.seq, second.votes_against, second.state, second.blame), (7, 2, panel_state::FINAL, 1));
    refused(show(&mut b, &order, &members[1], REJECT_PLAIN), OraclesError::PanelNotSitting);
}

#[test]
fn a_seal_stands_at_its_members_seat_and_is_not_changed() {
    let (mut b, order, members) = sitting(5);
    let event: PanelVoteSealed = passed(seal(&mut b, &order, &members[1], ACCEPT)).event(&oracles::ID);
    let panel = b.world.panel(&order);
    assert_eq!((event.order, event.oracle, event.seq, event.sealed), (order, members[1], 3, 1));
    assert_eq!((panel.sealed, panel.commitments[1]), (0b010, event.commitment));
    assert_eq!((panel.commitments[0], panel.commitments[2]), ([0; 32], [0; 32]));
    refused(seal(&mut b, &order, &members[1], REJECT), OraclesError::AlreadySealed);
}

#[test]
fn only_members_that_were_drawn_seal_and_show() {
    let (mut b, order) = Bonds::disputed(5);
    passed(b.convene(&order));
    let somebody = b.oracles[0];
    refused(b.world.send(ix::seal_panel_vote(somebody, order, [1; 32])), OraclesError::PanelNotSitting);
    refused(show(&mut b, &order, &somebody, ACCEPT), OraclesError::PanelNotSitting);
    let members = b.world.draw_panel(&order);
    let set: OracleSet = b.world.read(&market_at::oracle_set(PANEL_SET));
    for outsider in set.members[..8].iter().filter(|member| !members.contains(member)) {
        refused(b.world.send(ix::seal_panel_vote(*outsider, order, [1; 32])), OraclesError::NotOnPanel);
        refused(show(&mut b, &order, outsider, ACCEPT), OraclesError::NotOnPanel);
    }
}

#[test]
fn nobody_seals_once_votes_can_be_seen_on_both_sides_of_the_second() {
    let (mut b, order, members) = sitting(3);
    let seal_by = b.seal_by(&order);
    passed(seal(&mut b, &order, &members[0], ACCEPT));
    b.world.set_time(seal_by - 1);
    refused(show(&mut b, &order, &members[0], ACCEPT), OraclesError::SealingOpen);
    passed(seal(&mut b, &order, &members[1], ACCEPT));
    refused(show(&mut b, &order, &members[0], ACCEPT), OraclesError::SealingOpen);
    b.world.set_time(seal_by);
    refused(seal(&mut b, &order, &members[2], ACCEPT), OraclesError::PanelTooLate);
    passed(show(&mut b, &order, &members[0], ACCEPT));
    passed(show(&mut b, &order, &members[1], ACCEPT));
    assert_eq!(b.world.panel(&order).state, panel_state::FINAL);
}

#[test]
fn votes_are_shown_early_once_every_seat_is_sealed() {
    let (mut b, order, members) = sitting(3);
    for (sealed, member) in members.iter().enumerate() {
        if sealed > 0 {
            refused(show(&mut b, &order, &members[0], ACCEPT), OraclesError::SealingOpen);
        }
        passed(seal(&mut b, &order, member, ACCEPT));
    }
    passed(show(&mut b, &order, &members[0], ACCEPT));
}

#[test]
fn a_vote_that_was_not_sealed_or_was_copied_or_changed_is_not_shown() {
    let (mut b, order, members) = sitting(3);
    // the second seat copies the first one's seal, and the third seals nothing
    let first = b.world.seal_ballot_ix(&order, &members[0], REJECT);
    passed(b.world.send(first));
    let copied = b.world.panel(&order).commitments[0];
    passed(b.world.send(ix::seal_panel_vote(members[1], order, copied)));
    b.world.set_time(b.seal_by(&order));
    let other = || OraclesError::OtherVoteSealed;
    for ballot in [ACCEPT, REJECT, REJECT_PLAIN] {
        refused(show(&mut b, &order, &members[1], ballot), other());
        refused(show(&mut b, &order, &members[2], ballot), other());
    }
    refused(show(&mut b, &order, &members[0], ACCEPT), other());
    refused(show(&mut b, &order, &members[0], REJECT_PLAIN), other());
    let salted = PanelVote { salt: [1; 32], ..panel_vote(REJECT) };
    refused(b.world.send(ix::show_panel_vote(members[0], order, salted)), other());
    passed(show(&mut b, &order, &members[0], REJECT));
    // one of three seats decides nothing, and the dispute goes to the administrator
    assert_eq!(b.world.panel(&order).state, panel_state::SITTING);
}

#[test]
fn ballots_that_there_are_not_are_refused() {
    for unknown in [0, REJECT_PLAIN + 1, u8::MAX] {
        let (mut b, order, members) = sealed(unknown);
        refused(show(&mut b, &order, &members[0], unknown), OraclesError::UnknownBallot);
    }
}

#[test]
fn a_vote_counts_with_enough_bonded_that_is_not_on_its_way_out() {
    let (mut b, order, members) = sealed(ACCEPT);
    passed(b.world.send(ix::request_unbond(members[0], BOND)));
    refused(show(&mut b, &order, &members[0], ACCEPT), OraclesError::NotBonded);
    passed(b.world.send(ix::request_unbond(members[0], BOND - MIN_BOND)));
    passed(show(&mut b, &order, &members[0], ACCEPT));
    // the sets of the market ask for more than the settings do
    let (mut b, order) = Bonds::disputed(3);
    let set: OracleSet = b.world.read(&market_at::oracle_set(PANEL_SET));
    b.world.put_oracle_set(PANEL_SET, &set.members[..6], |set| set.min_bond = (BOND + 1).into());
    let members = b.seat(&order);
    for member in &members {
        passed(seal(&mut b, &order, member, ACCEPT));
    }
    refused(show(&mut b, &order, &members[0], ACCEPT), OraclesError::NotBonded);
    passed(b.world.send(b.deposit_ix(members[0], 1)));
    passed(show(&mut b, &order, &members[0], ACCEPT));
}

#[test]
fn a_vote_is_shown_while_the_order_is_in_dispute_and_is_the_one_of_the_panel() {
    let (b, order, members) = sealed(ACCEPT);
    type Change = fn(&mut Order);
    let others: [(Change, OraclesError); 3] = [
        // the administrator, a proof or the seller was faster
        (|order| order.state = order_state::AUDITED, OraclesError::NotInDispute),
        (|order| order.state = order_state::RELEASED, OraclesError::NotInDispute),
        (|order| order.opened_at = (order.opened_at.get() + 1).into(), OraclesError::WrongPanel),
    ];
    for (change, error) in others {
        let mut b = b.clone();
        let mut state: Order = b.world.read(&order);
        change(&mut state);
        b.world.put_account(order, market::ID, &state);
        refused(show(&mut b, &order, &members[0], ACCEPT), error);
    }
}

#[test]
fn a_set_that_is_retired_after_the_draw_keeps_no_panel_from_its_verdict() {
    let (mut b, order, members) = sitting(3);
    let set: OracleSet = b.world.read(&market_at::oracle_set(PANEL_SET));
    b.world.put_oracle_set(PANEL_SET, &set.members[..6], |set| set.retired = 1);
    b.world.decide_panel(&order, &[REJECT; 3]);
    assert_eq!((members.len(), b.world.panel(&order).state), (3, panel_state::FINAL));
}
