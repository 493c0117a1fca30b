use anchor_lang::{ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, START,
    address::{grants as at, rewards as rewards_at},
    grants_world::{EPOCH, Grants, VOTING},
    instruction::grants as ix,
    passed, refused,
};
use grants::{
    GrantsError,
    state::{choice, proposal_state},
};
use protocol::{calendar::next_month_start, points::PointsHistory};

#[test]
fn a_vote_is_changed_as_often_as_its_voter_likes_and_counts_once() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    passed(g.vote(1, id, choice::AGAINST));
    for (n, (choice, counts)) in (1..).zip([
        (choice::FOR, (600, 400, 0)),
        (choice::FOR, (600, 400, 0)),
        (choice::ABSTAIN, (0, 400, 600)),
        (choice::AGAINST, (0, 1_000, 0)),
        (choice::FOR, (600, 400, 0)),
    ]) {
        passed(g.vote(0, id, choice));
        let p = g.proposal(id);
        assert_eq!((p.votes_for.get(), p.votes_against.get(), p.abstained.get()), counts);
        assert_eq!(p.voters.get(), 2);
        let ballot = g.ballot(id, &g.voters[0]);
        assert_eq!((ballot.choice, ballot.weight.get(), ballot.seq.get()), (choice, 600, n));
    }
}

#[test]
fn a_choice_is_one_of_three() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    for choice in [0, 4, 255] {
        refused(g.vote(0, id, choice), GrantsError::UnknownChoice);
    }
    assert!(g.world.is_gone(&at::ballot(&at::proposal(id), &g.voters[0])));
}

#[test]
fn votes_are_taken_until_the_last_second_before_the_end() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    g.world.set_time(START + VOTING - 1);
    refused(g.world.send(ix::tally(id)), GrantsError::VoteNotOver);
    refused(g.world.send(ix::cancel_proposal(g.stranger, id)), GrantsError::MayNotCancel);
    passed(g.vote(0, id, choice::FOR));
    g.world.set_time(START + VOTING);
    refused(g.vote(1, id, choice::AGAINST), GrantsError::VoteOver);
    refused(g.vote(0, id, choice::AGAINST), GrantsError::VoteOver);
    refused(g.world.send(ix::cancel_proposal(g.proposer, id)), GrantsError::VoteOver);
    passed(g.world.send(ix::tally(id)));
    assert_eq!(g.proposal(id).state, proposal_state::APPROVED);
}

#[test]
fn points_weigh_as_of_the_opening_whatever_is_earned_or_voided_later() {
    let mut g = Grants::new();
    let early = PointsHistory::default().count(2, 7).unwrap().count(EPOCH - 1, 100).unwrap();
    let opening = early.count(EPOCH, 1_000).unwrap();
    let after = opening.count(EPOCH + 1, 10_000).unwrap();
    let later = early.count(EPOCH + 1, 10_000).unwrap();
    let voided = after.take_back(EPOCH - 1, 40).unwrap();
    let unearned = PointsHistory::default().count(EPOCH, 1_000).unwrap().count(EPOCH + 1, 1).unwrap();
    let gone = after.count(EPOCH + 2, 1).unwrap();
    // the vote crosses the month's end
    g.world.set_time(next_month_start(START) - 10);
    let id = g.open(&[1]);
    g.world.pass(1_000);
    for (history, weight) in [(early, 107), (opening, 107), (after, 107), (later, 107), (voided, 67)] {
        let voter = g.contributor(0);
        g.put_history(&voter, history);
        passed(g.world.send(ix::vote(voter, id, choice::ABSTAIN)));
        assert_eq!(g.ballot(id, &voter).weight.get(), weight, "{history:?}");
    }
    let voter = g.contributor(0);
    for (history, error) in [
        (PointsHistory::default(), GrantsError::NoWeight),
        (unearned, GrantsError::NoWeight),
        (gone, GrantsError::HistoryTooShort),
    ] {
        g.put_history(&voter, history);
        refused(g.world.send(ix::vote(voter, id, choice::FOR)), error);
    }
}

#[test]
fn points_that_were_voided_weigh_less_once_the_vote_is_changed() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    passed(g.vote(0, id, choice::FOR));
    let voter = g.voters[0];
    g.put_history(&voter, PointsHistory { lifetime: 250, last_epoch: EPOCH - 1, ..PointsHistory::default() });
    assert_eq!(g.proposal(id).votes_for.get(), 600, "a vote that was cast stands");
    passed(g.vote(0, id, choice::AGAINST));
    assert_eq!((g.proposal(id).votes_for.get(), g.proposal(id).votes_against.get()), (0, 250));
}

