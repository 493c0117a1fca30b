use super::next_seq;
use crate::{ProofsError, cpi::emit_event, events::VerdictClosed, loaded::Loaded, order::OrderView, state::Verdict};
use anchor_lang::prelude::*;

#[event_cpi]
#[derive(Accounts)]
pub struct CloseVerdict {
    /// The verdict's order, which may be closed.
    #[account(address = verdict.order @ ErrorCode::ConstraintSeeds)]
    pub order: UncheckedAccount,
    // the interface names the seeds; the program compares the hash alone (`derived`)
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump = verdict.bump))]
    #[account(mut, close = rent_payer)]
    pub verdict: Loaded<Verdict>,
    #[account(mut, address = verdict.rent_payer @ ProofsError::NotRentPayer)]
    pub rent_payer: UncheckedAccount,
}

pub fn close_verdict(ctx: &mut Context<CloseVerdict>) -> Result<()> {
    let a = &mut ctx.accounts;
    let needed = OrderView::at(a.order.account())
        .is_some_and(|order| order.opened_at == a.verdict.opened_at && !order.is_settled());
    require!(!needed, ProofsError::OrderNotSettled);
    let (verdict, seq) = (*a.verdict.address(), next_seq(&mut a.verdict.seq)?);
    emit_event!(ctx, VerdictClosed { verdict, seq });
    Ok(())
}
