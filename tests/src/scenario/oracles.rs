use super::Journey;
use crate::{
    PANEL_SET, TokenKind,
    instruction::oracles as oracles_ix,
    oracles_world::{BOND, Bonds, UNBONDING, bond_settings},
    panel_vote, passed,
};
use market::state::order_state;
use protocol::panel::ballot;

/// Bonds in, votes recorded and slashed, a dispute judged by a panel, bonds out.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut b = Bonds::uninitialized(TokenKind::Classic);
    let (admin, oracle, second) = (b.world.admin, b.oracles[0], b.oracles[1]);
    let mut run = |b: &mut Bonds, name: &str, i| journey.send(&mut b.world, "oracles", name, i);
    let initialize = oracles_ix::initialize(admin, b.token.mint, bond_settings());
    run(&mut b, "initialize", initialize);
    run(&mut b, "update_config", oracles_ix::update_config(admin, bond_settings()));
    for (name, i) in [
        ("register_oracle", b.register_ix(oracle)),
        ("register_oracle", b.register_ix(second)),
        ("deposit_bond", b.deposit_ix(oracle, BOND)),
        ("deposit_bond", b.deposit_ix(second, BOND)),
    ] {
        run(&mut b, name, i);
    }
    let audited = b.order_under_audit();
    let commitment = b.world.commitment(&audited, &oracle, 1);
    run(&mut b, "seal_vote_first", oracles_ix::seal_vote(oracle, audited, 1, commitment));
    run(&mut b, "seal_vote", oracles_ix::seal_vote(second, audited, 1, commitment));
    b.settle(&audited, |order| order.votes_for = 0b011.into());
    run(&mut b, "close_seals", oracles_ix::close_seals(audited, None, oracle));
    let (order, overturned) = (b.order(|_| ()), b.overturned_order());
    let records = [(order, oracle), (order, second), (overturned, second)].map(|(order, who)| b.record_ix(order, who));
    let [first, next, slashing] = records;
    run(&mut b, "record_vote_first", first);
    run(&mut b, "record_vote", next);
    run(&mut b, "record_vote_slashing", slashing);

    b.add_panel_set(4);
    let (disputed, payer) = (b.disputed_order(|_| ()), b.stranger);
    run(&mut b, "convene_panel", oracles_ix::convene_panel(payer, disputed, 1, PANEL_SET));
    b.world.set_slot(b.world.slot() + 5);
    run(&mut b, "draw_panel", oracles_ix::draw_panel(disputed, 1, PANEL_SET));
    let seats = b.world.panel_members(&disputed);
    let sealed = b.world.seal_ballot_ix(&disputed, &seats[0], ballot::REJECT);
    run(&mut b, "seal_panel_vote", sealed);
    for member in &seats[1..] {
        passed(b.world.send(b.world.seal_ballot_ix(&disputed, member, ballot::REJECT)));
    }
    let shown = |seat: usize| oracles_ix::show_panel_vote(seats[seat], disputed, panel_vote(ballot::REJECT));
    run(&mut b, "show_panel_vote", shown(0));
    run(&mut b, "show_panel_vote_deciding", shown(1));
    b.settle(&disputed, |order| (order.state, order.payable) = (order_state::REFUNDED, 0.into()));
    run(&mut b, "close_panel", oracles_ix::close_panel(disputed, payer));

    run(&mut b, "request_unbond", oracles_ix::request_unbond(oracle, BOND));
    b.world.pass(UNBONDING);
    let (withdraw, close) = (b.withdraw_ix(oracle), b.close_ix(oracle));
    run(&mut b, "withdraw_bond", withdraw);
    run(&mut b, "close_oracle", close);
    let next = b.stranger;
    run(&mut b, "close_record", oracles_ix::close_record(order, next));
    run(&mut b, "propose_admin", oracles_ix::propose_admin(admin, next));
    run(&mut b, "accept_admin", oracles_ix::accept_admin(next));
}
