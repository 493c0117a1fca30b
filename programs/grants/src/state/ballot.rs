use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// What a voter chooses.
pub mod choice {
    pub const FOR: u8 = 1;
    pub const AGAINST: u8 = 2;
    /// Counts towards the quorum only.
    pub const ABSTAIN: u8 = 3;
}

/// `["ballot", proposal, voter]`: one voter's vote, which may be changed until the vote is over.
#[account]
pub struct Ballot {
    pub proposal: Address,
    pub voter: Address,
    pub rent_payer: Address,
    /// Points that the vote counts.
    pub weight: PodU64,
    /// How often the voter voted.
    pub seq: PodU64,
    /// End of the proposal's vote: the ballot may be closed from then on.
    pub ends_at: PodI64,
    pub choice: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Ballot>() == 3 * 32 + 3 * 8 + 2);

impl Placed for Ballot {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"ballot", self.proposal.as_ref(), self.voter.as_ref(), &[self.bump]])
    }
}
