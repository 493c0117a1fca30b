//! Reading the programs' accounts through the programs' own types.

use anchor_lang::{AccountDeserialize, Discriminator, Owner};
use solana_account::Account;
use solana_pubkey::Pubkey;
#[cfg(feature = "rpc")]
use solana_rpc_client_api::filter::{Memcmp, RpcFilterType};

/// A fixed-size account of one of the programs. All of their account types are.
pub trait ProgramAccount: AccountDeserialize + Discriminator + Owner {
    /// What it is called in messages.
    const NAME: &'static str;
    /// Bytes of the account, discriminator included.
    const BYTES: usize;
}

macro_rules! program_account {
    ($($kind:ty = $name:literal),* $(,)?) => {$(
        impl ProgramAccount for $kind {
            const NAME: &'static str = $name;
            const BYTES: usize = <$kind as Discriminator>::DISCRIMINATOR.len() + size_of::<$kind>();
        }
    )*};
}

program_account! {
    market::state::Config = "configuration of the market",
    market::state::OracleSet = "oracle set",
    market::state::Listing = "listing",
    market::state::Order = "order",
    market::state::Reputation = "reputation",
    rewards::state::Config = "configuration of rewards",
    rewards::state::Issuer = "issuer",
    rewards::state::Category = "category",
    rewards::state::Epoch = "epoch",
    rewards::state::Contributor = "contributor",
    rewards::state::Points = "points of an epoch",
    rewards::state::Award = "award",
    grants::state::Config = "configuration of grants",
    grants::state::Proposal = "proposal",
    grants::state::Ballot = "ballot",
    oracles::state::Config = "configuration of oracles",
    oracles::state::Oracle = "oracle",
    oracles::state::Record = "record of votes",
    oracles::state::Seals = "seals of votes",
    oracles::state::Panel = "panel of oracles",
    rental::state::Rental = "rental",
    proofs::state::Claim = "claim about a chunk",
    proofs::state::Verdict = "verdict of proofs",
    proofs::state::Evidence = "evidence about a training job",
    rewards::state::Schedule = "schedule",
    rewards::state::Spend = "spend of the reserve",
}

/// Why an account is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Nothing is there.
    #[error("there is no {kind} at {address}")]
    Missing {
        /// What was expected.
        kind: &'static str,
        /// Where.
        address: Pubkey,
    },
    /// It belongs to another program.
    #[error("{address} is not a {kind}: it belongs to program {owner}")]
    OtherOwner {
        /// What was expected.
        kind: &'static str,
        /// Where.
        address: Pubkey,
        /// Whose it is.
        owner: Pubkey,
    },
    /// It is another kind of account of the program.
    #[error("{address} is not a {kind}: it is another kind of account of the same program")]
    OtherKind {
        /// What was expected.
        kind: &'static str,
        /// Where.
        address: Pubkey,
    },
    /// It has another size.
    #[error("the {kind} at {address} has {found} bytes instead of {expected}: are program and client of one version?")]
    OtherSize {
        /// What was expected.
        kind: &'static str,
        /// Where.
        address: Pubkey,
        /// Bytes of this kind of account.
        expected: usize,
        /// Bytes that are there.
        found: usize,
    },
}

/// Reads the account at `address`, after checking its owner, kind and size.
pub fn decode<T: ProgramAccount>(address: &Pubkey, account: &Account) -> Result<T, AccountError> {
    let (kind, address, found) = (T::NAME, *address, account.data.len());
    if account.owner != T::OWNER {
        return Err(AccountError::OtherOwner { kind, address, owner: account.owner });
    }
    if !account.data.starts_with(T::DISCRIMINATOR) {
        return Err(AccountError::OtherKind { kind, address });
    }
    if found != T::BYTES {
        return Err(AccountError::OtherSize { kind, address, expected: T::BYTES, found });
    }
    T::try_deserialize(&mut account.data.as_slice()).map_err(|_| AccountError::OtherKind { kind, address })
}

/// Filters with which a node finds all accounts of the kind `T`.
#[cfg(feature = "rpc")]
#[must_use]
pub fn filters<T: ProgramAccount>() -> Vec<RpcFilterType> {
    vec![RpcFilterType::DataSize(T::BYTES as u64), matches_bytes(0, T::DISCRIMINATOR)]
}

/// A filter on the field of `T` that starts `offset` bytes into the type (`std::mem::offset_of!`) and holds `bytes`.
#[cfg(feature = "rpc")]
#[must_use]
pub fn field_is<T: ProgramAccount>(offset: usize, bytes: &[u8]) -> RpcFilterType {
    matches_bytes(T::DISCRIMINATOR.len() + offset, bytes)
}

#[cfg(feature = "rpc")]
fn matches_bytes(offset: usize, bytes: &[u8]) -> RpcFilterType {
    RpcFilterType::Memcmp(Memcmp::new_raw_bytes(offset, bytes.to_vec()))
}

