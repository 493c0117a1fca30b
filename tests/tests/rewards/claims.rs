use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, POOL, REVIEW, Rewards,
    address::{self, rewards as at},
    compare,
    instruction::rewards as ix,
    no, passed, refused,
};
use rewards::{RewardsError, state::Contributor};

/// An open epoch in which one contributor has all 600 points.
fn earned() -> (Rewards, Address) {
    let mut r = Rewards::open();
    let wallet = r.contributor();
    passed(r.award(1, wallet, 600));
    (r, wallet)
}

#[test]
fn nothing_is_claimed_before_the_month_is_final() {
    let (mut r, wallet) = earned();
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::EpochNotFinal);
    r.world.set_time(r.epoch(1).end.get());
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::EpochNotFinal);
    passed(r.world.send(ix::close_epoch(1)));
    r.world.pass(REVIEW);
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::EpochNotFinal);
    passed(r.world.send(r.finalize_ix(1)));
    assert_eq!(r.claim(1, wallet), POOL);
}

#[test]
fn a_share_is_paid_once() {
    let (mut r, wallet) = earned();
    r.finish(1);
    assert_eq!(r.claim(1, wallet), POOL);
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::AlreadyClaimed);
    // and not twice in one transaction either
    let (mut r, wallet) = earned();
    r.finish(1);
    assert!(r.world.send_all(&[r.claim_ix(1, wallet), r.claim_ix(1, wallet)]).is_err());
    assert_eq!(r.vault(1), POOL);
}

#[test]
fn a_stranger_may_pay_for_a_claim_but_only_to_the_recorded_destination() {
    let (mut r, wallet) = earned();
    r.finish(1);
    let (stranger, mint) = (r.stranger, r.mint);
    let stranger_tokens = r.world.fund(&stranger, &mint, 0);
    let own_second = r.world.other_tokens(&wallet, &mint, 0);
    let destination = r.tokens_of(&wallet);
    for other in [stranger_tokens, own_second, at::reserve()] {
        let claim = r.claim_ix(1, wallet).swap(&destination, &other);
        refused(r.world.send(claim), RewardsError::WrongDestination);
    }
    // the claim of the tests is signed by the fee payer alone, who is a stranger
    assert_eq!(r.claim(1, wallet), POOL);
    assert_eq!(r.world.tokens(&stranger_tokens), 0);
}

#[test]
fn a_contributor_without_points_has_nothing_to_claim() {
    let (mut r, _) = earned();
    let idle = r.contributor();
    r.finish(1);
    assert!(r.world.send(r.claim_ix(1, idle)).is_err());
    assert_eq!(r.vault(1), POOL);
}

#[test]
fn a_claim_names_the_real_accounts() {
    let (mut r, wallet) = earned();
    let other = r.contributor();
    passed(r.award(1, other, 1));
    let end = r.epoch(1).end.get();
    passed(r.world.send(r.open_ix(2, end)));
    r.finish(1);
    let (mint, claim) = (r.mint, r.claim_ix(1, wallet));
    let (other_mint, fake_points) = (r.world.mint(), r.world.wallet());
    let data = r.world.svm.get_account(&at::points(1, &wallet)).unwrap().data;
    r.world.put(fake_points, rewards::ID, data);
    // no such accounts can come about: only the program writes into what it owns
    let [fake_epoch, fake_contributor] = [at::epoch(1), at::contributor(&wallet)].map(|from| {
        let (copy, data) = (r.world.wallet(), r.world.svm.get_account(&from).unwrap().data);
        r.world.put(copy, rewards::ID, data);
        copy
    });
    let seeds = || no(ErrorCode::ConstraintSeeds);
    let rows: Vec<(&str, Address, Address, _)> = vec![
        ("points: a copy elsewhere", at::points(1, &wallet), fake_points, seeds()),
        ("epoch: a copy elsewhere", at::epoch(1), fake_epoch, seeds()),
        ("contributor: a copy elsewhere", at::contributor(&wallet), fake_contributor, seeds()),
        ("points: another's", at::points(1, &wallet), at::points(1, &other), seeds()),
        ("contributor: another", at::contributor(&wallet), at::contributor(&other), seeds()),
        ("vault: another month's", at::epoch_vault(1), at::epoch_vault(2), seeds()),
        ("vault: the reserve", at::epoch_vault(1), at::reserve(), seeds()),
        ("epoch: another month", at::epoch(1), at::epoch(2), seeds()),
        ("mint: another", mint, other_mint, no(RewardsError::WrongMint)),
        (
            "vault as destination",
            r.tokens_of(&wallet),
            at::epoch_vault(1),
            no(ErrorCode::ConstraintDuplicateMutableAccount),
        ),
        ("token program: another", address::TOKEN_PROGRAM, market::ID, no(ProgramError::IncorrectProgramId)),
        ("event authority", at::event_authority(), r.stranger, seeds()),
    ];
    let rows = rows.into_iter().map(|(name, from, to, error)| (name.into(), claim.clone().swap(&from, &to), error));
    compare(&r.world, rows.collect());
    assert_eq!(r.claim(1, wallet) + r.claim(1, other), POOL - r.vault(1));
}