#[test]
fn nobody_votes_with_the_points_of_another() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    let [voter, other, _] = g.voters;
    let call = ix::vote(voter, id, choice::FOR);
    let (own, foreign) = (rewards_at::contributor(&voter), rewards_at::contributor(&other));
    refused(g.world.send(call.clone().swap(&own, &foreign)), ErrorCode::ConstraintSeeds);
    refused(g.world.send(call.clone().unsigned(&voter)), ProgramError::MissingRequiredSignature);
    let stranger = g.stranger;
    refused(g.world.send(ix::vote(stranger, id, choice::FOR)), ProgramError::UninitializedAccount);
    // a copy of the account, at another address or of another program, is not the account
    let copy = g.world.wallet();
    let data = g.world.svm.get_account(&own).unwrap().data;
    g.world.put(copy, rewards::ID, data.clone());
    refused(g.world.send(call.clone().swap(&own, &copy)), ErrorCode::ConstraintSeeds);
    g.world.put(own, market::ID, data.clone());
    refused(g.world.send(call.clone()), ProgramError::IllegalOwner);
    let mut renamed = data.clone();
    renamed[0] ^= 1;
    g.world.put(own, rewards::ID, renamed);
    refused(g.world.send(call.clone()), ProgramError::InvalidAccountData);
    g.world.put(own, rewards::ID, data[..data.len() - 1].to_vec());
    refused(g.world.send(call.clone()), ProgramError::AccountDataTooSmall);
    g.world.put(own, rewards::ID, data);
    passed(g.world.send(call));
}

#[test]
fn a_ballot_counts_for_its_own_proposal_and_voter_alone() {
    let mut g = Grants::new();
    let (one, two) = (g.open(&[1]), g.open(&[1]));
    passed(g.vote(0, one, choice::FOR));
    passed(g.vote(1, two, choice::FOR));
    let ballot = |id, voter| at::ballot(&at::proposal(id), &g.voters[voter]);
    let (own, others, elsewhere) = (ballot(one, 0), ballot(two, 1), ballot(two, 0));
    let call = ix::vote(g.voters[0], one, choice::AGAINST);
    for wrong in [others, elsewhere] {
        refused(g.world.send(call.clone().swap(&own, &wrong)), ProgramError::InvalidSeeds);
    }
    // the vote for one proposal with the ballot of the other
    let crossed = ix::vote(g.voters[0], two, choice::AGAINST).swap(&elsewhere, &own);
    refused(g.world.send(crossed), ProgramError::InvalidSeeds);
    assert_eq!((g.proposal(one).votes_for.get(), g.proposal(two).votes_for.get()), (600, 400));
}

#[test]
fn a_ballot_is_closed_by_anyone_after_the_vote_and_its_rent_goes_to_the_voter() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    let (voter, stranger) = (g.voters[0], g.stranger);
    let before = g.world.lamports(&voter);
    passed(g.vote(0, id, choice::FOR));
    let close = ix::close_ballot(id, voter);
    g.world.set_time(START + VOTING - 1);
    refused(g.world.send(close.clone()), GrantsError::VoteNotOver);
    g.world.set_time(START + VOTING);
    refused(g.world.send(close.clone().swap(&voter, &stranger)), GrantsError::WrongRentPayer);
    passed(g.world.send(close.clone()));
    assert_eq!(g.world.lamports(&voter), before);
    assert!(g.world.send(close).is_err());
    // a closed ballot does not free its voter to vote again
    refused(g.vote(0, id, choice::FOR), GrantsError::VoteOver);
    passed(g.world.send(ix::tally(id)));
    assert_eq!(g.proposal(id).votes_for.get(), 600);
}

#[test]
fn a_ballot_outlives_its_proposal() {
    let mut g = Grants::new();
    let id = g.open(&[1]);
    passed(g.vote(2, id, choice::AGAINST));
    passed(g.world.send(ix::cancel_proposal(g.proposer, id)));
    passed(g.world.send(ix::close_proposal(id, g.proposer)));
    refused(g.world.send(ix::close_ballot(id, g.voters[2])), GrantsError::VoteNotOver);
    g.world.pass(VOTING);
    passed(g.world.send(ix::close_ballot(id, g.voters[2])));
}
