use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    EPOCH_CAP, Forge, POINT, POOL, Rewards, START, address::rewards as at, category, instruction::rewards as ix,
    passed, refused,
};
use rewards::{
    RewardsError,
    instructions::CategoryTerms,
    state::{Award, Issuer},
};

fn open() -> (Rewards, Address) {
    let mut r = Rewards::open();
    let wallet = r.contributor();
    (r, wallet)
}

#[test]
fn an_award_names_its_source_and_scores_once() {
    let (mut r, wallet) = open();
    let other = r.contributor();
    let source = protocol::points::link_source("https://example.org/pull/1");
    let award = r.award_of_ix(1, wallet, 10, source);
    passed(r.world.send(award.clone()));
    let made: Award = r.world.read(&at::award(&source));
    assert_eq!((made.source, made.wallet, made.issuer, made.rent_payer), (source, wallet, r.issuer, r.world.payer));
    assert_eq!((made.quantity.get(), made.points.get(), made.category.get()), (10, 10, POINT));
    assert!(r.world.send(award).is_err());
    let to_another = r.award_of_ix(1, other, 10, source);
    assert!(r.world.send(to_another).is_err(), "one source scores once for everybody");
    assert_eq!(r.epoch(1).total_points.get(), 10);
    assert_eq!(r.epoch(1).contributors.get(), 1);
}

#[test]
fn an_issuer_pays_the_rent_of_its_own_awards() {
    let (mut r, wallet) = open();
    let issuer = r.issuer;
    let award = ix::issue_award(ix::IssueAward {
        payer: issuer,
        issuer,
        wallet,
        epoch: 1,
        source: [1; 32],
        category: POINT,
        quantity: 3,
    });
    passed(r.world.send(award));
    assert_eq!(r.points(1, &wallet).rent_payer, issuer);
}

#[test]
fn a_categorys_weight_multiplies_and_its_bounds_hold() {
    let (mut r, wallet) = open();
    passed(r.world.send(ix::set_category(r.world.admin, POINT, category(7, 2, 4))));
    refused(r.award(1, wallet, 1), RewardsError::QuantityOutOfBounds);
    refused(r.award(1, wallet, 5), RewardsError::QuantityOutOfBounds);
    refused(r.award(1, wallet, 0), RewardsError::QuantityOutOfBounds);
    passed(r.award(1, wallet, 2));
    passed(r.award(1, wallet, 4));
    assert_eq!(r.points(1, &wallet).points.get(), 42);
}

#[test]
fn a_disabled_category_or_issuer_awards_nothing() {
    let (mut r, wallet) = open();
    let (admin, issuer) = (r.world.admin, r.issuer);
    passed(r.world.send(ix::set_category(admin, POINT, CategoryTerms { enabled: false, ..category(1, 1, 9) })));
    refused(r.award(1, wallet, 1), RewardsError::CategoryDisabled);
    passed(r.world.send(ix::set_category(admin, POINT, category(1, 1, 9))));
    passed(r.world.send(ix::set_issuer(admin, issuer, EPOCH_CAP, false)));
    refused(r.award(1, wallet, 1), RewardsError::IssuerDisabled);
    passed(r.world.send(ix::set_issuer(admin, issuer, EPOCH_CAP, true)));
    passed(r.award(1, wallet, 1));
}

#[test]
fn an_issuers_cap_holds_for_each_epoch() {
    let (mut r, wallet) = open();
    let (admin, issuer) = (r.world.admin, r.issuer);
    passed(r.world.send(ix::set_issuer(admin, issuer, 100, true)));
    passed(r.award(1, wallet, 99));
    refused(r.award(1, wallet, 2), RewardsError::IssuerCapReached);
    passed(r.award(1, wallet, 1));
    refused(r.award(1, wallet, 1), RewardsError::IssuerCapReached);
    // setting the issuer again does not forget what it issued
    passed(r.world.send(ix::set_issuer(admin, issuer, 100, true)));
    refused(r.award(1, wallet, 1), RewardsError::IssuerCapReached);
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    r.world.set_time(end);
    passed(r.award(2, wallet, 100));
    refused(r.award(2, wallet, 1), RewardsError::IssuerCapReached);
    let issuer: Issuer = r.world.read(&at::issuer(&issuer));
    assert_eq!((issuer.issued.get(), issuer.epoch.get()), (100, 2));
}

