//! Whom a panel on a disputed order is drawn from, when, and when it goes.
use anchor_lang::Address;
use e2e_tests::{
    PANEL_SET, PANEL_SIZE, RESOLVE, Receipt, Refusal, START,
    address::{market as market_at, oracles as at},
    instruction::oracles::{self as ix, Settings},
    oracles_world::{BOND, Bonds, MARKET_ANSWER, MIN_BOND, bond_settings},
    passed, refused,
};
use market::state::{OracleSet, Order, judge, order_state};
use oracles::{
    OraclesError,
    events::{PanelClosed, PanelConvened, PanelDrawn, PanelPostponed},
    state::{Panel, panel_state},
};
use protocol::{
    audit_seed::{self, Seed},
    panel,
};

fn draw(b: &mut Bonds, order: &Address) -> Result<Receipt, Refusal> {
    // the same call may come twice within one blockhash
    b.world.svm.expire_blockhash();
    b.world.send(ix::draw_panel(*order, 1, PANEL_SET))
}

fn set(b: &mut Bonds, change: impl FnOnce(&mut Settings)) {
    let mut settings = bond_settings();
    change(&mut settings);
    passed(b.world.send(ix::update_config(b.world.admin, settings)));
}

/// Puts another order in the place of this one.
fn change(b: &mut Bonds, order: &Address, change: impl FnOnce(&mut Order)) {
    let mut state: Order = b.world.read(order);
    change(&mut state);
    b.world.put_account(*order, market::ID, &state);
}

#[test]
fn a_panel_is_convened_by_anyone_and_drawn_by_later_slots_from_those_without_a_part_in_the_order() {
    let (mut b, order) = Bonds::disputed(5);
    let event: PanelConvened = passed(b.convene(&order)).event(&oracles::ID);
    let resolve_by = START + MARKET_ANSWER + RESOLVE;
    let seal_by = resolve_by - RESOLVE / 2 - RESOLVE / 4;
    assert_eq!((event.order, event.seq, event.oracle_set, event.size), (order, 1, PANEL_SET, PANEL_SIZE));
    assert_eq!((event.slot, event.seal_by, event.rent_payer), (b.world.slot(), seal_by, b.stranger));
    let convened = b.world.panel(&order);
    assert_eq!(
        (convened.state, convened.kind, convened.members),
        (panel_state::CONVENED, judge::ORACLES, [Address::default(); 7])
    );

    b.world.set_slot(b.world.slot() + 5);
    let event: PanelDrawn = passed(draw(&mut b, &order)).event(&oracles::ID);
    let drawn = b.world.panel(&order);
    assert_eq!((event.seq, event.seed, event.members), (2, drawn.seed, drawn.members));
    assert_eq!((drawn.state, drawn.payable_bps.get(), drawn.blame), (panel_state::SITTING, 0, 0));
    // whoever knows the slots computes the same
    let sysvar = b.world.svm.get_account(&e2e_tests::address::SLOT_HASHES).unwrap().data;
    let seed = audit_seed::draw(&sysvar, convened.slot.get(), at::panel(&order).as_array());
    assert_eq!(seed, Seed::Drawn(drawn.seed));
    // members 0 to 2 of the set are the order's own
    let places = panel::draw(0b1111_1000, PANEL_SIZE, &drawn.seed).unwrap();
    let set: OracleSet = b.world.read(&market_at::oracle_set(PANEL_SET));
    let expected: Vec<Address> =
        (0..8).filter(|place| places & 1 << place != 0).map(|place| set.members[place]).collect();
    assert_eq!(b.world.panel_members(&order), expected);
}

#[test]
fn nobody_with_a_part_in_the_order_is_ever_drawn() {
    let mut b = Bonds::new();
    let newcomers = b.add_panel_set(6);
    // an oracle's key may order, sell or contest as any other
    let [buyer, seller, challenger] = [newcomers[0], newcomers[2], newcomers[5]];
    let mut seen = Vec::new();
    for _ in 0..20 {
        b.world.pass(1);
        b.buyer = buyer;
        let order = b.disputed_order(|order| (order.seller, order.challenger) = (seller, challenger));
        seen.extend(b.seat(&order));
    }
    seen.sort_unstable();
    seen.dedup();
    // three are left, so that each panel is all of them
    let mut fresh = [newcomers[1], newcomers[3], newcomers[4]];
    fresh.sort_unstable();
    assert_eq!(seen, fresh);
}

#[test]
fn every_draw_is_another() {
    let (mut b, _) = Bonds::disputed(9);
    let mut panels: Vec<Vec<Address>> = (0..12)
        .map(|_| {
            let order = b.disputed_order(|_| ());
            b.seat(&order)
        })
        .collect();
    panels.sort_unstable();
    panels.dedup();
    assert!(panels.len() > 8, "{} of 12", panels.len());
    assert!(panels.iter().flatten().all(|member| !b.oracles.contains(member)));
}

