//! Profit that is shared by points of all time.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, PROFIT_BPS, Rewards, START, address::rewards as at, instruction::rewards as ix, passed, refused,
};
use rewards::{RewardsError, events, instructions::Settings};

/// An open month in which the wallets have these points.
fn holders<const N: usize>(points: [u64; N]) -> (Rewards, [Address; N]) {
    let mut r = Rewards::open();
    let wallets = std::array::from_fn(|_| r.contributor());
    for (wallet, points) in wallets.iter().zip(points) {
        passed(r.award(1, *wallet, points));
    }
    (r, wallets)
}

/// Claims profit, and returns the base units that arrived.
fn claim(r: &mut Rewards, wallet: Address) -> u64 {
    let before = r.world.tokens(&r.tokens_of(&wallet));
    passed(r.world.send(r.claim_profit_ix(wallet)));
    r.world.tokens(&r.tokens_of(&wallet)) - before
}

#[test]
fn a_set_share_goes_to_the_holders_of_points_and_the_rest_to_the_reserve() {
    let (mut r, [a, b]) = holders([100, 300]);
    let event: events::ProfitDeposited = passed(r.world.send(r.deposit_ix(10_000))).event(&rewards::ID);
    assert_eq!(u64::from(PROFIT_BPS), 2_000);
    assert_eq!((event.amount, event.to_holders, event.to_reserve, event.lifetime_points), (10_000, 2_000, 8_000, 400));
    assert_eq!((event.seq, event.from, event.profit_index), (r.config().seq.get(), r.funding, 5 << 64));
    assert_eq!((r.profit_vault(), r.reserve(), r.config().reserved.get()), (2_000, 8_000, 8_000));
    assert_eq!((claim(&mut r, a), claim(&mut r, b)), (500, 1_500));
    refused(r.world.send(r.claim_profit_ix(a)), RewardsError::NothingToClaim);
    let config = r.config();
    assert_eq!((config.profit_in.get(), config.profit_out.get(), r.profit_vault()), (2_000, 2_000, 0));
}

#[test]
fn profit_is_earned_with_the_points_of_the_moment() {
    let (mut r, [early]) = holders([100]);
    passed(r.world.send(r.deposit_ix(5_000)));
    let late = r.contributor();
    passed(r.award(1, late, 300));
    passed(r.award(1, early, 100));
    passed(r.world.send(r.deposit_ix(25_000)));
    // 1,000 alone, then 5,000 for 200 of 500 points
    assert_eq!(claim(&mut r, early), 1_000 + 2_000);
    assert_eq!(claim(&mut r, late), 3_000);
    refused(r.world.send(r.claim_profit_ix(late)), RewardsError::NothingToClaim);
}

#[test]
fn a_void_award_keeps_the_profit_that_it_earned_and_earns_no_more() {
    let (mut r, [honest]) = holders([100]);
    let wrong = r.contributor();
    passed(r.award(1, wrong, 100));
    let source = r.last_source();
    passed(r.world.send(r.deposit_ix(10_000)));
    passed(r.world.send(ix::void_award(r.review(r.world.admin, 1, wrong, source), [0; 32])));
    assert_eq!(r.contributor_of(&wrong).profit_owed.get(), 1_000 << 64);
    passed(r.world.send(r.deposit_ix(10_000)));
    assert_eq!((claim(&mut r, wrong), claim(&mut r, honest)), (1_000, 3_000));
}

#[test]
fn without_points_everything_goes_to_the_reserve() {
    let mut r = Rewards::open();
    let wallet = r.contributor();
    passed(r.world.send(r.deposit_ix(999)));
    assert_eq!((r.reserve(), r.profit_vault(), r.config().profit_in.get()), (999, 0, 0));
    passed(r.award(1, wallet, 1));
    refused(r.world.send(r.claim_profit_ix(wallet)), RewardsError::NothingToClaim);
    passed(r.world.send(r.deposit_ix(5)));
    assert_eq!((claim(&mut r, wallet), r.reserve()), (1, 999 + 4));
}

