use super::served::{served, shows};
use e2e_tests::{
    TokenKind,
    instruction::oracles as ix,
    oracles_world::{BOND, Bonds, bond_settings},
    passed,
};
use serde_json::json;

fn bonds() -> Bonds {
    let mut b = Bonds::uninitialized(TokenKind::Classic);
    b.world.keep_history();
    passed(b.world.send(ix::initialize(b.world.admin, b.token.mint, bond_settings())));
    for oracle in b.oracles {
        passed(b.world.send(b.register_ix(oracle)));
        passed(b.world.send(b.deposit_ix(oracle, BOND)));
    }
    b
}

#[tokio::test]
async fn bonds_and_records_of_oracles_are_answered_as_their_accounts_are() {
    let mut b = bonds();
    let (order, overturned) = (b.order(|_| ()), b.overturned_order());
    for oracle in b.oracles {
        passed(b.send_record(order, oracle));
    }
    passed(b.send_record(overturned, b.oracles[1]));
    passed(b.world.send(ix::request_unbond(b.oracles[0], BOND / 2)));

    let api = served(&b.world).await;
    for oracle in b.oracles {
        let account = b.oracle(&oracle);
        let unbond_at = account.unbond_at.get();
        shows(
            &api.data(&format!("oracles/{oracle}")).await,
            &json!({
                "bond": account.bond.get().to_string(),
                "unbonding": account.unbonding.get().to_string(),
                "unbond_at": (unbond_at != 0).then_some(unbond_at),
                "votes": account.votes.get(),
                "agreed": account.agreed.get(),
                "dissented": account.dissented.get(),
                "missed": account.missed.get(),
                "overturned": account.overturned.get(),
                "slashed": account.slashed.get().to_string(),
                "closed": false,
            }),
        );
    }
    let votes = api.data(&format!("records/{order}")).await["votes"].as_array().unwrap().clone();
    assert_eq!(votes.len(), 3);
    assert_eq!(votes.iter().filter(|vote| vote["missed"] == true).count(), 1);
    let lost = api.data("recorded-votes?overturned=true").await[0].clone();
    shows(&lost, &json!({ "order": overturned.to_string(), "oracle": b.oracles[1].to_string(), "vote": "accept" }));
    let parts =
        ["to_challenger", "to_buyer", "burned"].map(|part| lost[part].as_str().unwrap().parse::<u64>().unwrap());
    assert!(parts[0] > 0);
    assert_eq!(parts.iter().sum::<u64>(), b.oracle(&b.oracles[1]).slashed.get());
    let (config, settings) = (api.data("config").await["oracles"].clone(), bond_settings());
    shows(&config, &json!({ "min_bond": settings.min_bond.to_string(), "slash_bps": settings.slash_bps }));
}

#[tokio::test]
async fn a_bond_of_all_that_fits_64_bits_is_answered_whole() {
    let mut b = bonds();
    let oracle = b.oracles[0];
    let purse = b.tokens_of(&oracle);
    b.world.donate(&purse, u64::MAX - BOND - b.world.tokens(&purse));
    passed(b.world.send(b.deposit_ix(oracle, u64::MAX - BOND)));
    passed(b.world.send(ix::request_unbond(oracle, u64::MAX)));
    let all = u64::MAX.to_string();
    let data = served(&b.world).await.data(&format!("oracles/{oracle}")).await;
    shows(&data, &json!({ "bond": all, "unbonding": all }));
}
