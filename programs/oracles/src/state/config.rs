use crate::loaded::Placed;
use anchor_lang::{address_eq, prelude::*};

/// Seconds after its settlement in which the votes on an order can be recorded. An order's record is kept for as long.
pub const RECORD_SECONDS: u32 = 1_209_600;
/// The longest way out of a bond, in seconds: five years, enough for the longest windows that the market allows.
pub const MAX_UNBONDING_SECONDS: u32 = 158_112_000;

/// `["config"]`: one for the program.
#[account]
pub struct Config {
    pub admin: Address,
    /// All zero when nobody is proposed.
    pub pending_admin: Address,
    /// The token of all bonds; never changes.
    pub mint: Address,
    /// Sequence number of the last event about the configuration.
    pub seq: PodU64,
    /// Base units: a bond is at least this, or nothing.
    pub min_bond: PodU64,
    /// Seconds between the request for a bond and its withdrawal, at least.
    pub unbonding_seconds: PodI64,
    /// When the slash was changed last; 0 while it never was.
    pub slash_changed_at: PodI64,
    /// Share of its bond that an oracle loses with each vote that is overturned: of results submitted since the last change,
    /// and before it.
    pub slash_bps: PodU16,
    pub slash_bps_before: PodU16,
    /// Version of the market's oracle set whose members are drawn for panels.
    pub panel_set: PodU32,
    /// Members of a panel; 0 where disputes have none and go to the administrator.
    pub panel_size: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Config>() == 3 * 32 + 4 * 8 + 2 * 2 + 4 + 2);

/// The address that `["config"]` derives; written down, because most instructions compare it.
const CONFIG: Address = anchor_lang::address!("EgvnqK8z7dZtD1FM7MGHpFNtnVJ3vgVm8YMfkk2rWikF");

impl Placed for Config {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        address_eq(address, &CONFIG)
    }
}

impl Config {
    /// What a vote on a result of that second costs when it is overturned: nobody votes under terms that come later.
    pub fn slash_bps_at(&self, submitted_at: i64) -> u16 {
        if submitted_at < self.slash_changed_at.get() { self.slash_bps_before.get() } else { self.slash_bps.get() }
    }
}
