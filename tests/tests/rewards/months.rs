use e2e_tests::{POOL, Rewards, START, TOKEN, address::rewards as at, instruction::rewards as ix, passed};
use rewards::events;
use rewards::state::epoch_state;

/// Opens epoch 1 with these points for one contributor each, finishes it, and returns what each claimed.
fn month(points: &[u64]) -> (Rewards, Vec<u64>) {
    let mut r = Rewards::open();
    let wallets: Vec<_> = points.iter().map(|_| r.contributor()).collect();
    for (wallet, points) in wallets.iter().zip(points) {
        let mut left = *points;
        while left > 0 {
            let part = left.min(5_000);
            passed(r.award(1, *wallet, part));
            left -= part;
        }
    }
    r.finish(1);
    let paid = wallets.iter().map(|w| r.claim(1, *w)).collect();
    (r, paid)
}

/// Everything that was put in is with a contributor, in the reserve or still in the vault.
fn conserves(r: &Rewards, paid: &[u64]) {
    assert_eq!(paid.iter().sum::<u64>() + r.reserve() + r.vault(1), POOL);
    let epoch = r.epoch(1);
    assert_eq!(epoch.paid.get(), paid.iter().sum::<u64>());
    assert_eq!(epoch.distributed.get() + epoch.to_reserve.get(), POOL);
    assert_eq!(epoch.claims.get() as usize, paid.len());
}

#[test]
fn a_month_of_400_points_pays_half_its_pool_and_keeps_half() {
    let (r, paid) = month(&[100, 300]);
    assert_eq!(paid, [1_250 * TOKEN, 3_750 * TOKEN]);
    assert_eq!((r.reserve(), r.vault(1)), (5_000 * TOKEN, 0));
    conserves(&r, &paid);
}

#[test]
fn a_month_of_1000_points_pays_its_whole_pool() {
    let (r, paid) = month(&[100, 900]);
    assert_eq!(paid, [1_000 * TOKEN, 9_000 * TOKEN]);
    assert_eq!((r.reserve(), r.vault(1)), (0, 0));
    conserves(&r, &paid);
}

#[test]
fn the_threshold_begins_at_exactly_500_points() {
    for (points, distributed) in [(499, POOL / 2), (500, POOL), (501, POOL)] {
        let (r, paid) = month(&[points]);
        assert_eq!(paid, [distributed], "{points} points");
        assert_eq!(r.reserve(), POOL - distributed);
    }
}

#[test]
fn a_month_without_points_strands_nothing() {
    let (r, paid) = month(&[]);
    assert_eq!((r.reserve(), r.vault(1)), (POOL, 0));
    assert_eq!((r.epoch(1).state, r.epoch(1).distributed.get()), (epoch_state::FINAL, 0));
    assert_eq!(r.config().reserved.get(), POOL);
    conserves(&r, &paid);
}

#[test]
fn shares_that_do_not_divide_leave_less_than_a_base_unit_each() {
    let (r, paid) = month(&[333, 333, 337, 1]);
    conserves(&r, &paid);
    assert!(r.vault(1) < 4, "{} base units of dust", r.vault(1));
}

#[test]
fn a_claim_does_not_depend_on_who_claimed_before() {
    let shares = |order: [usize; 3]| {
        let mut r = Rewards::open();
        let wallets = [r.contributor(), r.contributor(), r.contributor()];
        for (wallet, points) in wallets.iter().zip([7, 190, 1_003]) {
            passed(r.award(1, *wallet, points));
        }
        r.finish(1);
        let mut paid = [0; 3];
        for i in order {
            paid[i] = r.claim(1, wallets[i]);
        }
        paid
    };
    let first = shares([0, 1, 2]);
    assert_eq!(first, shares([2, 1, 0]));
    assert_eq!(first, shares([1, 2, 0]));
}

#[test]
fn tokens_sent_to_a_vault_change_no_share_and_block_nothing() {
    let mut r = Rewards::open();
    let wallet = r.contributor();
    passed(r.award(1, wallet, 100));
    r.world.donate(&at::epoch_vault(1), 99);
    r.finish(1);
    r.world.donate(&at::epoch_vault(1), 1);
    assert_eq!(r.claim(1, wallet), POOL / 2);
    assert_eq!((r.vault(1), r.reserve()), (100, POOL / 2));
}

#[test]
fn a_vault_that_lost_tokens_is_reported_before_anybody_is_paid() {
    let mut r = Rewards::open();
    r.world.tamper(&at::epoch_vault(1), |a| a.data[64..72].copy_from_slice(&(POOL - 1).to_le_bytes()));
    r.world.set_time(r.epoch(1).end.get());
    passed(r.world.send(ix::close_epoch(1)));
    r.world.pass(e2e_tests::REVIEW);
    e2e_tests::refused(r.world.send(r.finalize_ix(1)), rewards::RewardsError::VaultShort);
}

#[test]
fn two_months_have_two_vaults_and_points_of_their_own() {
    let mut r = Rewards::open();
    let wallet = r.contributor();
    let end = r.epoch(1).end.get();
    passed(r.award(1, wallet, 400));
    passed(r.world.send(r.open_ix(2, end)));
    r.finish(1);
    passed(r.award(2, wallet, 1_000));
    r.finish(2);
    assert_eq!(r.claim(2, wallet), POOL);
    assert_eq!(r.vault(1), POOL / 2, "the other month is untouched");
    assert_eq!(r.claim(1, wallet), POOL / 2);
    assert_eq!((r.points(1, &wallet).points.get(), r.points(2, &wallet).points.get()), (400, 1_000));
    assert_eq!(r.config().allocated.get(), 2 * POOL);
    let contributor: rewards::state::Contributor = r.world.read(&at::contributor(&wallet));
    assert_eq!(contributor.lifetime_points.get(), 1_400);
}

#[test]
fn every_change_of_an_epoch_is_told_once_in_a_gapless_sequence() {
    let mut r = Rewards::converted();
    let opened: events::EpochOpened = passed(r.world.send(r.open_ix(1, START))).event(&rewards::ID);
    assert_eq!((opened.epoch, opened.seq, opened.start, opened.pool), (1, 1, START, POOL));
    let wallet = r.contributor();
    for (seq, total) in [(2, 300), (3, 600)] {
        let issued: events::AwardIssued = passed(r.award(1, wallet, 300)).event(&rewards::ID);
        assert_eq!((issued.seq, issued.total_points, issued.wallet_points, issued.points), (seq, total, total, 300));
    }
    r.world.set_time(opened.end);
    let closed: events::EpochClosed = passed(r.world.send(ix::close_epoch(1))).event(&rewards::ID);
    assert_eq!((closed.seq, closed.total_points, closed.review_ends), (4, 600, opened.end + e2e_tests::REVIEW));
    r.world.pass(e2e_tests::REVIEW);
    let done: events::EpochFinalized = passed(r.world.send(r.finalize_ix(1))).event(&rewards::ID);
    assert_eq!((done.seq, done.pool, done.distributed, done.to_reserve), (5, POOL, POOL, 0));
    let claimed: events::RewardClaimed = passed(r.world.send(r.claim_ix(1, wallet))).event(&rewards::ID);
    assert_eq!((claimed.seq, claimed.wallet, claimed.points), (6, wallet, 600));
    assert_eq!((claimed.amount, claimed.epoch_paid, claimed.destination), (POOL, POOL, r.tokens_of(&wallet)));
    assert_eq!(r.epoch(1).seq.get(), 6);
}
