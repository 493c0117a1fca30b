use super::served::{Served, served, shows};
use anchor_lang::Address;
use e2e_tests::{
    CLAIM, DELAY, MONTHS, POINT, POOL, Rewards, START, TOKEN, category, instruction::rewards as ix, passed,
};
use rewards::events::ProfitClaimed;
use serde_json::{Value, json};

/// The end of the time before the token, with one contributor's points, and the first month with another's.
fn months() -> (Rewards, [Address; 2]) {
    let mut r = Rewards::uninitialized();
    r.world.keep_history();
    let (admin, settings) = (r.world.admin, r.settings());
    passed(r.world.send(ix::initialize(admin, r.token(), settings)));
    passed(r.world.send(ix::set_category(admin, POINT, category(1, 1, 5_000))));
    passed(r.world.send(ix::set_issuer(admin, r.issuer, 10_000, true)));
    r.schedule(1, &[POOL; MONTHS as usize]);
    r.world.set_time(START - 86_400);
    passed(r.world.send(r.open_until_ix(0, START - 86_400, START)));
    let wallets = [(); 2].map(|()| r.contributor());
    passed(r.award(0, wallets[0], 30));
    r.world.set_time(START);
    passed(r.world.send(ix::close_epoch(0)));
    passed(r.world.send(r.convert_ix(POOL / 3)));
    passed(r.world.send(r.open_ix(1, START)));
    passed(r.award(1, wallets[1], 40));
    (r, wallets)
}

fn text(number: u64) -> Value {
    number.to_string().into()
}

/// What the program would pay a contributor now: nothing where it refuses.
fn owed(r: &Rewards, wallet: Address) -> u64 {
    let claim = r.world.simulate(r.claim_profit_ix(wallet));
    claim.map_or(0, |receipt| receipt.event::<ProfitClaimed>(&rewards::ID).amount)
}

async fn profit_is_answered_as_it_is(r: &Rewards, wallets: [Address; 2]) -> Served {
    let (api, config) = (served(&r.world).await, r.config());
    shows(
        &api.data("profit").await,
        &json!({
            "received": text(config.profit_in.get()),
            "paid": text(config.profit_out.get()),
            "unclaimed": text(config.profit_in.get() - config.profit_out.get()),
            "index": config.profit_index.get().to_string(),
            "lifetime_points": text(config.lifetime_points.get()),
            "share_bps": config.profit_share_bps.get(),
        }),
    );
    for wallet in wallets {
        let paid = text(r.contributor_of(&wallet).profit_paid.get());
        let data = api.data(&format!("contributors/{wallet}")).await;
        assert_eq!(data["profit"], json!({ "paid": paid, "unclaimed": text(owed(r, wallet)) }));
    }
    api
}

#[tokio::test]
async fn profit_is_answered_as_the_program_would_pay_it() {
    let (mut r, wallets) = months();
    profit_is_answered_as_it_is(&r, wallets).await;
    // does not divide by 70 points
    passed(r.world.send(r.deposit_ix(1_000_001)));
    assert!(wallets.iter().all(|wallet| owed(&r, *wallet) > 0));
    profit_is_answered_as_it_is(&r, wallets).await;
    // points that change settle first, then another deposit is shared by other points
    passed(r.award(1, wallets[0], 17));
    passed(r.world.send(r.deposit_ix(777)));
    profit_is_answered_as_it_is(&r, wallets).await;
    passed(r.world.send(r.claim_profit_ix(wallets[1])));
    passed(r.world.send(r.deposit_ix(999_999)));
    let api = profit_is_answered_as_it_is(&r, wallets).await;
    let claims = api.data(&format!("profit/claims?wallet={}", wallets[1])).await;
    shows(&claims[0], &json!({ "amount": text(r.contributor_of(&wallets[1]).profit_paid.get()) }));
    let deposits = api.data("profit/deposits").await;
    let amounts: Vec<_> = deposits.as_array().unwrap().iter().map(|deposit| deposit["amount"].clone()).collect();
    assert_eq!(amounts, ["999999", "777", "1000001"]);
    // an award that is taken back keeps the profit that it earned
    let void = r.review(r.world.admin, 1, wallets[0], r.last_source());
    passed(r.world.send(ix::void_award(void, [1; 32])));
    passed(r.world.send(r.deposit_ix(5_000_000)));
    profit_is_answered_as_it_is(&r, wallets).await;
}

