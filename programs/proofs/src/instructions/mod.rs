//! One file for each family of instructions: its accounts, its checks, its effect.
pub mod chunk;
pub mod close;
pub mod evidence;
pub mod gold;
pub mod key;
pub mod training;

pub use chunk::*;
pub use close::*;
pub use evidence::*;
pub use gold::*;
pub use key::*;
pub use training::*;

use crate::{
    ProofsError,
    loaded::Loaded,
    order::{BY_ORACLES, BY_PROOF, DISPUTED, ForeignOrder, OrderView},
    state::{Verdict, verdict_state},
};
use anchor_lang::{bytemuck::Zeroable, prelude::*};

/// Checks that the order is a licence in dispute.
fn disputed_licence(order: &OrderView) -> Result<()> {
    require!(order.judge == BY_PROOF, ProofsError::NotALicence);
    require!(order.state == DISPUTED, ProofsError::NotDisputed);
    after_opening(order)
}

/// Checks that the order is a training job in dispute.
fn disputed_job(order: &OrderView) -> Result<()> {
    require!(order.judge == BY_ORACLES, ProofsError::NotAJob);
    require!(order.state == DISPUTED, ProofsError::NotDisputed);
    after_opening(order)
}

/// Checks that the second in which the order was opened is over. The chain's clock never goes back, so no later order at the
/// same address has the opening time of one about which something is kept here.
fn after_opening(order: &OrderView) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    require!(order.opened_at.get() < now, ProofsError::TooSoon);
    Ok(())
}

/// Starts the verdict on `order` in its account, which is created or holds the verdict on an earlier order.
#[inline(never)]
fn begin(account: &UncheckedAccount, order: &ForeignOrder, payer: &Signer, kind: u8) -> Result<Loaded<Verdict>> {
    let seeds = [b"verdict", order.address().as_ref()];
    let (mut verdict, bump) = Loaded::<Verdict>::create_if_needed(payer, account, &seeds)?;
    let opened_at = order.opened_at;
    let new = verdict.order == Address::default();
    require!(new || verdict.opened_at != opened_at, ProofsError::AlreadyJudged);
    // an account that is used again still holds the rent of who opened it
    let (rent_payer, seq) = if new { (*payer.address(), PodU64::default()) } else { (verdict.rent_payer, verdict.seq) };
    *verdict = Verdict { order: *order.address(), rent_payer, opened_at, seq, kind, bump, ..Verdict::zeroed() };
    Ok(verdict)
}

/// A fault, in its order's verdict.
struct Found {
    /// `verdict_kind`.
    kind: u8,
    /// `fault`.
    fault: u8,
    /// Which chunk or step.
    place: u64,
    /// Whether every oracle that judged the order had to find it.
    blame: bool,
}

/// Starts and ends the verdict that something was not delivered as promised: nothing is payable.
#[inline(never)]
fn convict(
    account: &UncheckedAccount,
    order: &ForeignOrder,
    payer: &Signer,
    found: &Found,
) -> Result<crate::events::FaultProven> {
    let mut verdict = begin(account, order, payer, found.kind)?;
    verdict.state = verdict_state::FINAL;
    verdict.fault = found.fault;
    verdict.chunk = found.place.into();
    verdict.blame = found.blame.into();
    Ok(crate::events::FaultProven {
        verdict: *verdict.address(),
        seq: next_seq(&mut verdict.seq)?,
        order: verdict.order,
        rent_payer: verdict.rent_payer,
        opened_at: verdict.opened_at.get(),
        fault: found.fault,
        chunk: found.place,
        blame: found.blame,
    })
}

fn next_seq(seq: &mut PodU64) -> Result<u64> {
    let next = seq.get().checked_add(1).ok_or(ProofsError::Overflow)?;
    *seq = next.into();
    Ok(next)
}
