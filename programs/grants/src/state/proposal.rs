use super::config::{add, sub};
use crate::{GrantsError, derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// States of a proposal.
pub mod proposal_state {
    /// Votes are cast until `ends_at`; then anyone tallies.
    pub const VOTING: u8 = 1;
    /// Its total is set aside; milestones are worked on.
    pub const APPROVED: u8 = 2;
    pub const REJECTED: u8 = 3;
    /// Every milestone is paid.
    pub const COMPLETED: u8 = 4;
    /// Ended early; milestones that were accepted before are still paid.
    pub const CANCELLED: u8 = 5;
}

/// Why a proposal ended without being completed.
pub mod end_reason {
    pub const NONE: u8 = 0;
    /// Too few points voted.
    pub const NO_QUORUM: u8 = 1;
    /// Too few of them in favour.
    pub const NO_MAJORITY: u8 = 2;
    /// Carried, but the pool held less than its total.
    pub const FUNDS_SHORT: u8 = 3;
    /// Its proposer took it back.
    pub const WITHDRAWN: u8 = 4;
    /// The administrator stopped it.
    pub const STOPPED: u8 = 5;
    /// A milestone was not submitted in time.
    pub const LATE: u8 = 6;
}

/// Where a proposal's bond is.
pub mod bond_state {
    /// None was asked for.
    pub const NONE: u8 = 0;
    /// In the vault until the vote is over.
    pub const HELD: u8 = 1;
    /// In the vault for the proposer to be returned.
    pub const RETURNABLE: u8 = 2;
    pub const RETURNED: u8 = 3;
    /// Part of the pool now.
    pub const FORFEITED: u8 = 4;
}

/// States of a milestone.
pub mod milestone_state {
    /// Not submitted, or refused: it may be submitted until it is due.
    pub const PENDING: u8 = 0;
    /// Under review until `review_by`; after that it may be submitted again.
    pub const SUBMITTED: u8 = 1;
    /// To be paid.
    pub const ACCEPTED: u8 = 2;
    pub const PAID: u8 = 3;
}

/// The most milestones that a proposal can have.
pub const MAX_MILESTONES: usize = 8;
/// Bytes of a proposal's uri.
pub const MAX_URI: usize = 96;

/// `["proposal", id]`: what somebody wants to be paid for.
#[account]
pub struct Proposal {
    pub proposer: Address,
    /// The wallet whose token accounts are paid, and who submits milestones.
    pub recipient: Address,
    pub rent_payer: Address,
    /// Content address of the text.
    pub metadata_hash: [u8; 32],
    /// Evidence of the milestone submitted last.
    pub evidence: [u8; 32],
    /// Where the text is; UTF-8, padded with zero bytes.
    pub uri: [u8; MAX_URI],
    /// Base units of each milestone; unused places are zero.
    pub amounts: [PodU64; MAX_MILESTONES],
    /// Until when each milestone must be submitted, Unix seconds; unused places are zero.
    pub due: [PodI64; MAX_MILESTONES],
    pub id: PodU64,
    pub seq: PodU64,
    /// Sum of the amounts.
    pub total: PodU64,
    /// Base units set aside and not paid yet.
    pub committed: PodU64,
    /// Base units paid.
    pub paid: PodU64,
    /// Snapshot of the configuration at opening.
    pub bond: PodU64,
    pub bond_floor_points: PodU64,
    pub quorum_points: PodU64,
    pub review_seconds: PodI64,
    /// Points in favour, against, and of those who abstained.
    pub votes_for: PodU64,
    pub votes_against: PodU64,
    pub abstained: PodU64,
    pub opened_at: PodI64,
    /// Votes are taken before this second.
    pub ends_at: PodI64,
    /// The submitted milestone is reviewed before this second.
    pub review_by: PodI64,
    pub voters: PodU32,
    /// The rewards epoch that held the opening: points of epochs before it weigh.
    pub snapshot_epoch: PodU32,
    /// Snapshot of the configuration at opening.
    pub approval_bps: PodU16,
    /// State of each milestone.
    pub milestones: [u8; MAX_MILESTONES],
    /// Number of milestones.
    pub count: u8,
    pub state: u8,
    pub reason: u8,
    pub bond_state: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Proposal>() == 5 * 32 + 96 + 16 * 8 + 15 * 8 + 2 * 4 + 2 + 8 + 5);

impl Placed for Proposal {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"proposal", &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

impl Proposal {
    /// The first milestone that is neither accepted nor paid, if there is one.
    pub fn next_milestone(&self) -> Option<usize> {
        let all = self.milestones.iter().take(self.count.into());
        all.clone().position(|state| *state < milestone_state::ACCEPTED)
    }

    /// Base units of milestones that were accepted and not paid.
    pub fn accepted(&self) -> Result<u64> {
        let mut sum = 0u64;
        for (state, amount) in self.milestones.iter().zip(&self.amounts) {
            if *state == milestone_state::ACCEPTED {
                sum = sum.checked_add(amount.get()).ok_or(GrantsError::Overflow)?;
            }
        }
        Ok(sum)
    }

    /// Adds to the points of a choice.
    pub fn count_in(&mut self, choice: u8, weight: u64) -> Result<()> {
        let votes = self.votes_of(choice)?;
        *votes = add(*votes, weight)?;
        Ok(())
    }

    /// Takes back from the points of a choice.
    pub fn count_out(&mut self, choice: u8, weight: u64) -> Result<()> {
        let votes = self.votes_of(choice)?;
        *votes = sub(*votes, weight)?;
        Ok(())
    }

    fn votes_of(&mut self, choice: u8) -> Result<&mut PodU64> {
        use super::choice::{ABSTAIN, AGAINST, FOR};
        match choice {
            FOR => Ok(&mut self.votes_for),
            AGAINST => Ok(&mut self.votes_against),
            ABSTAIN => Ok(&mut self.abstained),
            _ => Err(GrantsError::UnknownChoice.into()),
        }
    }
}
