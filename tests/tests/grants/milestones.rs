use e2e_tests::{
    Forge,
    grants_world::{BOND, Grants, POOL, PURSE, REVIEW},
    instruction::grants as ix,
    passed, refused,
};
use grants::{
    GrantsError,
    state::{end_reason, milestone_state, proposal_state},
};

#[test]
fn milestones_are_submitted_reviewed_and_paid_in_order() {
    let mut g = Grants::new();
    let id = g.approved(&[1, 2, 3]);
    refused(g.world.send(g.submit_ix(id, 1)), GrantsError::MilestoneOutOfOrder);
    refused(g.world.send(g.submit_ix(id, 3)), GrantsError::MilestoneOutOfOrder);
    refused(g.world.send(g.submit_ix(id, 255)), GrantsError::MilestoneOutOfOrder);
    refused(g.world.send(g.review_ix(id, 0, true)), GrantsError::WrongMilestoneState);
    refused(g.world.send(g.pay_ix(id, 0)), GrantsError::WrongMilestoneState);
    passed(g.world.send(g.submit_ix(id, 0)));
    refused(g.world.send(g.submit_ix(id, 1)), GrantsError::MilestoneOutOfOrder);
    refused(g.world.send(g.review_ix(id, 1, true)), GrantsError::MilestoneOutOfOrder);
    refused(g.world.send(g.pay_ix(id, 0)), GrantsError::WrongMilestoneState);
    passed(g.world.send(g.review_ix(id, 0, true)));
    // an accepted one need not be paid before the next is submitted
    passed(g.world.send(g.submit_ix(id, 1)));
    passed(g.world.send(g.pay_ix(id, 0)));
    refused(g.world.send(g.pay_ix(id, 0)), GrantsError::WrongMilestoneState);
    refused(g.world.send(g.pay_ix(id, 1)), GrantsError::WrongMilestoneState);
    for index in [8, 255] {
        refused(g.world.send(g.pay_ix(id, index)), GrantsError::WrongMilestoneState);
    }
    passed(g.world.send(g.review_ix(id, 1, true)));
    passed(g.world.send(g.submit_ix(id, 2)));
    passed(g.world.send(g.review_ix(id, 2, true)));
    refused(g.world.send(g.submit_ix(id, 2)), GrantsError::MilestoneOutOfOrder);
    // in any order once accepted
    passed(g.world.send(g.pay_ix(id, 2)));
    assert_eq!(g.proposal(id).state, proposal_state::APPROVED);
    passed(g.world.send(g.pay_ix(id, 1)));
    assert_eq!((g.proposal(id).state, g.purse(&g.recipient)), (proposal_state::COMPLETED, PURSE + 6));
}

#[test]
fn a_milestone_is_submitted_before_it_is_due() {
    let mut g = Grants::new();
    let id = g.approved(&[1]);
    let due = g.proposal(id).due[0].get();
    g.world.set_time(due);
    refused(g.world.send(g.submit_ix(id, 0)), GrantsError::MilestoneLate);
    g.world.set_time(due - 1);
    refused(g.world.send(ix::expire_proposal(id)), GrantsError::MilestoneNotLate);
    refused(g.world.send(ix::submit_milestone(g.recipient, id, 0, [0; 32])), GrantsError::EmptyEvidence);
    passed(g.world.send(g.submit_ix(id, 0)));
    assert_eq!(g.proposal(id).review_by.get(), due - 1 + REVIEW);
}

#[test]
fn a_review_is_made_before_its_time_is_over_and_a_silent_reviewer_makes_nobody_late() {
    let mut g = Grants::new();
    let id = g.approved(&[1]);
    let due = g.proposal(id).due[0].get();
    g.world.set_time(due - 1);
    passed(g.world.send(g.submit_ix(id, 0)));
    let review_by = due - 1 + REVIEW;
    g.world.set_time(review_by - 1);
    refused(g.world.send(g.submit_ix(id, 0)), GrantsError::UnderReview);
    passed(g.world.simulate(g.review_ix(id, 0, true)));
    g.world.set_time(review_by);
    refused(g.world.send(g.review_ix(id, 0, true)), GrantsError::ReviewOver);
    refused(g.world.send(g.review_ix(id, 0, false)), GrantsError::ReviewOver);
    // nothing is paid, and though the milestone was due long ago it is only asked for again
    refused(g.world.send(g.pay_ix(id, 0)), GrantsError::WrongMilestoneState);
    refused(g.world.send(ix::expire_proposal(id)), GrantsError::UnderReview);
    passed(g.world.send(g.submit_ix(id, 0)));
    passed(g.world.send(g.review_ix(id, 0, true)));
    passed(g.world.send(g.pay_ix(id, 0)));
}

