//! Instructions of rewards.

use crate::address::{self, SYSTEM_PROGRAM, rewards as at};
use ::rewards::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use super::token::Token;
pub use ::rewards::instructions::{CategoryTerms, MonthPools, Settings, SpendTerms};

/// Creates the configuration, the reserve and the profit's vault for `token`. `admin` signs: it must be the program's upgrade
/// authority.
#[must_use]
pub fn initialize(admin: Pubkey, token: Token, settings: Settings) -> Instruction {
    data::Initialize { settings }.to_instruction(accounts::Initialize {
        admin,
        config: at::config(),
        mint: token.mint,
        reserve: at::reserve(),
        profit_vault: at::profit_vault(),
        program_data: address::program_data(&at::PROGRAM),
        token_program: token.program,
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
    data::AcceptAdmin {}.to_instruction(administer(new_admin))
}

/// Pauses or resumes awards. `admin` signs.
#[must_use]
pub fn set_pause(admin: Pubkey, awards_paused: bool) -> Instruction {
    data::SetPause { awards_paused }.to_instruction(administer(admin))
}

/// Changes the settings. `admin` signs.
#[must_use]
pub fn update_config(admin: Pubkey, settings: Settings) -> Instruction {
    data::UpdateConfig { settings }.to_instruction(administer(admin))
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
    data::SetIssuer { issuer_key: issuer, epoch_cap, enabled }.to_instruction(accounts::SetIssuer {
        admin,
        config: at::config(),
        issuer: at::issuer(&issuer),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Sets the pools of some months. `admin` signs and, the first time, pays.
#[must_use]
pub fn set_schedule(admin: Pubkey, mint: Pubkey, months: MonthPools) -> Instruction {
    data::SetSchedule { months }.to_instruction(accounts::SetSchedule {
        admin,
        config: at::config(),
        schedule: at::schedule(),
        mint,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Gives the closed epoch 0 its pool of `pool` base units from `funding`, which `admin` owns and signs for.
#[must_use]
pub fn convert_tge(admin: Pubkey, pool: u64, funding: Pubkey, token: Token) -> Instruction {
    data::ConvertTge { pool }.to_instruction(accounts::ConvertTge {
        admin,
        config: at::config(),
        epoch: at::epoch(0),
        vault: at::epoch_vault(0),
        funding,
        mint: token.mint,
        token_program: token.program,
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
    /// Token account that the scheduled pool comes from.
    pub funding: Pubkey,
    /// The token of the configuration.
    pub token: Token,
}

/// Opens an epoch and funds its vault.
#[must_use]
pub fn open_epoch(open: OpenEpoch) -> Instruction {
    let OpenEpoch { admin, index, start, end, funding, token } = open;
    data::OpenEpoch { index, start, end }.to_instruction(accounts::OpenEpoch {
        admin,
        config: at::config(),
        epoch: at::epoch(index),
        previous: index.checked_sub(1).map(at::epoch),
        schedule: (index > 0).then(at::schedule),
        vault: at::epoch_vault(index),
        funding,
        mint: token.mint,
        token_program: token.program,
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

fn settle_epoch(index: u32, token: Token, rent_payer: Pubkey) -> accounts::SettleEpoch {
    accounts::SettleEpoch {
        config: at::config(),
        epoch: at::epoch(index),
        vault: at::epoch_vault(index),
        reserve: at::reserve(),
        rent_payer,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    }
}

/// Fixes what the epoch `index`, which `rent_payer` opened, distributes. Nobody has to sign but the payer of fees.
#[must_use]
pub fn finalize_epoch(index: u32, token: Token, rent_payer: Pubkey) -> Instruction {
    data::FinalizeEpoch {}.to_instruction(settle_epoch(index, token, rent_payer))
}

/// Moves what nobody claimed of the epoch `index` to the reserve, and the vault's rent to `rent_payer`, who opened it.
#[must_use]
pub fn expire_epoch(index: u32, token: Token, rent_payer: Pubkey) -> Instruction {
    data::ExpireEpoch {}.to_instruction(settle_epoch(index, token, rent_payer))
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
    data::IssueAward { source, category_id: category, quantity }.to_instruction(accounts::IssueAward {
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

/// Which award [`confirm_award`] and [`void_award`] decide on.
#[derive(Clone, Copy, Debug)]
pub struct ReviewAward {
    /// Signs: the confirmer to confirm, the administrator or the issuer to void.
    pub reviewer: Pubkey,
    /// Source of the award.
    pub source: [u8; 32],
    /// Who issued it.
    pub issuer: Pubkey,
    /// Whose it is.
    pub wallet: Pubkey,
    /// Its epoch.
    pub epoch: u32,
}

fn review_award(review: ReviewAward) -> accounts::ReviewAward {
    let ReviewAward { reviewer, source, issuer, wallet, epoch } = review;
    accounts::ReviewAward {
        reviewer,
        config: at::config(),
        award: at::award(&source),
        issuer: at::issuer(&issuer),
        epoch: at::epoch(epoch),
        contributor: at::contributor(&wallet),
        points: at::points(epoch, &wallet),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    }
}

/// Lets the points of an award that waits for it count.
#[must_use]
pub fn confirm_award(review: ReviewAward) -> Instruction {
    data::ConfirmAward {}.to_instruction(review_award(review))
}

/// Takes an award back; `reason` is the hash of the document that says why.
#[must_use]
pub fn void_award(review: ReviewAward, reason: [u8; 32]) -> Instruction {
    data::VoidAward { reason }.to_instruction(review_award(review))
}

/// Closes an award of an expired epoch that does not count. Its rent goes to `rent_payer`, who paid it.
#[must_use]
pub fn close_award(source: [u8; 32], epoch: u32, rent_payer: Pubkey) -> Instruction {
    data::CloseAward {}.to_instruction(accounts::CloseAward {
        epoch: at::epoch(epoch),
        award: at::award(&source),
        rent_payer,
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
    /// The token of the configuration.
    pub token: Token,
}

/// Pays a contributor's share of a final epoch. Nobody has to sign but the payer of fees.
#[must_use]
pub fn claim(claim: Claim) -> Instruction {
    let Claim { wallet, destination, epoch, token } = claim;
    data::Claim {}.to_instruction(accounts::Claim {
        config: at::config(),
        epoch: at::epoch(epoch),
        vault: at::epoch_vault(epoch),
        contributor: at::contributor(&wallet),
        points: at::points(epoch, &wallet),
        destination,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the points of `wallet` in an epoch where nothing is left to claim. Their rent goes to `rent_payer`, who paid it.
#[must_use]
pub fn close_points(wallet: Pubkey, epoch: u32, rent_payer: Pubkey) -> Instruction {
    data::ClosePoints {}.to_instruction(accounts::ClosePoints {
        epoch: at::epoch(epoch),
        points: at::points(epoch, &wallet),
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Brings in `amount` base units of profit from `funding`, which `depositor` owns and signs for.
#[must_use]
pub fn deposit_profit(depositor: Pubkey, funding: Pubkey, token: Token, amount: u64) -> Instruction {
    data::DepositProfit { amount }.to_instruction(accounts::DepositProfit {
        depositor,
        config: at::config(),
        funding,
        profit_vault: at::profit_vault(),
        reserve: at::reserve(),
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Pays the profit of `wallet` to where its account says that it is paid. Nobody has to sign but the payer of fees.
#[must_use]
pub fn claim_profit(wallet: Pubkey, destination: Pubkey, token: Token) -> Instruction {
    data::ClaimProfit {}.to_instruction(accounts::ClaimProfit {
        config: at::config(),
        contributor: at::contributor(&wallet),
        profit_vault: at::profit_vault(),
        destination,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Announces a payment from the reserve; `id` is the configuration's next number. `admin` signs and pays.
#[must_use]
pub fn propose_spend(admin: Pubkey, id: u64, terms: SpendTerms) -> Instruction {
    data::ProposeSpend { id, terms }.to_instruction(accounts::ProposeSpend {
        admin,
        config: at::config(),
        spend: at::spend(id),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Makes an announced payment to its `destination`. `rent_payer` is who announced it.
#[must_use]
pub fn execute_spend(id: u64, destination: Pubkey, token: Token, rent_payer: Pubkey) -> Instruction {
    data::ExecuteSpend {}.to_instruction(accounts::ExecuteSpend {
        config: at::config(),
        spend: at::spend(id),
        reserve: at::reserve(),
        destination,
        rent_payer,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Withdraws an announced payment. `admin` signs; `rent_payer` is who announced it.
#[must_use]
pub fn cancel_spend(admin: Pubkey, id: u64, rent_payer: Pubkey) -> Instruction {
    data::CancelSpend {}.to_instruction(accounts::CancelSpend {
        admin,
        config: at::config(),
        spend: at::spend(id),
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
