//! What came of an attempt, in a word.
use crate::{Idl, address};
use anchor_lang::Address;
use chain::Failure;
use litesvm::types::{FailedTransactionMetadata, SimulatedTransactionInfo};
use solana_account::Account;
use solana_transaction_error::TransactionError;

/// The call went through.
pub(super) const OK: &str = "ok";

/// The name of the error with which `called` or a program that it calls refused, or [`OK`] and the accounts after the call.
pub(super) fn outcome(
    programs: &[Idl],
    called: Address,
    simulated: Result<SimulatedTransactionInfo, FailedTransactionMetadata>,
) -> (String, Vec<(Address, Account)>) {
    let FailedTransactionMetadata { err, meta } = match simulated {
        Ok(info) => {
            let after = info.post_accounts.into_iter().map(|(address, account)| (address, account.into()));
            return (OK.into(), after.collect());
        }
        Err(failed) => failed,
    };
    let (by, name) = match Failure::read(err, &[called], &meta.logs) {
        Failure::Program(failure) => {
            let name = if failure.name == "Unknown" { format!("error {}", failure.code) } else { failure.name };
            (failure.program, name)
        }
        Failure::Runtime { error: TransactionError::InstructionError(_, cause), program, .. } => {
            (program.unwrap_or(called), format!("{cause:?}"))
        }
        Failure::Runtime { error, .. } => (called, format!("{error:?}")),
    };
    let refusal = if by == called { name } else { format!("{}: {name}", program_name(programs, &by)) };
    (refusal, Vec::new())
}

/// What a program is called in the table.
pub(super) fn program_name(programs: &[Idl], program: &Address) -> String {
    let ours = programs.iter().find(|idl| idl.address == *program).map(|idl| idl.program.clone());
    ours.unwrap_or_else(|| match *program {
        address::SYSTEM_PROGRAM => "system".into(),
        address::TOKEN_PROGRAM => "token".into(),
        super::substitutes::TOKEN_2022 => "token 2022".into(),
        other => other.to_string(),
    })
}
