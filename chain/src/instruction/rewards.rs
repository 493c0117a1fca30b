//! Instructions of rewards.

use crate::address::{self, SYSTEM_PROGRAM, TOKEN_PROGRAM, rewards as at};
use ::rewards::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use ::rewards::instructions::{CategoryTerms, Settings};

/// Creates the configuration for payments in `mint`. `admin` signs: it must be the program's upgrade authority.
#[must_use]
pub fn initialize(admin: Pubkey, mint: Pubkey, settings: Settings) -> Instruction {
    data::Initialize { settings }.to_instruction(accounts::Initialize {
        admin,
        config: at::config(),
        mint,
        reserve: at::reserve(),
        program_data: address::program_data(&at::PROGRAM),
        token_program: TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

fn administer(admin: Pubkey) -> accounts::Administer {
    accounts::Administer { admin, config: at::config(), event_authority: at::event_authority(), program: at::PROGRAM }
}

/// Names the next administrator. `admin` signs.
#[must_use]
pub fn propose_admin(admin: Pubkey, new_admin: Pubkey) -> Instruction {
    data::ProposeAdmin { new_admin }.to_instruction(administer(admin))
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

/// Pauses or resumes awards. `admin` signs.
#[must_use]
pub fn set_pause(admin: Pubkey, awards_paused: bool) -> Instruction {
    data::SetPause { awards_paused }.to_instruction(administer(admin))
}

/// Creates or changes the category `id`. `admin` signs and pays.
#[must_use]
pub fn set_category(admin: Pubkey, id: u16, terms: CategoryTerms) -> Instruction {
    data::SetCategory { id, terms }.to_instruction(accounts::SetCategory {
        admin,
        config: at::config(),
        category: at::category(id),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Registers or changes an issuer, who may award `epoch_cap` points in each epoch. `admin` signs and pays.
#[must_use]
pub fn set_issuer(admin: Pubkey, issuer: Pubkey, epoch_cap: u64, enabled: bool) -> Instruction {
    data::SetIssuer { issuer, epoch_cap, enabled }.to_instruction(accounts::SetIssuer {
        admin,
        config: at::config(),
        issuer: at::issuer(&issuer),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`open_epoch`] needs.
#[derive(Clone, Copy, Debug)]
pub struct OpenEpoch {
    /// Signs, pays the rent and owns `funding`.
    pub admin: Pubkey,
    /// The configuration's next index.
    pub index: u32,
    /// First second of the epoch, in Unix time.
    pub start: i64,
    /// First second after the epoch, in Unix time.
    pub end: i64,
    /// Base units that the epoch gives out.
    pub pool: u64,
    /// Token account that the pool comes from.
    pub funding: Pubkey,
    /// Mint of the configuration.
    pub mint: Pubkey,
}

/// Opens an epoch and funds its vault.
#[must_use]
pub fn open_epoch(open: OpenEpoch) -> Instruction {
    let OpenEpoch { admin, index, start, end, pool, funding, mint } = open;
    data::OpenEpoch { index, start, end, pool }.to_instruction(accounts::OpenEpoch {
        admin,
        config: at::config(),
        epoch: at::epoch(index),
        previous: index.checked_sub(1).map(at::epoch),
        vault: at::epoch_vault(index),
        funding,
        mint,
        token_program: TOKEN_PROGRAM,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the epoch `index`, which is over. Nobody has to sign but the payer of fees.
#[must_use]
pub fn close_epoch(index: u32) -> Instruction {
    data::CloseEpoch {}.to_instruction(accounts::CloseEpoch {
        config: at::config(),
        epoch: at::epoch(index),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Fixes what the epoch `index` distributes. Nobody has to sign but the payer of fees.
#[must_use]
pub fn finalize_epoch(index: u32, mint: Pubkey) -> Instruction {
    data::FinalizeEpoch {}.to_instruction(accounts::FinalizeEpoch {
        config: at::config(),
        epoch: at::epoch(index),
        vault: at::epoch_vault(index),
        reserve: at::reserve(),
        mint,
        token_program: TOKEN_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Registers `wallet`, which signs and pays, to be paid into its token account `destination`.
#[must_use]
pub fn register(wallet: Pubkey, destination: Pubkey) -> Instruction {
    data::Register {}.to_instruction(accounts::Register {
        wallet,
        config: at::config(),
        contributor: at::contributor(&wallet),
        destination,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Changes where `wallet`, which signs, is paid.
#[must_use]
pub fn set_destination(wallet: Pubkey, destination: Pubkey) -> Instruction {
    data::SetDestination {}.to_instruction(accounts::SetDestination {
        wallet,
        config: at::config(),
        contributor: at::contributor(&wallet),
        destination,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`issue_award`] needs.
#[derive(Clone, Copy, Debug)]
pub struct IssueAward {
    /// Signs and pays the rent of the award.
    pub payer: Pubkey,
    /// The registered issuer; signs.
    pub issuer: Pubkey,
    /// The contributor's wallet.
    pub wallet: Pubkey,
    /// The open epoch.
    pub epoch: u32,
    /// Hash of the artefact that is awarded; it can score once.
    pub source: [u8; 32],
    /// Category of the contribution.
    pub category: u16,
    /// Quantity within the category's bounds; points are quantity x weight.
    pub quantity: u64,
}

/// Awards points to a contributor.
#[must_use]
pub fn issue_award(award: IssueAward) -> Instruction {
    let IssueAward { payer, issuer, wallet, epoch, source, category, quantity } = award;
    data::IssueAward { source, category, quantity }.to_instruction(accounts::IssueAward {
        payer,
        authority: issuer,
        config: at::config(),
        issuer: at::issuer(&issuer),
        category: at::category(category),
        epoch: at::epoch(epoch),
        contributor: at::contributor(&wallet),
        points: at::points(epoch, &wallet),
        award: at::award(&source),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`claim`] needs.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The contributor's wallet.
    pub wallet: Pubkey,
    /// Where its account says that it is paid.
    pub destination: Pubkey,
    /// The final epoch.
    pub epoch: u32,
    /// Mint of the configuration.
    pub mint: Pubkey,
}

/// Pays a contributor's share of a final epoch. Nobody has to sign but the payer of fees.
#[must_use]
pub fn claim(claim: Claim) -> Instruction {
    data::Claim {}.to_instruction(accounts::Claim {
        config: at::config(),
        epoch: at::epoch(claim.epoch),
        vault: at::epoch_vault(claim.epoch),
        contributor: at::contributor(&claim.wallet),
        points: at::points(claim.epoch, &claim.wallet),
        destination: claim.destination,
        mint: claim.mint,
        token_program: TOKEN_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
