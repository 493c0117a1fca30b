use super::*;
use crate::address::{SYSTEM_PROGRAM, TOKEN_PROGRAM, grants, market, oracles, proofs, rental, rewards};
use ::market::MarketError;
use ::proofs::ProofsError;
use ::rewards::RewardsError;
use anchor_lang::ErrorCode;

fn failed(program: Pubkey, code: u32) -> Failure {
    let error: TransactionError =
        serde_json::from_value(serde_json::json!({ "InstructionError": [0, { "Custom": code }] })).unwrap();
    Failure::read(error, &[program], &[])
}

#[test]
fn a_programs_code_reads_as_its_name_and_its_own_message() {
    let code = table::custom(MarketError::AlreadyVoted.into());
    let failure = failed(market::PROGRAM, code);
    let text = format!("market: AlreadyVoted ({code}): this oracle voted already: each member votes once");
    assert_eq!(failure.to_string(), text);
    assert!(failure.is_market(MarketError::AlreadyVoted));
    assert!(!failure.is_rewards(RewardsError::EpochNotInReview));
    let claimed = failed(rewards::PROGRAM, table::custom(RewardsError::AlreadyClaimed.into()));
    let faultless = failed(proofs::PROGRAM, table::custom(ProofsError::ChunkIsRight.into()));
    assert!(faultless.is_proofs(ProofsError::ChunkIsRight), "{faultless}");
    assert!(claimed.to_string().contains("these points were claimed already: each share is paid once"), "{claimed}");
}

#[test]
fn every_code_of_a_program_has_a_name_and_a_message_that_are_its_own() {
    let tables = [
        (market::PROGRAM, market_errors()),
        (rewards::PROGRAM, rewards_errors()),
        (grants::PROGRAM, grants_errors()),
        (oracles::PROGRAM, oracles_errors()),
        (rental::PROGRAM, rental_errors()),
        (proofs::PROGRAM, proofs_errors()),
    ];
    for (program, table) in tables {
        for (place, (code, name, message)) in table.iter().enumerate() {
            assert_eq!(*code as usize, 6000 + place, "{name}: codes are in order and without gaps");
            assert!(!message.is_empty());
            assert_eq!(table.iter().filter(|other| other.1 == *name || other.0 == *code).count(), 1);
            let Failure::Program(failure) = failed(program, *code) else { panic!("{name}") };
            assert_eq!((failure.name.as_str(), failure.message.as_str()), (*name, *message));
        }
    }
    assert!(market_errors().iter().any(|error| error.1 == "Overflow"));
}

#[test]
fn the_frameworks_codes_are_those_of_the_framework() {
    let codes = [
        (ErrorCode::ConstraintMut, "ConstraintMut"),
        (ErrorCode::ConstraintHasOne, "ConstraintHasOne"),
        (ErrorCode::ConstraintRaw, "ConstraintRaw"),
        (ErrorCode::ConstraintRentExempt, "ConstraintRentExempt"),
        (ErrorCode::ConstraintExecutable, "ConstraintExecutable"),
        (ErrorCode::ConstraintClose, "ConstraintClose"),
        (ErrorCode::ConstraintAddress, "ConstraintAddress"),
        (ErrorCode::ConstraintZero, "ConstraintZero"),
        (ErrorCode::ConstraintSpace, "ConstraintSpace"),
        (ErrorCode::ConstraintAccountIsNone, "ConstraintAccountIsNone"),
        (ErrorCode::ConstraintDuplicateMutableAccount, "ConstraintDuplicateMutableAccount"),
        (ErrorCode::RequireViolated, "RequireViolated"),
        (ErrorCode::RequireEqViolated, "RequireEqViolated"),
        (ErrorCode::RequireKeysEqViolated, "RequireKeysEqViolated"),
        (ErrorCode::RequireNeqViolated, "RequireNeqViolated"),
        (ErrorCode::RequireKeysNeqViolated, "RequireKeysNeqViolated"),
        (ErrorCode::RequireGtViolated, "RequireGtViolated"),
        (ErrorCode::RequireGteViolated, "RequireGteViolated"),
    ];
    assert_eq!(codes.len(), anchor::ERRORS.len());
    for (code, name) in codes {
        let code = table::custom(code.into());
        assert!(anchor::ERRORS.iter().any(|known| known.0 == code && known.1 == name), "{name} is {code}");
    }
}

#[test]
fn a_failure_inside_a_call_is_laid_to_the_program_that_failed() {
    let error: TransactionError =
        serde_json::from_value(serde_json::json!({ "InstructionError": [1, { "Custom": 6008 }] })).unwrap();
    let logs = [
        format!("Program {} invoke [1]", market::PROGRAM),
        format!("Program {} invoke [2]", rewards::PROGRAM),
        format!("Program {} failed: custom program error: 0x1778", rewards::PROGRAM),
        format!("Program {} failed: custom program error: 0x1778", market::PROGRAM),
    ];
    let failure = Failure::read(error, &[SYSTEM_PROGRAM, market::PROGRAM], &logs);
    assert!(failure.is_rewards(RewardsError::IssuerDisabled), "{failure}");
}

#[test]
fn errors_of_the_token_and_system_programs_have_names_too() {
    assert!(failed(TOKEN_PROGRAM, 1).to_string().starts_with("token program: InsufficientFunds (1)"));
    assert!(failed(SYSTEM_PROGRAM, 0).to_string().starts_with("system program: AccountAlreadyInUse (0)"));
    assert!(failed(market::PROGRAM, 0).to_string().contains("AccountAlreadyInUse"));
    assert!(failed(Pubkey::new_from_array([9; 32]), 77).to_string().contains("Unknown (77)"));
}

#[test]
fn a_general_error_says_what_to_do() {
    let error: TransactionError =
        serde_json::from_value(serde_json::json!({ "InstructionError": [0, "InvalidSeeds"] })).unwrap();
    let text = Failure::read(error, &[market::PROGRAM], &[]).to_string();
    assert!(text.starts_with("market: ") && text.ends_with("check the addresses"), "{text}");
    assert!(Failure::read(TransactionError::AccountNotFound, &[], &[]).to_string().contains("fund the payer"));
}
