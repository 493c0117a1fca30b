use anchor_lang::prelude::*;

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
    /// Share of its bond that an oracle loses with each vote that is overturned.
    pub slash_bps: PodU16,
    pub bump: u8,
}
const _: () = assert!(size_of::<Config>() == 3 * 32 + 3 * 8 + 2 + 1);
