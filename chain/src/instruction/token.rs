//! Instructions of the SPL token program that the project uses.

use crate::address::{NATIVE_MINT, TOKEN_PROGRAM, token_account};
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use solana_pubkey::Pubkey;
use spl_token_interface::{instruction as token, state};

/// Bytes of a mint's account.
pub const MINT_BYTES: usize = state::Mint::LEN;

/// What [`create_mint`] needs.
#[derive(Clone, Copy, Debug)]
pub struct CreateMint {
    /// Signs and pays the rent.
    pub payer: Pubkey,
    /// The new mint; signs.
    pub mint: Pubkey,
    /// Who may mint.
    pub authority: Pubkey,
    /// Digits after the point of one token.
    pub decimals: u8,
    /// Rent of [`MINT_BYTES`], in lamports: ask the node.
    pub rent_lamports: u64,
}

/// Creates a mint without a freeze authority.
#[must_use]
pub fn create_mint(create: CreateMint) -> [Instruction; 2] {
    let CreateMint { payer, mint, authority, decimals, rent_lamports } = create;
    let space = MINT_BYTES as u64;
    // a token program's instruction is always built for the address of that same program
    let initialize = token::initialize_mint2(&TOKEN_PROGRAM, &mint, &authority, None, decimals)
        .expect("the token program's own address is the one that the builder checks for");
    [
        solana_system_interface::instruction::create_account(&payer, &mint, rent_lamports, space, &TOKEN_PROGRAM),
        initialize,
    ]
}

/// Creates the associated token account of `wallet` where it is missing. `payer` signs and pays.
#[must_use]
pub fn create_account(payer: Pubkey, wallet: Pubkey, mint: Pubkey) -> Instruction {
    spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent(
        &payer,
        &wallet,
        &mint,
        &TOKEN_PROGRAM,
    )
}

/// Mints `amount` base units to the associated token account of `wallet`. `authority` signs.
#[must_use]
pub fn mint_to(mint: Pubkey, wallet: Pubkey, authority: Pubkey, amount: u64) -> Instruction {
    token::mint_to(&TOKEN_PROGRAM, &mint, &token_account(&wallet, &mint), &authority, &[], amount)
        .expect("the token program's own address is the one that the builder checks for")
}

/// What [`transfer`] needs.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Mint of both accounts.
    pub mint: Pubkey,
    /// Its decimals.
    pub decimals: u8,
    /// Owner of the sending account; signs.
    pub from: Pubkey,
    /// Owner of the receiving account.
    pub to: Pubkey,
    /// Base units.
    pub amount: u64,
}

/// Moves tokens between the associated token accounts of two wallets.
#[must_use]
pub fn transfer(transfer: Transfer) -> Instruction {
    let Transfer { mint, decimals, from, to, amount } = transfer;
    let (source, target) = (token_account(&from, &mint), token_account(&to, &mint));
    token::transfer_checked(&TOKEN_PROGRAM, &source, &mint, &target, &from, &[], amount, decimals)
        .expect("the token program's own address is the one that the builder checks for")
}

/// Turns `lamports` of `wallet` into wrapped SOL in its associated token account. `wallet` signs.
#[must_use]
pub fn wrap(wallet: Pubkey, lamports: u64) -> [Instruction; 3] {
    let tokens = token_account(&wallet, &NATIVE_MINT);
    let sync = token::sync_native(&TOKEN_PROGRAM, &tokens)
        .expect("the token program's own address is the one that the builder checks for");
    [
        create_account(wallet, wallet, NATIVE_MINT),
        solana_system_interface::instruction::transfer(&wallet, &tokens, lamports),
        sync,
    ]
}

/// Turns all wrapped SOL of `wallet`'s associated token account back into lamports, its rent included. `wallet` signs.
#[must_use]
pub fn unwrap(wallet: Pubkey) -> Instruction {
    let tokens = token_account(&wallet, &NATIVE_MINT);
    token::close_account(&TOKEN_PROGRAM, &tokens, &wallet, &wallet, &[])
        .expect("the token program's own address is the one that the builder checks for")
}
