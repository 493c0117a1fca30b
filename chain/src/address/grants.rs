//! Addresses of the accounts of grants.

use ::grants::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::grants::ID;

/// The configuration.
#[must_use]
pub fn config() -> Pubkey {
    accounts::Initialize::find_config_address().0
}

/// The token account of the pool and of the bonds.
#[must_use]
pub fn vault() -> Pubkey {
    accounts::Initialize::find_vault_address().0
}

/// The proposal `id`.
#[must_use]
pub fn proposal(id: u64) -> Pubkey {
    accounts::OpenProposal::find_proposal_address(&id.to_le_bytes()).0
}

/// The ballot of `voter` for the proposal at `proposal`.
#[must_use]
pub fn ballot(proposal: &Pubkey, voter: &Pubkey) -> Pubkey {
    accounts::CastVote::find_ballot_address(proposal, voter).0
}

/// The address that signs the events of grants.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::Initialize::find_event_authority_address().0
}
