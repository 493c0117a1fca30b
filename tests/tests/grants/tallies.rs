use e2e_tests::{
    grants_world::{Grants, POOL, QUORUM, VOTING},
    instruction::grants as ix,
    passed, refused,
};
use grants::{
    GrantsError,
    state::{choice, end_reason, proposal_state},
};

/// Opens a proposal, lets new contributors vote with these points, and tallies.
fn result(g: &mut Grants, approval_bps: u16, votes: &[(u64, u8)]) -> (u8, u8) {
    passed(g.world.send(ix::update_config(g.world.admin, ix::Settings { approval_bps, ..g.settings() })));
    let id = g.open(&[10, 20]);
    for (points, choice) in votes {
        let voter = g.contributor(*points);
        passed(g.world.send(ix::vote(voter, id, *choice)));
    }
    g.finish(id);
    g.assert_solvent();
    let p = g.proposal(id);
    (p.state, p.reason)
}

#[test]
fn the_quorum_is_reached_at_exactly_its_points_and_abstentions_count() {
    let g = Grants::new();
    let (approved, short) =
        ((proposal_state::APPROVED, end_reason::NONE), (proposal_state::REJECTED, end_reason::NO_QUORUM));
    for (votes, expected) in [
        (vec![(QUORUM, choice::FOR)], approved),
        (vec![(QUORUM - 1, choice::FOR)], short),
        (vec![(1, choice::FOR), (QUORUM - 1, choice::ABSTAIN)], approved),
        (vec![(1, choice::FOR), (QUORUM - 2, choice::ABSTAIN)], short),
        (vec![], short),
    ] {
        assert_eq!(result(&mut g.clone(), 5_000, &votes), expected, "{votes:?}");
    }
}

#[test]
fn the_majority_is_more_than_its_share_and_not_exactly_that() {
    let g = Grants::new();
    let (approved, lost) =
        ((proposal_state::APPROVED, end_reason::NONE), (proposal_state::REJECTED, end_reason::NO_MAJORITY));
    for (bps, votes, expected) in [
        (5_000, vec![(500, choice::FOR), (500, choice::AGAINST)], lost),
        (5_000, vec![(501, choice::FOR), (500, choice::AGAINST)], approved),
        (6_667, vec![(6_667, choice::FOR), (3_333, choice::AGAINST)], lost),
        (6_667, vec![(6_668, choice::FOR), (3_333, choice::AGAINST)], approved),
        (9_999, vec![(9_999, choice::FOR), (1, choice::AGAINST)], lost),
        (9_999, vec![(10_000, choice::FOR), (1, choice::AGAINST)], approved),
        (5_000, vec![(QUORUM, choice::ABSTAIN)], lost),
        (5_000, vec![(u64::MAX, choice::FOR), (u64::MAX, choice::AGAINST)], lost),
        (5_000, vec![(u64::MAX, choice::FOR), (u64::MAX - 1, choice::AGAINST)], approved),
    ] {
        assert_eq!(result(&mut g.clone(), bps, &votes), expected, "{votes:?}");
    }
}

#[test]
fn more_points_than_64_bits_hold_are_refused_not_wrapped() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    let [all, one] = [g.contributor(u64::MAX), g.contributor(1)];
    passed(g.world.send(ix::vote(all, id, choice::FOR)));
    refused(g.world.send(ix::vote(one, id, choice::FOR)), GrantsError::Overflow);
    passed(g.world.send(ix::vote(one, id, choice::AGAINST)));
}

#[test]
fn what_was_promised_to_one_is_not_promised_to_another() {
    let mut g = Grants::new();
    let [first, second, third] = [g.open(&[POOL]), g.open(&[1]), g.open(&[POOL])];
    for id in [first, second, third] {
        passed(g.vote(0, id, choice::FOR));
    }
    g.world.pass(VOTING);
    passed(g.world.send(ix::tally(first)));
    let ends = |g: &Grants, id| (g.proposal(id).state, g.proposal(id).reason);
    passed(g.world.send(ix::tally(second)));
    assert_eq!(ends(&g, first), (proposal_state::APPROVED, end_reason::NONE));
    assert_eq!(ends(&g, second), (proposal_state::REJECTED, end_reason::FUNDS_SHORT));
    g.assert_solvent();
    // what a cancelled one leaves, the next one gets
    passed(g.world.send(ix::cancel_proposal(g.world.admin, first)));
    passed(g.world.send(ix::tally(third)));
    assert_eq!(ends(&g, third), (proposal_state::APPROVED, end_reason::NONE));
    assert_eq!(g.config().committed.get(), POOL);
    // a bond is not lost for want of funds
    passed(g.world.send(g.bond_ix(second)));
}

#[test]
fn a_vote_is_counted_once() {
    let mut g = Grants::new();
    let id = g.approved(&[100]);
    refused(g.world.send(ix::tally(id)), GrantsError::WrongState);
    assert_eq!(g.config().committed.get(), 100);
}
