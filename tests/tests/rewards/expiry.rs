//! The end of the time to claim, and accounts that are closed after it.
use anchor_lang::{Address, ErrorCode};
use e2e_tests::{CLAIM, Forge, POOL, Rewards, address::rewards as at, instruction::rewards as ix, passed, refused};
use rewards::{RewardsError, events, state::epoch_state};

/// A final month in which one wallet has 1 of 3 points and another has 2.
fn final_month() -> (Rewards, [Address; 2]) {
    let mut r = Rewards::open();
    let wallets = [r.contributor(), r.contributor()];
    passed(r.award(1, wallets[0], 1));
    passed(r.award(1, wallets[1], 2));
    r.finish(1);
    (r, wallets)
}

#[test]
fn what_nobody_claimed_in_time_and_the_dust_go_to_the_reserve() {
    let (mut r, [a, b]) = final_month();
    let half = POOL / 2;
    assert_eq!((r.claim(1, a), r.epoch(1).expires_at.get()), (half / 3, r.world.now() + CLAIM));
    r.world.donate(&at::epoch_vault(1), 11);
    r.world.pass(CLAIM - 1);
    refused(r.world.send(r.expire_ix(1)), RewardsError::ClaimsOpen);
    r.world.pass(1);
    let (admin, vault) = (r.world.admin, at::epoch_vault(1));
    let (before, rent) = (r.world.lamports(&admin), r.world.lamports(&vault));
    let event: events::EpochExpired = passed(r.world.send(r.expire_ix(1))).event(&rewards::ID);
    assert_eq!((event.epoch, event.unclaimed), (1, half - half / 3 + 11));
    assert_eq!((r.epoch(1).state, r.epoch(1).unclaimed.get()), (epoch_state::EXPIRED, event.unclaimed));
    assert_eq!((r.reserve(), r.config().reserved.get()), (POOL - half / 3 + 11, POOL - half / 3 + 11));
    assert!(r.world.is_gone(&vault));
    assert_eq!(r.world.lamports(&admin), before + rent);
    refused(r.world.send(r.claim_ix(1, b)), RewardsError::EpochExpired);
    refused(r.world.send(r.expire_ix(1)), RewardsError::EpochExpired);
    refused(r.world.send(r.finalize_ix(1)), RewardsError::EpochNotInReview);
    refused(r.world.send(ix::close_epoch(1)), RewardsError::EpochNotOpen);
}

#[test]
fn a_share_is_paid_until_somebody_lets_the_month_expire() {
    let (mut r, [a, _]) = final_month();
    r.world.pass(10 * CLAIM);
    assert_eq!(r.claim(1, a), POOL / 2 / 3);
}

#[test]
fn only_a_final_month_expires_and_pays_its_rent_back_to_who_opened_it() {
    let mut r = Rewards::open();
    r.world.pass(10 * CLAIM);
    refused(r.world.send(r.expire_ix(1)), RewardsError::EpochNotFinal);
    passed(r.world.send(ix::close_epoch(1)));
    refused(r.world.send(r.expire_ix(1)), RewardsError::EpochNotFinal);
    let (mut r, _) = final_month();
    r.world.pass(CLAIM);
    let (stranger, admin, mint) = (r.stranger, r.world.admin, r.mint);
    let elsewhere = r.world.fund(&stranger, &mint, 0);
    let call = r.expire_ix(1);
    refused(r.world.send(call.clone().swap(&admin, &stranger)), RewardsError::WrongRentPayer);
    refused(r.world.send(call.clone().swap(&at::reserve(), &elsewhere)), ErrorCode::ConstraintSeeds);
    refused(r.world.send(call.clone().swap(&at::epoch_vault(1), &at::epoch_vault(0))), ErrorCode::ConstraintSeeds);
    r.world.tamper(&at::epoch_vault(1), |a| a.data[64..72].copy_from_slice(&1u64.to_le_bytes()));
    refused(r.world.send(call), RewardsError::VaultShort);
}

#[test]
fn points_are_closed_once_claimed_or_expired_and_their_rent_goes_back() {
    let (mut r, [a, b]) = final_month();
    let (payer, stranger) = (r.world.payer, r.stranger);
    refused(r.world.send(ix::close_points(a, 1, payer)), RewardsError::ShareUnclaimed);
    r.claim(1, a);
    refused(r.world.send(ix::close_points(a, 1, stranger)), RewardsError::WrongRentPayer);
    let event: events::PointsClosed = passed(r.world.send(ix::close_points(a, 1, payer))).event(&rewards::ID);
    assert_eq!((event.wallet, event.epoch, event.seq), (a, 1, r.epoch(1).seq.get()));
    assert!(r.world.is_gone(&at::points(1, &a)));
    assert!(r.world.send(r.claim_ix(1, a)).is_err(), "a closed share is not paid again");
    refused(r.world.send(ix::close_points(b, 1, payer)), RewardsError::ShareUnclaimed);
    r.world.pass(CLAIM);
    passed(r.world.send(r.expire_ix(1)));
    passed(r.world.send(ix::close_points(b, 1, payer)));
}

#[test]
fn points_of_a_month_that_is_not_final_stay() {
    let mut r = Rewards::open();
    let (wallet, payer) = (r.contributor(), r.world.payer);
    passed(r.award(1, wallet, 1));
    refused(r.world.send(ix::close_points(wallet, 1, payer)), RewardsError::EpochNotFinal);
    let source = r.last_source();
    passed(r.world.send(ix::void_award(r.review(r.world.admin, 1, wallet, source), [0; 32])));
    refused(r.world.send(ix::close_points(wallet, 1, payer)), RewardsError::EpochNotFinal);
    r.finish(1);
    passed(r.world.send(ix::close_points(wallet, 1, payer)));
}

#[test]
fn awards_that_count_are_kept_and_void_ones_close_when_their_month_expired() {
    let mut r = Rewards::open();
    let (wallet, payer, admin) = (r.contributor(), r.world.payer, r.world.admin);
    passed(r.award(1, wallet, 1));
    let counted = r.last_source();
    passed(r.award(1, wallet, 2));
    let void = r.last_source();
    passed(r.world.send(ix::void_award(r.review(admin, 1, wallet, void), [0; 32])));
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    r.finish(1);
    refused(r.world.send(ix::close_award(void, 1, payer)), RewardsError::EpochNotExpired);
    r.world.pass(CLAIM);
    passed(r.world.send(r.expire_ix(1)));
    refused(r.world.send(ix::close_award(counted, 1, payer)), RewardsError::AwardCounts);
    refused(r.world.send(ix::close_award(void, 1, admin)), RewardsError::WrongRentPayer);
    refused(r.world.send(ix::close_award(void, 2, payer)), ErrorCode::ConstraintSeeds);
    let event: events::AwardClosed = passed(r.world.send(ix::close_award(void, 1, payer))).event(&rewards::ID);
    assert_eq!((event.source, event.epoch, event.seq), (void, 1, r.epoch(1).seq.get()));
    assert!(r.world.is_gone(&at::award(&void)));
}
