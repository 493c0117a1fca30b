use super::proposal::{decided, next_seq, settle_bond};
use crate::{
    GrantsError,
    cpi::emit_event,
    events::{BallotClosed, VoteCast},
    foreign::Foreign,
    foreign_views::ContributorView,
    loaded::Loaded,
    state::{Ballot, Config, Proposal, add, choice, end_reason, pause, proposal_state},
};
use anchor_lang::prelude::*;
use protocol::vote::{Tally, Votes};

#[event_cpi]
#[derive(Accounts)]
pub struct CastVote {
    /// Pays the rent of the ballot, the first time.
    #[account(mut)]
    pub voter: Signer,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
    /// The voter's account in rewards.
    #[account(constraint = contributor.wallet == *voter.address() @ ErrorCode::ConstraintSeeds)]
    pub contributor: Loaded<Foreign<ContributorView>>,
    #[account(init_if_needed, payer = voter, seeds = [b"ballot", proposal.address().as_ref(), voter.address().as_ref()], bump)]
    pub ballot: Loaded<Ballot>,
    pub system_program: Program<System>,
}

pub fn vote(ctx: &mut Context<CastVote>, choice: u8) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.proposal.state == proposal_state::VOTING, GrantsError::WrongState);
    require!(Clock::get()?.unix_timestamp < a.proposal.ends_at.get(), GrantsError::VoteOver);
    require!((choice::FOR..=choice::ABSTAIN).contains(&choice), GrantsError::UnknownChoice);
    let snapshot = a.proposal.snapshot_epoch.get();
    let weight = a.contributor.points_before(snapshot).ok_or(GrantsError::HistoryTooShort)?;
    require!(weight > 0, GrantsError::NoWeight);

    let (ballot, proposal) = (&mut a.ballot, &mut a.proposal);
    if ballot.seq.is_zero() {
        ballot.proposal = *proposal.address();
        ballot.voter = *a.voter.address();
        ballot.rent_payer = *a.voter.address();
        ballot.ends_at = proposal.ends_at;
        ballot.bump = ctx.bumps.ballot;
        proposal.voters = proposal.voters.get().checked_add(1).ok_or(GrantsError::Overflow)?.into();
    } else {
        proposal.count_out(ballot.choice, ballot.weight.get())?;
    }
    proposal.count_in(choice, weight)?;
    ballot.seq = add(ballot.seq, 1)?;
    ballot.choice = choice;
    ballot.weight = weight.into();
    let event = VoteCast {
        proposal: ballot.proposal,
        seq: next_seq(proposal)?,
        voter: ballot.voter,
        choice,
        weight,
        votes: ballot.seq.get(),
        votes_for: proposal.votes_for.get(),
        votes_against: proposal.votes_against.get(),
        abstained: proposal.abstained.get(),
        voters: proposal.voters.get(),
    };
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct TallyVotes {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
}

pub fn tally(ctx: &mut Context<TallyVotes>) -> Result<()> {
    let (config, proposal) = (&mut ctx.accounts.config, &mut ctx.accounts.proposal);
    require!(proposal.state == proposal_state::VOTING, GrantsError::WrongState);
    require!(Clock::get()?.unix_timestamp >= proposal.ends_at.get(), GrantsError::VoteNotOver);
    let votes = Votes {
        in_favour: proposal.votes_for.get(),
        against: proposal.votes_against.get(),
        abstained: proposal.abstained.get(),
    };
    let result = protocol::vote::tally(votes, proposal.quorum_points.get(), proposal.approval_bps.get());
    let (total, funded) = (proposal.total, config.free()? >= proposal.total.get());
    let (state, reason) = match result {
        Tally::Carried if funded => (proposal_state::APPROVED, end_reason::NONE),
        Tally::Carried => (proposal_state::REJECTED, end_reason::FUNDS_SHORT),
        Tally::NoQuorum => (proposal_state::REJECTED, end_reason::NO_QUORUM),
        Tally::NoMajority => (proposal_state::REJECTED, end_reason::NO_MAJORITY),
    };
    if state == proposal_state::APPROVED {
        require!(config.paused & pause::APPROVALS == 0, GrantsError::Paused);
        config.commit(total.get())?;
        proposal.committed = total;
    }
    let keeps = result == Tally::Carried || votes.in_favour >= proposal.bond_floor_points.get();
    settle_bond(config, proposal, keeps)?;
    let event = decided(config, proposal, state, reason)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseBallot {
    #[account(mut, close = rent_payer)]
    pub ballot: Loaded<Ballot>,
    #[account(mut, address = ballot.rent_payer @ GrantsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_ballot(ctx: &mut Context<CloseBallot>) -> Result<()> {
    let ballot = &mut ctx.accounts.ballot;
    require!(Clock::get()?.unix_timestamp >= ballot.ends_at.get(), GrantsError::VoteNotOver);
    let seq = ballot.seq.get().checked_add(1).ok_or(GrantsError::Overflow)?;
    let (proposal, voter) = (ballot.proposal, ballot.voter);
    emit_event!(ctx, BallotClosed { proposal, voter, seq });
    Ok(())
}
