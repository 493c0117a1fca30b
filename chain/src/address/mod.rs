//! Where things are: the addresses that the programs derive, and those of token accounts and program data.
//!
//! Seeds that a program states in a form that its generated client can repeat come from that client; the others are
//! written here once, next to a test that compares them with what the program's own accounts say.

pub mod grants;
pub mod market;
pub mod oracles;
pub mod proofs;
pub mod rental;
pub mod rewards;

use solana_pubkey::Pubkey;

/// The SPL token program.
pub const TOKEN_PROGRAM: Pubkey = spl_token_interface::ID;
/// The mint of wrapped SOL.
pub const NATIVE_MINT: Pubkey = spl_token_interface::native_mint::ID;
/// Token-2022.
pub const TOKEN_2022_PROGRAM: Pubkey = Pubkey::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// The system program.
pub const SYSTEM_PROGRAM: Pubkey = solana_system_interface::program::ID;
/// The sysvar with the hashes of the last 512 slots.
pub const SLOT_HASHES: Pubkey = Pubkey::from_str_const("SysvarS1otHashes111111111111111111111111111");
/// The sysvar with the chain's time.
pub const CLOCK: Pubkey = Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
/// The loader that owns upgradeable programs.
pub const LOADER: Pubkey = Pubkey::new_from_array(protocol::upgradeable::LOADER_ID);

/// The account that holds the bytecode of `program`, and says who may upgrade it.
#[must_use]
pub fn program_data(program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[program.as_ref()], &LOADER).0
}

/// The associated token account of `wallet` for a `mint` of the classic token program.
#[must_use]
pub fn token_account(wallet: &Pubkey, mint: &Pubkey) -> Pubkey {
    token_account_of(wallet, mint, &TOKEN_PROGRAM)
}

/// The associated token account of `wallet` for a `mint` of `token_program`.
#[must_use]
pub fn token_account_of(wallet: &Pubkey, mint: &Pubkey, token_program: &Pubkey) -> Pubkey {
    use spl_associated_token_account_interface::address::get_associated_token_address_with_program_id as derive;
    derive(wallet, mint, token_program)
}

#[cfg(test)]
mod tests;
