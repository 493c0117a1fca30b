//! Every account that guards a bond, replaced by one that a dishonest caller would like to pass.
use anchor_lang::{Address, ErrorCode, prelude::ProgramError};
use e2e_tests::{
    Forge, Outcome, TokenKind, address,
    address::market as market_at,
    address::oracles as at,
    compare,
    instruction::oracles as ix,
    no,
    oracles_world::{BOND, Bonds, UNBONDING},
    passed, token_account,
};
use oracles::OraclesError;
use solana_instruction::Instruction;

fn seeds() -> Outcome {
    no(ErrorCode::ConstraintSeeds)
}

fn owner() -> Outcome {
    no(ProgramError::IllegalOwner)
}

/// A copy of an account at a new address.
fn copy(b: &mut Bonds, of: Address, program: Address) -> Address {
    let (address, data) = (b.world.wallet(), b.world.svm.get_account(&of).unwrap().data);
    b.world.put(address, program, data);
    address
}

fn check(b: &Bonds, instruction: &Instruction, rows: Vec<(&str, Address, Address, Outcome)>, writable: &[Address]) {
    let swapped = rows
        .into_iter()
        .map(|(name, from, to, outcome)| (name.to_owned(), instruction.clone().swap(&from, &to), outcome));
    let mut rows: Vec<(String, Instruction, Outcome)> = swapped.collect();
    for account in writable {
        let read_only = instruction.clone().read_only(account);
        rows.push((format!("{account} read-only"), read_only, no(ErrorCode::ConstraintMut)));
    }
    compare(&b.world, rows);
}

#[test]
fn a_vote_is_recorded_for_a_real_order_of_a_real_set() {
    let mut b = Bonds::new();
    let (order, [first, second, _]) = (b.overturned_order(), b.oracles);
    let other = b.order(|_| ());
    let (forged, copied) = (copy(&mut b, order, oracles::ID), copy(&mut b, order, market::ID));
    let (set, nobody) = (market_at::oracle_set(1), b.stranger);
    let (set_forged, set_copied) = (copy(&mut b, set, nobody), copy(&mut b, set, market::ID));
    let (oracle_copied, oracle_forged) =
        (copy(&mut b, at::oracle(&first), oracles::ID), copy(&mut b, at::oracle(&first), market::ID));
    let config_copied = copy(&mut b, at::config(), oracles::ID);
    let (mint, stranger) = (b.token.mint, b.stranger);
    let other_mint = b.world.token(TokenKind::Classic).mint;
    let token = b.token;
    let strangers = b.world.fund_with(&stranger, &token, BOND);
    let empty = b.world.wallet();
    let record = b.record_ix(order, first);
    let rows = vec![
        ("config: a copy elsewhere", at::config(), config_copied, seeds()),
        ("order: not the market's", order, forged, owner()),
        ("order: a copy elsewhere", order, copied, seeds()),
        ("order: an oracle set", order, set, no(ProgramError::AccountDataTooSmall)),
        ("order: nothing there", order, Address::new_from_array([3; 32]), no(ProgramError::UninitializedAccount)),
        ("order: a wallet", order, empty, owner()),
        ("set: not the market's", set, set_forged, owner()),
        ("set: a copy elsewhere", set, set_copied, seeds()),
        ("set: an order", set, other, no(ProgramError::InvalidAccountData)),
        ("oracle: a copy elsewhere", at::oracle(&first), oracle_copied, seeds()),
        ("oracle: not the program's", at::oracle(&first), oracle_forged, owner()),
        // the bond of another oracle is in another vault
        ("oracle: another", at::oracle(&first), at::oracle(&second), seeds()),
        ("record: of another order", at::record(&order), at::record(&other), seeds()),
        ("vault: of another oracle", at::vault(&first), at::vault(&second), seeds()),
        ("vault: a stranger's", at::vault(&first), strangers, seeds()),
        ("mint: another", mint, other_mint, no(OraclesError::WrongMint)),
        ("token program: another", token.program, rewards::ID, no(ProgramError::IncorrectProgramId)),
        (
            "token program: the other one",
            token.program,
            address::TOKEN_2022_PROGRAM,
            no(ProgramError::IncorrectProgramId),
        ),
        ("event authority: a wallet", at::event_authority(), empty, seeds()),
    ];
    let writable = [at::oracle(&first), at::vault(&first), mint, b.challenger_tokens, b.buyer_tokens];
    check(&b, &record, rows, &writable);
    passed(b.world.send(record));
}

