use crate::{derived::derives, loaded::Placed};
use anchor_lang::prelude::*;

/// `["claim", order, claimant]`: a chunk that somebody says is faulty. It decides nothing and stands in nobody's way; it is there
/// because chunk and Merkle proof do not fit into one transaction.
#[account]
pub struct Claim {
    pub order: Address,
    /// Who claims, and paid for the account.
    pub claimant: Address,
    /// SHA-256 of the chunk that the seller promised.
    pub plain_hash: [u8; 32],
    /// SHA-256 of its ciphertext.
    pub cipher_hash: [u8; 32],
    pub seq: PodU64,
    /// When the order was opened: an order may be opened again at the address of one that was closed.
    pub opened_at: PodI64,
    /// Place of the chunk, from 0.
    pub chunk: PodU64,
    pub bump: u8,
}
const _: () = assert!(size_of::<Claim>() == 4 * 32 + 3 * 8 + 1);

impl Placed for Claim {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        derives(address, [b"claim", self.order.as_ref(), self.claimant.as_ref(), &[self.bump]])
    }
}
