use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;
use protocol::panel::MAX_MEMBERS;

/// States of a panel.
pub mod panel_state {
    /// Convened, and waits for its seed.
    pub const CONVENED: u8 = 1;
    /// It has a verdict, which never changes again. The market knows this number, as that of a final verdict.
    pub const FINAL: u8 = 2;
    /// Its members are drawn, and seal and show their votes.
    pub const SITTING: u8 = 3;
}

/// `["panel", order]`: oracles that did not judge an order before, drawn to judge its dispute. The market reads the fields up
/// to `blame`, which are those of a verdict.
#[account]
pub struct Panel {
    pub order: Address,
    /// Who paid for the account: who convened it.
    pub rent_payer: Address,
    /// When the order was opened: an order that is opened again under the same number is another one.
    pub opened_at: PodI64,
    /// What the seller is paid of the order's amount: all or nothing.
    pub payable_bps: PodU16,
    /// The market's judge of an order that oracles judge.
    pub kind: u8,
    pub state: u8,
    /// 1 where every oracle that accepted the result had to find what is wrong with it.
    pub blame: u8,
    pub seq: PodU64,
    /// The members are drawn by the hashes of the first slots after this one.
    pub slot: PodU64,
    /// Draws the members, and with each member's key what it replays; zero until drawn.
    pub seed: [u8; 32],
    /// Base units that a member must have bonded for its vote to count.
    pub min_bond: PodU64,
    /// Votes are sealed before this second and shown from it on.
    pub seal_by: PodI64,
    /// Version of the oracle set that the members are drawn from.
    pub oracle_set: PodU32,
    /// The first `size` count, once drawn.
    pub members: [Address; MAX_MEMBERS],
    /// `protocol::seal`, of each member that sealed.
    pub commitments: [[u8; 32]; MAX_MEMBERS],
    pub size: u8,
    /// One bit for each member: who sealed, and who showed which vote. Those who find that all had to see the fault are
    /// among those against.
    pub sealed: u8,
    pub votes_for: u8,
    pub votes_against: u8,
    pub votes_plain: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Panel>() == 2 * 32 + 8 + 2 + 3 + 2 * 8 + 32 + 2 * 8 + 4 + MAX_MEMBERS * 64 + 6);

impl Placed for Panel {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"panel", self.order.as_ref(), &[self.bump]])
    }
}

impl Panel {
    /// The bit of `oracle` in `sealed` and the votes, if it was drawn.
    pub fn bit_of(&self, oracle: &Address) -> Option<(usize, u8)> {
        if self.state == panel_state::CONVENED {
            return None;
        }
        let place = self.members.iter().take(self.size.into()).position(|member| member == oracle)?;
        Some((place, 1u8.checked_shl(u32::try_from(place).ok()?)?))
    }
}
