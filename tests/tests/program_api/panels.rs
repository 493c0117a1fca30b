use super::served::{served, shows};
use anchor_lang::Address;
use e2e_tests::{
    RESOLVE, SALT_OF_VOTES, TokenKind, World,
    address::oracles as at,
    instruction::oracles::{self as ix, PanelVote, Settings},
    oracles_world::{BOND, Bonds, OWN_TOKENS, bond_settings},
    passed,
};
use market::state::{order_state, verdict};
use oracles::state::Panel;
use protocol::{
    digest::Digest,
    panel::ballot,
    seal::{Subject, commitment},
};
use serde_json::{Value, json};

const SEATS: u8 = 3;

/// An order in dispute, and a set of four bonded oracles besides its own, of which a panel is drawn.
fn in_dispute() -> (Bonds, Address) {
    let mut b = Bonds::uninitialized(TokenKind::Classic);
    b.world.keep_history();
    let settings = Settings { panel_set: 2, panel_size: SEATS, ..bond_settings() };
    passed(b.world.send(ix::initialize(b.world.admin, b.token.mint, settings)));
    let fresh: [Address; 4] = std::array::from_fn(|_| b.world.wallet());
    b.world.put_oracle_set(2, &fresh, |_| ());
    for oracle in fresh {
        b.world.fund_with(&oracle, &b.token, BOND + OWN_TOKENS);
        passed(b.world.send(b.register_ix(oracle)));
        passed(b.world.send(b.deposit_ix(oracle, BOND)));
    }
    let (challenger, resolve_by) = (b.challenger, b.world.now() + RESOLVE);
    let order = b.order(|order| {
        (order.state, order.verdict) = (order_state::DISPUTED, verdict::ACCEPT);
        (order.challenger, order.disputed, order.answered) = (challenger, 1, 1);
        (order.resolve_by, order.resolve_seconds) = (resolve_by.into(), RESOLVE.into());
    });
    (b, order)
}

fn panel(world: &World, order: &Address) -> Panel {
    world.read(&at::panel(order))
}

fn vote(world: &World, order: &Address, oracle: &Address) -> (PanelVote, [u8; 32]) {
    let panel = panel(world, order);
    let (order, opened_at, oracle) = (order.as_array(), panel.opened_at.get(), oracle.as_array());
    let vote = PanelVote { ballot: ballot::REJECT_PLAIN, reason: 7, report: [3; 32], salt: SALT_OF_VOTES };
    let subject = Subject { order, opened_at, audit_seed: &panel.seed, oracle };
    (vote, commitment(&subject, vote.ballot, &vote.salt))
}

/// What the API should show of the members, where the first two showed a vote.
fn votes(panel: &Panel, shown: usize) -> Value {
    let seats = panel.members.iter().zip(&panel.commitments).take(panel.size.into()).enumerate();
    seats
        .map(|(seat, (member, sealed))| {
            let voted = seat < shown;
            json!({
                "oracle": member.to_string(),
                "seat": seat,
                "commitment": (*sealed != [0; 32]).then(|| Digest(*sealed).to_string()),
                "ballot": voted.then_some("reject_plain"),
                "reason": voted.then_some(7),
                "report": voted.then(|| "03".repeat(32)),
            })
        })
        .collect()
}

/// Asserts that the API shows a panel as its account has it.
async fn is_answered(world: &World, order: &Address, state: &str, shown: usize) {
    let (panel, api) = (panel(world, order), served(world).await);
    let data = api.data(&format!("panels/{order}")).await;
    shows(
        &data,
        &json!({
            "order": order.to_string(),
            "opened_at": panel.opened_at.get(),
            "state": state,
            "oracle_set": panel.oracle_set.get(),
            "size": panel.size,
            "min_bond": panel.min_bond.get().to_string(),
            "draw_slot": panel.slot.get(),
            "seed": (panel.seed != [0; 32]).then(|| Digest(panel.seed).to_string()),
            "seal_by": panel.seal_by.get(),
            "sealed": panel.sealed.count_ones(),
            "votes_for": panel.votes_for.count_ones(),
            "votes_against": panel.votes_against.count_ones(),
            "payable_bps": panel.payable_bps.get(),
            "blame": panel.blame == 1,
            "rent_payer": panel.rent_payer.to_string(),
            "closed": false,
        }),
    );
    let expected = if state == "convened" { json!([]) } else { votes(&panel, shown) };
    let members = data["votes"].as_array().unwrap();
    assert_eq!(members.len(), expected.as_array().unwrap().len());
    for (member, fields) in members.iter().zip(expected.as_array().unwrap()) {
        shows(member, fields);
    }
}

#[tokio::test]
async fn a_panel_is_answered_as_its_account_is_from_its_convening_to_its_verdict() {
    let (mut b, order) = in_dispute();
    let slot = b.world.slot();
    passed(b.world.send(ix::convene_panel(b.stranger, order, 1, 2)));
    is_answered(&b.world, &order, "convened", 0).await;
    // nobody draws in time, and then somebody does
    for later in [slot + 1_000, slot + 1_100] {
        b.world.set_slot(later);
        passed(b.world.send(ix::draw_panel(order, 1, 2)));
    }
    is_answered(&b.world, &order, "sitting", 0).await;
    let members = panel(&b.world, &order).members;
    for oracle in &members[..usize::from(SEATS)] {
        let (_, sealed) = vote(&b.world, &order, oracle);
        passed(b.world.send(ix::seal_panel_vote(*oracle, order, sealed)));
    }
    for (shown, oracle) in members[..2].iter().enumerate() {
        let (vote, _) = vote(&b.world, &order, oracle);
        passed(b.world.send(ix::show_panel_vote(*oracle, order, vote)));
        is_answered(&b.world, &order, if shown == 0 { "sitting" } else { "final" }, shown + 1).await;
    }
    b.settle(&order, |_| ());
    passed(b.world.send(ix::close_panel(order, b.stranger)));
    let api = served(&b.world).await;
    let data = api.data(&format!("panels/{order}")).await;
    shows(&data, &json!({ "state": "final", "blame": true, "closed": true }));
    assert_eq!(api.data("panels?closed=false").await, json!([]));
    assert_eq!(api.data(&format!("panel-votes?oracle={}", members[0])).await, json!([data["votes"][0]]));
    shows(&api.data("config").await["oracles"], &json!({ "panel_set": 2, "panel_size": SEATS }));
}
