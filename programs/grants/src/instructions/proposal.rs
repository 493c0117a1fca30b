use super::fund::pay_out;
use crate::{
    GrantsError,
    cpi::{Tokens, emit_event},
    events::{BondReturned, ProposalClosed, ProposalDecided, ProposalOpened},
    foreign::Foreign,
    foreign_views::{ContributorView, EpochView},
    loaded::Loaded,
    state::{
        Config, MAX_MILESTONES, MAX_URI, Proposal, add, bond_state, end_reason, milestone_state, pause, proposal_state,
        sub,
    },
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;
use protocol::calendar::DAY_SECONDS;

/// How long after its opening a proposal's last milestone may be due, in seconds.
const MAX_TERM_SECONDS: i64 = 5 * 366 * DAY_SECONDS;

/// What a proposer asks for.
#[derive(Clone, Copy, Debug, SchemaRead, SchemaWrite, IdlType)]
pub struct ProposalTerms {
    pub recipient: Address,
    pub metadata_hash: [u8; 32],
    pub uri: [u8; MAX_URI],
    /// Number of milestones.
    pub count: u8,
    /// Base units of each.
    pub amounts: [u64; MAX_MILESTONES],
    /// Until when each must be submitted, Unix seconds.
    pub due: [i64; MAX_MILESTONES],
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(id: u64, epoch_index: u32)]
pub struct OpenProposal {
    #[account(mut)]
    pub proposer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(init, payer = proposer, seeds = [b"proposal", &id.to_le_bytes()], bump)]
    pub proposal: Loaded<Proposal>,
    /// The epoch of rewards that holds the present.
    #[account(constraint = epoch.index == epoch_index @ ErrorCode::ConstraintSeeds)]
    pub epoch: Loaded<Foreign<EpochView>>,
    /// The proposer's account in rewards.
    #[account(constraint = contributor.wallet == *proposer.address() @ ErrorCode::ConstraintSeeds)]
    pub contributor: Loaded<Foreign<ContributorView>>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Loaded<TokenAccount>,
    /// The proposer's tokens, from which the bond is taken.
    #[account(mut)]
    pub funding: Loaded<TokenAccount>,
    #[account(address = config.mint @ GrantsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
    pub system_program: Program<System>,
}

pub fn open_proposal(ctx: &mut Context<OpenProposal>, id: u64, epoch_index: u32, terms: ProposalTerms) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.config.paused & pause::PROPOSALS == 0, GrantsError::Paused);
    require!(id == a.config.next_proposal.get(), GrantsError::ProposalOutOfOrder);
    let now = Clock::get()?.unix_timestamp;
    require!(a.epoch.holds(now), GrantsError::NotTheEpoch);
    let points = a.contributor.points_before(epoch_index).ok_or(GrantsError::HistoryTooShort)?;
    require!(points >= a.config.min_points.get(), GrantsError::TooFewPoints);
    let ends_at = now.checked_add(a.config.voting_seconds.get()).ok_or(GrantsError::Overflow)?;
    let total = check(&terms, now, ends_at)?;
    require!(total <= a.config.free()?, GrantsError::FundsShort);

    let (bond, proposer) = (a.config.proposal_bond.get(), *a.proposer.address());
    a.config.next_proposal = add(a.config.next_proposal, 1)?;
    a.config.bonds = add(a.config.bonds, bond)?;
    let (config, proposal) = (&a.config, &mut a.proposal);
    proposal.proposer = proposer;
    proposal.recipient = terms.recipient;
    proposal.rent_payer = proposer;
    proposal.metadata_hash = terms.metadata_hash;
    proposal.uri = terms.uri;
    proposal.amounts = terms.amounts.map(Into::into);
    proposal.due = terms.due.map(Into::into);
    proposal.id = id.into();
    proposal.seq = 1.into();
    proposal.total = total.into();
    proposal.bond = bond.into();
    proposal.bond_floor_points = config.bond_floor_points;
    proposal.quorum_points = config.quorum_points;
    proposal.approval_bps = config.approval_bps;
    proposal.review_seconds = config.review_seconds;
    proposal.opened_at = now.into();
    proposal.ends_at = ends_at.into();
    proposal.snapshot_epoch = epoch_index.into();
    proposal.count = terms.count;
    proposal.state = proposal_state::VOTING;
    proposal.bond_state = if bond > 0 { bond_state::HELD } else { bond_state::NONE };
    proposal.bump = ctx.bumps.proposal;
    let event = ProposalOpened {
        proposal: *proposal.address(),
        seq: 1,
        id,
        proposer,
        recipient: terms.recipient,
        metadata_hash: terms.metadata_hash,
        uri: terms.uri,
        count: terms.count,
        amounts: terms.amounts,
        due: terms.due,
        total,
        bond,
        bond_floor_points: config.bond_floor_points.get(),
        quorum_points: config.quorum_points.get(),
        approval_bps: config.approval_bps.get(),
        snapshot_epoch: epoch_index,
        opened_at: now,
        ends_at,
        bonds: config.bonds.get(),
    };

    if bond > 0 {
        let tokens = Tokens { program: a.token_program.address(), decimals: a.mint.decimals(), seeds: &[] };
        let (from, to) = (a.funding.cpi_handle_mut(), a.vault.cpi_handle_mut());
        tokens.transfer(from, a.mint.cpi_handle(), to, a.proposer.cpi_handle(), bond);
    }
    emit_event!(ctx, event);
    Ok(())
}

