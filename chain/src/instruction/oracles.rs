//! Instructions of oracles.

use crate::address::{self, SYSTEM_PROGRAM, market as market_at, oracles as at};
use ::oracles::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use super::token::Token;
pub use ::oracles::instructions::{PanelVote, Settings};

/// Creates the configuration for bonds in `mint`. `admin` signs: it must be the program's upgrade authority.
#[must_use]
pub fn initialize(admin: Pubkey, mint: Pubkey, settings: Settings) -> Instruction {
    data::Initialize { settings }.to_instruction(accounts::Initialize {
        admin,
        config: at::config(),
        market_config: market_at::config(),
        mint,
        program_data: address::program_data(&at::PROGRAM),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Names the next administrator. `admin` signs.
#[must_use]
pub fn propose_admin(admin: Pubkey, new_admin: Pubkey) -> Instruction {
    data::ProposeAdmin { new_admin }.to_instruction(accounts::Administer {
        admin,
        config: at::config(),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Takes the administration over. `new_admin` signs.
#[must_use]
pub fn accept_admin(new_admin: Pubkey) -> Instruction {
    data::AcceptAdmin {}.to_instruction(accounts::AcceptAdmin {
        new_admin,
        config: at::config(),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Changes the settings. `admin` signs.
#[must_use]
pub fn update_config(admin: Pubkey, settings: Settings) -> Instruction {
    data::UpdateConfig { settings }.to_instruction(accounts::UpdateConfig {
        admin,
        config: at::config(),
        market_config: market_at::config(),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Registers the oracle that votes with the key `authority`. Both sign; `payer` pays the rent.
#[must_use]
pub fn register_oracle(payer: Pubkey, authority: Pubkey, token: Token) -> Instruction {
    data::RegisterOracle {}.to_instruction(accounts::RegisterOracle {
        payer,
        authority,
        config: at::config(),
        oracle: at::oracle(&authority),
        vault: at::vault(&authority),
        mint: token.mint,
        token_program: token.program,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Adds `amount` base units from `funding` to the bond of `authority`, who signs.
#[must_use]
pub fn deposit_bond(authority: Pubkey, funding: Pubkey, token: Token, amount: u64) -> Instruction {
    data::DepositBond { amount }.to_instruction(accounts::DepositBond {
        authority,
        config: at::config(),
        oracle: at::oracle(&authority),
        vault: at::vault(&authority),
        funding,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Starts the way out of `amount` base units of the bond of `authority`, who signs; 0 takes the last request back.
#[must_use]
pub fn request_unbond(authority: Pubkey, amount: u64) -> Instruction {
    data::RequestUnbond { amount }.to_instruction(accounts::RequestUnbond {
        authority,
        config: at::config(),
        market_config: market_at::config(),
        oracle: at::oracle(&authority),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Pays what was on its way out to `to`, a token account of `authority`, who signs.
#[must_use]
pub fn withdraw_bond(authority: Pubkey, to: Pubkey, token: Token) -> Instruction {
    data::WithdrawBond {}.to_instruction(accounts::WithdrawBond {
        authority,
        config: at::config(),
        oracle: at::oracle(&authority),
        vault: at::vault(&authority),
        authority_tokens: to,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Seals a vote (`protocol::seal`) on `order`, which is under audit and pinned the oracle set `oracle_set`. `oracle`, a member of
/// it, signs, and pays the rent of the order's seals where it is the first.
#[must_use]
pub fn seal_vote(oracle: Pubkey, order: Pubkey, oracle_set: u32, commitment: [u8; 32]) -> Instruction {
    data::SealVote { commitment }.to_instruction(accounts::SealVote {
        oracle,
        order,
        oracle_set: market_at::oracle_set(oracle_set),
        seals: at::seals(&order),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the seals of `order`, whose rent goes back to `rent_payer`; `record` is the order's record, where there is one. Nobody
/// has to sign but the payer of fees.
#[must_use]
pub fn close_seals(order: Pubkey, record: Option<Pubkey>, rent_payer: Pubkey) -> Instruction {
    data::CloseSeals {}.to_instruction(accounts::CloseSeals {
        seals: at::seals(&order),
        order,
        record,
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`record_vote`] needs.
#[derive(Clone, Copy, Debug)]
pub struct RecordVote {
    /// Signs, and pays the rent of the record where it is the order's first.
    pub payer: Pubkey,
    /// The settled order.
    pub order: Pubkey,
    /// The oracle set that it pinned.
    pub oracle_set: u32,
    /// The member whose vote is recorded.
    pub oracle: Pubkey,
    /// The token of the bonds.
    pub token: Token,
    /// Where a slashed bond has a share for the challenger: a token account of it. Not needed where it is the buyer.
    pub challenger_tokens: Option<Pubkey>,
    /// Where a slashed bond has a share for the buyer: a token account of it.
    pub buyer_tokens: Option<Pubkey>,
}

/// Records what a member of a settled order's oracle set did.
#[must_use]
pub fn record_vote(record: RecordVote) -> Instruction {
    data::RecordVote {}.to_instruction(accounts::RecordVote {
        payer: record.payer,
        config: at::config(),
        order: record.order,
        oracle_set: market_at::oracle_set(record.oracle_set),
        oracle: at::oracle(&record.oracle),
        record: at::record(&record.order),
        seals: at::seals(&record.order),
        vault: at::vault(&record.oracle),
        challenger_tokens: record.challenger_tokens,
        buyer_tokens: record.buyer_tokens,
        mint: record.token.mint,
        token_program: record.token.program,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the record of `order`, whose rent goes back to `rent_payer`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn close_record(order: Pubkey, rent_payer: Pubkey) -> Instruction {
    data::CloseRecord {}.to_instruction(accounts::CloseRecord {
        record: at::record(&order),
        order,
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Convenes a panel of members of `panel_set` for `order`, which is in dispute and pinned the oracle set `oracle_set`. `payer`
/// signs, and pays the rent.
#[must_use]
pub fn convene_panel(payer: Pubkey, order: Pubkey, oracle_set: u32, panel_set: u32) -> Instruction {
    data::ConvenePanel {}.to_instruction(accounts::ConvenePanel {
        payer,
        config: at::config(),
        order,
        oracle_set: market_at::oracle_set(oracle_set),
        panel_set: market_at::oracle_set(panel_set),
        panel: at::panel(&order),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Draws the members of the panel of `order`, which pinned `oracle_set`, from `panel_set`. Nobody has to sign but the payer of
/// fees.
#[must_use]
pub fn draw_panel(order: Pubkey, oracle_set: u32, panel_set: u32) -> Instruction {
    data::DrawPanel {}.to_instruction(accounts::DrawPanel {
        panel: at::panel(&order),
        order,
        oracle_set: market_at::oracle_set(oracle_set),
        panel_set: market_at::oracle_set(panel_set),
        slot_hashes: address::SLOT_HASHES,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Seals a vote (`protocol::seal`) as a member of the panel of `order`. `oracle` signs.
#[must_use]
pub fn seal_panel_vote(oracle: Pubkey, order: Pubkey, commitment: [u8; 32]) -> Instruction {
    data::SealPanelVote { commitment }.to_instruction(accounts::SealPanelVote {
        oracle,
        panel: at::panel(&order),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Shows the vote that `oracle`, who signs, sealed as a member of the panel of `order`.
#[must_use]
pub fn show_panel_vote(oracle: Pubkey, order: Pubkey, vote: PanelVote) -> Instruction {
    data::ShowPanelVote { vote }.to_instruction(accounts::ShowPanelVote {
        oracle,
        oracle_account: at::oracle(&oracle),
        panel: at::panel(&order),
        order,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the panel of `order`, whose rent goes back to `rent_payer`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn close_panel(order: Pubkey, rent_payer: Pubkey) -> Instruction {
    data::ClosePanel {}.to_instruction(accounts::ClosePanel {
        panel: at::panel(&order),
        order,
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the oracle of `authority`, who signs. What strangers sent to its vault goes to `to`, a token account of it, and the
/// rent to `rent_payer`.
#[must_use]
pub fn close_oracle(authority: Pubkey, to: Pubkey, rent_payer: Pubkey, token: Token) -> Instruction {
    data::CloseOracle {}.to_instruction(accounts::CloseOracle {
        authority,
        config: at::config(),
        oracle: at::oracle(&authority),
        vault: at::vault(&authority),
        authority_tokens: to,
        rent_payer,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