#[test]
fn a_refused_milestone_is_submitted_again_until_it_is_due() {
    let mut g = Grants::new();
    let id = g.approved(&[5, 6]);
    passed(g.world.send(g.submit_ix(id, 0)));
    passed(g.world.send(g.review_ix(id, 0, false)));
    assert_eq!(g.proposal(id).milestones[0], milestone_state::PENDING);
    refused(g.world.send(g.review_ix(id, 0, true)), GrantsError::WrongMilestoneState);
    g.deliver(id, 0);
    g.world.set_time(g.proposal(id).due[1].get() - 1);
    passed(g.world.send(g.submit_ix(id, 1)));
    g.world.pass(1);
    passed(g.world.send(g.review_ix(id, 1, false)));
    refused(g.world.send(g.submit_ix(id, 1)), GrantsError::MilestoneLate);
    passed(g.world.send(ix::expire_proposal(id)));
    assert_eq!(g.purse(&g.recipient), PURSE + 5);
}

#[test]
fn the_administrator_may_review_too_and_nobody_else() {
    let mut g = Grants::new();
    let id = g.approved(&[1]);
    passed(g.world.send(g.submit_ix(id, 0)));
    for who in [g.stranger, g.recipient, g.proposer] {
        refused(g.world.send(ix::review_milestone(who, id, 0, true)), GrantsError::NotReviewer);
    }
    let unsigned = g.review_ix(id, 0, true).unsigned(&g.reviewer.clone());
    refused(g.world.send(unsigned), anchor_lang::prelude::ProgramError::MissingRequiredSignature);
    passed(g.world.send(ix::review_milestone(g.world.admin, id, 0, true)));
}

#[test]
fn only_the_recipient_submits() {
    let mut g = Grants::new();
    let id = g.approved(&[1]);
    for who in [g.stranger, g.proposer, g.reviewer, g.world.admin] {
        refused(g.world.send(ix::submit_milestone(who, id, 0, [1; 32])), GrantsError::NotRecipient);
    }
}

#[test]
fn cancelling_returns_what_was_not_earned_and_pays_what_was() {
    let mut g = Grants::new();
    let id = g.approved(&[10, 20, 30]);
    g.deliver(id, 0);
    g.accept(id, 1);
    passed(g.world.send(g.submit_ix(id, 2)));
    assert_eq!(g.config().committed.get(), 50);
    refused(g.world.send(ix::cancel_proposal(g.proposer, id)), GrantsError::MayNotCancel);
    passed(g.world.send(ix::cancel_proposal(g.world.admin, id)));
    let p = g.proposal(id);
    assert_eq!((p.state, p.reason, p.committed.get()), (proposal_state::CANCELLED, end_reason::STOPPED, 20));
    assert_eq!(g.config().committed.get(), 20);
    g.assert_solvent();
    for call in
        [g.submit_ix(id, 2), g.review_ix(id, 2, true), ix::expire_proposal(id), ix::cancel_proposal(g.world.admin, id)]
    {
        refused(g.world.send(call), GrantsError::WrongState);
    }
    refused(g.world.send(g.pay_ix(id, 2)), GrantsError::WrongMilestoneState);
    passed(g.world.send(g.bond_ix(id)));
    refused(g.world.send(ix::close_proposal(id, g.proposer)), GrantsError::StillOwes);
    passed(g.world.send(g.pay_ix(id, 1)));
    assert_eq!(g.proposal(id).state, proposal_state::CANCELLED);
    assert_eq!((g.purse(&g.recipient), g.config().committed.get()), (PURSE + 30, 0));
    passed(g.world.send(ix::close_proposal(id, g.proposer)));
    // the rest can be granted again
    passed(g.world.send(g.open_ix(g.terms(&[POOL - 30]))));
    refused(g.world.send(g.open_ix(g.terms(&[POOL - 29]))), GrantsError::FundsShort);
}

#[test]
fn a_late_milestone_ends_the_proposal_on_both_sides_of_the_second() {
    let mut g = Grants::new();
    let id = g.approved(&[10, 20]);
    g.accept(id, 0);
    let due = g.proposal(id).due[1].get();
    g.world.set_time(due - 1);
    refused(g.world.send(ix::expire_proposal(id)), GrantsError::MilestoneNotLate);
    g.world.set_time(due);
    passed(g.world.send(ix::expire_proposal(id)));
    let p = g.proposal(id);
    assert_eq!((p.state, p.reason, p.committed.get()), (proposal_state::CANCELLED, end_reason::LATE, 10));
    passed(g.world.send(g.pay_ix(id, 0)));
    assert_eq!((g.vault(), g.config().committed.get()), (POOL + BOND - 10, 0));
}

#[test]
fn a_proposal_whose_milestones_are_all_accepted_is_never_late() {
    let mut g = Grants::new();
    let id = g.approved(&[10]);
    g.accept(id, 0);
    g.world.pass(1_000_000_000);
    refused(g.world.send(ix::expire_proposal(id)), GrantsError::MilestoneNotLate);
    passed(g.world.send(g.pay_ix(id, 0)));
    assert_eq!(g.proposal(id).state, proposal_state::COMPLETED);
}
