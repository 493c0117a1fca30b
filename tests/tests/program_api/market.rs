use super::served::{served, shows};
use e2e_tests::{DELIVERY, LISTING, Market, Money, Setup, instruction::market as ix, members, passed};
use market::state::{judge, order_state as state};
use serde_json::json;

#[tokio::test]
async fn a_sellers_reputation_is_answered_as_its_account_is() {
    let mut m = Market::uninitialized_with(Setup { judge: judge::ORACLES, money: Money::Classic, bonds: true });
    m.world.keep_history();
    let (admin, seller) = (m.world.admin, m.seller);
    passed(m.world.send(ix::initialize(admin, m.settings())));
    passed(m.world.send(ix::create_oracle_set(admin, 1, members(&m.oracles, 2))));
    passed(m.world.send(ix::create_listing(seller, LISTING, m.kind(), m.listing_terms())));
    let paid = m.order_in(state::RELEASED);
    let conceded = m.answered_order();
    passed(m.world.send(ix::concede(seller, conceded, 0)));
    passed(m.world.send(m.refund_ix(conceded)));
    let late = m.order_in(state::ACCEPTED);
    m.world.pass(DELIVERY);
    passed(m.world.send(m.refund_ix(late)));
    m.order_in(state::DISPUTED);

    let api = served(&m.world).await;
    let account = m.reputation();
    let path = format!("reputations/{seller}/{}", m.mint);
    let data = api.data(&path).await;
    shows(
        &data,
        &json!({
            "seller": seller.to_string(),
            "mint": m.mint.to_string(),
            "accepted": account.accepted.get(),
            "released": account.released.get(),
            "rejected": account.rejected.get(),
            "not_delivered": account.not_delivered.get(),
            "disputed": account.disputed.get(),
            "disputes_lost": account.disputes_lost.get(),
            "volume": account.volume.get().to_string(),
            "slashed": account.slashed.get().to_string(),
        }),
    );
    assert_eq!((&data["accepted"], &data["not_delivered"], &data["disputes_lost"]), (&4.into(), &1.into(), &1.into()));
    assert_eq!(api.data(&format!("reputations?seller={seller}")).await, json!([data]));
    let votes = api.data(&format!("votes?oracle={}", m.oracles[0])).await;
    assert_eq!(votes.as_array().unwrap().len(), 3);
    assert_eq!(api.data(&format!("votes?order={paid}&verdict=accept")).await.as_array().unwrap().len(), 2);
}
