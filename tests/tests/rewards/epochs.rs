use anchor_lang::{Address, ErrorCode};
use e2e_tests::{
    Forge, POOL, REVIEW, Rewards, START, address::rewards as at, instruction::rewards as ix, passed, refused,
};
use protocol::calendar::{month_start, next_month_start};
use rewards::{RewardsError, instructions::Settings, state::epoch_state};

#[test]
fn an_epoch_closes_after_its_last_second_and_is_final_after_the_review() {
    let mut r = Rewards::open();
    let end = r.epoch(1).end.get();
    refused(r.world.send(r.finalize_ix(1)), RewardsError::EpochNotInReview);
    r.world.set_time(end - 1);
    refused(r.world.send(ix::close_epoch(1)), RewardsError::EpochNotEnded);
    r.world.set_time(end);
    passed(r.world.send(ix::close_epoch(1)));
    refused(r.world.send(ix::close_epoch(1)), RewardsError::EpochNotOpen);
    assert_eq!((r.epoch(1).state, r.epoch(1).review_ends.get()), (epoch_state::REVIEW, end + REVIEW));
    r.world.pass(REVIEW - 1);
    refused(r.world.send(r.finalize_ix(1)), RewardsError::ReviewNotOver);
    r.world.pass(1);
    passed(r.world.send(r.finalize_ix(1)));
    refused(r.world.send(r.finalize_ix(1)), RewardsError::EpochNotInReview);
    refused(r.world.send(ix::close_epoch(1)), RewardsError::EpochNotOpen);
    assert_eq!((r.epoch(1).state, r.reserve()), (epoch_state::FINAL, POOL));
}

#[test]
fn a_late_close_keeps_the_whole_review_window() {
    let mut r = Rewards::open();
    let late = r.epoch(1).end.get() + 1_000_000;
    r.world.set_time(late);
    passed(r.world.send(ix::close_epoch(1)));
    assert_eq!(r.epoch(1).review_ends.get(), late + REVIEW);
}

#[test]
fn epochs_are_opened_in_order_and_adjacent() {
    let mut r = Rewards::open();
    let end = r.epoch(1).end.get();
    let after = next_month_start(end);
    let early = r.open_ix(3, end).swap(&at::epoch(2), &at::epoch(1));
    refused(r.world.send(early), RewardsError::EpochOutOfOrder);
    assert!(r.world.send(r.open_ix(1, START)).is_err());
    refused(r.world.send(r.open_ix(2, after)), RewardsError::EpochNotAdjacent);
    refused(r.world.send(r.open_ix(2, START)), RewardsError::EpochNotAdjacent);
    passed(r.world.send(r.open_ix(2, end)));
    passed(r.world.send(r.open_ix(3, after)));
    // the month before the last is no predecessor, nor is nothing, nor the new epoch itself
    let third = r.open_ix(4, next_month_start(after));
    refused(r.world.send(third.clone().swap(&at::epoch(3), &at::epoch(2))), RewardsError::EpochNotAdjacent);
    refused(r.world.send(third.clone().swap(&at::epoch(3), &rewards::ID)), RewardsError::EpochNotAdjacent);
    assert!(r.world.send(third.clone().swap(&at::epoch(3), &at::epoch(4))).is_err());
    passed(r.world.send(third));
}

#[test]
fn an_epoch_is_one_calendar_month() {
    let mut r = Rewards::open();
    let start = r.epoch(1).end.get();
    let end = next_month_start(start);
    for wrong in [end - 1, end + 1, start + 30 * 86_400, start, start - 1, next_month_start(end), i64::MAX, i64::MIN] {
        refused(r.world.send(r.open_until_ix(2, start, wrong)), RewardsError::EpochNotAMonth);
    }
    passed(r.world.send(r.open_until_ix(2, start, end)));
}

/// Opens a short epoch 0 up to a month's start, then that month as epoch 1, which must end at `end` and at no day around it.
fn only_ends_at(year: u32, month: u8, end: i64) {
    let start = month_start(year, month);
    let mut r = Rewards::new();
    r.schedule(1, &[POOL]);
    passed(r.world.send(r.open_until_ix(0, start - 1, start)));
    r.world.set_time(start);
    passed(r.world.send(ix::close_epoch(0)));
    passed(r.world.send(r.convert_ix(0)));
    for wrong in [end - 86_400, end + 86_400] {
        refused(r.world.send(r.open_until_ix(1, start, wrong)), RewardsError::EpochNotAMonth);
    }
    passed(r.world.send(r.open_until_ix(1, start, end)));
}

