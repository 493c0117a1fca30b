//! The schedule of the months' pools and the token generation event.
use e2e_tests::{
    ALLOCATION, Forge, POOL, REVIEW, Rewards, START, SUPPLY, TOKEN, address::rewards as at, instruction::rewards as ix,
    passed, refused,
};
use rewards::{RewardsError, events, state::Schedule};

/// Epoch 0 closed at the end of January, in which two wallets earned these points.
fn closed(points: [u64; 2]) -> (Rewards, [anchor_lang::Address; 2]) {
    let mut r = Rewards::before_tge();
    let wallets = [r.contributor(), r.contributor()];
    for (wallet, points) in wallets.iter().zip(points) {
        if points > 0 {
            passed(r.award(0, *wallet, points));
        }
    }
    r.world.set_time(r.epoch(0).end.get());
    passed(r.world.send(ix::close_epoch(0)));
    (r, wallets)
}

#[test]
fn points_before_the_token_share_the_whole_pool_pro_rata_once() {
    let (mut r, [a, b]) = closed([1, 2]);
    r.schedule(1, &[POOL]);
    let event: events::TgeConverted = passed(r.world.send(r.convert_ix(1_000))).event(&rewards::ID);
    assert_eq!((event.epoch, event.pool), (0, 1_000));
    assert_eq!((r.vault(0), r.config().tge_pool.get(), r.config().allocated.get()), (1_000, 1_000, 1_000));
    refused(r.world.send(r.convert_ix(1)), RewardsError::TgeDone);
    r.world.pass(REVIEW);
    passed(r.world.send(r.finalize_ix(0)));
    // three points are far below the threshold, which holds for months only
    assert_eq!((r.claim(0, a), r.claim(0, b), r.vault(0), r.reserve()), (333, 666, 1, 0));
    refused(r.world.send(r.claim_ix(0, a)), RewardsError::AlreadyClaimed);
}

#[test]
fn a_generation_without_points_puts_its_pool_into_the_reserve() {
    let (mut r, _) = closed([0, 0]);
    r.schedule(1, &[POOL]);
    passed(r.world.send(r.convert_ix(77)));
    r.world.pass(REVIEW);
    passed(r.world.send(r.finalize_ix(0)));
    assert_eq!((r.reserve(), r.vault(0), r.config().reserved.get()), (77, 0, 77));
}

#[test]
fn the_generation_comes_after_epoch_0_and_before_the_first_month() {
    let mut r = Rewards::before_tge();
    r.schedule(1, &[POOL]);
    let end = r.epoch(0).end.get();
    refused(r.world.send(r.convert_ix(1)), RewardsError::EpochNotInReview);
    refused(r.world.send(r.open_ix(1, end)), RewardsError::TgeNotDone);
    r.world.set_time(end);
    passed(r.world.send(ix::close_epoch(0)));
    r.world.pass(REVIEW);
    refused(r.world.send(r.finalize_ix(0)), RewardsError::TgeNotDone);
    refused(r.world.send(r.open_ix(1, end)), RewardsError::TgeNotDone);
    passed(r.world.send(r.convert_ix(1)));
    passed(r.world.send(r.open_ix(1, end)));
    let month = r.convert_ix(1).swap(&at::epoch(0), &at::epoch(1)).swap(&at::epoch_vault(0), &at::epoch_vault(1));
    refused(r.world.send(month), RewardsError::NotEpochZero);
    passed(r.world.send(r.finalize_ix(0)));
}

#[test]
fn months_and_generation_together_get_975_bps_of_the_supply_and_not_a_base_unit_more() {
    let (mut r, _) = closed([1, 0]);
    assert_eq!(u128::from(ALLOCATION) * 10_000, u128::from(SUPPLY) * 975);
    refused(r.world.send(r.convert_ix(1)), RewardsError::AllocationExceeded);
    refused(r.world.send(r.schedule_ix(1, &[ALLOCATION, 1])), RewardsError::AllocationExceeded);
    refused(r.world.send(r.schedule_ix(1, &[u64::MAX, 1])), RewardsError::AllocationExceeded);
    r.schedule(1, &[ALLOCATION - 10]);
    refused(r.world.send(r.convert_ix(11)), RewardsError::AllocationExceeded);
    refused(r.world.send(r.convert_ix(u64::MAX)), RewardsError::AllocationExceeded);
    passed(r.world.send(r.convert_ix(10)));
    refused(r.world.send(r.schedule_ix(2, &[1])), RewardsError::AllocationExceeded);
    // a month gives way to another
    r.schedule(1, &[ALLOCATION - 17, 7]);
    assert_eq!((r.config().scheduled.get(), r.config().lifetime_allocation.get()), (ALLOCATION - 10, ALLOCATION));
    refused(r.world.send(r.schedule_ix(2, &[8])), RewardsError::AllocationExceeded);
    // the part is of the supply at the time of the schedule
    r.world.set_supply(&r.mint.clone(), SUPPLY - TOKEN);
    refused(r.world.send(r.schedule_ix(2, &[7])), RewardsError::AllocationExceeded);
    r.world.set_supply(&r.mint.clone(), 2 * SUPPLY);
    r.schedule(2, &[ALLOCATION + 7]);
    assert_eq!(r.config().scheduled.get(), 2 * ALLOCATION - 10);
}

#[test]
fn months_are_scheduled_in_their_places_and_never_after_they_opened() {
    let mut r = Rewards::open();
    for (first, months) in [(0, 1), (1, 2), (120, 2), (121, 1), (u32::MAX, 2), (2, 0)] {
        let pools = vec![1; months];
        refused(r.world.send(r.schedule_ix(first, &pools)), RewardsError::MonthOutOfRange);
    }
    let mut too_many = r.schedule_ix(2, &[1; 12]);
    // discriminator, first month, count
    too_many.data[12] = 13;
    refused(r.world.send(too_many), RewardsError::MonthOutOfRange);
    r.schedule(109, &[5; 12]);
    let event: events::ScheduleSet = passed(r.world.send(r.schedule_ix(2, &[8, 9]))).event(&rewards::ID);
    assert_eq!((event.first_month, event.count, event.pools[..2].to_vec()), (2, 2, vec![8, 9]));
    let schedule: Schedule = r.world.read(&at::schedule());
    let pools: Vec<u64> = (0..=121).map(|index| schedule.pool(index)).collect();
    assert_eq!((pools[0], pools[1], pools[2], pools[3], pools[4]), (0, POOL, 8, 9, 0));
    assert_eq!((pools[108], pools[109], pools[120], pools[121]), (0, 5, 5, 0));
    assert_eq!((pools.iter().sum::<u64>(), r.config().seq.get()), (event.scheduled, event.seq));
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    refused(r.world.send(r.schedule_ix(2, &[8])), RewardsError::MonthOutOfRange);
    assert_eq!(r.vault(2), 8);
}

#[test]
fn orders_of_the_time_before_are_not_forgotten_when_epoch_0_lasts_for_years() {
    let mut r = Rewards::new();
    let end = protocol::calendar::month_start(2029, 3);
    passed(r.world.send(r.open_until_ix(0, START - 1_000_000_000, end)));
    let wallet = r.contributor();
    passed(r.award(0, wallet, 3));
    r.world.set_time(end - 1);
    passed(r.award(0, wallet, 4));
    refused(r.world.send(ix::close_epoch(0)), RewardsError::EpochNotEnded);
    r.world.set_time(end);
    passed(r.world.send(ix::close_epoch(0)));
    assert_eq!(r.points(0, &wallet).points.get(), 7);
}