#[test]
fn a_bond_is_withdrawn_by_its_oracle_alone() {
    let mut b = Bonds::new();
    let [first, second, _] = b.oracles;
    for oracle in [first, second] {
        passed(b.world.send(ix::request_unbond(oracle, BOND)));
    }
    b.world.pass(UNBONDING);
    let (tokens, others, stranger) = (b.tokens_of(&first), b.tokens_of(&second), b.stranger);
    let (config_copied, oracle_copied) =
        (copy(&mut b, at::config(), oracles::ID), copy(&mut b, at::oracle(&first), oracles::ID));
    let program = b.world.wallet();
    let fake = b.world.wallet();
    b.world.put(fake, program, token_account(&b.token.mint, &first, 0));
    let withdraw = b.withdraw_ix(first);
    let rows = vec![
        ("authority: a stranger", first, stranger, no(OraclesError::NotOracle)),
        ("authority: another oracle", first, second, no(OraclesError::NotOracle)),
        ("config: a copy elsewhere", at::config(), config_copied, seeds()),
        ("oracle: a copy elsewhere", at::oracle(&first), oracle_copied, seeds()),
        ("oracle: another", at::oracle(&first), at::oracle(&second), no(OraclesError::NotOracle)),
        ("vault: another's", at::vault(&first), at::vault(&second), seeds()),
        ("to: another's", tokens, others, no(OraclesError::WrongTokenAccount)),
        ("to: the vault", tokens, at::vault(&first), no(ErrorCode::ConstraintDuplicateMutableAccount)),
        ("to: not the token program's", tokens, fake, owner()),
        ("event authority: a stranger", at::event_authority(), stranger, seeds()),
    ];
    check(&b, &withdraw, rows, &[at::oracle(&first), at::vault(&first), tokens]);
    let unsigned = withdraw.clone().unsigned(&first);
    compare(&b.world, vec![("unsigned".into(), unsigned, no(ProgramError::MissingRequiredSignature))]);
    passed(b.world.send(withdraw));
}

#[test]
fn an_oracle_registers_with_its_own_signature_and_addresses() {
    let mut b = Bonds::new();
    let (newcomer, stranger) = (b.world.wallet(), b.stranger);
    let (first, token) = (b.oracles[0], b.token);
    let other_mint = b.world.token(TokenKind::Classic).mint;
    let register = ix::register_oracle(stranger, newcomer, b.token);
    let rows = vec![
        ("oracle: another's address", at::oracle(&newcomer), at::oracle(&stranger), seeds()),
        ("vault: another's", at::vault(&newcomer), at::vault(&first), seeds()),
        ("mint: another", token.mint, other_mint, no(OraclesError::WrongMint)),
        ("token program: another", token.program, rewards::ID, no(ProgramError::IncorrectProgramId)),
    ];
    check(&b, &register, rows, &[at::vault(&newcomer)]);
    let unsigned = register.clone().unsigned(&newcomer);
    compare(&b.world, vec![("unsigned".into(), unsigned, no(ProgramError::MissingRequiredSignature))]);
    passed(b.world.send(register));
    assert_eq!((b.oracle(&newcomer).rent_payer, b.oracle(&newcomer).authority), (stranger, newcomer));
    // the rent goes back to who paid it, whoever signs
    let close = ix::close_oracle(newcomer, b.tokens_of(&first), newcomer, b.token);
    compare(&b.world, vec![("rent: to the oracle".into(), close, no(OraclesError::WrongTokenAccount))]);
}

#[test]
fn a_deposit_and_a_request_are_the_oracles_own() {
    let b = Bonds::new();
    let [first, second, _] = b.oracles;
    let (tokens, others) = (b.tokens_of(&first), b.tokens_of(&second));
    let deposit = b.deposit_ix(first, 1_000);
    let rows = vec![
        ("authority: another oracle", first, second, no(OraclesError::NotOracle)),
        ("oracle: another", at::oracle(&first), at::oracle(&second), no(OraclesError::NotOracle)),
        ("vault: another's", at::vault(&first), at::vault(&second), seeds()),
        // the token program's own word: the owner does not sign
        ("from: another's", tokens, others, no(ProgramError::Custom(4))),
        ("from: the vault", tokens, at::vault(&first), no(ErrorCode::ConstraintDuplicateMutableAccount)),
    ];
    check(&b, &deposit, rows, &[at::oracle(&first), at::vault(&first), tokens]);
    let request = ix::request_unbond(first, 1_000);
    let rows = vec![
        ("authority: another oracle", first, second, no(OraclesError::NotOracle)),
        ("oracle: another", at::oracle(&first), at::oracle(&second), no(OraclesError::NotOracle)),
    ];
    check(&b, &request, rows, &[at::oracle(&first)]);
}
