use super::Journey;
use crate::{
    CLAIM, DELAY, POINT, POOL, REVIEW, Rewards, START, TOKEN, category, instruction::rewards as rewards_ix, passed,
};

/// From the time before the token to a month that expires, with profit, spending and a wrong award.
pub(super) fn travel(journey: &mut dyn Journey) {
    let mut r = Rewards::uninitialized();
    let (admin, payer, mint, issuer) = (r.world.admin, r.world.payer, r.mint, r.issuer);
    let settings = rewards_ix::Settings { confirm_points: 50, ..r.settings() };
    let mut run = |r: &mut Rewards, name: &str, i| journey.send(&mut r.world, "rewards", name, i);
    let token = r.token();
    run(&mut r, "initialize", rewards_ix::initialize(admin, token, settings));
    run(&mut r, "set_category", rewards_ix::set_category(admin, POINT, category(1, 1, 5_000)));
    run(&mut r, "set_issuer", rewards_ix::set_issuer(admin, issuer, 10_000, true));
    run(&mut r, "set_pause", rewards_ix::set_pause(admin, false));
    run(&mut r, "update_config", rewards_ix::update_config(admin, settings));
    let year = r.schedule_ix(1, &[POOL; 12]);
    run(&mut r, "set_schedule", year);
    // epoch 0: the day before the first month
    r.world.set_time(START - 86_400);
    let open = r.open_until_ix(0, START - 86_400, START);
    run(&mut r, "open_epoch_0", open);
    let wallet = r.world.wallet();
    let destination = r.world.fund(&wallet, &mint, 0);
    run(&mut r, "register", rewards_ix::register(wallet, destination));
    run(&mut r, "set_destination", rewards_ix::set_destination(wallet, destination));
    r.world.set_time(START);
    run(&mut r, "close_epoch", rewards_ix::close_epoch(0));
    let convert = r.convert_ix(POOL);
    run(&mut r, "convert_tge", convert);
    let open = r.open_ix(1, START);
    run(&mut r, "open_epoch", open);

    let (first, second) = (r.award_ix(1, wallet, 50), r.award_ix(1, wallet, 30));
    run(&mut r, "issue_award_first", first);
    run(&mut r, "issue_award", second);
    let wrong = r.last_source();
    let deposit = r.deposit_ix(POOL);
    run(&mut r, "deposit_profit", deposit);
    // settles the profit of the wallet first
    let settles = r.award_ix(1, wallet, 1);
    run(&mut r, "issue_award_settling", settles);
    let pending = r.award_ix(1, wallet, 51);
    run(&mut r, "issue_award_pending", pending);
    let confirm = rewards_ix::confirm_award(r.review(r.confirmer, 1, wallet, r.last_source()));
    run(&mut r, "confirm_award", confirm);
    let void = rewards_ix::void_award(r.review(admin, 1, wallet, wrong), [1; 32]);
    run(&mut r, "void_award", void);
    let profit = r.claim_profit_ix(wallet);
    run(&mut r, "claim_profit", profit);

    r.world.set_time(r.epoch(1).end.get());
    passed(r.world.send(rewards_ix::close_epoch(1)));
    r.world.pass(REVIEW);
    let finalize = r.finalize_ix(1);
    run(&mut r, "finalize_epoch", finalize);
    let claim = r.claim_ix(1, wallet);
    run(&mut r, "claim", claim);
    run(&mut r, "close_points", rewards_ix::close_points(wallet, 1, payer));
    r.world.pass(CLAIM);
    let expire = r.expire_ix(1);
    run(&mut r, "expire_epoch", expire);
    run(&mut r, "close_award", rewards_ix::close_award(wrong, 1, payer));

    let terms = rewards_ix::SpendTerms { amount: TOKEN, destination, purpose: [1; 32] };
    run(&mut r, "propose_spend", rewards_ix::propose_spend(admin, 0, terms));
    passed(r.world.send(rewards_ix::propose_spend(admin, 1, terms)));
    run(&mut r, "cancel_spend", rewards_ix::cancel_spend(admin, 1, admin));
    r.world.pass(DELAY);
    let execute = r.execute_ix(0, destination);
    run(&mut r, "execute_spend", execute);
    let next = r.stranger;
    run(&mut r, "propose_admin", rewards_ix::propose_admin(admin, next));
    run(&mut r, "accept_admin", rewards_ix::accept_admin(next));
}