#[test]
fn a_panel_needs_an_answered_dispute_about_a_verdict_of_oracles() {
    let (mut b, _) = Bonds::disputed(3);
    let others: [fn(&mut Order); 5] = [
        |order| order.answered = 0,
        |order| order.state = order_state::AUDITED,
        |order| order.state = order_state::REFUNDED,
        |order| order.judge = judge::APPROVAL,
        |order| order.judge = judge::PROOF,
    ];
    for change in others {
        let order = b.disputed_order(change);
        refused(b.convene(&order), OraclesError::NotInDispute);
    }
}

#[test]
fn there_is_no_panel_without_seats_without_enough_fresh_members_or_of_a_retired_set() {
    let (mut b, order) = Bonds::disputed(3);
    let members: Vec<Address> = b.world.read::<OracleSet>(&market_at::oracle_set(PANEL_SET)).members[..6].to_vec();
    set(&mut b, |settings| settings.panel_size = 0);
    refused(b.convene(&order), OraclesError::NoPanel);
    set(&mut b, |settings| settings.panel_size = 5);
    refused(b.convene(&order), OraclesError::NoPanel);
    // the order's own set, which has a part in it altogether
    set(&mut b, |settings| (settings.panel_size, settings.panel_set) = (1, 1));
    refused(b.world.send(ix::convene_panel(b.stranger, order, 1, 1)), OraclesError::NoPanel);
    set(&mut b, |settings| settings.panel_size = 3);
    b.world.put_oracle_set(PANEL_SET, &members[..5], |_| ());
    refused(b.convene(&order), OraclesError::NoPanel);
    b.world.put_oracle_set(PANEL_SET, &members, |set| set.retired = 1);
    refused(b.convene(&order), OraclesError::SetRetired);
    b.world.put_oracle_set(PANEL_SET, &members, |_| ());
    passed(b.convene(&order));
    // retired before the draw, it draws nobody
    b.world.put_oracle_set(PANEL_SET, &members, |set| set.retired = 1);
    b.world.set_slot(b.world.slot() + 5);
    refused(draw(&mut b, &order), OraclesError::SetRetired);
    b.world.put_oracle_set(PANEL_SET, &members, |_| ());
    passed(draw(&mut b, &order));
}

#[test]
fn a_panel_is_convened_and_drawn_until_the_second_at_which_sealing_ends() {
    let (mut b, order) = Bonds::disputed(3);
    let (mut late, other) = (b.clone(), b.disputed_order(|_| ()));
    let seal_by = b.seal_by(&order);
    late.world.set_time(seal_by);
    refused(late.convene(&order), OraclesError::PanelTooLate);
    b.world.set_time(seal_by - 1);
    for order in [&order, &other] {
        passed(b.convene(order));
    }
    b.world.set_slot(b.world.slot() + 5);
    passed(draw(&mut b, &order));
    b.world.set_time(seal_by);
    refused(draw(&mut b, &other), OraclesError::PanelTooLate);
}

#[test]
fn the_draw_waits_for_four_slots_and_for_later_ones_when_they_are_forgotten() {
    let (mut b, order) = Bonds::disputed(3);
    passed(b.convene(&order));
    let slot = b.world.slot();
    // four slots after it are over in the fifth
    for early in [slot, slot + 1, slot + 4] {
        b.world.set_slot(early);
        refused(draw(&mut b, &order), OraclesError::DrawTooEarly);
    }
    let mut in_time = b.clone();
    in_time.world.set_slot(slot + 512);
    passed(draw(&mut in_time, &order));
    assert_eq!(in_time.world.panel(&order).state, panel_state::SITTING);

    b.world.set_slot(slot + 513);
    let event: PanelPostponed = passed(draw(&mut b, &order)).event(&oracles::ID);
    assert_eq!((event.order, event.seq, event.slot), (order, 2, slot + 513));
    assert_eq!(b.world.panel(&order).state, panel_state::CONVENED);
    refused(draw(&mut b, &order), OraclesError::DrawTooEarly);
    b.world.set_slot(slot + 518);
    let event: PanelDrawn = passed(draw(&mut b, &order)).event(&oracles::ID);
    assert_eq!(event.seq, 3);
}

#[test]
fn members_are_drawn_once() {
    let (mut b, order) = Bonds::disputed(5);
    let members = b.seat(&order);
    b.world.set_slot(b.world.slot() + 600);
    refused(draw(&mut b, &order), OraclesError::AlreadyDrawn);
    assert_eq!(b.world.panel_members(&order), members);
}

#[test]
fn nobody_convenes_a_second_panel_for_an_order() {
    let (mut b, order) = Bonds::disputed(5);
    passed(b.convene(&order));
    b.world.svm.expire_blockhash();
    refused(b.convene(&order), OraclesError::AlreadyConvened);
    b.world.draw_panel(&order);
    refused(b.convene(&order), OraclesError::AlreadyConvened);
    b.world.decide_panel(&order, &[panel::ballot::ACCEPT; 3]);
    b.world.svm.expire_blockhash();
    refused(b.convene(&order), OraclesError::AlreadyConvened);
}