#[tokio::test]
async fn the_schedule_and_the_reserve_are_answered_as_their_accounts_are() {
    let (mut r, wallets) = months();
    passed(r.world.send(r.deposit_ix(TOKEN * 100)));
    let earned = async |r: &Rewards| {
        let path = format!("contributors/{}", wallets[1]);
        served(&r.world).await.data(&path).await["epochs"][0].clone()
    };
    shows(&earned(&r).await, &json!({ "epoch": 1, "points": "40", "claimable": null }));
    r.finish(1);
    let before = earned(&r).await;
    let paid = text(r.claim(1, wallets[1]));
    shows(&before, &json!({ "claimed": false, "paid": "0", "claimable": paid }));
    shows(&earned(&r).await, &json!({ "claimed": true, "paid": paid, "claimable": null }));
    r.world.pass(CLAIM);
    passed(r.world.send(r.expire_ix(1)));
    let (admin, destination) = (r.world.admin, r.tokens_of(&wallets[0]));
    let terms = |amount| ix::SpendTerms { amount, destination, purpose: [1; 32] };
    for (id, amount) in [(0, TOKEN), (1, 2 * TOKEN), (2, u64::MAX)] {
        passed(r.world.send(ix::propose_spend(admin, id, terms(amount))));
    }
    passed(r.world.send(ix::cancel_spend(admin, 1, admin)));
    r.world.pass(DELAY);
    passed(r.world.send(r.execute_ix(0, destination)));

    let (api, config) = (served(&r.world).await, r.config());
    let months = api.data("schedule").await;
    assert_eq!(months.as_array().unwrap().len(), 1 + usize::from(MONTHS));
    shows(&months[0], &json!({ "state": "review", "scheduled": null, "pool": text(config.tge_pool.get()) }));
    let first = r.epoch(1);
    shows(
        &months[1],
        &json!({
            "state": "expired",
            "scheduled": text(POOL),
            "pool": text(first.pool.get()),
            "distributed": text(first.distributed.get()),
            "to_reserve": text(first.pool.get() - first.distributed.get()),
            "paid": text(first.paid.get()),
            "unclaimed": text(first.distributed.get() - first.paid.get()),
        }),
    );
    shows(&months[2], &json!({ "state": "scheduled", "scheduled": text(POOL), "pool": null }));
    let rewards = api.data("config").await["rewards"].clone();
    shows(
        &rewards,
        &json!({
            "scheduled": text(config.scheduled.get()), "lifetime_allocation": text(config.lifetime_allocation.get()),
        }),
    );

    shows(
        &api.data("reserve").await,
        &json!({
            "reserved": text(config.reserved.get()),
            "spent": text(config.spent.get()),
            "left": text(r.reserve()),
            "delay_seconds": DELAY,
            "outflow_limit": text(config.outflow_limit.get()),
        }),
    );
    for (id, state, amount) in [(0, "executed", TOKEN), (1, "cancelled", 2 * TOKEN), (2, "proposed", u64::MAX)] {
        let spend = api.data(&format!("reserve/spends/{id}")).await;
        shows(&spend, &json!({ "state": state, "amount": text(amount), "destination": destination.to_string() }));
        assert_eq!(api.data(&format!("reserve/spends?state={state}")).await, json!([spend]));
    }
    let executed = api.data("reserve/spends/0").await;
    assert_eq!(executed["ended_at"], r.world.now());
}