#[test]
fn a_contributor_moves_its_destination_and_is_paid_there() {
    let (mut r, wallet) = earned();
    let mint = r.mint;
    let second = r.world.other_tokens(&wallet, &mint, 0);
    let receipt = passed(r.world.send(ix::set_destination(wallet, second)));
    let event: rewards::events::DestinationChanged = receipt.event(&rewards::ID);
    assert_eq!((event.wallet, event.seq, event.destination), (wallet, 2, second));
    r.finish(1);
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::WrongDestination);
    let claim = ix::claim(ix::Claim { wallet, destination: second, epoch: 1, token: r.token() });
    passed(r.world.send(claim));
    assert_eq!((r.world.tokens(&second), r.world.tokens(&r.tokens_of(&wallet))), (POOL, 0));
}

#[test]
fn a_destination_is_a_token_account_of_the_wallet_and_of_the_mint() {
    let (mut r, wallet) = earned();
    let (stranger, mint, other_mint) = (r.stranger, r.mint, r.world.mint());
    let stranger_tokens = r.world.fund(&stranger, &mint, 0);
    let foreign = r.world.other_tokens(&wallet, &other_mint, 0);
    let newcomer = r.world.wallet();
    for caller in [ix::register as fn(Address, Address) -> _, ix::set_destination] {
        let who = if caller as usize == ix::register as fn(Address, Address) -> _ as usize { newcomer } else { wallet };
        refused(r.world.send(caller(who, stranger_tokens)), RewardsError::WrongDestination);
        let of_mint = r.world.other_tokens(&who, &other_mint, 0);
        refused(r.world.send(caller(who, of_mint)), RewardsError::WrongMint);
        assert!(r.world.send(caller(who, stranger)).is_err(), "a wallet is no token account");
    }
    refused(r.world.send(ix::set_destination(wallet, foreign)), RewardsError::WrongMint);
}

#[test]
fn nobody_changes_the_destination_of_another() {
    let (mut r, wallet) = earned();
    let (stranger, mint) = (r.stranger, r.mint);
    let tokens = r.world.fund(&stranger, &mint, 0);
    let forged = ix::set_destination(stranger, tokens).swap(&at::contributor(&stranger), &at::contributor(&wallet));
    refused(r.world.send(forged), ErrorCode::ConstraintSeeds);
    let unsigned = ix::set_destination(wallet, r.tokens_of(&wallet)).unsigned(&wallet);
    refused(r.world.send(unsigned), ProgramError::MissingRequiredSignature);
}

#[test]
fn a_destination_that_was_handed_to_somebody_else_is_not_paid() {
    let (mut r, wallet) = earned();
    r.finish(1);
    let (destination, stranger) = (r.tokens_of(&wallet), r.stranger);
    r.world.tamper(&destination, |a| a.data[32..64].copy_from_slice(stranger.as_ref()));
    refused(r.world.send(r.claim_ix(1, wallet)), RewardsError::WrongDestination);
    assert_eq!(r.vault(1), POOL);
}

#[test]
fn a_wallet_registers_once() {
    let (mut r, wallet) = earned();
    let again = ix::register(wallet, r.tokens_of(&wallet));
    assert!(r.world.send(again).is_err());
    let contributor: Contributor = r.world.read(&at::contributor(&wallet));
    assert_eq!((contributor.wallet, contributor.lifetime_points.get(), contributor.seq.get()), (wallet, 600, 1));
}
