use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// The most members that a set can have: one bit each in an order's votes.
pub const MAX_ORACLES: usize = 16;

/// `["oracles", version]`: who may vote on the orders that pin this version. Never changes, but can be retired.
#[account]
pub struct OracleSet {
    /// The first `count` are members; the rest is zero.
    pub members: [Address; MAX_ORACLES],
    /// Base units that a member must have bonded in `oracles` for its votes to count; 0 asks for none.
    pub min_bond: PodU64,
    pub version: PodU32,
    /// Random segments that each member replays, besides the first and the last.
    pub samples: PodU16,
    pub count: u8,
    /// Equal votes that decide.
    pub threshold: u8,
    pub retired: u8,
    pub bump: u8,
}

const _: () = assert!(size_of::<OracleSet>() == MAX_ORACLES * 32 + 8 + 4 + 2 + 4);

impl OracleSet {
    /// The place of `oracle` among the members.
    #[inline(never)]
    pub fn place_of(&self, oracle: &Address) -> Option<usize> {
        self.members.iter().take(self.count.into()).position(|member| member == oracle)
    }
}

impl Placed for OracleSet {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"oracles", &self.version.get().to_le_bytes(), &[self.bump]])
    }
}