#[test]
fn awards_fall_into_the_epoch_that_holds_the_present_second() {
    let mut r = Rewards::converted();
    let wallet = r.contributor();
    r.world.set_time(START - 1);
    passed(r.world.send(r.open_ix(1, START)));
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    refused(r.award(1, wallet, 1), RewardsError::OutsideEpoch);
    r.world.set_time(START);
    passed(r.award(1, wallet, 1));
    refused(r.award(2, wallet, 1), RewardsError::OutsideEpoch);
    r.world.set_time(end - 1);
    passed(r.award(1, wallet, 1));
    refused(r.award(2, wallet, 1), RewardsError::OutsideEpoch);
    r.world.set_time(end);
    refused(r.award(1, wallet, 1), RewardsError::OutsideEpoch);
    passed(r.award(2, wallet, 1));
    passed(r.world.send(ix::close_epoch(1)));
    refused(r.award(1, wallet, 1), RewardsError::EpochNotOpen);
}

#[test]
fn a_pause_blocks_awards_and_never_claims() {
    let (mut r, wallet) = open();
    passed(r.award(1, wallet, 500));
    passed(r.world.send(ix::set_pause(r.world.admin, true)));
    refused(r.award(1, wallet, 1), RewardsError::AwardsPaused);
    r.finish(1);
    assert_eq!(r.claim(1, wallet), POOL);
}

#[test]
fn only_a_registered_issuer_that_signs_awards() {
    let (mut r, wallet) = open();
    let (payer, stranger, issuer) = (r.world.payer, r.stranger, r.issuer);
    let by = |issuer| {
        ix::issue_award(ix::IssueAward {
            payer,
            issuer,
            wallet,
            epoch: 1,
            source: [1; 32],
            category: POINT,
            quantity: 1,
        })
    };
    // a stranger has no issuer's account, and cannot pass another's
    assert!(r.world.send(by(stranger)).is_err());
    let borrowed = by(stranger).swap(&at::issuer(&stranger), &at::issuer(&issuer));
    refused(r.world.send(borrowed), ErrorCode::ConstraintSeeds);
    refused(r.world.send(by(issuer).unsigned(&issuer)), ProgramError::MissingRequiredSignature);
    passed(r.world.send(by(issuer)));
}

#[test]
fn an_award_names_the_real_accounts() {
    let (mut r, wallet) = open();
    let other = r.contributor();
    passed(r.world.send(ix::set_category(r.world.admin, 2, category(1_000, 1, 9))));
    let (copy, data) = (r.world.wallet(), r.world.svm.get_account(&at::epoch(1)).unwrap().data);
    r.world.put(copy, rewards::ID, data);
    let award = r.award_ix(1, wallet, 1);
    let swaps: Vec<(Address, Address)> = vec![
        (at::category(POINT), at::category(2)),
        (at::epoch(1), copy),
        (at::points(1, &wallet), at::points(1, &other)),
        (at::contributor(&wallet), at::contributor(&other)),
    ];
    for (from, to) in swaps {
        refused(r.world.send(award.clone().swap(&from, &to)), ErrorCode::ConstraintSeeds);
    }
    passed(r.world.send(award));
}

#[test]
fn lamports_sent_to_an_address_before_its_account_is_made_do_not_block_it() {
    let (mut r, wallet) = open();
    let source = [77; 32];
    for address in [at::award(&source), at::points(1, &wallet), at::epoch(2), at::epoch_vault(2)] {
        r.world.svm.airdrop(&address, 1_000_000).unwrap();
    }
    passed(r.world.send(r.award_of_ix(1, wallet, 1, source)));
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    assert_eq!(r.vault(2), POOL);
    let newcomer = r.world.wallet();
    let tokens = r.world.fund(&newcomer, &r.mint.clone(), 0);
    r.world.svm.airdrop(&at::contributor(&newcomer), 1_000_000).unwrap();
    passed(r.world.send(ix::register(newcomer, tokens)));
}

#[test]
fn the_largest_award_does_not_overflow() {
    let (mut r, wallet) = open();
    let (admin, issuer) = (r.world.admin, r.issuer);
    passed(r.world.send(ix::set_issuer(admin, issuer, u64::MAX, true)));
    passed(r.world.send(ix::set_category(admin, POINT, category(1, 1, u64::MAX))));
    passed(r.award(1, wallet, u64::MAX));
    refused(r.award(1, wallet, 1), RewardsError::Overflow);
    r.finish(1);
    assert_eq!(r.claim(1, wallet), POOL);
}
