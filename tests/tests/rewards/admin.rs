use anchor_lang::{Address, ErrorCode, Event, prelude::ProgramError};
use e2e_tests::{
    EPOCH_CAP, Forge, POINT, Rewards, START,
    address::{self, rewards as at},
    category, compare, forged_event,
    instruction::rewards as ix,
    no, passed, refused, settings,
};
use rewards::{
    RewardsError, events,
    instructions::{CategoryTerms, Settings},
    state::{Category, Issuer},
};

#[test]
fn only_the_upgrade_authority_initializes_and_only_once() {
    let mut r = Rewards::uninitialized();
    let (admin, stranger, mint) = (r.world.admin, r.stranger, r.mint);
    refused(r.world.send(ix::initialize(stranger, r.token(), settings())), RewardsError::NotUpgradeAuthority);
    r.world.set_upgrade_authority(&market::ID, Some(stranger));
    let (own, other) = (address::program_data(&rewards::ID), address::program_data(&market::ID));
    let forged = ix::initialize(stranger, r.token(), settings()).swap(&own, &other);
    refused(r.world.send(forged), RewardsError::NotUpgradeAuthority);
    for address in [at::config(), at::reserve(), at::profit_vault()] {
        r.world.svm.airdrop(&address, 1_000_000).unwrap();
    }
    passed(r.world.send(ix::initialize(admin, r.token(), settings())));
    let config = r.config();
    assert_eq!((config.admin, config.mint, config.threshold.get()), (admin, mint, 500));
    assert!(r.world.send(ix::initialize(admin, r.token(), settings())).is_err());
}

#[test]
fn settings_out_of_range_are_refused() {
    let mut r = Rewards::uninitialized();
    let admin = r.world.admin;
    let (day, year) = (86_400, 366 * 86_400);
    let bad = [
        Settings { below_bps: 10_001, ..settings() },
        Settings { profit_share_bps: 10_001, ..settings() },
        Settings { review_seconds: 0, ..settings() },
        Settings { review_seconds: -1, ..settings() },
        Settings { review_seconds: year + 1, ..settings() },
        Settings { claim_seconds: 28 * day - 1, ..settings() },
        Settings { claim_seconds: year + 1, ..settings() },
        Settings { reserve_delay_seconds: day - 1, ..settings() },
        Settings { reserve_delay_seconds: year + 1, ..settings() },
        Settings { outflow_window_seconds: 0, ..settings() },
        Settings { outflow_window_seconds: year + 1, ..settings() },
        Settings { confirm_points: 1, ..settings() },
    ];
    for settings in &bad {
        refused(r.world.send(ix::initialize(admin, r.token(), *settings)), RewardsError::SettingOutOfRange);
    }
    let most = Settings {
        below_bps: 10_000,
        profit_share_bps: 10_000,
        review_seconds: year,
        claim_seconds: 28 * day,
        reserve_delay_seconds: day,
        outflow_window_seconds: 1,
        ..settings()
    };
    passed(r.world.send(ix::initialize(admin, r.token(), most)));
    for settings in bad {
        refused(r.world.send(ix::update_config(admin, settings)), RewardsError::SettingOutOfRange);
    }
    passed(r.world.send(ix::update_config(admin, settings())));
}

#[test]
fn the_administration_is_handed_over_in_two_steps() {
    let mut r = Rewards::new();
    let (old, new, stranger) = (r.world.admin, r.world.wallet(), r.stranger);
    refused(r.world.send(ix::accept_admin(stranger)), RewardsError::NotPendingAdmin);
    passed(r.world.send(ix::propose_admin(old, new)));
    refused(r.world.send(ix::accept_admin(stranger)), RewardsError::NotPendingAdmin);
    refused(r.world.send(ix::set_pause(new, true)), RewardsError::NotAdmin);
    let event: events::ConfigChanged = passed(r.world.send(ix::accept_admin(new))).event(&rewards::ID);
    assert_eq!((event.admin, event.pending_admin), (new, Address::default()));
    refused(r.world.send(ix::set_pause(old, true)), RewardsError::NotAdmin);
    refused(r.world.send(ix::accept_admin(new)), RewardsError::NotPendingAdmin);
    passed(r.world.send(ix::set_pause(new, true)));
}

