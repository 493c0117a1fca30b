//! Who sets what, and that no setting lets a bond leave before its votes can be recorded.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    AUDIT, Forge, TokenKind,
    address::market as market_at,
    address::oracles as at,
    compare,
    instruction::oracles::{self as ix, Settings},
    no,
    oracles_world::{Bonds, UNBONDING, bond_settings},
    passed, refused,
};
use oracles::{OraclesError, state::MAX_UNBONDING_SECONDS};

#[test]
fn only_the_upgrade_authority_initializes_and_only_once() {
    let mut b = Bonds::uninitialized(TokenKind::Classic);
    let (admin, mint) = (b.world.admin, b.token.mint);
    let by = |who: Address| ix::initialize(who, mint, bond_settings());
    refused(b.world.send(by(b.stranger)), OraclesError::NotUpgradeAuthority);
    b.world.set_upgrade_authority(&oracles::ID, None);
    refused(b.world.send(by(admin)), OraclesError::NotUpgradeAuthority);
    b.world.set_upgrade_authority(&oracles::ID, Some(admin));
    passed(b.world.send(by(admin)));
    assert_eq!((b.config().admin, b.config().mint), (admin, mint));
    let mut again = by(admin);
    again.data.push(0);
    assert!(b.world.send(by(admin)).is_err());
}

#[test]
fn the_administration_is_handed_over_in_two_steps() {
    let mut b = Bonds::new();
    let (admin, next) = (b.world.admin, b.stranger);
    refused(b.world.send(ix::propose_admin(next, next)), OraclesError::NotAdmin);
    refused(b.world.send(ix::accept_admin(next)), OraclesError::NotPendingAdmin);
    passed(b.world.send(ix::propose_admin(admin, next)));
    refused(b.world.send(ix::update_config(next, bond_settings())), OraclesError::NotAdmin);
    passed(b.world.send(ix::accept_admin(next)));
    assert_eq!((b.config().admin, b.config().pending_admin), (next, Address::default()));
    refused(b.world.send(ix::update_config(admin, bond_settings())), OraclesError::NotAdmin);
    passed(b.world.send(ix::update_config(next, bond_settings())));
}

#[test]
fn settings_stay_within_their_bounds() {
    let mut b = Bonds::new();
    let admin = b.world.admin;
    let longest = i64::from(MAX_UNBONDING_SECONDS);
    let with = |change: fn(&mut Settings)| {
        let mut settings = bond_settings();
        change(&mut settings);
        ix::update_config(admin, settings)
    };
    let out = || no(OraclesError::SettingOutOfRange);
    let long = || no(OraclesError::UnbondingOutOfRange);
    compare(
        &b.world,
        vec![
            ("no least bond".into(), with(|s| s.min_bond = 0), out()),
            ("all is slashed".into(), with(|s| s.slash_bps = 10_000), e2e_tests::OK),
            ("more than all is slashed".into(), with(|s| s.slash_bps = 10_001), out()),
            ("a second too short".into(), with(|s| s.unbonding_seconds = UNBONDING - 1), long()),
            ("negative".into(), with(|s| s.unbonding_seconds = -1), long()),
            ("five years".into(), with(|s| s.unbonding_seconds = i64::from(MAX_UNBONDING_SECONDS)), e2e_tests::OK),
            ("longer".into(), with(|s| s.unbonding_seconds = i64::from(MAX_UNBONDING_SECONDS) + 1), long()),
        ],
    );
    let sized = |panel_size: u8, ends| {
        let settings = Settings { panel_size, ..bond_settings() };
        (format!("a panel of {panel_size}"), ix::update_config(admin, settings), ends)
    };
    // an odd number, so that one verdict has more votes, and at most seven
    let sizes = [0, 1, 3, 5, 7].map(|size| sized(size, e2e_tests::OK));
    let wrong = [2, 4, 6, 8, 9, 255].map(|size| sized(size, no(OraclesError::PanelSizeOutOfRange)));
    compare(&b.world, sizes.into_iter().chain(wrong).collect());
    // what is long enough depends on the market's windows
    b.world.put_market_config(|config| config.audit_seconds = (AUDIT + 1).into());
    refused(b.world.send(with(|_| ())), OraclesError::UnbondingOutOfRange);
    b.world.put_market_config(|config| config.audit_seconds = i64::MAX.into());
    refused(b.world.send(with(|_| ())), OraclesError::Overflow);
    assert!(longest > UNBONDING);
}

#[test]
fn the_windows_are_those_of_the_real_market() {
    let mut b = Bonds::new();
    let data = b.world.svm.get_account(&market_at::config()).unwrap().data;
    let copy = b.world.wallet();
    b.world.put(copy, market::ID, data.clone());
    let (update, unbond) = (ix::update_config(b.world.admin, bond_settings()), ix::request_unbond(b.oracles[0], 1_000));
    let elsewhere = |i: &solana_instruction::Instruction| i.clone().swap(&market_at::config(), &copy);
    let seeds = || no(ErrorCode::ConstraintSeeds);
    compare(
        &b.world,
        vec![("update".into(), elsewhere(&update), seeds()), ("unbond".into(), elsewhere(&unbond), seeds())],
    );
    let forged = b.world.wallet();
    b.world.put(forged, oracles::ID, data);
    refused(b.world.send(update.clone().swap(&market_at::config(), &forged)), ProgramError::IllegalOwner);
    let set = market_at::oracle_set(1);
    refused(b.world.send(update.swap(&market_at::config(), &set)), ProgramError::InvalidAccountData);
}

#[test]
fn bonds_are_not_taken_in_a_token_that_others_can_move() {
    for (extension, length, error) in [
        (1, 108, OraclesError::MintTakesFees),
        (14, 64, OraclesError::MintHasHook),
        (12, 32, OraclesError::MintHasDelegate),
        (6, 1, OraclesError::MintExtensionRefused),
    ] {
        let mut b = Bonds::uninitialized(TokenKind::Classic);
        let token = b.world.token_with_extension(extension, length);
        refused(b.world.send(ix::initialize(b.world.admin, token.mint, bond_settings())), error);
        assert!(b.world.is_gone(&at::config()));
    }
}
