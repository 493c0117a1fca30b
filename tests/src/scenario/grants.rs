use super::Journey;
use crate::{
    address,
    grants_world::{ALLOCATION, Grants, POOL as GRANTS_POOL, VOTING},
    instruction::grants as grants_ix,
};

/// A pool, proposals to each of their ends, votes, milestones.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut g = Grants::uninitialized(address::TOKEN_PROGRAM, &[]);
    let (admin, token, settings, proposer, [voter, other, _]) =
        (g.world.admin, g.token, g.settings(), g.proposer, g.voters);
    let mut run = |g: &mut Grants, name: &str, i| journey.send(&mut g.world, "grants", name, i);
    run(&mut g, "initialize", grants_ix::initialize(admin, token, ALLOCATION, settings));
    run(&mut g, "update_config", grants_ix::update_config(admin, settings));
    run(&mut g, "set_pause", grants_ix::set_pause(admin, 0));
    let fund = g.fund_ix(GRANTS_POOL);
    run(&mut g, "fund", fund);
    let open = g.open_ix(g.terms(&[1, 2, 3, 4, 5, 6, 7, 8]));
    run(&mut g, "open_proposal", open);
    let withdrawn = g.open(&[1]);
    run(&mut g, "cancel_proposal_voting", grants_ix::cancel_proposal(proposer, withdrawn));
    let [stopped, late] = [g.open(&[1, 2]), g.open(&[1, 2])];
    for id in [stopped, late] {
        run(&mut g, "vote_first", grants_ix::vote(voter, id, 1));
    }
    run(&mut g, "vote_first", grants_ix::vote(voter, 0, 1));
    run(&mut g, "vote", grants_ix::vote(voter, 0, 2));
    run(&mut g, "vote", grants_ix::vote(voter, 0, 1));
    run(&mut g, "vote_first", grants_ix::vote(other, 0, 2));
    g.world.pass(VOTING);
    for id in [stopped, late] {
        run(&mut g, "tally", grants_ix::tally(id));
    }
    run(&mut g, "tally", grants_ix::tally(0));
    run(&mut g, "cancel_proposal_approved", grants_ix::cancel_proposal(admin, stopped));
    let calls = [
        ("submit_milestone", g.submit_ix(0, 0)),
        ("review_milestone", g.review_ix(0, 0, true)),
        ("disburse", g.pay_ix(0, 0)),
        ("return_bond", g.bond_ix(stopped)),
        ("close_ballot", grants_ix::close_ballot(0, voter)),
        ("close_proposal", grants_ix::close_proposal(stopped, proposer)),
    ];
    for (name, call) in calls {
        run(&mut g, name, call);
    }
    g.world.set_time(g.proposal(late).due[0].get());
    run(&mut g, "expire_proposal", grants_ix::expire_proposal(late));
    let next = g.stranger;
    run(&mut g, "propose_admin", grants_ix::propose_admin(admin, next));
    run(&mut g, "accept_admin", grants_ix::accept_admin(next));
}
