//! Instructions of grants.

use crate::address::{self, SYSTEM_PROGRAM, grants as at, rewards as rewards_at};
use ::grants::{accounts, instruction as data};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use super::token::Token;
pub use ::grants::instructions::{ProposalTerms, Settings};

/// Creates the configuration and the vault for `allocation` base units. `admin` signs: it must be the program's upgrade
/// authority.
#[must_use]
pub fn initialize(admin: Pubkey, token: Token, allocation: u64, settings: Settings) -> Instruction {
    data::Initialize { allocation, settings }.to_instruction(accounts::Initialize {
        admin,
        config: at::config(),
        mint: token.mint,
        vault: at::vault(),
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
    data::UpdateConfig { settings }.to_instruction(administer(admin))
}

/// Pauses kinds of actions (`grants::state::pause`). `admin` signs.
#[must_use]
pub fn set_pause(admin: Pubkey, paused: u8) -> Instruction {
    data::SetPause { paused }.to_instruction(administer(admin))
}

/// What [`fund`] needs.
#[derive(Clone, Copy, Debug)]
pub struct Fund {
    /// Owns the tokens; signs.
    pub funder: Pubkey,
    /// Its token account.
    pub funding: Pubkey,
    /// The token of the configuration.
    pub token: Token,
    /// Base units.
    pub amount: u64,
}

/// Adds tokens to the pool.
#[must_use]
pub fn fund(fund: Fund) -> Instruction {
    let Fund { funder, funding, token, amount } = fund;
    data::Fund { amount }.to_instruction(accounts::Fund {
        funder,
        config: at::config(),
        vault: at::vault(),
        funding,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`open_proposal`] needs.
#[derive(Clone, Copy, Debug)]
pub struct OpenProposal {
    /// A contributor; signs, and pays rent and bond.
    pub proposer: Pubkey,
    /// The configuration's next number.
    pub id: u64,
    /// The rewards epoch that holds the present.
    pub epoch: u32,
    /// The proposer's token account.
    pub funding: Pubkey,
    /// The token of the configuration.
    pub token: Token,
    /// What is asked for.
    pub terms: ProposalTerms,
}

/// Opens a proposal for votes.
#[must_use]
pub fn open_proposal(open: OpenProposal) -> Instruction {
    let OpenProposal { proposer, id, epoch, funding, token, terms } = open;
    data::OpenProposal { id, epoch, terms }.to_instruction(accounts::OpenProposal {
        proposer,
        config: at::config(),
        proposal: at::proposal(id),
        epoch: rewards_at::epoch(epoch),
        contributor: rewards_at::contributor(&proposer),
        vault: at::vault(),
        funding,
        mint: token.mint,
        token_program: token.program,
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Takes the proposal `id` back. `caller`, its proposer or the administrator, signs.
#[must_use]
pub fn cancel_proposal(caller: Pubkey, id: u64) -> Instruction {
    data::CancelProposal {}.to_instruction(accounts::CancelProposal {
        caller,
        config: at::config(),
        proposal: at::proposal(id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Casts or changes the vote of `voter`, a contributor, who signs and pays (`grants::state::choice`).
#[must_use]
pub fn vote(voter: Pubkey, id: u64, choice: u8) -> Instruction {
    let proposal = at::proposal(id);
    data::Vote { choice }.to_instruction(accounts::CastVote {
        voter,
        proposal,
        contributor: rewards_at::contributor(&voter),
        ballot: at::ballot(&proposal, &voter),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Counts the votes for the proposal `id`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn tally(id: u64) -> Instruction {
    data::Tally {}.to_instruction(accounts::TallyVotes {
        config: at::config(),
        proposal: at::proposal(id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Submits the next milestone of the proposal `id` for review. `recipient` signs.
#[must_use]
pub fn submit_milestone(recipient: Pubkey, id: u64, index: u8, evidence: [u8; 32]) -> Instruction {
    data::SubmitMilestone { index, evidence }.to_instruction(accounts::SubmitMilestone {
        recipient,
        proposal: at::proposal(id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Accepts or refuses a submitted milestone. `reviewer`, or the administrator, signs.
#[must_use]
pub fn review_milestone(reviewer: Pubkey, id: u64, index: u8, approve: bool) -> Instruction {
    data::ReviewMilestone { index, approve }.to_instruction(accounts::ReviewMilestone {
        reviewer,
        config: at::config(),
        proposal: at::proposal(id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Pays an accepted milestone to `destination`, a token account of the recipient. Nobody has to sign but the payer of fees.
#[must_use]
pub fn disburse(id: u64, index: u8, destination: Pubkey, token: Token) -> Instruction {
    data::Disburse { index }.to_instruction(accounts::Disburse {
        config: at::config(),
        proposal: at::proposal(id),
        vault: at::vault(),
        destination,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Ends the proposal `id`, whose next milestone is late. Nobody has to sign but the payer of fees.
#[must_use]
pub fn expire_proposal(id: u64) -> Instruction {
    data::ExpireProposal {}.to_instruction(accounts::ExpireProposal {
        config: at::config(),
        proposal: at::proposal(id),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Returns the bond of the proposal `id` to `destination`, a token account of its proposer. Nobody has to sign but the payer of
/// fees.
#[must_use]
pub fn return_bond(id: u64, destination: Pubkey, token: Token) -> Instruction {
    data::ReturnBond {}.to_instruction(accounts::ReturnBond {
        config: at::config(),
        proposal: at::proposal(id),
        vault: at::vault(),
        destination,
        mint: token.mint,
        token_program: token.program,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the ballot of `voter`, who paid for it, after the vote on the proposal `id`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn close_ballot(id: u64, voter: Pubkey) -> Instruction {
    data::CloseBallot {}.to_instruction(accounts::CloseBallot {
        ballot: at::ballot(&at::proposal(id), &voter),
        rent_payer: voter,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Closes the proposal `id`, which is over. `rent_payer`, its proposer, signs.
#[must_use]
pub fn close_proposal(id: u64, rent_payer: Pubkey) -> Instruction {
    data::CloseProposal {}.to_instruction(accounts::CloseProposal {
        proposal: at::proposal(id),
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}
