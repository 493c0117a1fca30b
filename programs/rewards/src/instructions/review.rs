use super::{epoch::next_seq, ledger};
use crate::{
    RewardsError,
    cpi::emit_event,
    events::{AwardClosed, AwardReviewed},
    loaded::Loaded,
    state::{Award, Config, Contributor, Epoch, Issuer, Points, award_state, epoch_state},
};
use anchor_lang::prelude::*;

/// Accounts of `confirm_award` and `void_award`.
#[event_cpi]
#[derive(Accounts)]
pub struct ReviewAward {
    /// To confirm, the confirmer; to void, the administrator or the issuer.
    pub reviewer: Signer,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"config"], bump))]
    #[account(mut)]
    pub config: Loaded<Config>,
    #[account(mut)]
    pub award: Loaded<Award>,
    /// The award's.
    #[account(mut, constraint = issuer.key == award.issuer @ ErrorCode::ConstraintSeeds)]
    pub issuer: Loaded<Issuer>,
    /// The award's.
    #[account(mut, constraint = epoch.index == award.epoch @ ErrorCode::ConstraintSeeds)]
    pub epoch: Loaded<Epoch>,
    /// The award's.
    #[account(mut, constraint = contributor.wallet == award.wallet @ ErrorCode::ConstraintSeeds)]
    pub contributor: Loaded<Contributor>,
    /// The contributor's in the epoch.
    #[account(mut, constraint = points.are_of(&award.wallet, award.epoch) @ ErrorCode::ConstraintSeeds)]
    pub points: Loaded<Points>,
}

pub fn confirm_award(ctx: &mut Context<ReviewAward>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(*a.reviewer.address() == a.config.confirmer, RewardsError::NotConfirmer);
    require!(*a.reviewer.address() != a.award.issuer, RewardsError::ConfirmerIsIssuer);
    require!(a.award.state == award_state::PENDING, RewardsError::AwardNotPending);
    not_decided(&a.epoch)?;
    review(ctx, award_state::COUNTED, [0; 32])
}

pub fn void_award(ctx: &mut Context<ReviewAward>, reason: [u8; 32]) -> Result<()> {
    let a = &mut ctx.accounts;
    let by = a.reviewer.address();
    require!(*by == a.config.admin || *by == a.award.issuer, RewardsError::NotReviewer);
    require!(a.award.state != award_state::VOID, RewardsError::AwardIsVoid);
    not_decided(&a.epoch)?;
    review(ctx, award_state::VOID, reason)
}

/// The epoch is open, or in a review whose deadline has not passed.
fn not_decided(epoch: &Epoch) -> Result<()> {
    let undecided = match epoch.state {
        epoch_state::OPEN => true,
        epoch_state::REVIEW => Clock::get()?.unix_timestamp < epoch.review_ends.get(),
        _ => false,
    };
    require!(undecided, RewardsError::ReviewOver);
    Ok(())
}

#[inline(never)]
fn review(ctx: &mut Context<ReviewAward>, state: u8, reason: [u8; 32]) -> Result<()> {
    let a = &mut ctx.accounts;
    let (points, before) = (a.award.points.get(), a.award.state);
    a.award.state = state;
    let standing = match (before, state) {
        (_, award_state::COUNTED) => {
            ledger::count(&mut a.config, &mut a.epoch, &mut a.contributor, &mut a.points, points)?
        }
        (award_state::COUNTED, _) => {
            ledger::take_back(&mut a.config, &mut a.epoch, &mut a.contributor, &mut a.points, points)?
        }
        _ => ledger::standing(&a.epoch, &a.contributor, &a.points),
    };
    // the issuer may award what was taken back again, while it still can
    if state == award_state::VOID && a.epoch.state == epoch_state::OPEN && a.issuer.epoch == a.epoch.index {
        a.issuer.issued = a.issuer.issued.get().checked_sub(points).ok_or(RewardsError::Overflow)?.into();
    }
    let (epoch, seq) = (a.epoch.index.get(), next_seq(&mut a.epoch)?);
    let (source, wallet, by) = (a.award.source, a.award.wallet, *a.reviewer.address());
    let (wallet_points, total_points, lifetime_points) =
        (standing.wallet_points, standing.total_points, standing.lifetime_points);
    emit_event!(
        ctx,
        AwardReviewed {
            epoch,
            seq,
            source,
            wallet,
            by,
            state,
            reason,
            points,
            wallet_points,
            total_points,
            lifetime_points
        }
    );
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseAward {
    #[account(mut, constraint = epoch.index == award.epoch @ ErrorCode::ConstraintSeeds)]
    pub epoch: Loaded<Epoch>,
    #[account(mut, close = rent_payer)]
    pub award: Loaded<Award>,
    #[account(mut, address = award.rent_payer @ RewardsError::WrongRentPayer)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_award(ctx: &mut Context<CloseAward>) -> Result<()> {
    let a = &mut ctx.accounts;
    require!(a.award.state != award_state::COUNTED, RewardsError::AwardCounts);
    require!(a.epoch.state == epoch_state::EXPIRED, RewardsError::EpochNotExpired);
    let (epoch, seq, source) = (a.epoch.index.get(), next_seq(&mut a.epoch)?, a.award.source);
    emit_event!(ctx, AwardClosed { epoch, seq, source });
    Ok(())
}
