//! Awards that wait for a second key, and awards that are taken back.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, POOL, REVIEW, Rewards, address::rewards as at, answer, instruction::rewards as ix, passed, refused,
};
use rewards::{
    RewardsError, events,
    instructions::Settings,
    state::{Award, Issuer, award_state},
};

const WHY: [u8; 32] = [9; 32];

/// Awards of more than 100 points wait for the confirmer.
fn reviewed() -> (Rewards, Address) {
    let mut r = Rewards::open();
    r.update(Settings { confirm_points: 100, ..r.settings() });
    let wallet = r.contributor();
    (r, wallet)
}

fn award_of(r: &Rewards, source: [u8; 32]) -> Award {
    r.world.read(&at::award(&source))
}

fn confirm(r: &Rewards, wallet: Address, source: [u8; 32]) -> solana_instruction::Instruction {
    ix::confirm_award(r.review(r.confirmer, 1, wallet, source))
}

fn void(r: &Rewards, wallet: Address, source: [u8; 32]) -> solana_instruction::Instruction {
    ix::void_award(r.review(r.world.admin, 1, wallet, source), WHY)
}

#[test]
fn an_award_above_the_limit_counts_when_the_second_key_confirms_it() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 100));
    assert_eq!(award_of(&r, r.last_source()).state, award_state::COUNTED);
    let issued: events::AwardIssued = passed(r.award(1, wallet, 101)).event(&rewards::ID);
    assert_eq!(
        (issued.state, issued.points, issued.wallet_points, issued.total_points),
        (award_state::PENDING, 101, 100, 100)
    );
    assert_eq!((r.epoch(1).total_points.get(), r.config().lifetime_points.get()), (100, 100));
    let source = r.last_source();
    let done: events::AwardReviewed = passed(r.world.send(confirm(&r, wallet, source))).event(&rewards::ID);
    assert_eq!(
        (done.by, done.state, done.reason, done.seq),
        (r.confirmer, award_state::COUNTED, [0; 32], issued.seq + 1)
    );
    assert_eq!((done.wallet_points, done.total_points, done.lifetime_points), (201, 201, 201));
    assert_eq!((r.epoch(1).total_points.get(), r.config().lifetime_points.get()), (201, 201));
    refused(r.world.send(confirm(&r, wallet, source)), RewardsError::AwardNotPending);
}

#[test]
fn what_nobody_confirms_never_counts() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 5_000));
    let source = r.last_source();
    assert_eq!((r.epoch(1).contributors.get(), r.points(1, &wallet).points.get()), (0, 0));
    r.finish(1);
    assert_eq!((r.epoch(1).distributed.get(), r.reserve()), (0, POOL));
    refused(r.world.send(confirm(&r, wallet, source)), RewardsError::ReviewOver);
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::NothingToClaim);
}

#[test]
fn the_second_key_is_the_confirmers_and_not_the_issuers() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 101));
    let (source, issuer) = (r.last_source(), r.issuer);
    let by = |key| ix::confirm_award(r.review(key, 1, wallet, source));
    let calls = [by(r.stranger), by(r.world.admin), by(issuer)];
    for call in calls {
        refused(r.world.send(call), RewardsError::NotConfirmer);
    }
    let unsigned = confirm(&r, wallet, source).unsigned(&r.confirmer.clone());
    refused(r.world.send(unsigned), ProgramError::MissingRequiredSignature);
    r.update(Settings { confirm_points: 100, confirmer: issuer, ..r.settings() });
    let own = ix::confirm_award(r.review(issuer, 1, wallet, source));
    refused(r.world.send(own), RewardsError::ConfirmerIsIssuer);
}

#[test]
fn a_void_award_takes_its_points_back_for_good() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 60));
    let wrong = r.last_source();
    passed(r.award(1, wallet, 40));
    let done: events::AwardReviewed = passed(r.world.send(void(&r, wallet, wrong))).event(&rewards::ID);
    assert_eq!((done.state, done.reason, done.by, done.points), (award_state::VOID, WHY, r.world.admin, 60));
    assert_eq!((done.wallet_points, done.total_points, done.lifetime_points), (40, 40, 40));
    assert_eq!((award_of(&r, wrong).state, r.config().lifetime_points.get()), (award_state::VOID, 40));
    refused(r.world.send(void(&r, wallet, wrong)), RewardsError::AwardIsVoid);
    refused(r.world.send(confirm(&r, wallet, wrong)), RewardsError::AwardNotPending);
    // the source cannot score again
    assert!(r.world.send(r.award_of_ix(1, wallet, 60, wrong)).is_err());
    r.finish(1);
    assert_eq!(r.claim(1, wallet), POOL / 2);
}

#[test]
fn a_contributor_whose_last_award_is_void_is_none_any_more() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 60));
    assert_eq!(r.epoch(1).contributors.get(), 1);
    let source = r.last_source();
    passed(r.world.send(void(&r, wallet, source)));
    assert_eq!((r.epoch(1).contributors.get(), r.points(1, &wallet).points.get()), (0, 0));
    passed(r.award(1, wallet, 1));
    assert_eq!((r.epoch(1).contributors.get(), r.points(1, &wallet).rent_payer), (1, r.world.payer));
}

#[test]
fn a_pending_award_that_is_void_changes_no_points() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 101));
    let source = r.last_source();
    passed(r.world.send(void(&r, wallet, source)));
    assert_eq!((r.epoch(1).total_points.get(), award_of(&r, source).state), (0, award_state::VOID));
    refused(r.world.send(confirm(&r, wallet, source)), RewardsError::AwardNotPending);
}

