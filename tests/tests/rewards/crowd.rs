//! Months at the edges of their numbers.
use e2e_tests::{POINT, POOL, Rewards, category, instruction::rewards as ix, passed};
use rewards::instructions::Settings;

#[test]
fn a_thousand_contributors_claim_and_the_sum_is_exact() {
    let mut r = Rewards::open();
    let (admin, issuer) = (r.world.admin, r.issuer);
    passed(r.world.send(ix::set_issuer(admin, issuer, u64::MAX, true)));
    let points: Vec<u64> = (0..1_000).map(|n| 1 + n * n % 4_999).collect();
    let wallets: Vec<_> = points.iter().map(|_| r.contributor()).collect();
    for (wallet, points) in wallets.iter().zip(&points) {
        passed(r.award(1, *wallet, *points));
    }
    r.finish(1);
    let total: u64 = points.iter().sum();
    assert_eq!((r.epoch(1).total_points.get(), r.epoch(1).contributors.get()), (total, 1_000));
    let mut paid = 0;
    for (wallet, points) in wallets.iter().zip(&points) {
        let share = r.claim(1, *wallet);
        assert_eq!(u128::from(share), u128::from(POOL) * u128::from(*points) / u128::from(total));
        paid += share;
    }
    assert_eq!((r.vault(1) + paid, r.epoch(1).paid.get(), r.epoch(1).claims.get()), (POOL, paid, 1_000));
    assert!(r.vault(1) < 1_000, "dust of less than a base unit each");
}

#[test]
fn a_pool_of_the_largest_amount_is_shared_to_the_base_unit() {
    let mut r = Rewards::new();
    let (admin, issuer, mint, funding) = (r.world.admin, r.issuer, r.mint, r.funding);
    // 9.75 % of the supply is what can be scheduled: the largest pool of all
    r.world.set_supply(&mint, u64::MAX);
    let most = u64::try_from(u128::from(u64::MAX) * 975 / 10_000).unwrap();
    r.schedule(1, &[most]);
    r.world.tamper(&funding, |a| a.data[64..72].copy_from_slice(&u64::MAX.to_le_bytes()));
    r.world.set_time(e2e_tests::START - 1);
    passed(r.world.send(r.open_until_ix(0, e2e_tests::START - 1, e2e_tests::START)));
    r.world.set_time(e2e_tests::START);
    passed(r.world.send(ix::close_epoch(0)));
    passed(r.world.send(r.convert_ix(0)));
    passed(r.world.send(r.open_ix(1, e2e_tests::START)));
    passed(r.world.send(ix::set_issuer(admin, issuer, u64::MAX, true)));
    passed(r.world.send(ix::set_category(admin, POINT, category(1, 1, u64::MAX))));
    let [a, b] = [r.contributor(), r.contributor()];
    passed(r.award(1, a, u64::MAX - 1));
    passed(r.award(1, b, 1));
    r.finish(1);
    // the first share is floor(most x (2^64 - 2) / (2^64 - 1)), one less than the pool
    assert_eq!((r.claim(1, a), r.claim(1, b), r.vault(1)), (most - 1, 0, 1));
}

#[test]
fn the_cap_a_point_blunts_the_step_at_the_threshold() {
    for (points, distributed) in [(1, POOL / 500), (249, POOL / 500 * 249), (499, POOL / 2), (500, POOL), (501, POOL)] {
        let mut r = Rewards::converted();
        r.update(Settings { cap_per_point: true, ..r.settings() });
        passed(r.world.send(r.open_ix(1, e2e_tests::START)));
        let wallet = r.contributor();
        passed(r.award(1, wallet, points));
        r.finish(1);
        assert_eq!((r.claim(1, wallet), r.reserve()), (distributed, POOL - distributed), "{points} points");
    }
}
