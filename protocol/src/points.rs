//! How contributions earn points: their names, and the call by which one program awards them through another.

use solana_sha256_hasher::hashv;

/// The source hash under which a released order of the market scores, from the order's address.
#[must_use]
pub fn order_source(order: &[u8; 32]) -> [u8; 32] {
    hashv(&[b"aixblock:award:order:v1", order]).to_bytes()
}

/// The source hash of a contribution outside the chain, from the link that names it (a pull request, a dataset).
#[must_use]
pub fn link_source(link: &str) -> [u8; 32] {
    hashv(&[b"aixblock:award:link:v1", link.as_bytes()]).to_bytes()
}

/// Discriminator of the rewards program's instruction `issue_award` (`sha256("global:issue_award")[..8]`).
pub const ISSUE_AWARD: [u8; 8] = [127, 98, 219, 75, 40, 47, 52, 26];

/// Instruction data of `issue_award`, as the market sends it: discriminator, source, category (u16), quantity (u64).
#[must_use]
pub fn issue_award_data(source: &[u8; 32], category: u16, quantity: u64) -> [u8; 50] {
    let mut data = [0; 50];
    data[..8].copy_from_slice(&ISSUE_AWARD);
    data[8..40].copy_from_slice(source);
    data[40..42].copy_from_slice(&category.to_le_bytes());
    data[42..].copy_from_slice(&quantity.to_le_bytes());
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_discriminator_is_the_frameworks() {
        assert_eq!(ISSUE_AWARD, hashv(&[b"global:issue_award"]).to_bytes()[..8]);
    }

    #[test]
    fn orders_and_links_never_share_a_name() {
        let link = "https://example.org/pull/1";
        assert_ne!(link_source(link), link_source("https://example.org/pull/2"));
        assert_ne!(order_source(&[7; 32]), order_source(&[8; 32]));
    }
}
