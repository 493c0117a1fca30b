//! Addresses of the market's accounts.

use ::market::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::market::ID;

/// The configuration.
#[must_use]
pub fn config() -> Pubkey {
    accounts::Initialize::find_config_address().0
}

/// The oracle set `version`; the first is 1.
#[must_use]
pub fn oracle_set(version: u32) -> Pubkey {
    accounts::CreateOracleSet::find_oracle_set_address(&version.to_le_bytes()).0
}

/// The listing `id` of `seller`.
#[must_use]
pub fn listing(seller: &Pubkey, id: u64) -> Pubkey {
    accounts::CreateListing::find_listing_address(seller, &id.to_le_bytes()).0
}

/// The order `id` of `buyer`.
#[must_use]
pub fn order(buyer: &Pubkey, id: u64) -> Pubkey {
    accounts::OpenOrder::find_order_address(buyer, &id.to_le_bytes()).0
}

/// The token account that holds the price of `order`.
#[must_use]
pub fn vault(order: &Pubkey) -> Pubkey {
    accounts::OpenOrder::find_vault_address(order).0
}

/// What the chain knows about `seller`'s orders in `mint`.
#[must_use]
pub fn reputation(seller: &Pubkey, mint: &Pubkey) -> Pubkey {
    accounts::CreateListing::find_reputation_address(seller, mint).0
}

/// The address with which the market signs awards; register it as an issuer in rewards.
#[must_use]
pub fn issuer_authority() -> Pubkey {
    Pubkey::find_program_address(&[::market::instructions::award::ISSUER_SEED], &PROGRAM).0
}

/// The account of `oracle` in the program `oracles`, which a vote names where its set asks for a bond.
#[must_use]
pub fn oracle_account(oracle: &Pubkey) -> Pubkey {
    use ::market::{foreign::ForeignAccount, views::OracleView};
    Pubkey::find_program_address(&[b"oracle", oracle.as_ref()], &OracleView::PROGRAM).0
}

/// The verdict of the program `proofs` on `order`.
#[must_use]
pub fn verdict(order: &Pubkey) -> Pubkey {
    use ::market::{foreign::ForeignAccount, views::VerdictView};
    Pubkey::find_program_address(&[b"verdict", order.as_ref()], &VerdictView::PROGRAM).0
}

/// The address that signs the market's events.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::Initialize::find_event_authority_address().0
}
