use e2e_tests::{POOL, Rewards, TOKEN, passed};

#[test]
fn a_month_of_400_points_pays_half_its_pool_and_keeps_half() {
    let mut r = Rewards::open();
    let (a, b) = (r.contributor(), r.contributor());
    passed(r.award(0, a, 100));
    passed(r.award(0, b, 300));
    r.finish(0);
    assert_eq!(r.claim(0, a), 1_250 * TOKEN);
    assert_eq!(r.claim(0, b), 3_750 * TOKEN);
    assert_eq!((r.reserve(), r.vault(0)), (POOL / 2, 0));
}
