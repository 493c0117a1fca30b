use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge,
    address::{self, grants as at},
    compare,
    grants_world::{ALLOCATION, DAY, Grants, QUORUM, SUPPLY, mint_bytes},
    instruction::grants as ix,
    no, passed, refused,
};
use grants::{GrantsError, instructions::Settings, state::pause};

#[test]
fn only_the_upgrade_authority_initializes_and_only_once() {
    let mut g = Grants::uninitialized(address::TOKEN_PROGRAM, &[]);
    let (admin, stranger, settings) = (g.world.admin, g.stranger, g.settings());
    let by = |who| ix::initialize(who, g.token, ALLOCATION, settings);
    let (first, foreign) = (by(admin), by(stranger));
    refused(g.world.send(foreign.clone()), GrantsError::NotUpgradeAuthority);
    g.world.set_upgrade_authority(&market::ID, Some(stranger));
    let (own, other) = (address::program_data(&grants::ID), address::program_data(&market::ID));
    refused(g.world.send(foreign.swap(&own, &other)), GrantsError::NotUpgradeAuthority);
    // whoever sends lamports to an address first does not keep the program from creating an account there
    for address in [at::config(), at::vault()] {
        g.world.svm.airdrop(&address, 1_000_000).unwrap();
    }
    passed(g.world.send(first.clone()));
    let config = g.config();
    assert_eq!((config.admin, config.mint, config.allocation.get()), (admin, g.token.mint, ALLOCATION));
    assert!(g.world.send(first).is_err());
}

#[test]
fn the_allocation_is_at_most_five_and_a_quarter_percent_of_the_supply() {
    let g = Grants::uninitialized(address::TOKEN_PROGRAM, &[]);
    assert_eq!(ALLOCATION, SUPPLY / 10_000 * 525);
    for (supply, most) in
        [(SUPPLY, ALLOCATION), (10_000, 525), (9_999, 524), (39, 2), (u64::MAX, 968_454_063_869_751_459)]
    {
        let mut g = g.clone();
        g.world.put(g.token.mint, address::TOKEN_PROGRAM, mint_bytes(supply, &[]));
        let with = |allocation| ix::initialize(g.world.admin, g.token, allocation, g.settings());
        let (over, none, exact) = (with(most + 1), with(0), with(most));
        refused(g.world.send(over), GrantsError::AllocationOutOfRange);
        refused(g.world.send(none), GrantsError::AllocationOutOfRange);
        passed(g.world.send(exact));
    }
}

#[test]
fn settings_out_of_range_are_refused_at_both_ends() {
    let mut g = Grants::new();
    let (admin, good) = (g.world.admin, g.settings());
    let bad = [
        Settings { voting_seconds: 0, ..good },
        Settings { voting_seconds: 27 * DAY + 1, ..good },
        Settings { voting_seconds: -1, ..good },
        Settings { review_seconds: 0, ..good },
        Settings { review_seconds: 366 * DAY + 1, ..good },
        Settings { approval_bps: 4_999, ..good },
        Settings { approval_bps: 10_000, ..good },
        Settings { quorum_points: 0, bond_floor_points: 0, ..good },
        Settings { min_points: 0, ..good },
        Settings { bond_floor_points: QUORUM + 1, ..good },
    ];
    for settings in bad {
        refused(g.world.send(ix::update_config(admin, settings)), GrantsError::SettingOutOfRange);
    }
    let edges = [
        Settings { voting_seconds: 1, review_seconds: 1, approval_bps: 5_000, ..good },
        Settings { voting_seconds: 27 * DAY, review_seconds: 366 * DAY, approval_bps: 9_999, ..good },
        Settings { quorum_points: 1, min_points: 1, bond_floor_points: 1, proposal_bond: 0, ..good },
    ];
    for settings in edges {
        passed(g.world.send(ix::update_config(admin, settings)));
        let c = g.config();
        let found = (c.voting_seconds.get(), c.review_seconds.get(), c.approval_bps.get(), c.quorum_points.get());
        assert_eq!(
            found,
            (settings.voting_seconds, settings.review_seconds, settings.approval_bps, settings.quorum_points)
        );
    }
    let mut fresh = Grants::uninitialized(address::TOKEN_PROGRAM, &[]);
    let call = ix::initialize(admin, fresh.token, ALLOCATION, Settings { quorum_points: 0, ..good });
    refused(fresh.world.send(call), GrantsError::SettingOutOfRange);
}

