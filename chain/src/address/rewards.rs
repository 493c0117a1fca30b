//! Addresses of the accounts of rewards.

use ::rewards::accounts;
use solana_pubkey::Pubkey;

/// The program.
pub const PROGRAM: Pubkey = ::rewards::ID;

/// The configuration.
#[must_use]
pub fn config() -> Pubkey {
    accounts::Initialize::find_config_address().0
}

/// The token account of the community reserve.
#[must_use]
pub fn reserve() -> Pubkey {
    accounts::Initialize::find_reserve_address().0
}

/// The token account of the holders' profit.
#[must_use]
pub fn profit_vault() -> Pubkey {
    accounts::Initialize::find_profit_vault_address().0
}

/// The pools of the months.
#[must_use]
pub fn schedule() -> Pubkey {
    of(&[b"schedule"])
}

/// The payment from the reserve with the number `id`.
#[must_use]
pub fn spend(id: u64) -> Pubkey {
    of(&[b"spend", &id.to_le_bytes()])
}

/// The registration of the issuer `key`.
#[must_use]
pub fn issuer(key: &Pubkey) -> Pubkey {
    of(&[b"issuer", key.as_ref()])
}

/// The category `id`.
#[must_use]
pub fn category(id: u16) -> Pubkey {
    of(&[b"category", &id.to_le_bytes()])
}

/// The epoch `index`.
#[must_use]
pub fn epoch(index: u32) -> Pubkey {
    of(&[b"epoch", &index.to_le_bytes()])
}

/// The token account with the pool of the epoch `index`.
#[must_use]
pub fn epoch_vault(index: u32) -> Pubkey {
    of(&[b"epoch_vault", &index.to_le_bytes()])
}

/// The contributor with `wallet`.
#[must_use]
pub fn contributor(wallet: &Pubkey) -> Pubkey {
    of(&[b"contributor", wallet.as_ref()])
}

/// The points of `wallet` in the epoch `epoch_index`.
#[must_use]
pub fn points(epoch_index: u32, wallet: &Pubkey) -> Pubkey {
    of(&[b"points", &epoch_index.to_le_bytes(), wallet.as_ref()])
}

/// The award for the artefact whose hash is `source`.
#[must_use]
pub fn award(source: &[u8; 32]) -> Pubkey {
    of(&[b"award", source])
}

/// The address that signs the events of rewards.
#[must_use]
pub fn event_authority() -> Pubkey {
    accounts::Initialize::find_event_authority_address().0
}

fn of(seeds: &[&[u8]]) -> Pubkey {
    Pubkey::find_program_address(seeds, &PROGRAM).0
}
