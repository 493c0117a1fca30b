use anchor_lang::{Discriminator, Event};
use e2e_tests::{
    Receipt, address,
    address::grants as at,
    forged_event,
    grants_world::{ALLOCATION, BOND, EPOCH, Grants, POOL, PURSE, REVIEW, VOTING},
    instruction::grants as ix,
    passed, refused,
};
use grants::{
    events,
    state::{bond_state, choice, end_reason, proposal_state},
};

#[test]
fn a_proposal_is_voted_on_and_paid_milestone_by_milestone() {
    let mut g = Grants::new();
    let amounts = [1_000_000, 2_000_000, 3_000_001];
    let id = g.open(&amounts);
    let opened = g.proposal(id);
    assert_eq!(
        (opened.state, opened.total.get(), opened.snapshot_epoch.get()),
        (proposal_state::VOTING, 6_000_001, EPOCH)
    );
    assert_eq!(opened.ends_at.get(), g.world.now() + VOTING);
    assert_eq!((g.vault(), g.config().bonds.get()), (POOL + BOND, BOND));
    passed(g.vote(0, id, choice::FOR));
    passed(g.vote(1, id, choice::AGAINST));
    passed(g.vote(2, id, choice::ABSTAIN));
    let p = g.proposal(id);
    assert_eq!((p.votes_for.get(), p.votes_against.get(), p.abstained.get(), p.voters.get()), (600, 400, 200, 3));
    g.finish(id);
    assert_eq!((g.proposal(id).state, g.config().committed.get()), (proposal_state::APPROVED, 6_000_001));
    passed(g.world.send(g.bond_ix(id)));
    assert_eq!(g.purse(&g.proposer), PURSE);
    let mut paid = 0;
    for (index, amount) in (0..).zip(amounts) {
        g.deliver(id, index);
        paid += amount;
        assert_eq!((g.purse(&g.recipient), g.proposal(id).paid.get()), (PURSE + paid, paid));
        g.assert_solvent();
    }
    let (p, c) = (g.proposal(id), g.config());
    assert_eq!((p.state, p.committed.get()), (proposal_state::COMPLETED, 0));
    assert_eq!((c.committed.get(), c.disbursed.get(), c.bonds.get()), (0, paid, 0));
    assert_eq!(g.vault(), POOL - paid);
    for voter in g.voters {
        passed(g.world.send(ix::close_ballot(id, voter)));
    }
    passed(g.world.send(ix::close_proposal(id, g.proposer)));
    assert!(g.world.is_gone(&at::proposal(id)));
}

#[test]
fn every_event_carries_its_row_and_the_next_number() {
    let mut g = Grants::uninitialized(address::TOKEN_PROGRAM, &[]);
    let (admin, id, proposal) = (g.world.admin, 0, at::proposal(0));
    let initialized: events::ConfigChanged =
        event(passed(g.world.send(ix::initialize(admin, g.token, ALLOCATION, g.settings()))));
    assert_eq!((initialized.seq, initialized.admin, initialized.reviewer), (1, admin, g.reviewer));
    assert_eq!((initialized.mint, initialized.allocation, initialized.approval_bps), (g.token.mint, ALLOCATION, 5_000));
    let funded: events::GrantsFunded = event(passed(g.world.send(g.fund_ix(POOL))));
    assert_eq!(funded, events::GrantsFunded { seq: 2, by: admin, amount: POOL, funded: POOL });
    let terms = g.terms(&[10, 20]);
    let opened: events::ProposalOpened = event(passed(g.world.send(g.open_ix(terms))));
    assert_eq!((opened.proposal, opened.seq, opened.id, opened.total, opened.count), (proposal, 1, 0, 30, 2));
    assert_eq!((opened.amounts, opened.due, opened.uri), (terms.amounts, terms.due, terms.uri));
    assert_eq!((opened.bond, opened.bonds, opened.snapshot_epoch), (BOND, BOND, EPOCH));
    let cast: events::VoteCast = event(passed(g.vote(1, id, choice::FOR)));
    assert_eq!(
        (cast.seq, cast.voter, cast.weight, cast.votes, cast.votes_for, cast.voters),
        (2, g.voters[1], 400, 1, 400, 1)
    );
    let cast: events::VoteCast = event(passed(g.vote(1, id, choice::AGAINST)));
    assert_eq!((cast.seq, cast.votes, cast.votes_for, cast.votes_against, cast.voters), (3, 2, 0, 400, 1));
    passed(g.vote(0, id, choice::FOR));
    let decided: events::ProposalDecided = event(g.finish(id));
    let (state, reason, bond_state) = (proposal_state::APPROVED, end_reason::NONE, bond_state::RETURNABLE);
    let expected = events::ProposalDecided {
        proposal,
        seq: 5,
        state,
        reason,
        bond_state,
        committed: 30,
        funded: POOL,
        pool_committed: 30,
        bonds: BOND,
    };
    assert_eq!(decided, expected);
    let review_by = g.world.now() + REVIEW;
    let submitted: events::MilestoneSubmitted = event(passed(g.world.send(g.submit_ix(id, 0))));
    assert_eq!(submitted, events::MilestoneSubmitted { proposal, seq: 6, index: 0, evidence: [9; 32], review_by });
    let reviewed: events::MilestoneReviewed = event(passed(g.world.send(g.review_ix(id, 0, true))));
    assert_eq!(reviewed, events::MilestoneReviewed { proposal, seq: 7, index: 0, by: g.reviewer, accepted: true });
    let paid: events::MilestonePaid = event(passed(g.world.send(g.pay_ix(id, 0))));
    let destination = g.tokens_of(&g.recipient);
    let expected = events::MilestonePaid {
        proposal,
        seq: 8,
        index: 0,
        destination,
        amount: 10,
        paid: 10,
        committed: 20,
        state,
        pool_committed: 20,
        disbursed: 10,
    };
    assert_eq!(paid, expected);
    let returned: events::BondReturned = event(passed(g.world.send(g.bond_ix(id))));
    let destination = g.tokens_of(&g.proposer);
    assert_eq!(returned, events::BondReturned { proposal, seq: 9, destination, amount: BOND, bonds: 0 });
    let stopped: events::ProposalDecided = event(passed(g.world.send(ix::cancel_proposal(admin, id))));
    assert_eq!((stopped.seq, stopped.state, stopped.reason), (10, proposal_state::CANCELLED, end_reason::STOPPED));
    assert_eq!((stopped.committed, stopped.pool_committed), (0, 0));
    let closed: events::BallotClosed = event(passed(g.world.send(ix::close_ballot(id, g.voters[1]))));
    assert_eq!(closed, events::BallotClosed { proposal, voter: g.voters[1], seq: 3 });
    let closed: events::ProposalClosed = event(passed(g.world.send(ix::close_proposal(id, g.proposer))));
    assert_eq!(closed, events::ProposalClosed { proposal, seq: 11 });
}

fn event<T>(receipt: Receipt) -> T
where
    T: Discriminator + for<'de> anchor_lang::wincode::SchemaRead<'de, anchor_lang::BorshConfig, Dst = T>,
{
    receipt.event(&grants::ID)
}

#[test]
fn an_event_from_outside_is_refused() {
    let mut g = Grants::new();
    let lie = events::ProposalClosed { proposal: at::proposal(0), seq: 1 };
    refused(g.world.send(forged_event(grants::ID, &lie.data(), None)), anchor_lang::ErrorCode::ConstraintSigner);
    let signed = forged_event(grants::ID, &lie.data(), Some(g.stranger));
    refused(g.world.send(signed), anchor_lang::ErrorCode::ConstraintSeeds);
}
