use anchor_lang::Address;
use e2e_tests::{
    AMOUNT, AWARD, DISPUTE, LISTING, Market, PURSE, address::market as at, fee, instruction::market as ix, members,
    passed, refused,
};
use market::{
    MarketError, events,
    instructions::{OracleMembers, Settings},
    state::{Config, OracleSet, listing_kind, order_state as state, pause, verdict},
};

fn config(m: &Market) -> Config {
    m.world.read(&at::config())
}

#[test]
fn only_the_upgrade_authority_initializes_and_only_once() {
    let mut m = Market::uninitialized();
    let (admin, stranger) = (m.world.admin, m.stranger);
    refused(m.world.send(ix::initialize(stranger, m.settings())), MarketError::NotUpgradeAuthority);
    // the record of another program, whose authority the stranger is, does not help
    let other = e2e_tests::address::program_data(&rewards::ID);
    m.world.set_upgrade_authority(&rewards::ID, Some(stranger));
    let own = e2e_tests::address::program_data(&market::ID);
    let forged = e2e_tests::Forge::swap(ix::initialize(stranger, m.settings()), &own, &other);
    refused(m.world.send(forged), MarketError::NotUpgradeAuthority);

    passed(m.world.send(ix::initialize(admin, m.settings())));
    assert_eq!((config(&m).admin, config(&m).fee_bps.get(), config(&m).seq.get()), (admin, e2e_tests::FEE_BPS, 1));
    assert!(m.world.send(ix::initialize(admin, m.settings())).is_err());
    m.world.set_upgrade_authority(&market::ID, Some(stranger));
    assert!(m.world.send(ix::initialize(stranger, m.settings())).is_err());
    assert_eq!(config(&m).admin, admin);
}

#[test]
fn a_program_that_nobody_may_upgrade_is_initialized_by_nobody() {
    let mut m = Market::uninitialized();
    m.world.set_upgrade_authority(&market::ID, None);
    refused(m.world.send(ix::initialize(m.world.admin, m.settings())), MarketError::NotUpgradeAuthority);
}

#[test]
fn lamports_at_the_configurations_address_do_not_block_initialization() {
    let mut m = Market::uninitialized();
    m.world.svm.airdrop(&at::config(), 10_000_000).unwrap();
    passed(m.world.send(ix::initialize(m.world.admin, m.settings())));
}

#[test]
fn the_administration_is_handed_over_in_two_steps() {
    let mut m = Market::new();
    let (old, new, stranger) = (m.world.admin, m.world.wallet(), m.stranger);
    refused(m.world.send(ix::accept_admin(stranger)), MarketError::NotPendingAdmin);
    passed(m.world.send(ix::propose_admin(old, new)));
    refused(m.world.send(ix::accept_admin(stranger)), MarketError::NotPendingAdmin);
    refused(m.world.send(ix::accept_admin(old)), MarketError::NotPendingAdmin);
    refused(m.world.send(ix::set_pause(new, 1)), MarketError::NotAdmin);
    let receipt = passed(m.world.send(ix::accept_admin(new)));
    let event: events::ConfigChanged = receipt.event(&market::ID);
    assert_eq!((event.admin, event.pending_admin), (new, Address::default()));
    refused(m.world.send(ix::set_pause(old, 1)), MarketError::NotAdmin);
    refused(m.world.send(ix::accept_admin(new)), MarketError::NotPendingAdmin);
    passed(m.world.send(ix::set_pause(new, 1)));
    // a proposal is withdrawn by proposing nobody
    passed(m.world.send(ix::propose_admin(new, stranger)));
    passed(m.world.send(ix::propose_admin(new, Address::default())));
    refused(m.world.send(ix::accept_admin(stranger)), MarketError::NotPendingAdmin);
}

