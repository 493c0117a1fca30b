//! Rows of the rentals.

use super::row;
use crate::Amount;

row! {
    /// Some hours of a listing.
    RentalRow in rentals by (address) {
        address: String,
        seq: i64,
        rental_id: Amount,
        listing: String,
        listing_version: i64,
        renter: String,
        provider: String,
        mint: String,
        /// Base units for an hour.
        rate: Amount,
        hours: i64,
        deposit: Amount,
        fee_bps: i64,
        state: i64,
        end_reason: Option<i64>,
        paid: Amount,
        fee: Amount,
        returned: Amount,
        closed: bool,
        accept_by: i64,
        started_at: Option<i64>,
        ends_at: Option<i64>,
        ended_at: Option<i64>,
        opened_at: Option<i64>,
        opened_slot: i64,
        updated_slot: i64,
    }
}
