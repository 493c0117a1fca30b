use super::served::{served, shows};
use anchor_lang::Address;
use e2e_tests::{
    instruction::rental as ix,
    passed,
    rental_world::{HOURS, Rentals},
};
use serde_json::{Value, json};

/// What the API should show of a rental's account.
fn account(r: &Rentals, rental: Address) -> Value {
    let account = r.rental(&rental);
    json!({
        "address": rental.to_string(),
        "renter": account.renter.to_string(),
        "provider": account.provider.to_string(),
        "mint": account.mint.to_string(),
        "rate": account.rate.get().to_string(),
        "hours": account.hours.get(),
        "deposit": account.deposit.get().to_string(),
        "paid": account.paid.get().to_string(),
        "fee": account.fee.get().to_string(),
        "returned": account.returned.get().to_string(),
        "fee_bps": account.fee_bps.get(),
        "accept_by": account.accept_by.get(),
        "closed": false,
    })
}

#[tokio::test]
async fn rentals_are_answered_as_their_accounts_are() {
    let mut r = Rentals::new();
    r.world.keep_history();
    let (renter, provider) = (r.renter, r.provider);
    let [cancelled, waiting] = [(); 2].map(|()| r.open());
    passed(r.world.send(ix::cancel_rental(renter, r.payment(cancelled))));
    let [running, stopped] = [(); 2].map(|()| r.running());
    r.world.pass(1_000);
    passed(r.world.send(ix::extend_rental(renter, r.payment(stopped), 1)));
    passed(r.withdraw(running));
    passed(r.withdraw(stopped));
    r.world.pass(1_000);
    passed(r.world.send(r.stop_ix(provider, stopped)));

    let api = served(&r.world).await;
    for (rental, state, reason) in [
        (cancelled, "ended", json!("cancelled")),
        (waiting, "requested", Value::Null),
        (running, "running", Value::Null),
        (stopped, "ended", json!("stopped")),
    ] {
        let data = api.data(&format!("rentals/{rental}")).await;
        shows(&data, &account(&r, rental));
        shows(&data, &json!({ "state": state, "end_reason": reason }));
    }
    let data = api.data(&format!("rentals/{stopped}")).await;
    let account = r.rental(&stopped);
    shows(&data, &json!({ "ended_at": account.ended_at.get(), "ends_at": account.ends_at.get(), "hours": HOURS + 1 }));
    assert_eq!(api.data(&format!("rentals?renter={renter}&state=ended")).await.as_array().unwrap().len(), 2);

    passed(r.world.send(ix::close_rental(stopped, renter)));
    let api = served(&r.world).await;
    shows(&api.data(&format!("rentals/{stopped}")).await, &json!({ "closed": true, "state": "ended" }));
}

#[tokio::test]
async fn a_rental_for_all_that_fits_64_bits_is_answered_whole() {
    let mut r = Rentals::new();
    r.world.keep_history();
    r.put_listing(u64::MAX);
    let purse = r.tokens_of(&r.renter);
    r.world.donate(&purse, u64::MAX - r.world.tokens(&purse));
    let mut open = r.open_ix(1);
    (open.terms.hours, open.terms.max_total) = (1, u64::MAX);
    passed(r.world.send(ix::open_rental(open)));
    let rental = e2e_tests::address::rental::rental(&r.renter, 1);
    passed(r.world.send(ix::start_rental(r.provider, rental)));
    r.world.pass(3_600);
    passed(r.withdraw(rental));
    let data = served(&r.world).await.data(&format!("rentals/{rental}")).await;
    shows(&data, &account(&r, rental));
    let all = u64::MAX.to_string();
    shows(&data, &json!({ "rate": all, "deposit": all }));
    let [paid, fee] = ["paid", "fee"].map(|part| data[part].as_str().unwrap().parse::<u64>().unwrap());
    assert_eq!(paid + fee, u64::MAX);
}