#[test]
fn settings_out_of_range_are_refused() {
    let mut m = Market::new();
    let (admin, good) = (m.world.admin, m.settings());
    let over = Settings { fee_bps: 1_001, ..good };
    refused(m.world.send(ix::update_config(admin, over)), MarketError::FeeTooHigh);
    passed(m.world.send(ix::update_config(admin, Settings { fee_bps: 1_000, ..good })));
    let year = 366 * 86_400;
    let bad = [
        Settings { accept_seconds: 0, ..good },
        Settings { delivery_seconds: -1, ..good },
        Settings { audit_seconds: year + 1, ..good },
        Settings { dispute_seconds: i64::MIN, ..good },
        Settings { resolve_seconds: i64::MAX, ..good },
        Settings { award_seconds: 0, ..good },
        Settings { answer_seconds: 0, ..good },
        Settings { mints: [Address::default(); 4], ..good },
        Settings { seller_bond_bps: 10_001, ..good },
        Settings { challenge_bond_bps: 10_001, ..good },
        Settings { slash_challenger_bps: 10_001, slash_buyer_bps: 0, ..good },
        Settings { slash_challenger_bps: 5_001, slash_buyer_bps: 5_000, ..good },
        Settings { slash_challenger_bps: u16::MAX, slash_buyer_bps: u16::MAX, ..good },
    ];
    for settings in bad {
        refused(m.world.send(ix::update_config(admin, settings)), MarketError::SettingOutOfRange);
    }
    let (seller_bond_bps, challenge_bond_bps, slash_challenger_bps, slash_buyer_bps) = (10_000, 10_000, 0, 10_000);
    let bonds = Settings { seller_bond_bps, challenge_bond_bps, slash_challenger_bps, slash_buyer_bps, ..good };
    passed(m.world.send(ix::update_config(admin, Settings { accept_seconds: 1, audit_seconds: year, ..bonds })));
}

#[test]
fn open_orders_keep_the_settings_they_were_opened_under() {
    let mut m = Market::new();
    let order = m.open();
    let before = m.order(order);
    let settings = Settings {
        fee_bps: 1_000,
        accept_seconds: 1,
        delivery_seconds: 1,
        audit_seconds: 1,
        dispute_seconds: 1,
        answer_seconds: 1,
        resolve_seconds: 1,
        award_seconds: 1,
        award_category: 9,
        seller_bond_bps: 10_000,
        challenge_bond_bps: 10_000,
        slash_challenger_bps: 1,
        slash_buyer_bps: 2,
        ..m.settings()
    };
    passed(m.world.send(ix::update_config(m.world.admin, settings)));
    passed(m.world.send(ix::create_oracle_set(m.world.admin, 2, members(&[m.stranger], 1))));
    m.world.pass(10);
    passed(m.world.send(m.accept_ix(order)));
    m.world.pass(10);
    passed(m.world.send(m.submit_ix(order)));
    m.world.pass(10);
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::arm_audit(order, 1)));
    passed(m.vote(order, 0, verdict::ACCEPT));
    passed(m.vote(order, 1, verdict::ACCEPT));
    refused(m.world.send(m.release_ix(order)), MarketError::DisputeWindowOpen);
    m.world.pass(DISPUTE);
    passed(m.world.send(m.release_ix(order)));
    assert_eq!(m.balances(), [AMOUNT - fee(AMOUNT), fee(AMOUNT), PURSE - AMOUNT]);
    let after = m.order(order);
    assert_eq!(
        (after.oracle_set, after.award_category, after.fee_bps),
        (before.oracle_set, before.award_category, before.fee_bps)
    );
    // a new order is under the new ones
    let open = ix::OpenOrder { oracle_set: Some(2), ..m.open_ix(60) };
    passed(m.world.send(ix::open_order(open)));
    let new = m.order(at::order(&m.buyer, 60));
    assert_eq!((new.fee_bps.get(), new.oracle_set.get(), new.dispute_seconds.get()), (1_000, 2, 1));
    assert_eq!(new.accept_by.get(), m.world.now() + 1);
}

