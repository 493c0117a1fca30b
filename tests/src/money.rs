//! The kinds of token that orders are paid in.
use crate::{NATIVE_MINT, World, address, token_account};
use anchor_lang::Address;

/// Bytes before the extensions of a Token-2022 account or mint; the first after them is the type.
const BASE: usize = 165;

/// A kind of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Money {
    /// Of the classic token program.
    Classic,
    /// Of Token-2022, without extensions.
    Token2022,
    /// Wrapped SOL.
    Native,
}

impl Money {
    /// The program that moves it.
    #[must_use]
    pub fn program(self) -> Address {
        match self {
            Self::Classic | Self::Native => address::TOKEN_PROGRAM,
            Self::Token2022 => address::TOKEN_2022_PROGRAM,
        }
    }

    /// A mint of it.
    pub fn mint(self, world: &mut World) -> Address {
        match self {
            Self::Classic => world.mint(),
            Self::Token2022 => world.mint_with(&[]),
            Self::Native => {
                let mut data = vec![0; 82];
                (data[44], data[45]) = (9, 1);
                world.put(NATIVE_MINT, address::TOKEN_PROGRAM, data);
                NATIVE_MINT
            }
        }
    }

    /// Gives `wallet` an associated token account with `amount` base units. The mint's supply grows by as much, so that they
    /// can be burned.
    pub fn fund(self, world: &mut World, wallet: &Address, mint: &Address, amount: u64) -> Address {
        let tokens = address::token_account_of(wallet, mint, &self.program());
        self.put_tokens(world, tokens, wallet, mint, amount);
        tokens
    }

    /// A token account of `wallet` that is not its associated one.
    pub fn other_tokens(self, world: &mut World, wallet: &Address, mint: &Address, amount: u64) -> Address {
        let tokens = world.wallet();
        self.put_tokens(world, tokens, wallet, mint, amount);
        tokens
    }

    fn put_tokens(self, world: &mut World, tokens: Address, wallet: &Address, mint: &Address, amount: u64) {
        let mut data = token_account(mint, wallet, amount);
        if self == Self::Native {
            let rent = world.rent(data.len());
            data[109..113].copy_from_slice(&1u32.to_le_bytes());
            data[113..121].copy_from_slice(&rent.to_le_bytes());
        }
        world.put(tokens, self.program(), data);
        if self == Self::Native {
            world.tamper(&tokens, |account| account.lamports += amount);
        } else {
            world.tamper(mint, |account| {
                let supply = u64::from_le_bytes(account.data[36..44].try_into().unwrap());
                account.data[36..44].copy_from_slice(&supply.saturating_add(amount).to_le_bytes());
            });
        }
    }
}

impl World {
    /// A new mint of Token-2022 with these extensions: type and value.
    pub fn mint_with(&mut self, extensions: &[(u16, Vec<u8>)]) -> Address {
        let mint = self.wallet();
        let mut data = vec![0; 82];
        (data[44], data[45]) = (6, 1);
        if !extensions.is_empty() {
            data.resize(BASE, 0);
            data.push(1);
            for (kind, value) in extensions {
                data.extend(kind.to_le_bytes());
                data.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
                data.extend(value);
            }
        }
        self.put(mint, address::TOKEN_2022_PROGRAM, data);
        mint
    }
}
