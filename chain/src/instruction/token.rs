//! Instructions of the SPL token programs that the project uses, and the token that they are about.
//!
//! Token-2022 takes what the classic token program takes, byte for byte, so that one builder serves both.

use crate::address::{NATIVE_MINT, TOKEN_PROGRAM, token_account, token_account_of};
use solana_instruction::Instruction;
use solana_program_pack::Pack;
use solana_pubkey::Pubkey;
use spl_token_interface::{instruction as token, state};

/// Bytes of a mint's account, without extensions.
pub const MINT_BYTES: usize = state::Mint::LEN;

/// A token: its mint, and the program that moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its mint.
    pub mint: Pubkey,
    /// The program that owns the mint: the classic token program or Token-2022.
    pub program: Pubkey,
}

impl Token {
    /// The token of a `mint` of the classic token program.
    #[must_use]
    pub const fn classic(mint: Pubkey) -> Self {
        Self { mint, program: TOKEN_PROGRAM }
    }

    /// The associated token account of `wallet`.
    #[must_use]
    pub fn account_of(&self, wallet: &Pubkey) -> Pubkey {
        token_account_of(wallet, &self.mint, &self.program)
    }

    /// What the classic program's builder made, for the program of this token.
    fn instruction(&self, built: Instruction) -> Instruction {
        Instruction { program_id: self.program, ..built }
    }
}

/// What [`create_mint`] needs.
#[derive(Clone, Copy, Debug)]
pub struct CreateMint {
    /// Signs and pays the rent.
    pub payer: Pubkey,
    /// The new token, whose mint signs.
    pub token: Token,
    /// Who may mint.
    pub authority: Pubkey,
    /// Digits after the point of one token.
    pub decimals: u8,
    /// Rent of [`MINT_BYTES`], in lamports: ask the node.
    pub rent_lamports: u64,
}

/// Creates a mint without a freeze authority and without extensions.
#[must_use]
pub fn create_mint(create: CreateMint) -> [Instruction; 2] {
    let CreateMint { payer, token: new, authority, decimals, rent_lamports } = create;
    let space = MINT_BYTES as u64;
    // a token program's instruction is always built for the address of that same program
    let initialize = token::initialize_mint2(&TOKEN_PROGRAM, &new.mint, &authority, None, decimals)
        .expect("the token program's own address is the one that the builder checks for");
    [
        solana_system_interface::instruction::create_account(&payer, &new.mint, rent_lamports, space, &new.program),
        new.instruction(initialize),
    ]
}

/// Creates the associated token account of `wallet` where it is missing. `payer` signs and pays.
#[must_use]
pub fn create_account(payer: Pubkey, wallet: Pubkey, token: Token) -> Instruction {
    spl_associated_token_account_interface::instruction::create_associated_token_account_idempotent(
        &payer,
        &wallet,
        &token.mint,
        &token.program,
    )
}

/// Mints `amount` base units to the associated token account of `wallet`. `authority` signs.
#[must_use]
pub fn mint_to(minted: Token, wallet: Pubkey, authority: Pubkey, amount: u64) -> Instruction {
    let built = token::mint_to(&TOKEN_PROGRAM, &minted.mint, &minted.account_of(&wallet), &authority, &[], amount);
    minted.instruction(built.expect("the token program's own address is the one that the builder checks for"))
}

/// What [`transfer`] needs.
#[derive(Clone, Copy, Debug)]
pub struct Transfer {
    /// Token of both accounts.
    pub token: Token,
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
    let Transfer { token: moved, decimals, from, to, amount } = transfer;
    let (source, target) = (moved.account_of(&from), moved.account_of(&to));
    let built = token::transfer_checked(&TOKEN_PROGRAM, &source, &moved.mint, &target, &from, &[], amount, decimals);
    moved.instruction(built.expect("the token program's own address is the one that the builder checks for"))
}

/// Turns `lamports` of `wallet` into wrapped SOL in its associated token account. `wallet` signs.
#[must_use]
pub fn wrap(wallet: Pubkey, lamports: u64) -> [Instruction; 3] {
    let tokens = token_account(&wallet, &NATIVE_MINT);
    let sync = token::sync_native(&TOKEN_PROGRAM, &tokens)
        .expect("the token program's own address is the one that the builder checks for");
    [
        create_account(wallet, wallet, Token::classic(NATIVE_MINT)),
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
