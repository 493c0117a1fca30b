//! Every account that guards money, replaced by one that a dishonest caller would like to pass.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, Outcome, TokenKind, address, address::market as market_at, address::rental as at, compare,
    instruction::rental as ix, no, passed, rental_world::Rentals, token_account,
};
use rental::RentalError;
use solana_instruction::Instruction;

fn copy(r: &mut Rentals, of: Address, owner: Address) -> Address {
    let (address, data) = (r.world.wallet(), r.world.svm.get_account(&of).unwrap().data);
    r.world.put(address, owner, data);
    address
}

/// Name, the account, what takes its place, and how it ends, for the accounts that withdraw and stop share.
fn rows(r: &mut Rentals, rental: Address, other: Address) -> Vec<(&'static str, Address, Address, Outcome)> {
    let seeds = || no(ErrorCode::ConstraintSeeds);
    let owner = || no(ProgramError::IllegalOwner);
    let twice = || no(ErrorCode::ConstraintDuplicateMutableAccount);
    let tokens = || no(RentalError::WrongTokenAccount);
    let config = market_at::config();
    let (config_copy, config_forged) = (copy(r, config, market::ID), copy(r, config, rental::ID));
    // a configuration in which the stranger is the treasury
    let stranger = r.stranger;
    for forged in [config_copy, config_forged] {
        r.world.tamper(&forged, |account| account.data[72..104].copy_from_slice(stranger.as_ref()));
    }
    let (rental_copy, rental_forged) = (copy(r, rental, rental::ID), copy(r, rental, stranger));
    let another = r.world.token(TokenKind::Classic);
    let (provider, treasury, token) = (r.provider, r.treasury, r.token);
    let strangers = r.world.fund_with(&stranger, &token, 0);
    let of_other_mint = r.world.fund_with(&provider, &another, 0);
    let fake = r.world.wallet();
    r.world.put(fake, stranger, token_account(&token.mint, &provider, 0));
    let (providers, treasurys) = (r.tokens_of(&provider), r.tokens_of(&treasury));
    let wallet = r.world.wallet();
    vec![
        ("config: a copy elsewhere", config, config_copy, seeds()),
        ("config: not the market's", config, config_forged, owner()),
        ("rental: a copy elsewhere", rental, rental_copy, seeds()),
        ("rental: not the program's", rental, rental_forged, owner()),
        ("rental: another", rental, other, seeds()),
        ("vault: another rental's", at::vault(&rental), at::vault(&other), seeds()),
        ("vault: a stranger's", at::vault(&rental), strangers, seeds()),
        ("provider: a stranger's", providers, strangers, tokens()),
        ("provider: of another mint", providers, of_other_mint, tokens()),
        ("provider: not the token program's", providers, fake, owner()),
        ("provider: the treasury's", providers, treasurys, twice()),
        ("provider: another rental's vault", providers, at::vault(&other), tokens()),
        ("treasury: a stranger's", treasurys, strangers, tokens()),
        ("mint: another", token.mint, another.mint, no(RentalError::MintNotAllowed)),
        ("token program: another", token.program, rewards::ID, no(ProgramError::IncorrectProgramId)),
        ("token program: the other", token.program, address::TOKEN_2022_PROGRAM, no(ProgramError::IncorrectProgramId)),
        ("event authority: a wallet", at::event_authority(), wallet, seeds()),
    ]
}

fn check(r: &Rentals, of: &Instruction, rows: Vec<(&str, Address, Address, Outcome)>, writable: &[Address]) {
    let swapped = rows.into_iter().map(|(name, from, to, ends)| (name.into(), of.clone().swap(&from, &to), ends));
    let mut rows: Vec<(String, Instruction, Outcome)> = swapped.collect();
    for account in writable {
        rows.push((format!("{account} read-only"), of.clone().read_only(account), no(ErrorCode::ConstraintMut)));
    }
    compare(&r.world, rows);
}

#[test]
fn a_withdrawal_pays_from_and_to_no_other_accounts() {
    let mut r = Rentals::new();
    let (rental, other) = (r.running(), r.running());
    r.world.pass(100);
    let rows = rows(&mut r, rental, other);
    let withdraw = ix::withdraw(r.payment(rental));
    let writable = [rental, at::vault(&rental), r.tokens_of(&r.provider), r.tokens_of(&r.treasury)];
    check(&r, &withdraw, rows, &writable);
    passed(r.world.send(withdraw));
}

#[test]
fn a_stop_pays_from_and_to_no_other_accounts() {
    let mut r = Rentals::new();
    let (rental, other) = (r.running(), r.running());
    r.world.pass(100);
    let mut rows = rows(&mut r, rental, other);
    let (provider, renter, stranger) = (r.provider, r.renter, r.stranger);
    let (renters, strangers) = (r.tokens_of(&renter), r.tokens_of(&stranger));
    rows.push(("renter: a stranger's", renters, strangers, no(RentalError::WrongTokenAccount)));
    rows.push((
        "renter: the provider's",
        renters,
        r.tokens_of(&provider),
        no(ErrorCode::ConstraintDuplicateMutableAccount),
    ));
    // the provider stops, so the renter is named for the rent alone
    rows.push(("rent: to a stranger", renter, stranger, no(RentalError::WrongRentPayer)));
    rows.push(("rent: to the provider", renter, provider, no(RentalError::WrongRentPayer)));
    let stop = r.stop_ix(provider, rental);
    let writable = [rental, at::vault(&rental), r.tokens_of(&provider), renters, r.tokens_of(&r.treasury), renter];
    check(&r, &stop, rows, &writable);
    let unsigned = stop.clone().unsigned(&provider);
    compare(&r.world, vec![("unsigned".into(), unsigned, no(ProgramError::MissingRequiredSignature))]);
    passed(r.world.send(stop));
}

#[test]
fn a_cancellation_returns_to_the_renter_alone() {
    let mut r = Rentals::new();
    let (rental, other) = (r.open(), r.open());
    r.world.pass(e2e_tests::ACCEPT);
    let (stranger, renter, token) = (r.stranger, r.renter, r.token);
    let strangers = r.world.fund_with(&stranger, &token, 0);
    let renters = r.tokens_of(&renter);
    let cancel = ix::cancel_rental(stranger, r.payment(rental));
    let rows = vec![
        ("rental: another", rental, other, no(ErrorCode::ConstraintSeeds)),
        ("vault: another's", at::vault(&rental), at::vault(&other), no(ErrorCode::ConstraintSeeds)),
        ("renter: a stranger's", renters, strangers, no(RentalError::WrongTokenAccount)),
        ("renter: another's vault", renters, at::vault(&other), no(RentalError::WrongTokenAccount)),
        ("rent: to the caller", renter, stranger, no(RentalError::WrongRentPayer)),
    ];
    check(&r, &cancel, rows, &[rental, at::vault(&rental), renters, renter]);
    passed(r.world.send(cancel));
}

#[test]
fn two_rentals_of_one_listing_never_touch_each_others_money() {
    let mut r = Rentals::new();
    let (first, second) = (r.running(), r.running());
    r.world.pass(1_000);
    passed(r.world.send(r.stop_ix(r.renter, first)));
    assert_eq!(r.vault(&second), e2e_tests::rental_world::DEPOSIT);
    r.world.pass(1_000);
    passed(r.withdraw(second));
    assert!(r.world.is_gone(&at::vault(&first)));
}
