//! Every account of a panel's instructions, replaced by one that a dishonest caller would like to pass.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, Outcome, PANEL_SET, address, address::market as market_at, address::oracles as at, compare,
    instruction::oracles as ix, no, oracles_world::Bonds, panel_vote, passed,
};
use oracles::OraclesError;
use protocol::panel::ballot::ACCEPT;
use solana_instruction::Instruction;

fn seeds() -> Outcome {
    no(ErrorCode::ConstraintSeeds)
}

fn owner() -> Outcome {
    no(ProgramError::IllegalOwner)
}

/// A copy of an account at a new address.
fn copy(b: &mut Bonds, of: Address, program: Address) -> Address {
    let (address, data) = (b.world.wallet(), b.world.svm.get_account(&of).unwrap().data);
    b.world.put(address, program, data);
    address
}

fn check(b: &Bonds, call: &Instruction, rows: Vec<(&str, Address, Address, Outcome)>) {
    let swapped =
        rows.into_iter().map(|(name, from, to, outcome)| (name.into(), call.clone().swap(&from, &to), outcome));
    compare(&b.world, swapped.collect());
}

#[test]
fn a_panel_is_convened_on_real_orders_from_the_sets_that_order_and_configuration_name() {
    let (mut b, order) = Bonds::disputed(5);
    let other = b.disputed_order(|_| ());
    let (own, panels, config) = (market_at::oracle_set(1), market_at::oracle_set(PANEL_SET), at::config());
    // a set of the attacker's own, under every pretext
    let stranger = b.stranger;
    let third = b.world.put_oracle_set(3, &[stranger], |_| ());
    let pretended = b.world.wallet();
    let data = b.world.svm.get_account(&third).unwrap().data;
    b.world.put(pretended, market::ID, data);
    b.world.tamper(&pretended, |account| account.data[8 + 520..8 + 524].copy_from_slice(&PANEL_SET.to_le_bytes()));
    let (forged, copied) = (copy(&mut b, order, oracles::ID), copy(&mut b, order, market::ID));
    let (set_forged, config_copied) = (copy(&mut b, panels, oracles::ID), copy(&mut b, config, oracles::ID));
    let convene = ix::convene_panel(b.stranger, order, 1, PANEL_SET);
    check(
        &b,
        &convene,
        vec![
            ("config: a copy elsewhere", config, config_copied, seeds()),
            ("order: not the market's", order, forged, owner()),
            ("order: a copy elsewhere", order, copied, seeds()),
            ("order: another, and this one's panel", order, other, seeds()),
            ("order's set: the panels'", own, panels, no(OraclesError::WrongOracleSet)),
            ("order's set: another", own, third, no(OraclesError::WrongOracleSet)),
            ("panels' set: the order's", panels, own, no(OraclesError::WrongPanelSet)),
            ("panels' set: another", panels, third, no(OraclesError::WrongPanelSet)),
            ("panels' set: not the market's", panels, set_forged, owner()),
            ("panels' set: elsewhere", panels, pretended, seeds()),
            ("panel: of another order", at::panel(&order), at::panel(&other), seeds()),
        ],
    );
    let unsigned = convene.clone().unsigned(&stranger);
    compare(&b.world, vec![("unsigned".into(), unsigned, no(ProgramError::MissingRequiredSignature))]);
    passed(b.world.send(convene));
}

#[test]
fn members_are_drawn_by_the_real_slot_hashes_for_the_panels_own_order_and_sets() {
    let (mut b, order) = Bonds::disputed(5);
    let other = b.disputed_order(|_| ());
    let (own, panels, panel) = (market_at::oracle_set(1), market_at::oracle_set(PANEL_SET), at::panel(&order));
    for order in [&order, &other] {
        passed(b.convene(order));
    }
    b.world.set_slot(b.world.slot() + 5);
    let stranger = b.stranger;
    let third = b.world.put_oracle_set(3, &[stranger], |_| ());
    let (hashes, forged) = (address::SLOT_HASHES, copy(&mut b, address::SLOT_HASHES, market::ID));
    let panel_copied = copy(&mut b, panel, oracles::ID);
    let draw = ix::draw_panel(order, 1, PANEL_SET);
    check(
        &b,
        &draw,
        vec![
            ("slot hashes: forged", hashes, forged, no(OraclesError::WrongSysvar)),
            ("slot hashes: another sysvar", hashes, address::CLOCK, no(OraclesError::WrongSysvar)),
            ("order: another", order, other, no(OraclesError::WrongPanel)),
            ("order's set: another, so that its members are drawn", own, third, no(OraclesError::WrongOracleSet)),
            ("panels' set: another", panels, third, no(OraclesError::WrongPanelSet)),
            ("panel: of another order", panel, at::panel(&other), no(OraclesError::WrongPanel)),
            ("panel: a copy elsewhere", panel, panel_copied, seeds()),
        ],
    );
    compare(&b.world, vec![("read-only".into(), draw.clone().read_only(&panel), no(ErrorCode::ConstraintMut))]);
    passed(b.world.send(draw));
}

#[test]
fn a_member_seals_and_shows_with_its_own_signature_and_bond_on_its_own_panel() {
    let (mut b, order) = Bonds::disputed(3);
    let other = b.disputed_order(|_| ());
    let members = b.seat(&order);
    b.seat(&other);
    let (panel, others) = (at::panel(&order), at::panel(&other));
    let seal = b.world.seal_ballot_ix(&order, &members[0], ACCEPT);
    let panel_copied = copy(&mut b, panel, oracles::ID);
    check(
        &b,
        &seal,
        vec![
            ("oracle: a stranger", members[0], b.stranger, no(OraclesError::NotOnPanel)),
            ("panel: a copy elsewhere", panel, panel_copied, seeds()),
        ],
    );
    let rows = |call: &Instruction| {
        vec![
            ("unsigned".into(), call.clone().unsigned(&members[0]), no(ProgramError::MissingRequiredSignature)),
            ("read-only".into(), call.clone().read_only(&panel), no(ErrorCode::ConstraintMut)),
        ]
    };
    compare(&b.world, rows(&seal));
    for member in &members {
        passed(b.world.send(b.world.seal_ballot_ix(&order, member, ACCEPT)));
    }

    let show = ix::show_panel_vote(members[0], order, panel_vote(ACCEPT));
    let (bond, bond_of_other) = (at::oracle(&members[0]), at::oracle(&members[1]));
    let (bond_copied, order_copied) = (copy(&mut b, bond, oracles::ID), copy(&mut b, order, market::ID));
    check(
        &b,
        &show,
        vec![
            ("oracle: another member, with this one's bond", members[0], members[1], no(OraclesError::NotOracle)),
            ("bond: another member's", bond, bond_of_other, no(OraclesError::NotOracle)),
            ("bond: a copy elsewhere", bond, bond_copied, seeds()),
            ("order: another", order, other, no(OraclesError::WrongPanel)),
            ("order: a copy elsewhere", order, order_copied, seeds()),
            ("panel: of another order", panel, others, no(OraclesError::WrongPanel)),
        ],
    );
    compare(&b.world, rows(&show));
    passed(b.world.send(show));
}

#[test]
fn a_panel_is_closed_by_its_own_order_alone() {
    let (mut b, order) = Bonds::disputed(3);
    passed(b.convene(&order));
    let settled = b.order(|_| ());
    let close = ix::close_panel(order, b.stranger);
    let rows = vec![("order: another, which is settled", order, settled, no(OraclesError::WrongPanel))];
    check(&b, &close, rows);
    compare(&b.world, vec![("its own, in dispute".into(), close, no(OraclesError::PanelNeeded))]);
}
