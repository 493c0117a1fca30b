use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;
use protocol::rental as metering;

/// States of a rental.
pub mod rental_state {
    /// In the vault, waiting for the provider until `accept_by`.
    pub const REQUESTED: u8 = 1;
    /// Each second earns, until `ends_at`.
    pub const RUNNING: u8 = 2;
    /// All of the deposit is where it belongs; the vault is gone.
    pub const ENDED: u8 = 3;
}

/// Why a rental ended.
pub mod end_reason {
    /// By the renter before the start.
    pub const CANCELLED: u8 = 1;
    /// The provider did not start in time.
    pub const NOT_STARTED: u8 = 2;
    /// By one of the parties, or by anyone once its hours were over.
    pub const STOPPED: u8 = 3;
}

/// `["rental", renter, id]`: some hours of a listing. Its tokens are in `["rental_vault", rental]`, whose authority is the
/// rental.
#[account]
pub struct Rental {
    pub listing: Address,
    pub renter: Address,
    pub provider: Address,
    pub mint: Address,
    /// Who paid for the account and the vault.
    pub rent_payer: Address,
    pub id: PodU64,
    pub seq: PodU64,
    /// Base units for an hour: the listing's price at the opening.
    pub rate: PodU64,
    pub hours: PodU64,
    /// Base units that the renter put into the vault: the rate times the hours.
    pub deposit: PodU64,
    /// Base units that went to the provider, to the treasury and back to the renter.
    pub paid: PodU64,
    pub fee: PodU64,
    pub returned: PodU64,
    /// The provider starts before this.
    pub accept_by: PodI64,
    /// 0 until then.
    pub started_at: PodI64,
    /// When the whole deposit is earned.
    pub ends_at: PodI64,
    /// 0 until then.
    pub ended_at: PodI64,
    pub listing_version: PodU32,
    /// Snapshot of the market's configuration at opening.
    pub fee_bps: PodU16,
    pub state: u8,
    pub bump: u8,
    pub vault_bump: u8,
}
const _: () = assert!(size_of::<Rental>() == 5 * 32 + 8 * 8 + 4 * 8 + 4 + 2 + 3);

impl Placed for Rental {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"rental", self.renter.as_ref(), &self.id.get().to_le_bytes(), &[self.bump]])
    }
}

impl Rental {
    /// Whether the vault of the rental, whose own address is `rental`, is at `address`.
    pub fn has_vault_at(&self, address: &Address, rental: &Address) -> bool {
        derives(address, [b"rental_vault", rental.as_ref(), &[self.vault_bump]])
    }

    /// Base units of all that was earned at the second `now`, in its parts.
    pub fn earned(&self, now: i64) -> metering::Split {
        // a clock before the start has earned nothing
        let seconds = now.checked_sub(self.started_at.get()).and_then(|s| u64::try_from(s).ok()).unwrap_or(0);
        metering::split(metering::earned(self.rate.get(), seconds, self.deposit.get()), self.fee_bps.get())
    }
}
