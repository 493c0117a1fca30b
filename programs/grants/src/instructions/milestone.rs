use super::{
    fund::pay_out,
    proposal::{end, next_seq, owned_by},
};
use crate::{
    GrantsError,
    cpi::emit_event,
    events::{MilestonePaid, MilestoneReviewed, MilestoneSubmitted},
    loaded::Loaded,
    state::{Config, Proposal, add, end_reason, milestone_state, proposal_state, sub},
    tokens::{Mint, TokenAccount, TokenProgram},
};
use anchor_lang::prelude::*;

#[event_cpi]
#[derive(Accounts)]
pub struct SubmitMilestone {
    #[account(address = proposal.recipient @ GrantsError::NotRecipient)]
    pub recipient: Signer,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
}

pub fn submit_milestone(ctx: &mut Context<SubmitMilestone>, index: u8, evidence: [u8; 32]) -> Result<()> {
    let proposal = &mut ctx.accounts.proposal;
    let place = next(proposal, index)?;
    require!(evidence != [0; 32], GrantsError::EmptyEvidence);
    let now = Clock::get()?.unix_timestamp;
    if proposal.milestones[place] == milestone_state::SUBMITTED {
        // the reviewer was silent: what was in time once may be submitted again even when it is due
        require!(now >= proposal.review_by.get(), GrantsError::UnderReview);
    } else {
        require!(now < proposal.due[place].get(), GrantsError::MilestoneLate);
    }
    let review_by = now.checked_add(proposal.review_seconds.get()).ok_or(GrantsError::Overflow)?;
    proposal.milestones[place] = milestone_state::SUBMITTED;
    proposal.evidence = evidence;
    proposal.review_by = review_by.into();
    let (address, seq) = (*proposal.address(), next_seq(proposal)?);
    emit_event!(ctx, MilestoneSubmitted { proposal: address, seq, index, evidence, review_by });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ReviewMilestone {
    /// The reviewer or the administrator.
    #[account(constraint = *reviewer.address() == config.reviewer || *reviewer.address() == config.admin @ GrantsError::NotReviewer)]
    pub reviewer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
}

pub fn review_milestone(ctx: &mut Context<ReviewMilestone>, index: u8, approve: bool) -> Result<()> {
    let by = *ctx.accounts.reviewer.address();
    let proposal = &mut ctx.accounts.proposal;
    let place = next(proposal, index)?;
    require!(proposal.milestones[place] == milestone_state::SUBMITTED, GrantsError::WrongMilestoneState);
    require!(Clock::get()?.unix_timestamp < proposal.review_by.get(), GrantsError::ReviewOver);
    proposal.milestones[place] = if approve { milestone_state::ACCEPTED } else { milestone_state::PENDING };
    let (address, seq) = (*proposal.address(), next_seq(proposal)?);
    emit_event!(ctx, MilestoneReviewed { proposal: address, seq, index, by, accepted: approve });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct Disburse {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Loaded<TokenAccount>,
    /// A token account that the recipient owns.
    #[account(mut)]
    pub destination: Loaded<TokenAccount>,
    #[account(address = config.mint @ GrantsError::WrongMint)]
    pub mint: Loaded<Mint>,
    pub token_program: TokenProgram,
}

pub fn disburse(ctx: &mut Context<Disburse>, index: u8) -> Result<()> {
    let a = &mut ctx.accounts;
    // what was accepted before a proposal was cancelled is still paid
    let pays = matches!(a.proposal.state, proposal_state::APPROVED | proposal_state::CANCELLED);
    require!(pays, GrantsError::WrongState);
    let place = usize::from(index);
    let state = a.proposal.milestones.get(place).ok_or(GrantsError::WrongMilestoneState)?;
    require!(*state == milestone_state::ACCEPTED, GrantsError::WrongMilestoneState);
    owned_by(&a.destination, &a.proposal.recipient, &a.config.mint)?;
    require!(a.vault.amount() >= a.config.owed()?, GrantsError::VaultShort);

    let amount = a.proposal.amounts[place].get();
    a.config.pay(amount)?;
    let proposal = &mut a.proposal;
    proposal.milestones[place] = milestone_state::PAID;
    proposal.committed = sub(proposal.committed, amount)?;
    proposal.paid = add(proposal.paid, amount)?;
    require!(proposal.paid.get() <= proposal.total.get(), GrantsError::Insolvent);
    if proposal.state == proposal_state::APPROVED && proposal.paid == proposal.total {
        proposal.state = proposal_state::COMPLETED;
    }
    let event = MilestonePaid {
        proposal: *proposal.address(),
        seq: next_seq(proposal)?,
        index,
        destination: *a.destination.address(),
        amount,
        paid: proposal.paid.get(),
        committed: proposal.committed.get(),
        state: proposal.state,
        pool_committed: a.config.committed.get(),
        disbursed: a.config.disbursed.get(),
    };
    pay_out!(a, destination, amount);
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ExpireProposal {
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub proposal: Loaded<Proposal>,
}

pub fn expire_proposal(ctx: &mut Context<ExpireProposal>) -> Result<()> {
    let (config, proposal) = (&mut ctx.accounts.config, &mut ctx.accounts.proposal);
    require!(proposal.state == proposal_state::APPROVED, GrantsError::WrongState);
    let place = proposal.next_milestone().ok_or(GrantsError::MilestoneNotLate)?;
    // a silent reviewer makes nobody late
    require!(proposal.milestones[place] == milestone_state::PENDING, GrantsError::UnderReview);
    require!(Clock::get()?.unix_timestamp >= proposal.due[place].get(), GrantsError::MilestoneNotLate);
    let event = end(config, proposal, end_reason::LATE)?;
    emit_event!(ctx, event);
    Ok(())
}

/// The place of the milestone `index`, which must be the next of an approved proposal.
fn next(proposal: &Proposal, index: u8) -> Result<usize> {
    require!(proposal.state == proposal_state::APPROVED, GrantsError::WrongState);
    let place = usize::from(index);
    require!(proposal.next_milestone() == Some(place), GrantsError::MilestoneOutOfOrder);
    Ok(place)
}
