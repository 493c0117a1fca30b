//! Accounts of this project's other programs, as far as a program reads them. A dependency on the other program's crate would
//! link that one into this build as a second program, so the layout is repeated here; `tests/tests/program_layouts.rs`
//! compares every field with the type that owns it.
#![allow(dead_code, reason = "each program uses a part")]
use crate::loaded::Placed;
use anchor_lang::{
    AccountView, IdlAccountType, Space,
    accounts::SlabSchema,
    bytemuck::{self, Pod, Zeroable},
    prelude::*,
};

/// An account type of another program: whose it is and how its data begins.
pub trait ForeignAccount: Pod {
    /// The program that owns it.
    const PROGRAM: Address;
    /// The first 8 bytes of its data.
    const DISCRIMINATOR: [u8; 8];
    /// The same of another type whose data begins with the same fields, where a reader takes either.
    const OR: Option<(Address, [u8; 8])> = None;

    /// Whether `address` is the one that the account's own fields derive. Only its program writes an account that it owns, and
    /// it creates one of a kind for each key: where a reader compares that key, it may leave this out.
    #[inline(always)]
    fn is_at(&self, _address: &Address) -> bool {
        true
    }
}

/// `T` after its discriminator, read-only, for use as `Loaded<Foreign<T>>`.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Foreign<T>(T);

// SAFETY: transparent over T
unsafe impl<T: Pod> Pod for Foreign<T> {}
unsafe impl<T: Zeroable> Zeroable for Foreign<T> {}

impl<T: ForeignAccount> Foreign<T> {
    /// The account's contents, where there is one of this type: for accounts that may be gone. No program writes to another's,
    /// so they stay as they are.
    #[inline(never)]
    pub fn at(view: &AccountView) -> Option<&T> {
        // SAFETY: the runtime takes no write of this program to an account of another
        let data = unsafe { view.borrow_unchecked() };
        Self::validate(view, data).ok()?;
        bytemuck::try_from_bytes(data.get(8..8 + size_of::<T>())?).ok()
    }
}

impl<T> core::ops::Deref for Foreign<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ForeignAccount> SlabSchema for Foreign<T> {
    const DATA_OFFSET: usize = 8;
    const MIN_DATA_LEN: usize = 8 + size_of::<T>();

    #[inline(never)]
    fn validate(view: &AccountView, data: &[u8]) -> core::result::Result<(), ProgramError> {
        let (program, discriminator) = match T::OR {
            Some(other) if view.owned_by(&other.0) => other,
            _ => (T::PROGRAM, T::DISCRIMINATOR),
        };
        if !view.owned_by(&program) {
            let missing = view.lamports() == 0;
            return Err(if missing { ProgramError::UninitializedAccount } else { ProgramError::IllegalOwner });
        }
        if data.len() < Self::MIN_DATA_LEN {
            return Err(ProgramError::AccountDataTooSmall);
        }
        if data[..8] == discriminator { Ok(()) } else { Err(ProgramError::InvalidAccountData) }
    }
}

impl<T: ForeignAccount> Placed for Foreign<T> {
    #[inline(always)]
    fn is_at(&self, address: &Address) -> bool {
        self.0.is_at(address)
    }
}

impl<T: Pod> Space for Foreign<T> {
    const INIT_SPACE: usize = 8 + size_of::<T>();
}

#[doc(hidden)]
impl<T> IdlAccountType for Foreign<T> {}
