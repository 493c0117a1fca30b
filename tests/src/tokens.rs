use crate::{World, address, token_account};
use anchor_lang::{
    Address, Discriminator,
    bytemuck::{self, Pod},
};

pub use chain::instruction::token::Token;

/// Wrapped SOL.
pub const NATIVE_MINT: Address = Address::from_str_const("So11111111111111111111111111111111111111112");

/// The three kinds of token that every program must take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// Of the classic token program.
    Classic,
    /// Of Token-2022, with a metadata pointer, which is on the allow-list.
    Extended,
    /// Wrapped SOL.
    Native,
}

impl TokenKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Classic, Self::Extended, Self::Native];
}

impl World {
    /// A new token of a kind.
    pub fn token(&mut self, kind: TokenKind) -> Token {
        match kind {
            TokenKind::Classic => Token { mint: self.mint(), program: address::TOKEN_PROGRAM },
            TokenKind::Extended => self.token_with_extension(18, 64),
            TokenKind::Native => {
                let mut data = vec![0; 82];
                data[44] = 9;
                data[45] = 1;
                self.put(NATIVE_MINT, address::TOKEN_PROGRAM, data);
                Token { mint: NATIVE_MINT, program: address::TOKEN_PROGRAM }
            }
        }
    }

    /// A new mint of Token-2022 that carries one extension: its type and the length of its value, which is zero.
    pub fn token_with_extension(&mut self, kind: u16, length: u16) -> Token {
        let mint = self.wallet();
        let mut data = vec![0; 166];
        data[44] = 6;
        data[45] = 1;
        data[165] = 1;
        data.extend(kind.to_le_bytes());
        data.extend(length.to_le_bytes());
        data.resize(data.len() + usize::from(length), 0);
        self.put(mint, address::TOKEN_2022_PROGRAM, data);
        Token { mint, program: address::TOKEN_2022_PROGRAM }
    }

    /// Gives `wallet` an associated token account for `token` with `amount` base units, which the mint's supply counts.
    pub fn fund_with(&mut self, wallet: &Address, token: &Token, amount: u64) -> Address {
        let tokens = address::token_account_of(wallet, &token.mint, &token.program);
        self.put_tokens(tokens, wallet, token, amount);
        tokens
    }

    /// A token account of `wallet` that is not its associated one.
    pub fn other_tokens_of(&mut self, wallet: &Address, token: &Token, amount: u64) -> Address {
        let tokens = self.wallet();
        self.put_tokens(tokens, wallet, token, amount);
        tokens
    }

    fn put_tokens(&mut self, at: Address, wallet: &Address, token: &Token, amount: u64) {
        let mut data = token_account(&token.mint, wallet, amount);
        let rent = self.rent(data.len());
        if token.mint == NATIVE_MINT {
            data[109..113].copy_from_slice(&1u32.to_le_bytes());
            data[113..121].copy_from_slice(&rent.to_le_bytes());
        }
        self.put(at, token.program, data);
        if token.mint == NATIVE_MINT {
            self.tamper(&at, |account| account.lamports = rent + amount);
        } else {
            let supply = self.supply(&token.mint) + amount;
            self.tamper(&token.mint, |account| account.data[36..44].copy_from_slice(&supply.to_le_bytes()));
        }
    }

    /// Base units of a mint that exist.
    #[must_use]
    pub fn supply(&self, mint: &Address) -> u64 {
        let account = self.svm.get_account(mint).unwrap();
        u64::from_le_bytes(account.data[36..44].try_into().unwrap())
    }

    /// Writes an account of a program, as the program itself would have left it.
    pub fn put_account<T: Pod + Discriminator>(&mut self, address: Address, program: Address, account: &T) {
        self.put(address, program, [T::DISCRIMINATOR, bytemuck::bytes_of(account)].concat());
    }
}