#[test]
fn a_pause_blocks_what_it_names_and_nothing_else() {
    let mut m = Market::new();
    let (admin, seller) = (m.world.admin, m.seller);
    let funded = m.open();
    let create = ix::create_listing(seller, 8, listing_kind::COMPUTE, m.listing_terms());
    let update = ix::update_listing(seller, LISTING, m.listing_terms());
    let (open, accept) = (ix::open_order(m.open_ix(40)), m.accept_ix(funded));
    for (bit, paused) in
        [(pause::LISTINGS, vec![&create, &update]), (pause::ORDERS, vec![&open]), (pause::ACCEPTANCE, vec![&accept])]
    {
        passed(m.world.send(ix::set_pause(admin, bit)));
        for call in [&create, &update, &open, &accept] {
            if paused.iter().any(|p| p.data == call.data) {
                refused(m.world.simulate(call.clone()), MarketError::Paused);
            } else {
                passed(m.world.simulate(call.clone()));
            }
        }
    }
}

#[test]
fn no_pause_blocks_a_delivery_a_vote_a_release_a_refund_or_an_award() {
    let mut m = Market::new();
    m.add_rewards();
    let [funded, accepted, submitted, auditing, audited] =
        [state::FUNDED, state::ACCEPTED, state::SUBMITTED, state::AUDITING, state::AUDITED].map(|s| m.order_in(s));
    passed(m.world.send(ix::set_pause(m.world.admin, u8::MAX)));
    m.world.set_slot(m.world.slot() + 5);
    passed(m.world.send(ix::cancel_order(m.settlement(funded))));
    passed(m.world.send(m.submit_ix(accepted)));
    passed(m.world.send(ix::arm_audit(submitted, 1)));
    passed(m.vote(auditing, 0, verdict::ACCEPT));
    passed(m.world.send(m.dispute_ix(m.buyer, audited)));
    passed(m.world.send(ix::answer(m.seller, audited, [0; 32])));
    m.wait_for_panel(audited);
    passed(m.world.send(ix::resolve(m.world.admin, audited, AMOUNT)));
    passed(m.world.send(m.release_ix(audited)));
    passed(m.world.send(m.award_ix(audited)));
    m.world.pass(AWARD);
    passed(m.world.send(ix::close_order(audited, m.buyer)));
    m.world.set_time(m.order(auditing).audit_by.get());
    passed(m.world.send(m.refund_ix(auditing)));
}

#[test]
fn oracle_sets_are_made_in_order_and_within_range() {
    let mut m = Market::new();
    let (admin, o) = (m.world.admin, m.oracles);
    for version in [0, 1, 3] {
        assert!(m.world.send(ix::create_oracle_set(admin, version, members(&o, 2))).is_err());
    }
    refused(m.world.send(ix::create_oracle_set(admin, 3, members(&o, 2))), MarketError::OracleSetOutOfOrder);
    let bad = [
        members(&o, 0),
        members(&o, 1),
        members(&o, 4),
        members(&[], 0),
        members(&[o[0], o[1], o[0]], 2),
        members(&[o[0], Address::default()], 2),
        members(&[o[0], o[1], o[2], m.stranger], 2),
        OracleMembers { count: 17, ..members(&o, 9) },
        OracleMembers { count: 255, ..members(&o, 200) },
    ];
    for set in bad {
        refused(m.world.send(ix::create_oracle_set(admin, 2, set)), MarketError::OracleSetOutOfRange);
    }
    let sixteen: Vec<Address> = (0..16).map(|_| m.world.wallet()).collect();
    passed(m.world.send(ix::create_oracle_set(admin, 2, members(&sixteen, 9))));
    let made: OracleSet = m.world.read(&at::oracle_set(2));
    assert_eq!((made.count, made.threshold, made.members.to_vec()), (16, 9, sixteen));
    assert_eq!(config(&m).oracle_set.get(), 2);
}

#[test]
fn no_order_is_opened_under_a_retired_set_until_there_is_another() {
    let mut m = Market::new();
    passed(m.world.send(ix::retire_oracle_set(m.world.admin, 1)));
    refused(m.world.send(ix::open_order(m.open_ix(1))), MarketError::NoOracleSet);
    passed(m.world.send(ix::create_oracle_set(m.world.admin, 2, members(&m.oracles, 2))));
    passed(m.world.send(ix::open_order(ix::OpenOrder { oracle_set: Some(2), ..m.open_ix(1) })));
}