#[test]
fn an_issuer_voids_its_own_awards_and_a_stranger_none() {
    let (mut r, wallet) = reviewed();
    let (admin, stranger, issuer) = (r.world.admin, r.stranger, r.issuer);
    passed(r.award(1, wallet, 60));
    let source = r.last_source();
    passed(r.world.send(ix::set_issuer(admin, stranger, 1, true)));
    for other in [stranger, r.confirmer] {
        let call = ix::void_award(r.review(other, 1, wallet, source), WHY);
        refused(r.world.send(call), RewardsError::NotReviewer);
    }
    let call = ix::void_award(r.review(issuer, 1, wallet, source), WHY);
    refused(r.world.send(call.clone().unsigned(&issuer)), ProgramError::MissingRequiredSignature);
    passed(r.world.send(call));
}

#[test]
fn an_open_epoch_gives_the_issuer_its_cap_back_and_a_closed_one_does_not() {
    let (mut r, wallet) = reviewed();
    let issued = |r: &Rewards| r.world.read::<Issuer>(&at::issuer(&r.issuer)).issued.get();
    passed(r.award(1, wallet, 60));
    let first = r.last_source();
    passed(r.award(1, wallet, 101));
    let pending = r.last_source();
    passed(r.award(1, wallet, 5));
    let late = r.last_source();
    assert_eq!(issued(&r), 166, "what waits counts against the cap");
    passed(r.world.send(void(&r, wallet, first)));
    passed(r.world.send(void(&r, wallet, pending)));
    assert_eq!(issued(&r), 5);
    r.world.set_time(r.epoch(1).end.get());
    passed(r.world.send(ix::close_epoch(1)));
    passed(r.world.send(void(&r, wallet, late)));
    assert_eq!(issued(&r), 5);
    // an issuer that awards in the next month already keeps that month's count
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    passed(r.award(2, wallet, 7));
    assert_eq!(issued(&r), 7);
}

#[test]
fn a_review_is_over_at_the_second_of_its_deadline() {
    let (mut r, wallet) = reviewed();
    passed(r.award(1, wallet, 101));
    let pending = r.last_source();
    passed(r.award(1, wallet, 60));
    let counted = r.last_source();
    r.world.set_time(r.epoch(1).end.get());
    passed(r.world.send(ix::close_epoch(1)));
    r.world.pass(REVIEW - 1);
    for call in [confirm(&r, wallet, pending), void(&r, wallet, counted)] {
        assert!(r.world.simulate(call).is_ok());
    }
    r.world.pass(1);
    for call in [confirm(&r, wallet, pending), void(&r, wallet, counted)] {
        refused(r.world.send(call), RewardsError::ReviewOver);
    }
    passed(r.world.send(r.finalize_ix(1)));
    for call in [confirm(&r, wallet, pending), void(&r, wallet, counted)] {
        refused(r.world.send(call), RewardsError::ReviewOver);
    }
}

#[test]
fn a_review_names_the_awards_own_accounts() {
    let (mut r, wallet) = reviewed();
    let other = r.contributor();
    passed(r.award(1, other, 60));
    let others = r.last_source();
    passed(r.award(1, wallet, 60));
    let source = r.last_source();
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    let (admin, stranger) = (r.world.admin, r.stranger);
    passed(r.world.send(ix::set_issuer(admin, stranger, 1, true)));
    let call = void(&r, wallet, source);
    let swaps = [
        (at::award(&source), at::award(&others)),
        (at::issuer(&r.issuer), at::issuer(&stranger)),
        (at::epoch(1), at::epoch(2)),
        (at::contributor(&wallet), at::contributor(&other)),
        (at::points(1, &wallet), at::points(1, &other)),
    ];
    for (from, to) in swaps {
        let refusal = r.world.simulate(call.clone().swap(&from, &to)).unwrap_err();
        let expected =
            solana_transaction_error::TransactionError::InstructionError(0, answer(ErrorCode::ConstraintSeeds));
        assert_eq!(refusal.err, expected, "{from}");
    }
    passed(r.world.send(call));
}

#[test]
fn the_history_for_votes_follows_awards_confirmations_and_voids() {
    let (mut r, wallet) = reviewed();
    let before = |r: &Rewards, epoch| r.contributor_of(&wallet).history().before(epoch);
    passed(r.award(1, wallet, 10));
    passed(r.award(1, wallet, 101));
    let pending = r.last_source();
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    r.world.set_time(end);
    passed(r.world.send(ix::close_epoch(1)));
    assert_eq!((before(&r, 1), before(&r, 2)), (Some(0), Some(10)));
    passed(r.award(2, wallet, 5));
    assert_eq!((before(&r, 1), before(&r, 2), before(&r, 3)), (Some(0), Some(10), Some(15)));
    // a late confirmation belongs to the month of its award
    passed(r.world.send(confirm(&r, wallet, pending)));
    assert_eq!((before(&r, 1), before(&r, 2), before(&r, 3)), (Some(0), Some(111), Some(116)));
    let void_late = ix::void_award(r.review(r.world.admin, 1, wallet, pending), WHY);
    passed(r.world.send(void_late));
    assert_eq!((before(&r, 1), before(&r, 2), before(&r, 3)), (Some(0), Some(10), Some(15)));
}