/// Base units in a token account of either token program; `None` where `account` is not one.
#[must_use]
pub fn token_amount(account: &Account) -> Option<u64> {
    use crate::address::{TOKEN_2022_PROGRAM, TOKEN_PROGRAM};
    use solana_program_pack::Pack;
    use spl_token_interface::state::Account as Tokens;
    // Token-2022 puts extensions after the classic account, and in front of them a byte that says whose they are
    let (data, extensions) = account.data.split_at_checked(Tokens::LEN)?;
    let extended = extensions.first().is_none_or(|kind| *kind == EXTENDED_ACCOUNT);
    let is_one =
        (account.owner == TOKEN_PROGRAM && extensions.is_empty()) || (account.owner == TOKEN_2022_PROGRAM && extended);
    is_one.then(|| Tokens::unpack(data).ok()).flatten().map(|tokens| tokens.amount)
}

/// What Token-2022 writes in front of the extensions of a token account; mints have 1.
const EXTENDED_ACCOUNT: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;
    use market::state::{Listing, Order};
    use proptest::prelude::*;

    fn account(owner: Pubkey, data: Vec<u8>) -> Account {
        Account { lamports: 1, data, owner, executable: false, rent_epoch: 0 }
    }

    #[test]
    fn an_order_is_read_only_from_an_account_that_is_one() {
        let address = Pubkey::new_from_array([7; 32]);
        let mut data = vec![0; Order::BYTES];
        data[..8].copy_from_slice(Order::DISCRIMINATOR);
        let at = 8 + std::mem::offset_of!(Order, amount);
        data[at..at + 8].copy_from_slice(&250u64.to_le_bytes());
        let good = account(market::ID, data.clone());
        assert_eq!(decode::<Order>(&address, &good).unwrap().amount.get(), 250);

        let other_owner = account(rewards::ID, data.clone());
        assert!(matches!(decode::<Order>(&address, &other_owner), Err(AccountError::OtherOwner { .. })));
        assert!(matches!(decode::<Listing>(&address, &good), Err(AccountError::OtherKind { .. })));
        data.push(0);
        assert!(matches!(decode::<Order>(&address, &account(market::ID, data)), Err(AccountError::OtherSize { .. })));
        let empty = account(market::ID, vec![]);
        assert!(matches!(decode::<Order>(&address, &empty), Err(AccountError::OtherKind { .. })));
    }

    #[test]
    fn tokens_are_counted_in_accounts_of_both_token_programs_and_in_nothing_else() {
        use crate::address::{TOKEN_2022_PROGRAM, TOKEN_PROGRAM};
        let mut data = vec![0; 165];
        data[64..72].copy_from_slice(&7u64.to_le_bytes());
        data[108] = 1;
        let amount = |owner, data: &[u8]| token_amount(&account(owner, data.to_vec()));
        assert_eq!([TOKEN_PROGRAM, TOKEN_2022_PROGRAM].map(|owner| amount(owner, &data)), [Some(7); 2]);
        assert_eq!(amount(market::ID, &data), None);
        assert_eq!(amount(TOKEN_2022_PROGRAM, &data[..164]), None);
        let extended = |kind: u8| [&data[..], &[kind, 7, 0, 0, 0]].concat();
        assert_eq!(amount(TOKEN_2022_PROGRAM, &extended(2)), Some(7));
        // a mint's extensions, and an account that the classic program never made
        assert_eq!(amount(TOKEN_2022_PROGRAM, &extended(1)), None);
        assert_eq!(amount(TOKEN_PROGRAM, &extended(2)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_decoder_panic(mut data in prop::collection::vec(any::<u8>(), 0..900), kind in 0u8..3, exact: bool) {
            let address = Pubkey::default();
            if exact {
                data.resize(Order::BYTES, 0xff);
                data[..8].copy_from_slice(Order::DISCRIMINATOR);
            }
            let account = account([market::ID, rewards::ID, Pubkey::default()][usize::from(kind)], data);
            let _ = decode::<market::state::Config>(&address, &account);
            let _ = decode::<market::state::OracleSet>(&address, &account);
            let _ = decode::<Listing>(&address, &account);
            let _ = decode::<market::state::Reputation>(&address, &account);
            prop_assert_eq!(decode::<Order>(&address, &account).is_ok(), exact && kind == 0);
            let _ = decode::<rewards::state::Config>(&address, &account);
            let _ = decode::<rewards::state::Issuer>(&address, &account);
            let _ = decode::<rewards::state::Category>(&address, &account);
            let _ = decode::<rewards::state::Epoch>(&address, &account);
            let _ = decode::<rewards::state::Contributor>(&address, &account);
            let _ = decode::<rewards::state::Points>(&address, &account);
            let _ = decode::<rewards::state::Award>(&address, &account);
            let _ = decode::<oracles::state::Config>(&address, &account);
            let _ = decode::<oracles::state::Oracle>(&address, &account);
            let _ = decode::<oracles::state::Record>(&address, &account);
            let _ = decode::<oracles::state::Panel>(&address, &account);
            let _ = decode::<rental::state::Rental>(&address, &account);
            let _ = decode::<proofs::state::Claim>(&address, &account);
            let _ = decode::<proofs::state::Verdict>(&address, &account);
            let _ = decode::<rewards::state::Schedule>(&address, &account);
            let _ = decode::<rewards::state::Spend>(&address, &account);
            let _ = token_amount(&account);
        }
    }
}