/// Checks the terms of a proposal whose vote ends at `ends_at`; their total.
fn check(terms: &ProposalTerms, now: i64, ends_at: i64) -> Result<u64> {
    let count = usize::from(terms.count);
    let named = terms.recipient != Address::default() && terms.metadata_hash != [0; 32];
    require!(named && (1..=MAX_MILESTONES).contains(&count), GrantsError::TermsOutOfRange);
    let latest = now.checked_add(MAX_TERM_SECONDS).ok_or(GrantsError::Overflow)?;
    let (mut total, mut before) = (0u64, ends_at);
    for (place, (amount, due)) in terms.amounts.into_iter().zip(terms.due).enumerate() {
        if place < count {
            require!(amount > 0, GrantsError::TermsOutOfRange);
            require!(before < due && due <= latest, GrantsError::DueOutOfRange);
            total = total.checked_add(amount).ok_or(GrantsError::Overflow)?;
            before = due;
        } else {
            require!(amount == 0 && due == 0, GrantsError::TermsOutOfRange);
        }
    }
    Ok(total)
}

#[event_cpi]
#[derive(Accounts)]
pub struct CancelProposal {
    /// The proposer or the administrator.
    pub caller: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
}

pub fn cancel_proposal(ctx: &mut Context<CancelProposal>) -> Result<()> {
    let a = &mut ctx.accounts;
    let caller = *a.caller.address();
    let event = match a.proposal.state {
        proposal_state::VOTING => {
            require!(caller == a.proposal.proposer, GrantsError::MayNotCancel);
            require!(Clock::get()?.unix_timestamp < a.proposal.ends_at.get(), GrantsError::VoteOver);
            // once somebody voted, leaving costs what losing costs: nobody escapes the floor by cancelling at the last moment
            let keeps = a.proposal.voters.is_zero() || a.proposal.votes_for.get() >= a.proposal.bond_floor_points.get();
            settle_bond(&mut a.config, &mut a.proposal, keeps)?;
            decided(&a.config, &mut a.proposal, proposal_state::CANCELLED, end_reason::WITHDRAWN)?
        }
        proposal_state::APPROVED => {
            require!(caller == a.config.admin, GrantsError::MayNotCancel);
            end(&mut a.config, &mut a.proposal, end_reason::STOPPED)?
        }
        _ => return Err(GrantsError::WrongState.into()),
    };
    emit_event!(ctx, event);
    Ok(())
}

