//! What a person reads about a proposal and the pool of grants.
use crate::{months, text::unpadded};
use anyhow::Result;
use grants::state::{Config, Proposal, bond_state, end_reason, milestone_state, proposal_state};

/// The name of a proposal's state.
pub(super) fn state(state: u8) -> &'static str {
    match state {
        proposal_state::VOTING => "voting",
        proposal_state::APPROVED => "approved",
        proposal_state::REJECTED => "rejected",
        proposal_state::COMPLETED => "completed",
        proposal_state::CANCELLED => "cancelled",
        _ => "unknown",
    }
}

/// State, and why it ended where it did.
pub(super) fn decision(proposal: &Proposal) -> String {
    let why = match proposal.reason {
        end_reason::NO_QUORUM => ": too few points voted",
        end_reason::NO_MAJORITY => ": too few points in favour",
        end_reason::FUNDS_SHORT => ": carried, but the pool was short",
        end_reason::WITHDRAWN => ": taken back by its proposer",
        end_reason::STOPPED => ": stopped by the administrator",
        end_reason::LATE => ": a milestone was late",
        _ => "",
    };
    format!("{}{why}", state(proposal.state))
}

/// Prints a proposal.
pub(super) fn proposal(p: &Proposal) -> Result<()> {
    let bond = match p.bond_state {
        bond_state::HELD => "held until the vote is over",
        bond_state::RETURNABLE => "to be returned",
        bond_state::RETURNED => "returned",
        bond_state::FORFEITED => "lost to the pool",
        _ => "none asked for",
    };
    println!("state          {}", decision(p));
    println!("proposer       {}", p.proposer);
    println!("recipient      {}", p.recipient);
    println!("text           {} {}", hex::encode(p.metadata_hash), unpadded(&p.uri));
    let (votes_for, against, abstained) = (p.votes_for.get(), p.votes_against.get(), p.abstained.get());
    println!("points         {votes_for} for, {against} against, {abstained} abstained, of {} voters", p.voters.get());
    println!("needs          {} points, more than {} bps in favour", p.quorum_points.get(), p.approval_bps.get());
    println!("votes until    {}", months::show(p.ends_at.get()));
    println!("bond           {} ({bond})", p.bond.get());
    println!("paid           {} of {}", p.paid.get(), p.total.get());
    for (index, state) in p.milestones.iter().enumerate().take(p.count.into()) {
        let state = match *state {
            milestone_state::PENDING => "open".to_owned(),
            milestone_state::SUBMITTED => {
                format!("submitted, to be reviewed before {}", months::show(p.review_by.get()))
            }
            milestone_state::ACCEPTED => "accepted".to_owned(),
            milestone_state::PAID => "paid".to_owned(),
            other => other.to_string(),
        };
        println!("milestone {index}    {}, due {}: {state}", p.amounts[index].get(), months::show(p.due[index].get()));
    }
    Ok(())
}

/// Prints the pool and the rules.
pub(super) fn pool(c: &Config) -> Result<()> {
    println!("free           {}", c.free()?);
    println!("set aside      {}", c.committed.get());
    println!("paid           {}", c.disbursed.get());
    println!("put in         {} of at most {}", c.funded.get() - c.forfeited.get(), c.allocation.get());
    println!("bonds          {}", c.bonds.get());
    println!("proposers need {} points and a bond of {}", c.min_points.get(), c.proposal_bond.get());
    println!("votes need     {} points, more than {} bps in favour", c.quorum_points.get(), c.approval_bps.get());
    println!("voting takes   {} s, a review {} s", c.voting_seconds.get(), c.review_seconds.get());
    println!("reviewer       {}", c.reviewer);
    println!("next proposal  {}", c.next_proposal.get());
    Ok(())
}
