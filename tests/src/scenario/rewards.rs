use super::Journey;
use crate::{POINT, POOL, REVIEW, Rewards, START, category, instruction::rewards as ix, settings};

/// Sets rewards up and takes a month from its opening to a claim.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut r = Rewards::uninitialized();
    let (admin, mint, issuer) = (r.world.admin, r.mint, r.issuer);
    let mut run = |r: &mut Rewards, name: &str, i| journey.send(&mut r.world, "rewards", name, i);
    run(&mut r, "initialize", ix::initialize(admin, mint, settings()));
    run(&mut r, "set_category", ix::set_category(admin, POINT, category(1, 1, 5_000)));
    run(&mut r, "set_issuer", ix::set_issuer(admin, issuer, 10_000, true));
    run(&mut r, "set_pause", ix::set_pause(admin, false));
    let open = r.open_ix(0, START, POOL);
    run(&mut r, "open_epoch", open);
    let wallet = r.world.wallet();
    let destination = r.world.fund(&wallet, &mint, 0);
    run(&mut r, "register", ix::register(wallet, destination));
    run(&mut r, "set_destination", ix::set_destination(wallet, destination));
    let (first, second) = (r.award_ix(0, wallet, 100), r.award_ix(0, wallet, 300));
    run(&mut r, "issue_award_first", first);
    run(&mut r, "issue_award", second);
    r.world.set_time(r.epoch(0).end.get());
    run(&mut r, "close_epoch", ix::close_epoch(0));
    r.world.pass(REVIEW);
    run(&mut r, "finalize_epoch", ix::finalize_epoch(0, mint));
    let next_month = r.open_ix(1, r.epoch(0).end.get(), POOL);
    run(&mut r, "open_epoch_next", next_month);
    let claim = r.claim_ix(0, wallet);
    run(&mut r, "claim", claim);
    let next = r.stranger;
    run(&mut r, "propose_admin", ix::propose_admin(admin, next));
    run(&mut r, "accept_admin", ix::accept_admin(next));
}
