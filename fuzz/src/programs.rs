//! Two targets for each program: its entrypoint, and the decoding of its accounts off chain.
use crate::{Target, call::Call};
use chain::account::{ProgramAccount, decode};
use solana_account::Account;
use solana_pubkey::Pubkey;

/// The targets of one program.
#[derive(Clone, Copy, Debug)]
pub struct ProgramTargets {
    /// The program's name.
    pub program: &'static str,
    /// Its entrypoint, which decodes arguments and loads accounts.
    pub calls: Target,
    /// `chain::account::decode` for each of its account types.
    pub accounts: Target,
    /// Names of those types.
    pub account_types: &'static [&'static str],
    /// What the entrypoint answers, 0 where the call goes through.
    pub answer: fn(Call) -> u64,
}

macro_rules! programs {
    ($($program:ident: $($account:ident)*;)*) => {
        /// The programs, each with its account types.
        pub const PROGRAMS: &[ProgramTargets] = &[$(ProgramTargets {
            program: stringify!($program),
            calls: Target {
                name: concat!(stringify!($program), "_calls"),
                run: |bytes| {
                    Call::decode(bytes).answer($program::ID, $program::__anchor_dispatch);
                },
                takes_call: true,
            },
            accounts: Target {
                name: concat!(stringify!($program), "_accounts"),
                run: |bytes| { $(read::<$program::state::$account>($program::ID, bytes);)* },
                takes_call: false,
            },
            account_types: &[$(stringify!($account)),*],
            answer: |call| call.answer($program::ID, $program::__anchor_dispatch),
        }),*];
    };
}

programs! {
    market: Config OracleSet Listing Order Reputation;
    rewards: Config Issuer Category Epoch Contributor Points Award Schedule Spend;
    grants: Config Proposal Ballot;
    oracles: Config Oracle Record Seals Panel;
    rental: Rental;
    proofs: Claim Evidence Verdict;
}

/// An account is read exactly where its kind and size are right: every field may have any value.
fn read<T: ProgramAccount>(owner: Pubkey, bytes: &[u8]) {
    let account = Account { lamports: 1, data: bytes.to_vec(), owner, ..Account::default() };
    let right = bytes.len() == T::BYTES && bytes.starts_with(T::DISCRIMINATOR);
    assert_eq!(decode::<T>(&owner, &account).is_ok(), right, "{}", T::NAME);
}