#[test]
fn only_the_administrator_administers_and_signs_for_it() {
    let mut r = Rewards::converted();
    let (admin, stranger) = (r.world.admin, r.stranger);
    let spend = ix::SpendTerms { amount: 1, destination: r.funding, purpose: [0; 32] };
    passed(r.world.send(ix::propose_spend(admin, 0, spend)));
    // so that the administrator is named once in its cancellation
    let payer = r.world.payer;
    r.world.tamper(&at::spend(0), |a| a.data[72..104].copy_from_slice(payer.as_ref()));
    let calls = [
        ("propose_admin", ix::propose_admin(admin, stranger)),
        ("set_pause", ix::set_pause(admin, true)),
        ("set_category", ix::set_category(admin, 9, category(1, 1, 1))),
        ("set_issuer", ix::set_issuer(admin, stranger, 1, true)),
        ("update_config", ix::update_config(admin, settings())),
        ("set_schedule", r.schedule_ix(9, &[1])),
        ("convert_tge", r.convert_ix(1)),
        ("open_epoch", r.open_ix(1, START)),
        ("propose_spend", ix::propose_spend(admin, 1, spend)),
        ("cancel_spend", ix::cancel_spend(admin, 0, r.world.payer)),
    ];
    let mut rows = Vec::new();
    for (name, call) in calls {
        // who funds an epoch is checked later than who opens it
        rows.push((format!("{name} by a stranger"), call.clone().swap(&admin, &stranger), no(RewardsError::NotAdmin)));
        rows.push((format!("{name} unsigned"), call.unsigned(&admin), no(ProgramError::MissingRequiredSignature)));
    }
    compare(&r.world, rows);
}

#[test]
fn a_copy_of_the_configuration_administers_nothing() {
    let mut r = Rewards::new();
    let (stranger, copy) = (r.stranger, r.world.wallet());
    let mut data = r.world.svm.get_account(&at::config()).unwrap().data;
    data[8..40].copy_from_slice(stranger.as_ref());
    r.world.put(copy, rewards::ID, data);
    for call in [
        ix::set_pause(stranger, true),
        ix::set_issuer(stranger, stranger, 1, true),
        ix::set_category(stranger, 1, category(1, 1, 1)),
    ] {
        refused(r.world.send(call.swap(&at::config(), &copy)), ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn categories_out_of_range_are_refused() {
    let mut r = Rewards::new();
    let admin = r.world.admin;
    let bad =
        [category(0, 1, 1), category(1, 0, 1), category(1, 2, 1), category(2, 1, u64::MAX), category(u64::MAX, 1, 2)];
    for terms in bad {
        refused(r.world.send(ix::set_category(admin, 9, terms)), RewardsError::CategoryOutOfRange);
    }
    passed(r.world.send(ix::set_category(admin, 9, category(u64::MAX, 1, 1))));
}

#[test]
fn categories_and_issuers_are_made_once_and_then_changed() {
    let mut r = Rewards::new();
    let (admin, issuer) = (r.world.admin, r.issuer);
    let terms = CategoryTerms { name: *b"code review                     ", enabled: false, ..category(3, 2, 9) };
    let event: events::CategorySet = passed(r.world.send(ix::set_category(admin, POINT, terms))).event(&rewards::ID);
    assert_eq!(
        (event.id, event.weight, event.min_quantity, event.max_quantity, event.enabled),
        (POINT, 3, 2, 9, false)
    );
    let made: Category = r.world.read(&at::category(POINT));
    assert_eq!((made.name, made.weight.get(), made.id.get(), made.enabled), (terms.name, 3, POINT, 0));
    let event: events::IssuerSet = passed(r.world.send(ix::set_issuer(admin, issuer, 5, false))).event(&rewards::ID);
    assert_eq!((event.issuer, event.epoch_cap, event.enabled, event.seq), (issuer, 5, false, r.config().seq.get()));
    let made: Issuer = r.world.read(&at::issuer(&issuer));
    assert_eq!((made.key, made.epoch_cap.get(), made.enabled), (issuer, 5, 0));
    assert_ne!(EPOCH_CAP, 5);
}

#[test]
fn an_event_from_outside_is_refused() {
    let mut r = Rewards::open();
    let lie = events::EpochClosed { epoch: 1, seq: 9, total_points: 1, review_ends: 0 };
    refused(r.world.send(forged_event(rewards::ID, &lie.data(), None)), ErrorCode::ConstraintSigner);
    refused(r.world.send(forged_event(rewards::ID, &lie.data(), Some(r.stranger))), ErrorCode::ConstraintSeeds);
}
