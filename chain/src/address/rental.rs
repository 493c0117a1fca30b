//! Addresses of the accounts of rental.

use ::rental::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::rental::ID;

/// The rental `id` of `renter`.
#[must_use]
pub fn rental(renter: &Pubkey, id: u64) -> Pubkey {
    accounts::OpenRental::find_rental_address(renter, &id.to_le_bytes()).0
}

/// The token account that holds the deposit of `rental`.
#[must_use]
pub fn vault(rental: &Pubkey) -> Pubkey {
    accounts::OpenRental::find_vault_address(rental).0
}

/// The address that signs the events of rental.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::OpenRental::find_event_authority_address().0
}