#[test]
fn the_administration_is_handed_over_in_two_steps() {
    let mut g = Grants::new();
    let (old, new, stranger) = (g.world.admin, g.world.wallet(), g.stranger);
    refused(g.world.send(ix::accept_admin(stranger)), GrantsError::NotPendingAdmin);
    passed(g.world.send(ix::propose_admin(old, new)));
    refused(g.world.send(ix::accept_admin(stranger)), GrantsError::NotPendingAdmin);
    refused(g.world.send(ix::set_pause(new, 0)), GrantsError::NotAdmin);
    passed(g.world.send(ix::accept_admin(new)));
    let config = g.config();
    assert_eq!((config.admin, config.pending_admin), (new, Address::default()));
    refused(g.world.send(ix::set_pause(old, 0)), GrantsError::NotAdmin);
    refused(g.world.send(ix::accept_admin(new)), GrantsError::NotPendingAdmin);
}

#[test]
fn only_the_administrator_administers_and_signs_for_it() {
    let g = Grants::new();
    let (admin, stranger) = (g.world.admin, g.stranger);
    let calls = [
        ("propose_admin", ix::propose_admin(admin, stranger)),
        ("update_config", ix::update_config(admin, g.settings())),
        ("set_pause", ix::set_pause(admin, 1)),
    ];
    let mut rows = Vec::new();
    for (name, call) in calls {
        rows.push((format!("{name} by a stranger"), call.clone().swap(&admin, &stranger), no(GrantsError::NotAdmin)));
        rows.push((
            format!("{name} by the reviewer"),
            call.clone().swap(&admin, &g.reviewer),
            no(GrantsError::NotAdmin),
        ));
        rows.push((format!("{name} unsigned"), call.unsigned(&admin), no(ProgramError::MissingRequiredSignature)));
    }
    compare(&g.world, rows);
}

#[test]
fn a_copy_of_the_configuration_administers_nothing() {
    let mut g = Grants::new();
    let (stranger, copy) = (g.stranger, g.world.wallet());
    let mut data = g.world.svm.get_account(&at::config()).unwrap().data;
    data[8..40].copy_from_slice(stranger.as_ref());
    g.world.put(copy, grants::ID, data);
    for call in [ix::set_pause(stranger, 1), ix::propose_admin(stranger, stranger)] {
        refused(g.world.send(call.swap(&at::config(), &copy)), ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn a_pause_stops_new_proposals_and_approvals_and_nothing_else() {
    let mut g = Grants::new();
    let admin = g.world.admin;
    refused(g.world.send(ix::set_pause(admin, 4)), GrantsError::UnknownPauseBit);
    let [carried, lost, running] = [g.open(&[100]), g.open(&[100]), g.open(&[100])];
    passed(g.world.send(ix::set_pause(admin, pause::PROPOSALS | pause::APPROVALS)));
    refused(g.world.send(g.open_ix(g.terms(&[1]))), GrantsError::Paused);
    passed(g.vote(0, carried, 1));
    passed(g.vote(0, lost, 2));
    passed(g.world.send(ix::cancel_proposal(g.proposer, running)));
    passed(g.world.send(g.bond_ix(running)));
    g.finish(lost);
    refused(g.world.send(ix::tally(carried)), GrantsError::Paused);
    passed(g.world.send(ix::set_pause(admin, pause::PROPOSALS)));
    g.finish(carried);
    passed(g.world.send(ix::set_pause(admin, pause::PROPOSALS | pause::APPROVALS)));
    g.deliver(carried, 0);
    passed(g.world.send(g.bond_ix(carried)));
    passed(g.world.send(g.fund_ix(1)));
    passed(g.world.send(ix::close_ballot(lost, g.voters[0])));
}