/// Ends an approved proposal: what its accepted milestones do not need returns to the pool.
pub(crate) fn end(config: &mut Config, proposal: &mut Loaded<Proposal>, reason: u8) -> Result<ProposalDecided> {
    let accepted = proposal.accepted()?;
    let freed = proposal.committed.get().checked_sub(accepted).ok_or(GrantsError::Insolvent)?;
    config.free_up(freed)?;
    proposal.committed = accepted.into();
    decided(config, proposal, proposal_state::CANCELLED, reason)
}

/// Decides a held bond: `keeps` for the proposer, or else for the pool.
pub(crate) fn settle_bond(config: &mut Config, proposal: &mut Proposal, keeps: bool) -> Result<()> {
    if proposal.bond_state != bond_state::HELD {
        return Ok(());
    }
    if keeps {
        proposal.bond_state = bond_state::RETURNABLE;
    } else {
        let bond = proposal.bond.get();
        config.bonds = sub(config.bonds, bond)?;
        config.funded = add(config.funded, bond)?;
        config.forfeited = add(config.forfeited, bond)?;
        proposal.bond_state = bond_state::FORFEITED;
    }
    Ok(())
}

/// Moves the proposal to `state` and tells what became of it.
pub(crate) fn decided(
    config: &Config,
    proposal: &mut Loaded<Proposal>,
    state: u8,
    reason: u8,
) -> Result<ProposalDecided> {
    proposal.state = state;
    proposal.reason = reason;
    Ok(ProposalDecided {
        proposal: *proposal.address(),
        seq: next_seq(proposal)?,
        state,
        reason,
        bond_state: proposal.bond_state,
        committed: proposal.committed.get(),
        funded: config.funded.get(),
        pool_committed: config.committed.get(),
        bonds: config.bonds.get(),
    })
}

#[event_cpi]
#[derive(Accounts)]
pub struct ReturnBond {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Loaded<TokenAccount>,
    /// A token account that the proposer owns.
    #[account(mut)]
    pub destination: Loaded<TokenAccount>,
    #[account(address = config.mint @ GrantsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn return_bond(ctx: &mut Context<ReturnBond>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.proposal.bond_state == bond_state::RETURNABLE, GrantsError::NoBond);
    owned_by(&a.destination, &a.proposal.proposer, &a.config.mint)?;
    require!(a.vault.amount() >= a.config.owed()?, GrantsError::VaultShort);
    let bond = a.proposal.bond.get();
    a.proposal.bond_state = bond_state::RETURNED;
    a.config.bonds = sub(a.config.bonds, bond)?;
    let event = BondReturned {
        proposal: *a.proposal.address(),
        seq: next_seq(&mut a.proposal)?,
        destination: *a.destination.address(),
        amount: bond,
        bonds: a.config.bonds.get(),
    };
    pay_out!(a, destination, bond);
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseProposal {
    #[account(mut, close = rent_payer)]
    pub proposal: Loaded<Proposal>,
    #[account(mut, address = proposal.rent_payer @ GrantsError::NotRentPayer)]
    pub rent_payer: Signer,
}

pub fn close_proposal(ctx: &mut Context<CloseProposal>) -> Result<()> {
    let proposal = &mut ctx.accounts.proposal;
    let over =
        matches!(proposal.state, proposal_state::REJECTED | proposal_state::COMPLETED | proposal_state::CANCELLED);
    require!(over, GrantsError::WrongState);
    let bond_out = proposal.bond_state != bond_state::HELD && proposal.bond_state != bond_state::RETURNABLE;
    require!(bond_out && !proposal.milestones.contains(&milestone_state::ACCEPTED), GrantsError::StillOwes);
    let (address, seq) = (*proposal.address(), next_seq(proposal)?);
    emit_event!(ctx, ProposalClosed { proposal: address, seq });
    Ok(())
}

pub(crate) fn owned_by(tokens: &TokenAccount, owner: &Address, mint: &Address) -> Result<()> {
    require!(tokens.owner() == owner && tokens.mint() == mint, GrantsError::WrongTokenAccount);
    Ok(())
}

pub(crate) fn next_seq(proposal: &mut Proposal) -> Result<u64> {
    let seq = proposal.seq.get().checked_add(1).ok_or(GrantsError::Overflow)?;
    proposal.seq = seq.into();
    Ok(seq)
}
