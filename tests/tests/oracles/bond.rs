//! Bonds come in, are on their way out, and leave.
use e2e_tests::{
    AUDIT, TokenKind,
    address::oracles as at,
    instruction::oracles as ix,
    oracles_world::{BOND, Bonds, MIN_BOND, OWN_TOKENS, UNBONDING, bond_settings},
    passed, refused,
};
use oracles::OraclesError;

#[test]
fn a_bond_comes_in_and_leaves_in_every_kind_of_token() {
    for kind in TokenKind::ALL {
        let mut b = Bonds::in_token(kind);
        let oracle = b.oracles[0];
        assert_eq!((b.vault(&oracle), b.own(&oracle)), (BOND, OWN_TOKENS), "{kind:?}");
        passed(b.world.send(ix::request_unbond(oracle, BOND)));
        let before = b.world.lamports(&oracle);
        b.world.pass(UNBONDING);
        passed(b.world.send(b.withdraw_ix(oracle)));
        assert_eq!((b.vault(&oracle), b.own(&oracle)), (0, BOND + OWN_TOKENS), "{kind:?}");
        passed(b.world.send(b.close_ix(oracle)));
        assert!(b.world.is_gone(&at::oracle(&oracle)) && b.world.is_gone(&at::vault(&oracle)), "{kind:?}");
        let rent = b.world.rent(8 + size_of::<oracles::state::Oracle>()) + b.world.rent(165);
        assert_eq!(b.world.lamports(&oracle), before + rent, "{kind:?}");
        // the key can register again
        passed(b.world.send(b.register_ix(oracle)));
        assert_eq!(b.oracle(&oracle).seq.get(), 1);
    }
}

#[test]
fn a_bond_is_at_least_the_least_one_or_nothing() {
    let mut b = Bonds::new();
    let newcomer = b.world.wallet();
    let token = b.token;
    b.world.fund_with(&newcomer, &token, 2 * MIN_BOND);
    passed(b.world.send(b.register_ix(newcomer)));
    refused(b.world.send(b.deposit_ix(newcomer, 0)), OraclesError::NothingDeposited);
    refused(b.world.send(b.deposit_ix(newcomer, MIN_BOND - 1)), OraclesError::BondTooSmall);
    passed(b.world.send(b.deposit_ix(newcomer, MIN_BOND)));
    passed(b.world.send(b.deposit_ix(newcomer, 1)));
    refused(b.world.send(ix::request_unbond(newcomer, 2)), OraclesError::BondTooSmall);
    refused(b.world.send(ix::request_unbond(newcomer, MIN_BOND + 2)), OraclesError::BondTooSmallForRequest);
    refused(b.world.send(ix::request_unbond(newcomer, u64::MAX)), OraclesError::BondTooSmallForRequest);
    passed(b.world.send(ix::request_unbond(newcomer, 1)));
    passed(b.world.send(ix::request_unbond(newcomer, MIN_BOND + 1)));
}

#[test]
fn a_bond_leaves_at_the_second_its_time_is_over_and_not_before() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::NothingUnbonding);
    passed(b.world.send(ix::request_unbond(oracle, 400_000)));
    assert_eq!(b.oracle(&oracle).unbond_at.get(), b.world.now() + UNBONDING);
    b.world.pass(UNBONDING - 1);
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::StillUnbonding);
    b.world.pass(1);
    passed(b.world.send(b.withdraw_ix(oracle)));
    assert_eq!((b.vault(&oracle), b.oracle(&oracle).bond.get()), (BOND - 400_000, BOND - 400_000));
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::NothingUnbonding);
}

#[test]
fn a_new_request_replaces_the_last_and_starts_anew() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    passed(b.world.send(ix::request_unbond(oracle, 1_000)));
    b.world.pass(UNBONDING);
    passed(b.world.send(ix::request_unbond(oracle, 2_000)));
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::StillUnbonding);
    assert_eq!(b.oracle(&oracle).unbonding.get(), 2_000);
    passed(b.world.send(ix::request_unbond(oracle, 0)));
    assert_eq!((b.oracle(&oracle).unbonding.get(), b.oracle(&oracle).unbond_at.get()), (0, 0));
    b.world.pass(UNBONDING);
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::NothingUnbonding);
}

#[test]
fn a_bond_outlasts_windows_that_the_market_lengthened_since() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    b.world.put_market_config(|config| config.audit_seconds = (AUDIT + 5_000).into());
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    assert_eq!(b.oracle(&oracle).unbond_at.get(), b.world.now() + UNBONDING + 5_000);
    // windows that the market shortened leave the bond its own time
    b.world.put_market_config(|config| config.audit_seconds = 1.into());
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    assert_eq!(b.oracle(&oracle).unbond_at.get(), b.world.now() + UNBONDING);
    // and a change of settings does not shorten what was promised
    let shorter = ix::Settings { unbonding_seconds: UNBONDING - AUDIT + 1, ..bond_settings() };
    passed(b.world.send(ix::update_config(b.world.admin, shorter)));
    b.world.pass(UNBONDING - 1);
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::StillUnbonding);
}

#[test]
fn the_largest_bond_comes_in_and_leaves() {
    let mut b = Bonds::new();
    let rich = b.world.wallet();
    let token = b.token;
    // the supply of a mint is a number of 64 bits too
    let supply = b.world.supply(&token.mint);
    let tokens = b.world.fund_with(&rich, &token, u64::MAX - supply);
    passed(b.world.send(b.register_ix(rich)));
    passed(b.world.send(b.deposit_ix(rich, u64::MAX - supply)));
    assert_eq!(b.oracle(&rich).bond.get(), u64::MAX - supply);
    refused(b.world.send(b.deposit_ix(rich, supply + 1)), OraclesError::Overflow);
    passed(b.world.send(ix::request_unbond(rich, u64::MAX - supply)));
    b.world.pass(UNBONDING);
    passed(b.world.send(b.withdraw_ix(rich)));
    assert_eq!(b.world.tokens(&tokens), u64::MAX - supply);
}

#[test]
fn an_oracle_with_a_bond_does_not_close() {
    let mut b = Bonds::new();
    let oracle = b.oracles[0];
    refused(b.world.send(b.close_ix(oracle)), OraclesError::BondNotEmpty);
    passed(b.world.send(ix::request_unbond(oracle, BOND)));
    b.world.pass(UNBONDING);
    refused(b.world.send(b.close_ix(oracle)), OraclesError::BondNotEmpty);
    passed(b.world.send(b.withdraw_ix(oracle)));
    // what strangers sent to the vault keeps nobody from closing it
    b.world.donate(&at::vault(&oracle), 17);
    let before = b.own(&oracle);
    passed(b.world.send(b.close_ix(oracle)));
    assert_eq!(b.own(&oracle), before + 17);
}

#[test]
fn a_vault_that_lost_tokens_is_reported_and_pays_nobody() {
    let mut b = Bonds::new();
    let (oracle, vault) = (b.oracles[0], at::vault(&b.oracles[0]));
    passed(b.world.send(ix::request_unbond(oracle, 1_000)));
    let order = b.overturned_order();
    b.world.tamper(&vault, |account| account.data[64..72].copy_from_slice(&(BOND - 1).to_le_bytes()));
    refused(b.send_record(order, oracle), OraclesError::VaultShort);
    b.world.pass(UNBONDING);
    refused(b.world.send(b.withdraw_ix(oracle)), OraclesError::VaultShort);
}