#[test]
fn february_has_29_days_in_a_leap_year_and_28_in_others() {
    only_ends_at(2028, 2, month_start(2028, 2) + 29 * 86_400);
    only_ends_at(2027, 2, month_start(2027, 2) + 28 * 86_400);
    only_ends_at(2100, 2, month_start(2100, 2) + 28 * 86_400);
}

#[test]
fn december_ends_with_the_year() {
    only_ends_at(2026, 12, month_start(2027, 1));
    assert_eq!(month_start(2027, 1) - month_start(2026, 12), 31 * 86_400);
}

#[test]
fn epoch_0_may_start_at_any_time_but_ends_with_a_month() {
    let mut r = Rewards::new();
    let end = month_start(2026, 4);
    for (start, wrong) in [(end, end), (end + 1, end), (START, end + 1), (START, end - 1)] {
        refused(r.world.send(r.open_until_ix(0, start, wrong)), RewardsError::EpochNotAMonth);
    }
    passed(r.world.send(r.open_until_ix(0, START + 12_345, end)));
    assert_eq!((r.epoch(0).start.get(), r.epoch(0).end.get()), (START + 12_345, end));
}

#[test]
fn a_pool_is_funded_in_full_by_the_administrator_or_the_epoch_does_not_open() {
    let mut r = Rewards::converted();
    let (funding, stranger, mint) = (r.funding, r.stranger, r.mint);
    let stranger_tokens = r.world.fund(&stranger, &mint, POOL);
    let open = r.open_ix(1, START);
    // the token program's own words: the owner does not sign
    let others = open.clone().swap(&funding, &stranger_tokens);
    refused(r.world.send(others), anchor_lang::prelude::ProgramError::Custom(4));
    let other_mint = r.world.mint();
    refused(r.world.send(open.clone().swap(&mint, &other_mint)), RewardsError::WrongMint);
    r.world.tamper(&funding, |a| a.data[64..72].copy_from_slice(&(POOL - 1).to_le_bytes()));
    refused(r.world.send(open.clone()), anchor_lang::prelude::ProgramError::Custom(1));
    r.world.donate(&funding, 1);
    passed(r.world.send(open));
    assert_eq!((r.vault(1), r.world.tokens(&funding)), (POOL, 0));
}

#[test]
fn a_month_has_the_pool_and_the_rules_of_the_moment_when_it_opened() {
    let mut r = Rewards::open();
    let end = r.epoch(1).end.get();
    r.schedule(2, &[7]);
    let settings = Settings { threshold: 9, below_bps: 1, cap_per_point: true, ..r.settings() };
    r.update(settings);
    let of = |r: &Rewards, index| {
        let epoch = r.epoch(index);
        (epoch.pool.get(), epoch.threshold.get(), epoch.below_bps.get(), epoch.cap_per_point)
    };
    assert_eq!(of(&r, 1), (POOL, 500, 5_000, 0));
    passed(r.world.send(r.open_ix(2, end)));
    assert_eq!(of(&r, 2), (7, 9, 1, 1));
    assert_eq!(r.config().allocated.get(), POOL + 7);
}

#[test]
fn finalizing_names_the_real_accounts() {
    let mut r = Rewards::open();
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    r.world.set_time(end);
    passed(r.world.send(ix::close_epoch(1)));
    r.world.pass(REVIEW);
    let (stranger, mint, other_mint) = (r.stranger, r.mint, r.world.mint());
    let stranger_tokens = r.world.fund(&stranger, &mint, 0);
    let finalize = r.finalize_ix(1);
    let swaps: [(Address, Address); 3] =
        [(at::reserve(), stranger_tokens), (at::epoch_vault(1), at::epoch_vault(2)), (at::epoch(1), at::epoch(2))];
    for (from, to) in swaps {
        refused(r.world.send(finalize.clone().swap(&from, &to)), ErrorCode::ConstraintSeeds);
    }
    refused(r.world.send(finalize.clone().swap(&mint, &other_mint)), RewardsError::WrongMint);
    passed(r.world.send(finalize));
}
