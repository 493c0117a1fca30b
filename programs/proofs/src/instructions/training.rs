//! Convicting a training job by what was opened of it (`evidence`).
use super::{Found, SegmentFields, convict, disputed_job};
use crate::{
    ProofsError,
    cpi::emit_event,
    list::Vec,
    loaded::Loaded,
    order::ForeignOrder,
    state::{AFTER, BEFORE, Evidence, MAX_RANKS, REDUCED, fault, shown, verdict_kind},
};
use anchor_lang::prelude::*;
use protocol::{
    digest::Digest,
    merkle,
    recompute::{Factors, tree_mean},
    soft_float::F32,
};

/// Accounts of every proof about a training job.
#[event_cpi]
#[derive(Accounts)]
pub struct ProveJob {
    #[account(mut)]
    pub payer: Signer,
    pub order: ForeignOrder,
    /// Anybody's.
    #[account(constraint = evidence.order == *order.address() @ ErrorCode::ConstraintSeeds)]
    pub evidence: Loaded<Evidence>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump))]
    #[account(mut)]
    pub verdict: UncheckedAccount,
    pub system_program: Program<System>,
}

impl ProveJob {
    /// Checks that the evidence is about this very order, in dispute.
    fn check(&self) -> Result<()> {
        disputed_job(&self.order)?;
        require!(self.evidence.opened_at == self.order.opened_at, ProofsError::StaleClaim);
        Ok(())
    }
}

pub fn prove_log(ctx: &mut Context<ProveJob>) -> Result<()> {
    ctx.accounts.check()?;
    require!(ctx.accounts.evidence.flawed != 0, ProofsError::NoContradiction);
    contradiction(ctx)
}

pub fn prove_break(
    ctx: &mut Context<ProveJob>,
    next: SegmentFields,
    count: u32,
    siblings: Vec<[u8; 32]>,
) -> Result<()> {
    ctx.accounts.check()?;
    let evidence = &ctx.accounts.evidence;
    let place = (u64::from(evidence.segment.get()) + 1, u64::from(count));
    let found = merkle::verify_path(&Digest(evidence.segments_root), &next.leaf(), place, &siblings);
    require!(found, ProofsError::NotInResult);
    require!(next.start_root != evidence.end_root, ProofsError::NoContradiction);
    contradiction(ctx)
}

/// Convicts of a contradiction, which every oracle reads in the log.
fn contradiction(ctx: &mut Context<ProveJob>) -> Result<()> {
    let evidence = &ctx.accounts.evidence;
    let first = u64::from(evidence.segment.get()) * u64::from(evidence.segment_len.get());
    prove(ctx, &Found { kind: verdict_kind::TRAINING, fault: fault::LOG, place: first, blame: true })
}

pub fn prove_reduction(ctx: &mut Context<ProveJob>) -> Result<()> {
    ctx.accounts.check()?;
    let evidence = &ctx.accounts.evidence;
    require!(evidence.shown >= shown::STEP, ProofsError::NothingShown);
    let ranks = evidence.virtual_ranks.get() as usize;
    let mut gradients = [F32(0); MAX_RANKS];
    let gradients = gradients.get_mut(..ranks).ok_or(ProofsError::TooManyRanks)?;
    for (slot, gradient) in gradients.iter_mut().enumerate() {
        *gradient = F32(evidence.value(slot).ok_or(ProofsError::NothingShown)?);
    }
    let committed = F32(evidence.value(REDUCED).ok_or(ProofsError::NothingShown)?);
    let mean = tree_mean(gradients).ok_or(ProofsError::TooManyRanks)?;
    require!(!mean.same(committed), ProofsError::StepIsRight);
    let (step, blame) = (evidence.step.get(), evidence.everybody_replays());
    prove(ctx, &Found { kind: verdict_kind::TRAINING, fault: fault::REDUCTION, place: step.into(), blame })
}

pub fn prove_update(ctx: &mut Context<ProveJob>) -> Result<()> {
    ctx.accounts.check()?;
    let evidence = &ctx.accounts.evidence;
    require!(evidence.ordered != 0, ProofsError::NothingShown);
    let value = |slot: usize| evidence.value(slot).map(F32).ok_or(ProofsError::NothingShown);
    let state = |first: usize| -> core::result::Result<[F32; 3], ProofsError> {
        Ok([value(first)?, value(first + 1)?, value(first + 2)?])
    };
    let (mut gradient, before, after) = (value(REDUCED)?, state(BEFORE)?, state(AFTER)?);
    if evidence.clip_norm.get() != 0 {
        require!(evidence.normed != 0, ProofsError::NothingShown);
        gradient = gradient * F32(evidence.clip_factor.get());
    }
    let factors = Factors::from_bits(evidence.factors.map(|bits| bits.get()));
    let decays = evidence.only_matrices_decay == 0 || evidence.dimensions.get() > 1;
    let updated = if decays { factors } else { factors.without_decay() }.update(gradient, before);
    let right = updated.iter().zip(after).all(|(updated, committed)| updated.same(committed));
    require!(!right, ProofsError::StepIsRight);
    let (step, blame) = (evidence.step.get(), evidence.everybody_replays());
    prove(ctx, &Found { kind: verdict_kind::TRAINING, fault: fault::UPDATE, place: step.into(), blame })
}

fn prove(ctx: &mut Context<ProveJob>, found: &Found) -> Result<()> {
    let a = &mut ctx.accounts;
    let event = convict(&a.verdict, &a.order, &a.payer, found)?;
    emit_event!(ctx, event);
    Ok(())
}
