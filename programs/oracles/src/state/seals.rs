use crate::{derived::derives, foreign_views::MAX_ORACLES, loaded::Placed};
use anchor_lang::{AccountView, bytemuck, prelude::*};

/// `["seals", order]`: what the members of an order's oracle set sealed before any of them shows its vote
/// (`protocol::seal`). The market reads it up to `commitments`.
#[account]
pub struct Seals {
    pub order: Address,
    /// Who paid for the account: the member that sealed first.
    pub rent_payer: Address,
    /// When the order was opened: an order that is opened again under the same number is another one.
    pub opened_at: PodI64,
    /// One bit for each member of the set that sealed.
    pub sealed: PodU16,
    /// Of each member that sealed; the rest is zero.
    pub commitments: [[u8; 32]; MAX_ORACLES],
    pub seq: PodU64,
    pub bump: u8,
}
const _: () = assert!(size_of::<Seals>() == 2 * 32 + 8 + 2 + MAX_ORACLES * 32 + 8 + 1);

impl Seals {
    /// The seals in an account of their address, if they are there.
    pub fn at(account: &AccountView) -> Option<&Self> {
        // SAFETY: the instructions that look here write to no seals
        let data = unsafe { account.borrow_unchecked() };
        let ours = account.owned_by(&crate::ID) && data.starts_with(Self::DISCRIMINATOR);
        bytemuck::try_from_bytes(data.get(8..8 + size_of::<Self>()).filter(|_| ours)?).ok()
    }

    /// Whether the member with this `bit` sealed a vote on the order that was opened then.
    pub fn holds(&self, opened_at: PodI64, bit: u16) -> bool {
        self.opened_at == opened_at && self.sealed.get() & bit != 0
    }
}

impl Placed for Seals {
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"seals", self.order.as_ref(), &[self.bump]])
    }
}
