//! The market's accounts, as far as this program reads them.
use crate::{derived::derives_for, foreign::ForeignAccount};
use anchor_lang::{
    bytemuck::{Pod, Zeroable},
    prelude::*,
};

/// The market.
pub const MARKET: Address = anchor_lang::address!("Market1111111111111111111111111111111111111");

/// `market::state::order_state`.
pub mod order_state {
    pub const AUDITING: u8 = 4;
    pub const DISPUTED: u8 = 6;
    pub const RELEASED: u8 = 7;
    pub const REFUNDED: u8 = 8;
}

/// `market::state::judge`: the order is judged by the members of its oracle set.
pub const JUDGE_ORACLES: u8 = 1;
/// `market::state::resolution`: somebody judged a dispute and changed the verdict.
pub const OVERTURNED: u8 = 2;

/// `market::state::verdict`.
pub mod verdict {
    pub const NONE: u8 = 0;
    pub const ACCEPT: u8 = 1;
    pub const REJECT: u8 = 2;
}

/// Most members of an oracle set.
pub const MAX_ORACLES: usize = 16;

/// `market::state::Config` from its beginning to its bump.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ConfigView {
    gap0: [u8; 248],
    pub audit_seconds: PodI64,
    pub dispute_seconds: PodI64,
    pub answer_seconds: PodI64,
    pub resolve_seconds: PodI64,
    gap1: [u8; 25],
    pub bump: u8,
}
const _: () = assert!(size_of::<ConfigView>() == 306);

/// `market::state::OracleSet`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OracleSetView {
    pub members: [Address; MAX_ORACLES],
    pub min_bond: PodU64,
    pub version: PodU32,
    gap0: [u8; 2],
    pub count: u8,
    gap1: [u8; 1],
    pub retired: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<OracleSetView>() == 530);

/// `market::state::Order` from its beginning to its bump.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OrderView {
    gap0: [u8; 32],
    pub buyer: Address,
    pub seller: Address,
    gap1: [u8; 64],
    /// All zero while nobody disputed.
    pub challenger: Address,
    gap2: [u8; 128],
    /// Zero until oracles were asked.
    pub audit_seed: [u8; 32],
    pub id: PodU64,
    gap3: [u8; 16],
    /// Base units that the buyer put into the vault, and what of them the verdict paid.
    pub amount: PodU64,
    gap4: [u8; 16],
    pub payable: PodU64,
    gap5: [u8; 48],
    pub opened_at: PodI64,
    gap6: [u8; 16],
    pub audit_by: PodI64,
    gap7: [u8; 16],
    pub resolve_by: PodI64,
    pub settled_at: PodI64,
    gap8: [u8; 8],
    /// Seconds from the submission to `audit_by`.
    pub audit_seconds: PodI64,
    gap9: [u8; 16],
    /// Seconds from the answer's deadline to `resolve_by`.
    pub resolve_seconds: PodI64,
    gap10: [u8; 12],
    pub oracle_set: PodU32,
    /// One bit for each member of the set.
    pub votes_for: PodU16,
    pub votes_against: PodU16,
    gap11: [u8; 8],
    pub slash_challenger_bps: PodU16,
    pub slash_buyer_bps: PodU16,
    pub state: u8,
    gap12: [u8; 1],
    pub judge: u8,
    pub verdict: u8,
    gap13: [u8; 1],
    pub disputed: u8,
    pub answered: u8,
    pub resolution: u8,
    gap14: [u8; 1],
    pub bump: u8,
}
const _: () = assert!(size_of::<OrderView>() == 602);

// SAFETY: all are repr(C) of byte arrays, addresses and integers without alignment: no padding, every bit pattern is a value
unsafe impl Pod for ConfigView {}
unsafe impl Zeroable for ConfigView {}
unsafe impl Pod for OracleSetView {}
unsafe impl Zeroable for OracleSetView {}
unsafe impl Pod for OrderView {}
unsafe impl Zeroable for OrderView {}

impl ForeignAccount for ConfigView {
    const PROGRAM: Address = MARKET;
    const DISCRIMINATOR: [u8; 8] = [155, 12, 170, 224, 30, 250, 204, 130];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"config", &[self.bump]])
    }
}

impl ForeignAccount for OracleSetView {
    const PROGRAM: Address = MARKET;
    const DISCRIMINATOR: [u8; 8] = [128, 26, 73, 134, 218, 90, 126, 42];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"oracles", &self.version.get().to_le_bytes(), &[self.bump]])
    }
}

impl ForeignAccount for OrderView {
    const PROGRAM: Address = MARKET;
    const DISCRIMINATOR: [u8; 8] = [134, 173, 223, 185, 77, 86, 28, 51];

    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives_for(&MARKET, address, [b"order", self.buyer.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

impl ConfigView {
    /// The longest time from a vote to the moment from which its order can be settled, in seconds.
    pub fn longest_judgement(&self) -> Option<i64> {
        self.audit_seconds
            .get()
            .checked_add(self.dispute_seconds.get())?
            .checked_add(self.answer_seconds.get())?
            .checked_add(self.resolve_seconds.get())
    }
}

impl OracleSetView {
    /// The place of `oracle` in the set.
    pub fn place_of(&self, oracle: &Address) -> Option<u8> {
        let place = self.members.iter().take(self.count.into()).position(|member| member == oracle)?;
        u8::try_from(place).ok()
    }
}

impl OrderView {
    /// Whether nothing more is decided about it.
    pub fn is_settled(&self) -> bool {
        self.state == order_state::RELEASED || self.state == order_state::REFUNDED
    }
}
