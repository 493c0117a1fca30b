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

/// The canonical bump of the seeds (at most three) for `program`, where it derives `address`; for an account that the program
/// created there or is about to create.
///
/// Bumps are tried from 255 down, and the first whose hash is no point of the curve is the canonical one. The hash that is
/// `address` needs no such check: the runtime does not let a program sign for a point of the curve, so nothing is created at
/// one.
#[inline(never)]
pub(crate) fn canonical_bump(program: &Address, address: &Address, seeds: &[&[u8]]) -> Option<u8> {
    let count = seeds.len();
    for bump in (0..=u8::MAX).rev() {
        let bump_seed = [bump];
        let mut parts: [&[u8]; 6] = [&[]; 6];
        parts.get_mut(..count)?.copy_from_slice(seeds);
        parts[count] = &bump_seed;
        *parts.get_mut(count + 1)? = program.as_ref();
        *parts.get_mut(count + 2)? = b"ProgramDerivedAddress";
        let hash = hashv(&parts[..count + 3]).to_bytes();
        if address_eq(address, &Address::new_from_array(hash)) {
            return Some(bump);
        }
        if !is_point(&hash) {
            return None;
        }
    }
    None
}

/// Whether the bytes are a point of the curve.
#[cfg(target_os = "solana")]
fn is_point(bytes: &[u8; 32]) -> bool {
    const EDWARDS: u64 = 0;
    // SAFETY: the call reads 32 bytes, which is what it is given, and writes nothing
    unsafe {
        anchor_lang::pinocchio::syscalls::sol_curve_validate_point(EDWARDS, bytes.as_ptr(), core::ptr::null_mut()) == 0
    }
}

/// Whether the bytes are a point of the curve.
#[cfg(not(target_os = "solana"))]
fn is_point(bytes: &[u8; 32]) -> bool {
    Address::new_from_array(*bytes).is_on_curve()
}
