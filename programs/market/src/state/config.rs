use crate::loaded::Placed;
use anchor_lang::{address_eq, prelude::*};

/// Bits of `Config::paused`. No bit blocks a vote, a release, a refund or an award.
pub mod pause {
    /// New listings and changes to listings.
    pub const LISTINGS: u8 = 1;
    /// New orders.
    pub const ORDERS: u8 = 2;
    /// Accepting orders.
    pub const ACCEPTANCE: u8 = 4;
}

/// The most that a fee may be, in basis points.
pub const MAX_FEE_BPS: u16 = 1_000;
/// Mints that one configuration can allow.
pub const MAX_MINTS: usize = 4;

/// `["config"]`: one for the program.
#[account]
pub struct Config {
    pub admin: Address,
    /// All zero when nobody is proposed.
    pub pending_admin: Address,
    /// The wallet whose token accounts receive fees.
    pub treasury: Address,
    /// Allowed mints; unused places are zero.
    pub mints: [Address; MAX_MINTS],
    /// Sequence number of the last event about the configuration or an oracle set.
    pub seq: PodU64,
    /// Seconds that a seller has to accept.
    pub accept_seconds: PodI64,
    /// Seconds that a seller has to submit after accepting.
    pub delivery_seconds: PodI64,
    /// Seconds that the oracles have to decide after the submission.
    pub audit_seconds: PodI64,
    /// Seconds that buyer and seller have to dispute a verdict.
    pub dispute_seconds: PodI64,
    /// Seconds that the side which a verdict favours has to answer a dispute, or it loses.
    pub answer_seconds: PodI64,
    /// Seconds, from the end of the answer's, that the administrator has to resolve a dispute before the verdict stands; where
    /// oracles judged, the first half of them is a panel's.
    pub resolve_seconds: PodI64,
    /// Seconds after its release during which an order can only be closed once its seller was awarded.
    pub award_seconds: PodI64,
    /// Version of the oracle set that new orders pin; 0 while there is none.
    pub oracle_set: PodU32,
    pub fee_bps: PodU16,
    /// Category in rewards under which a released order earns points.
    pub award_category: PodU16,
    /// What a seller deposits when it accepts, as a share of the order's amount.
    pub seller_bond_bps: PodU16,
    /// What a challenger deposits when it disputes, as a share of the order's amount.
    pub challenge_bond_bps: PodU16,
    /// Shares of a lost bond for a challenger that was right and for the buyer; the rest is burned.
    pub slash_challenger_bps: PodU16,
    pub slash_buyer_bps: PodU16,
    pub paused: u8,
    pub bump: u8,
}
const _: () = assert!(size_of::<Config>() == (3 + MAX_MINTS) * 32 + 8 * 8 + 4 + 6 * 2 + 2);

/// The address that `["config"]` derives; written down, because every second instruction compares it.
const CONFIG: Address = anchor_lang::address!("Gy1CvJDELV7gq9GAgvrQSaBFdAi3XwsGJZM2TntPUERq");

impl Placed for Config {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        address_eq(address, &CONFIG)
    }
}
