//! Every change is told once, in a sequence without gaps.
use anchor_lang::ErrorCode;
use chain::event::{Event, OraclesEvent, Program, TAG};
use e2e_tests::{
    PANEL_SET, Receipt, compare, forged_event,
    instruction::oracles as ix,
    no,
    oracles_world::{BOND, Bonds, UNBONDING, bond_settings},
    panel_vote, passed,
};
use protocol::panel::ballot;

fn told(receipt: &Receipt) -> OraclesEvent {
    let [data] = &receipt.event_data(&oracles::ID)[..] else { panic!("one event for each instruction") };
    match Event::decode(Program::Oracles, &[TAG.as_slice(), data].concat()).unwrap() {
        Event::Oracles(event) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_change_is_told_once_in_a_gapless_sequence() {
    let mut b = Bonds::uninitialized(e2e_tests::TokenKind::Classic);
    let (admin, oracle, stranger) = (b.world.admin, b.oracles[0], b.stranger);
    let mut names = Vec::new();
    let mut send = |b: &mut Bonds, instruction, seq: u64| {
        let event = told(&passed(b.world.send(instruction)));
        let fields = Event::Oracles(event.clone()).fields();
        assert_eq!(fields["seq"], seq.to_string(), "{}", event.name());
        names.push(event.name());
    };
    let initialize = ix::initialize(admin, b.token.mint, ix::Settings { panel_size: 1, ..bond_settings() });
    send(&mut b, initialize, 1);
    send(&mut b, ix::update_config(admin, ix::Settings { panel_size: 1, ..bond_settings() }), 2);
    send(&mut b, ix::propose_admin(admin, stranger), 3);
    send(&mut b, ix::accept_admin(stranger), 4);
    let (register, deposit) = (b.register_ix(oracle), b.deposit_ix(oracle, BOND));
    send(&mut b, register, 1);
    send(&mut b, deposit, 2);
    let audited = b.order_under_audit();
    send(&mut b, ix::seal_vote(oracle, audited, 1, [1; 32]), 1);
    b.settle(&audited, |order| order.votes_for = 1.into());
    send(&mut b, ix::close_seals(audited, None, oracle), 2);
    b.add_panel_set(1);
    let disputed = b.disputed_order(|_| ());
    send(&mut b, ix::convene_panel(stranger, disputed, 1, PANEL_SET), 1);
    for (later, seq) in [(600, 2), (5, 3)] {
        b.world.set_slot(b.world.slot() + later);
        b.world.svm.expire_blockhash();
        send(&mut b, ix::draw_panel(disputed, 1, PANEL_SET), seq);
    }
    let member = b.world.panel_members(&disputed)[0];
    let seal = b.world.seal_ballot_ix(&disputed, &member, ballot::ACCEPT);
    send(&mut b, seal, 4);
    send(&mut b, ix::show_panel_vote(member, disputed, panel_vote(ballot::ACCEPT)), 5);
    b.settle(&disputed, |_| ());
    send(&mut b, ix::close_panel(disputed, stranger), 6);
    let order = b.overturned_order();
    let record = b.record_ix(order, oracle);
    send(&mut b, record, 3);
    let left = b.oracle(&oracle).bond.get();
    send(&mut b, ix::request_unbond(oracle, left), 4);
    b.world.pass(UNBONDING);
    let (withdraw, close) = (b.withdraw_ix(oracle), b.close_ix(oracle));
    send(&mut b, withdraw, 5);
    send(&mut b, close, 6);
    send(&mut b, ix::close_record(order, stranger), 2);
    names.sort_unstable();
    names.dedup();
    let mut all = OraclesEvent::NAMES.to_vec();
    all.sort_unstable();
    assert_eq!(names, all);
}

#[test]
fn an_event_from_outside_is_refused() {
    let b = Bonds::new();
    let row = |name: &str, instruction, error: ErrorCode| (name.to_owned(), instruction, no(error));
    let unsigned = forged_event(oracles::ID, &[1; 16], None);
    let signed = forged_event(oracles::ID, &[1; 16], Some(b.stranger));
    compare(
        &b.world,
        vec![
            row("unsigned", unsigned, ErrorCode::ConstraintSigner),
            row("by a stranger", signed, ErrorCode::ConstraintSeeds),
        ],
    );
}
