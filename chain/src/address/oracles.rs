//! Addresses of the accounts of oracles.

use ::oracles::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::oracles::ID;

/// The configuration.
#[must_use]
pub fn config() -> Pubkey {
    accounts::Initialize::find_config_address().0
}

/// The oracle that votes with the key `authority`.
#[must_use]
pub fn oracle(authority: &Pubkey) -> Pubkey {
    accounts::RegisterOracle::find_oracle_address(authority).0
}

/// The token account with the bond of the oracle that votes with the key `authority`.
#[must_use]
pub fn vault(authority: &Pubkey) -> Pubkey {
    accounts::RegisterOracle::find_vault_address(authority).0
}

/// The record of whose votes on `order` were counted.
#[must_use]
pub fn record(order: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[b"record", order.as_ref()], &PROGRAM).0
}

/// What the members of its oracle set sealed about `order`.
#[must_use]
pub fn seals(order: &Pubkey) -> Pubkey {
    accounts::RecordVote::find_seals_address(order).0
}

/// The panel on the dispute about `order`.
#[must_use]
pub fn panel(order: &Pubkey) -> Pubkey {
    accounts::ConvenePanel::find_panel_address(order).0
}

/// The address that signs the events of oracles.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::Initialize::find_event_authority_address().0
}
