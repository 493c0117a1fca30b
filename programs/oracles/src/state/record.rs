use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// `["record", order]`: whose votes on an order were recorded.
#[account]
pub struct Record {
    pub order: Address,
    /// Who paid for the account.
    pub rent_payer: Address,
    pub seq: PodU64,
    /// When the order was opened: an order that is opened again under the same number is another one.
    pub opened_at: PodI64,
    /// When the order was settled.
    pub settled_at: PodI64,
    /// One bit for each member of the order's oracle set.
    pub counted: PodU16,
    pub bump: u8,
}
const _: () = assert!(size_of::<Record>() == 2 * 32 + 3 * 8 + 2 + 1);

impl Placed for Record {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"record", self.order.as_ref(), &[self.bump]])
    }
}