#[test]
fn a_panel_keeps_the_settings_that_it_was_convened_under() {
    let (mut b, order) = Bonds::disputed(5);
    passed(b.convene(&order));
    b.world.put_oracle_set(3, &[b.stranger], |_| ());
    set(&mut b, |settings| (settings.panel_set, settings.panel_size, settings.min_bond) = (3, 0, BOND + 1));
    b.world.set_slot(b.world.slot() + 5);
    refused(b.world.send(ix::draw_panel(order, 1, 3)), OraclesError::WrongPanelSet);
    passed(draw(&mut b, &order));
    let panel = b.world.panel(&order);
    assert_eq!((panel.oracle_set.get(), panel.size, panel.min_bond.get()), (PANEL_SET, PANEL_SIZE, MIN_BOND));
}

#[test]
fn the_bond_that_is_asked_of_members_is_the_larger_of_the_settings_and_the_sets() {
    let (mut b, order) = Bonds::disputed(3);
    let other = b.disputed_order(|_| ());
    passed(b.convene(&order));
    let set: OracleSet = b.world.read(&market_at::oracle_set(PANEL_SET));
    b.world.put_oracle_set(PANEL_SET, &set.members[..6], |set| set.min_bond = (MIN_BOND + 1).into());
    let event: PanelConvened = passed(b.convene(&other)).event(&oracles::ID);
    assert_eq!((b.world.panel(&order).min_bond.get(), event.min_bond), (MIN_BOND, MIN_BOND + 1));
}

#[test]
fn an_order_that_is_opened_again_at_its_address_gets_a_panel_of_its_own() {
    let (mut b, order) = Bonds::disputed(5);
    b.seat(&order);
    b.world.decide_panel(&order, &[panel::ballot::REJECT_PLAIN; 3]);
    let first: Panel = b.world.panel(&order);
    let opened_at = first.opened_at.get() + 1;
    change(&mut b, &order, |order| order.opened_at = opened_at.into());
    // what was found is about the other one
    refused(draw(&mut b, &order), OraclesError::WrongPanel);
    let event: PanelConvened =
        passed(b.world.send(ix::convene_panel(b.buyer, order, 1, PANEL_SET))).event(&oracles::ID);
    let second = b.world.panel(&order);
    assert_eq!((event.opened_at, event.seq, second.state), (opened_at, first.seq.get() + 1, panel_state::CONVENED));
    assert_eq!((second.seed, second.members, second.commitments), ([0; 32], [Address::default(); 7], [[0; 32]; 7]));
    assert_eq!((second.sealed, second.votes_for, second.votes_against, second.votes_plain), (0, 0, 0, 0));
    assert_eq!((second.blame, second.payable_bps.get()), (0, 0));
    // the rent is still that of who paid it
    assert_eq!((event.rent_payer, second.rent_payer), (b.stranger, b.stranger));
    b.world.draw_panel(&order);
    b.world.decide_panel(&order, &[panel::ballot::ACCEPT; 3]);
    assert_eq!((b.world.panel(&order).payable_bps.get(), b.world.panel(&order).seed != first.seed), (10_000, true));
}

#[test]
fn a_panel_closes_when_its_order_is_no_longer_in_dispute_and_returns_its_rent() {
    let (mut b, order) = Bonds::disputed(3);
    let before = b.world.lamports(&b.stranger);
    passed(b.convene(&order));
    assert_eq!(before - b.world.lamports(&b.stranger), b.world.rent(8 + size_of::<Panel>()));
    let close = ix::close_panel(order, b.stranger);
    refused(b.world.send(close.clone()), OraclesError::PanelNeeded);
    b.world.draw_panel(&order);
    b.world.decide_panel(&order, &[panel::ballot::ACCEPT; 3]);
    refused(b.world.send(close.clone()), OraclesError::PanelNeeded);
    refused(b.world.send(ix::close_panel(order, b.buyer)), OraclesError::WrongTokenAccount);

    let (mut gone, mut again, mut judged) = (b.clone(), b.clone(), b);
    change(&mut judged, &order, |order| order.state = order_state::AUDITED);
    let event: PanelClosed = passed(judged.world.send(close.clone())).event(&oracles::ID);
    assert_eq!((event.order, event.seq), (order, 8));
    assert!(judged.world.is_gone(&at::panel(&order)));
    assert_eq!(judged.world.lamports(&judged.stranger), before);
    // no second panel for the order that had one: it is disputed once
    refused(judged.convene(&order), OraclesError::NotInDispute);
    gone.world.put(order, Address::default(), vec![]);
    passed(gone.world.send(close.clone()));
    change(&mut again, &order, |order| order.opened_at = (order.opened_at.get() + 1).into());
    passed(again.world.send(close));
}