#[test]
fn shares_that_do_not_divide_pay_a_base_unit_too_little_at_most_and_never_one_too_many() {
    let (mut r, wallets) = holders([1, 1, 1]);
    r.update(Settings { profit_share_bps: 10_000, ..r.settings() });
    for _ in 0..4 {
        passed(r.world.send(r.deposit_ix(1)));
    }
    let claim_all = |r: &mut Rewards| wallets.iter().map(|wallet| claim(r, *wallet)).sum::<u64>();
    assert_eq!((claim_all(&mut r), r.profit_vault(), r.reserve()), (3, 1, 0));
    // the fourth base unit is not lost: two more make it whole
    passed(r.world.send(r.deposit_ix(2)));
    assert_eq!((claim_all(&mut r), r.profit_vault()), (3, 0));
}

#[test]
fn the_largest_amounts_and_points_are_exact() {
    let mut r = Rewards::open();
    let (admin, issuer, wallet) = (r.world.admin, r.issuer, r.contributor());
    passed(r.world.send(ix::set_issuer(admin, issuer, u64::MAX, true)));
    passed(r.world.send(ix::set_category(admin, e2e_tests::POINT, e2e_tests::category(1, 1, u64::MAX))));
    r.update(Settings { profit_share_bps: 10_000, ..r.settings() });
    passed(r.award(1, wallet, u64::MAX));
    r.world.tamper(&r.funding.clone(), |a| a.data[64..72].copy_from_slice(&u64::MAX.to_le_bytes()));
    passed(r.world.send(r.deposit_ix(u64::MAX)));
    assert_eq!(claim(&mut r, wallet), u64::MAX);
    r.world.tamper(&r.funding.clone(), |a| a.data[64..72].copy_from_slice(&1u64.to_le_bytes()));
    refused(r.world.send(r.deposit_ix(1)), RewardsError::Overflow);
}

#[test]
fn anybody_deposits_from_its_own_tokens_only() {
    let (mut r, _) = holders([1]);
    let (admin, stranger, mint, token, funding) = (r.world.admin, r.stranger, r.mint, r.token(), r.funding);
    let tokens = r.world.fund(&stranger, &mint, 10);
    passed(r.world.send(ix::deposit_profit(stranger, tokens, token, 10)));
    let of_another = ix::deposit_profit(stranger, funding, token, 10);
    refused(r.world.send(of_another), ProgramError::Custom(4));
    refused(r.world.send(r.deposit_ix(0)), RewardsError::NoAmount);
    refused(r.world.send(r.deposit_ix(1).unsigned(&admin)), ProgramError::MissingRequiredSignature);
    let other_mint = r.world.mint();
    refused(r.world.send(r.deposit_ix(1).swap(&mint, &other_mint)), RewardsError::WrongMint);
    for vault in [at::profit_vault(), at::reserve()] {
        let elsewhere = r.world.other_tokens(&stranger, &mint, 0);
        refused(r.world.send(r.deposit_ix(1).swap(&vault, &elsewhere)), ErrorCode::ConstraintSeeds);
    }
}

#[test]
fn profit_is_paid_to_the_recorded_destination_while_the_wallet_owns_it() {
    let (mut r, [wallet]) = holders([1]);
    passed(r.world.send(r.deposit_ix(1_000)));
    let (stranger, mint, destination) = (r.stranger, r.mint, r.tokens_of(&wallet));
    let elsewhere = r.world.fund(&stranger, &mint, 0);
    let call = r.claim_profit_ix(wallet);
    refused(r.world.send(call.clone().swap(&destination, &elsewhere)), RewardsError::WrongDestination);
    refused(r.world.send(call.clone().swap(&at::profit_vault(), &at::reserve())), ErrorCode::ConstraintSeeds);
    r.world.tamper(&destination, |a| a.data[32..64].copy_from_slice(stranger.as_ref()));
    refused(r.world.send(call), RewardsError::WrongDestination);
    assert_eq!((r.profit_vault(), r.world.now()), (200, START));
}

#[test]
fn a_vault_that_lost_tokens_pays_nobody_more_than_came_in() {
    let (mut r, [wallet]) = holders([1]);
    passed(r.world.send(r.deposit_ix(1_000)));
    // as if profit had been paid out twice
    let out = 8 + std::mem::offset_of!(rewards::state::Config, profit_out);
    r.world.tamper(&at::config(), |a| a.data[out..out + 8].copy_from_slice(&1u64.to_le_bytes()));
    refused(r.world.send(r.claim_profit_ix(wallet)), RewardsError::VaultShort);
}
