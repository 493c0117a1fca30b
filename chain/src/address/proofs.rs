//! Addresses of the accounts of proofs.

use ::proofs::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::proofs::ID;

/// What was found about `order`.
#[must_use]
pub fn verdict(order: &Pubkey) -> Pubkey {
    accounts::OpenGold::find_verdict_address(order).0
}

/// The claim of `claimant` about a chunk of `order`.
#[must_use]
pub fn claim(order: &Pubkey, claimant: &Pubkey) -> Pubkey {
    accounts::OpenChunk::find_claim_address(order, claimant).0
}

/// What `claimant` opened of the training job that `order` is for.
#[must_use]
pub fn evidence(order: &Pubkey, claimant: &Pubkey) -> Pubkey {
    accounts::OpenSegment::find_evidence_address(order, claimant).0
}

/// The address that signs the events of proofs.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::OpenGold::find_event_authority_address().0
}
