use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// `["oracle", authority]`: an oracle's bond, and what its votes came to. The tokens are in `["bond", authority]`, whose
/// authority is this account. The market reads it up to `unbonding`.
#[account]
pub struct Oracle {
    /// The key that votes on the market.
    pub authority: Address,
    /// Who paid for the account and the vault.
    pub rent_payer: Address,
    /// Base units that can be slashed.
    pub bond: PodU64,
    /// The part of `bond` that is on its way out, and does not count for votes.
    pub unbonding: PodU64,
    /// When `unbonding` can be withdrawn; 0 while nothing is on its way out.
    pub unbond_at: PodI64,
    pub seq: PodU64,
    /// Settled orders that it voted on.
    pub votes: PodU64,
    /// Votes that agreed with how the order ended, and votes that did not. Neither where it ended without a verdict.
    pub agreed: PodU64,
    pub dissented: PodU64,
    /// Settled orders that it could have voted on for the whole of their audit, and did not.
    pub missed: PodU64,
    /// Those of them on which it had sealed a vote and then kept it to itself.
    pub hidden: PodU64,
    /// Votes for a verdict that a judged dispute overturned.
    pub overturned: PodU64,
    /// Base units lost by them.
    pub slashed: PodU64,
    pub bump: u8,
    pub vault_bump: u8,
}
const _: () = assert!(size_of::<Oracle>() == 2 * 32 + 11 * 8 + 2);

impl Placed for Oracle {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"oracle", self.authority.as_ref(), &[self.bump]])
    }
}

impl Oracle {
    /// Whether the oracle's vault is at `address`.
    pub fn has_vault_at(&self, address: &Address) -> bool {
        derives(address, [b"bond", self.authority.as_ref(), &[self.vault_bump]])
    }
}
