//! Names and messages of the programs' error codes.

use super::{ProgramFailure, anchor};
use crate::address::{
    SYSTEM_PROGRAM, TOKEN_2022_PROGRAM, TOKEN_PROGRAM, grants as grants_at, market as market_at, oracles as oracles_at,
    proofs as proofs_at, rental as rental_at, rewards as rewards_at,
};
use anchor_lang::Error;
use solana_pubkey::Pubkey;
use solana_system_interface::error::SystemError;
use spl_token_interface::error::TokenError;

// written by build.rs from programs/*/src/errors.rs
include!(concat!(env!("OUT_DIR"), "/errors.rs"));

/// The code of an error with a code of its own; `u32::MAX` for one of the runtime's general errors.
pub(super) fn custom(error: Error) -> u32 {
    match error {
        Error::Custom(code) => code,
        _ => u32::MAX,
    }
}

pub(super) fn lookup(program: Pubkey, code: u32) -> ProgramFailure {
    let known = match program {
        market_at::PROGRAM => own(market(), code),
        rewards_at::PROGRAM => own(rewards(), code),
        grants_at::PROGRAM => own(grants(), code),
        oracles_at::PROGRAM => own(oracles(), code),
        rental_at::PROGRAM => own(rental(), code),
        // the first codes of Token-2022 are those of the classic program
        TOKEN_PROGRAM | TOKEN_2022_PROGRAM => {
            TokenError::try_from(code).ok().map(|error| (format!("{error:?}"), error.to_string()))
        }
        proofs_at::PROGRAM => own(proofs(), code),
        SYSTEM_PROGRAM => SystemError::try_from(code).ok().map(|error| (format!("{error:?}"), error.to_string())),
        _ => None,
    };
    let (name, message) = known.unwrap_or_else(|| ("Unknown".into(), "a code that this version does not know".into()));
    ProgramFailure { program, code, name, message }
}

fn own(table: Vec<(u32, &'static str, &'static str)>, code: u32) -> Option<(String, String)> {
    let entry = table.into_iter().chain(anchor::ERRORS.iter().copied()).find(|(known, ..)| *known == code);
    // a system program's error passes through the program that called it, under the same number
    let called = || SystemError::try_from(code).ok().map(|error| (format!("{error:?}"), error.to_string()));
    entry.map(|(_, name, message)| (name.to_owned(), message.to_owned())).or_else(called)
}
