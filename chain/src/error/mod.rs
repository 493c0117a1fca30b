//! What a failed transaction means, in the words of the program that refused it.

mod anchor;
mod table;

use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;
use solana_transaction_error::TransactionError;
use std::fmt;

/// Why a transaction failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A program refused it with a code of its own.
    #[error("{0}")]
    Program(ProgramFailure),
    /// The runtime refused it, or a program with one of the runtime's general errors.
    #[error("{}{error}{}", Prefix(*instruction, program), hint(error))]
    Runtime {
        /// The runtime's error.
        error: TransactionError,
        /// Place of the failed instruction in the transaction, from 0.
        instruction: Option<u8>,
        /// The program that failed, where it is known.
        program: Option<Pubkey>,
    },
}

/// A program's own error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramFailure {
    /// The program.
    pub program: Pubkey,
    /// The code that it returned.
    pub code: u32,
    /// The code's name in the program, such as `AlreadyVoted`.
    pub name: String,
    /// What it means and what to do.
    pub message: String,
}

impl fmt::Display for ProgramFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { program, code, name, message } = self;
        write!(f, "{}: {name} ({code}): {message}", program_name(program))
    }
}

impl Failure {
    /// Reads the runtime's `error`. `programs` are those of the transaction's instructions in order, and `logs` what the
    /// transaction logged: with them a failure inside a call from another program is laid to the right one.
    #[must_use]
    pub fn read(error: TransactionError, programs: &[Pubkey], logs: &[String]) -> Self {
        let TransactionError::InstructionError(instruction, cause) = &error else {
            return Self::Runtime { error, instruction: None, program: None };
        };
        let (instruction, cause) = (*instruction, cause.clone());
        let program = innermost_failed(logs).or_else(|| programs.get(usize::from(instruction)).copied());
        match (program, custom_code(&cause)) {
            (Some(program), Some(code)) => Self::Program(table::lookup(program, code)),
            _ => Self::Runtime { error, instruction: Some(instruction), program },
        }
    }

    /// Whether the market refused with `error`.
    #[must_use]
    pub fn is_market(&self, error: ::market::MarketError) -> bool {
        self.is(crate::address::market::PROGRAM, error.into())
    }

    /// Whether rewards refused with `error`.
    #[must_use]
    pub fn is_rewards(&self, error: ::rewards::RewardsError) -> bool {
        self.is(crate::address::rewards::PROGRAM, error.into())
    }

    /// Whether grants refused with `error`.
    #[must_use]
    pub fn is_grants(&self, error: ::grants::GrantsError) -> bool {
        self.is(crate::address::grants::PROGRAM, error.into())
    }

    /// Whether oracles refused with `error`.
    #[must_use]
    pub fn is_oracles(&self, error: ::oracles::OraclesError) -> bool {
        self.is(crate::address::oracles::PROGRAM, error.into())
    }

    /// Whether rental refused with `error`.
    #[must_use]
    pub fn is_rental(&self, error: ::rental::RentalError) -> bool {
        self.is(crate::address::rental::PROGRAM, error.into())
    }

    /// Whether proofs refused with `error`.
    #[must_use]
    pub fn is_proofs(&self, error: ::proofs::ProofsError) -> bool {
        self.is(crate::address::proofs::PROGRAM, error.into())
    }

    fn is(&self, program: Pubkey, error: anchor_lang::Error) -> bool {
        matches!(self, Self::Program(found) if found.program == program && found.code == table::custom(error))
    }
}

/// Name, code and message of every error of the market.
#[must_use]
pub fn market_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::market()
}

/// Name, code and message of every error of rewards.
#[must_use]
pub fn rewards_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::rewards()
}

/// Name, code and message of every error of grants.
#[must_use]
pub fn grants_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::grants()
}

/// Name, code and message of every error of oracles.
#[must_use]
pub fn oracles_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::oracles()
}

/// Name, code and message of every error of rental.
#[must_use]
pub fn rental_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::rental()
}

/// Name, code and message of every error of proofs.
#[must_use]
pub fn proofs_errors() -> Vec<(u32, &'static str, &'static str)> {
    table::proofs()
}

fn custom_code(cause: &InstructionError) -> Option<u32> {
    match cause {
        InstructionError::Custom(code) => Some(*code),
        _ => None,
    }
}

/// The program of the first line `Program <address> failed: ...`: the innermost of nested calls fails first.
fn innermost_failed(logs: &[String]) -> Option<Pubkey> {
    logs.iter().find_map(|line| {
        let (program, _) = line.strip_prefix("Program ")?.split_once(" failed: ")?;
        program.parse().ok()
    })
}

fn program_name(program: &Pubkey) -> String {
    match *program {
        crate::address::market::PROGRAM => "market".into(),
        crate::address::rewards::PROGRAM => "rewards".into(),
        crate::address::grants::PROGRAM => "grants".into(),
        crate::address::oracles::PROGRAM => "oracles".into(),
        crate::address::rental::PROGRAM => "rental".into(),
        crate::address::proofs::PROGRAM => "proofs".into(),
        crate::address::TOKEN_PROGRAM => "token program".into(),
        crate::address::TOKEN_2022_PROGRAM => "token program 2022".into(),
        crate::address::SYSTEM_PROGRAM => "system program".into(),
        other => format!("program {other}"),
    }
}

struct Prefix<'a>(Option<u8>, &'a Option<Pubkey>);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.1, self.0) {
            (Some(program), _) => write!(f, "{}: ", program_name(program)),
            (None, Some(instruction)) => write!(f, "instruction {instruction}: "),
            (None, None) => Ok(()),
        }
    }
}

fn hint(error: &TransactionError) -> &'static str {
    use InstructionError as I;
    use TransactionError as T;
    match error {
        T::InstructionError(_, cause) => match cause {
            I::InvalidSeeds => "; an account is not the one that belongs to the others: check the addresses",
            I::IllegalOwner | I::InvalidAccountOwner => "; an account belongs to another program: check the addresses",
            I::MissingRequiredSignature => "; sign with every key that the instruction names",
            I::InvalidInstructionData => "; the program does not know this: are program and client of one version?",
            I::InvalidAccountData | I::AccountDataTooSmall => "; an account is of another kind than expected",
            I::UninitializedAccount => "; an account does not exist yet: create it first",
            I::ComputationalBudgetExceeded => "; the compute limit is too low: raise the margin",
            _ => "",
        },
        T::AccountNotFound | T::InsufficientFundsForFee | T::InsufficientFundsForRent { .. } => {
            "; fund the payer with lamports"
        }
        T::BlockhashNotFound => "; the blockhash is too old: sign again",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
