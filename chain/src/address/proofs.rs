//! Addresses of the accounts of proofs.

use ::proofs::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::proofs::ID;

/// What was found about `order`.
#[must_use]
pub fn verdict(order: &Pubkey) -> Pubkey {
    of(&[b"verdict", order.as_ref()])
}

/// The claim of `claimant` about a chunk of `order`.
#[must_use]
pub fn claim(order: &Pubkey, claimant: &Pubkey) -> Pubkey {
    of(&[b"claim", order.as_ref(), claimant.as_ref()])
}

/// What `claimant` opened of the training job that `order` is for.
#[must_use]
pub fn evidence(order: &Pubkey, claimant: &Pubkey) -> Pubkey {
    of(&[b"evidence", order.as_ref(), claimant.as_ref()])
}

/// The address that signs the events of proofs.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::OpenGold::find_event_authority_address().0
}

fn of(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &PROGRAM).0
}
