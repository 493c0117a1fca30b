//! Whether an account is at the address that its own fields derive. Every program includes this file.
use anchor_lang::{address_eq, prelude::Address, solana_program::hash::hashv};

/// Whether `address` is the one that seeds and bump derive for this program.
///
/// To be asked with the bump of an account that this program created. That bump is the canonical one, and the runtime
/// refused then to create an account at a point of the curve; so an equal hash needs no second check of the curve, which
/// the framework's `seeds` makes in each instruction.
#[inline(always)]
pub(crate) fn derives<const PARTS: usize>(address: &Address, seeds_and_bump: [&[u8]; PARTS]) -> bool {
    derives_for(&crate::ID, address, seeds_and_bump)
}

/// [`derives`] for an account that `program` created.
#[inline(always)]
pub(crate) fn derives_for<const PARTS: usize>(
    program: &Address,
    address: &Address,
    seeds_and_bump: [&[u8]; PARTS],
) -> bool {
    let mut parts: [&[u8]; 6] = [&[]; 6];
    parts[..PARTS].copy_from_slice(&seeds_and_bump);
    parts[PARTS] = program.as_ref();
    parts[PARTS + 1] = b"ProgramDerivedAddress";
    address_eq(address, &Address::new_from_array(hashv(&parts[..PARTS + 2]).to_bytes()))
}
