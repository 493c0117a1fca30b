use crate::{GrantsError, loaded::Placed};
use anchor_lang::{address_eq, prelude::*};

/// Bits of `Config::paused`. No bit blocks a vote, a rejection, a cancellation, a review, a payment or a bond's return.
pub mod pause {
    /// New proposals.
    pub const PROPOSALS: u8 = 1;
    /// Tallies that would approve a proposal.
    pub const APPROVALS: u8 = 2;
}

/// The most of the supply that grants may give away, in basis points.
pub const ALLOCATION_BPS: u16 = 525;

/// `["config"]`: one for the program. Its tokens are in `["vault"]`.
#[account]
pub struct Config {
    pub admin: Address,
    /// All zero when nobody is proposed.
    pub pending_admin: Address,
    /// May review milestones, as the administrator may.
    pub reviewer: Address,
    /// The token that is granted, of either token program.
    pub mint: Address,
    /// Sequence number of the last event about the configuration or its funds.
    pub seq: PodU64,
    /// Base units that may be put in by `fund`.
    pub allocation: PodU64,
    /// Base units that came in for grants: by `fund`, and forfeited bonds.
    pub funded: PodU64,
    /// Base units of `funded` that were bonds.
    pub forfeited: PodU64,
    /// Base units set aside for approved proposals and not paid yet.
    pub committed: PodU64,
    /// Base units paid to recipients.
    pub disbursed: PodU64,
    /// Base units of bonds that the vault holds for proposers, on top of what is funded.
    pub bonds: PodU64,
    /// Points that must vote.
    pub quorum_points: PodU64,
    /// Points from before the month that a proposer must have.
    pub min_points: PodU64,
    /// Base units that a proposer leaves in the vault until the vote is over.
    pub proposal_bond: PodU64,
    /// A proposal that fails with fewer points than this in its favour loses its bond.
    pub bond_floor_points: PodU64,
    /// Seconds that votes are taken.
    pub voting_seconds: PodI64,
    /// Seconds that the reviewer has for a submitted milestone.
    pub review_seconds: PodI64,
    /// Number of the proposal to be opened next.
    pub next_proposal: PodU64,
    /// A proposal is carried by more than this share of the points for and against.
    pub approval_bps: PodU16,
    pub paused: u8,
    pub bump: u8,
    pub vault_bump: u8,
}
const _: () = assert!(size_of::<Config>() == 4 * 32 + 14 * 8 + 5);

/// The address that `["config"]` derives; written down, because most instructions compare it.
const CONFIG: Address = anchor_lang::address!("9uxN8TMfjJMxg5cAmxiUBF9xBGa2EGCRTdV9jTZmzy6g");

impl Placed for Config {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        address_eq(address, &CONFIG)
    }
}

impl Config {
    /// Base units that no proposal has been promised or paid.
    pub fn free(&self) -> Result<u64> {
        let free =
            self.funded.get().checked_sub(self.committed.get()).and_then(|f| f.checked_sub(self.disbursed.get()));
        free.ok_or_else(|| GrantsError::Insolvent.into())
    }

    /// Base units that the vault must hold: what is funded and not paid, and the bonds.
    pub fn owed(&self) -> Result<u64> {
        let unpaid = self.funded.get().checked_sub(self.disbursed.get());
        unpaid.and_then(|unpaid| unpaid.checked_add(self.bonds.get())).ok_or_else(|| GrantsError::Insolvent.into())
    }

    /// Sets `amount` aside.
    pub fn commit(&mut self, amount: u64) -> Result<()> {
        self.committed = add(self.committed, amount)?;
        self.free().map(|_| ())
    }

    /// Returns `amount` of what was set aside to the pool.
    pub fn free_up(&mut self, amount: u64) -> Result<()> {
        self.committed = sub(self.committed, amount)?;
        self.free().map(|_| ())
    }

    /// Turns `amount` of what was set aside into money paid.
    pub fn pay(&mut self, amount: u64) -> Result<()> {
        self.committed = sub(self.committed, amount)?;
        self.disbursed = add(self.disbursed, amount)?;
        self.free().map(|_| ())
    }
}

pub(crate) fn add(to: PodU64, amount: u64) -> Result<PodU64> {
    Ok(to.get().checked_add(amount).ok_or(GrantsError::Overflow)?.into())
}

pub(crate) fn sub(from: PodU64, amount: u64) -> Result<PodU64> {
    Ok(from.get().checked_sub(amount).ok_or(GrantsError::Insolvent)?.into())
}
