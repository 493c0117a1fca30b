use e2e_tests::{
    Forge,
    grants_world::{BOND, FLOOR, Grants, POOL, PURSE, VOTING},
    instruction::grants as ix,
    passed, refused,
};
use grants::{
    GrantsError,
    state::{bond_state, choice, proposal_state},
};

/// A proposal with these points in its favour.
fn with_favour(g: &mut Grants, points: u64) -> u64 {
    let id = g.open(&[1]);
    if points > 0 {
        let voter = g.contributor(points);
        passed(g.world.send(ix::vote(voter, id, choice::FOR)));
    }
    id
}

#[test]
fn a_rejected_proposal_loses_its_bond_under_the_floor_only() {
    let g = Grants::new();
    for (points, state) in
        [(0, bond_state::FORFEITED), (FLOOR - 1, bond_state::FORFEITED), (FLOOR, bond_state::RETURNABLE)]
    {
        let mut g = g.clone();
        let id = with_favour(&mut g, points);
        g.finish(id);
        assert_eq!((g.proposal(id).state, g.proposal(id).bond_state), (proposal_state::REJECTED, state));
        g.assert_solvent();
        if state == bond_state::FORFEITED {
            assert_eq!((g.config().funded.get(), g.config().bonds.get()), (POOL + BOND, 0));
            refused(g.world.send(g.bond_ix(id)), GrantsError::NoBond);
            passed(g.world.send(ix::close_proposal(id, g.proposer)));
        } else {
            refused(g.world.send(ix::close_proposal(id, g.proposer)), GrantsError::StillOwes);
            passed(g.world.send(g.bond_ix(id)));
            assert_eq!(g.purse(&g.proposer), PURSE);
        }
    }
}

#[test]
fn cancelling_is_free_until_somebody_votes_and_costs_what_losing_costs_after_that() {
    let g = Grants::new();
    for (points, against, state) in [
        (0, false, bond_state::RETURNABLE),
        (0, true, bond_state::FORFEITED),
        (FLOOR - 1, false, bond_state::FORFEITED),
        (FLOOR, true, bond_state::RETURNABLE),
    ] {
        let mut g = g.clone();
        let id = with_favour(&mut g, points);
        if against {
            passed(g.vote(0, id, choice::AGAINST));
        }
        g.world.pass(VOTING - 1);
        passed(g.world.send(ix::cancel_proposal(g.proposer, id)));
        assert_eq!((g.proposal(id).state, g.proposal(id).bond_state), (proposal_state::CANCELLED, state));
        g.assert_solvent();
        refused(g.vote(1, id, choice::FOR), GrantsError::WrongState);
    }
}

#[test]
fn a_bond_is_returned_once_and_not_before_the_vote_is_over() {
    let mut g = Grants::new();
    let (id, other) = (g.open(&[1]), g.open(&[1]));
    passed(g.vote(0, id, choice::FOR));
    refused(g.world.send(g.bond_ix(id)), GrantsError::NoBond);
    g.finish(id);
    passed(g.world.send(g.bond_ix(id)));
    refused(g.world.send(g.bond_ix(id)), GrantsError::NoBond);
    assert_eq!((g.purse(&g.proposer), g.config().bonds.get()), (PURSE - BOND, BOND));
    assert_eq!(g.proposal(other).bond_state, bond_state::HELD);
}

#[test]
fn a_bond_goes_to_a_token_account_of_the_proposer_alone() {
    let mut g = Grants::new();
    let id = g.approved(&[1]);
    let own = g.tokens_of(&g.proposer);
    let call = g.bond_ix(id);
    for wallet in [g.stranger, g.recipient, g.world.admin] {
        let theirs = g.tokens_of(&wallet);
        refused(g.world.send(call.clone().swap(&own, &theirs)), GrantsError::WrongTokenAccount);
    }
    let mint = g.world.mint();
    let (proposer, granted) = (g.proposer, g.token.mint);
    let of_other_mint = g.world.other_tokens(&proposer, &mint, 0);
    refused(g.world.send(call.clone().swap(&own, &of_other_mint)), GrantsError::WrongTokenAccount);
    let another = g.world.other_tokens(&proposer, &granted, 0);
    passed(g.world.send(call.swap(&own, &another)));
    assert_eq!(g.world.tokens(&another), BOND);
}

#[test]
fn a_proposal_is_closed_by_who_paid_for_it_and_its_rent_goes_back() {
    let mut g = Grants::new();
    let before = g.world.lamports(&g.proposer);
    let id = g.open(&[1]);
    let close = ix::close_proposal(id, g.proposer);
    refused(g.world.send(close.clone()), GrantsError::WrongState);
    g.finish(id);
    let stranger = g.stranger;
    refused(g.world.send(ix::close_proposal(id, stranger)), GrantsError::NotRentPayer);
    refused(
        g.world.send(close.clone().unsigned(&g.proposer.clone())),
        anchor_lang::prelude::ProgramError::MissingRequiredSignature,
    );
    passed(g.world.send(close));
    assert_eq!(g.world.lamports(&g.proposer), before);
    // its number is not given out again
    assert_eq!(g.config().next_proposal.get(), id + 1);
}
