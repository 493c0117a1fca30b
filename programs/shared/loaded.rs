//! Accounts as instructions name them, checked by one function for each type and kept as one pointer. Every program includes
//! this file.
//!
//! The framework's `Account` writes out its checks (owner, size, discriminator, borrow mark) and three words of state wherever
//! an instruction names an account, about 700 bytes each time: a program of 26 instructions does not fit into 150 kB that way.
//! Here they are written once, and after them comes the one that no instruction may forget: that the account is where its own
//! fields say ([`Placed`]).
use crate::derived::canonical_bump;
use anchor_lang::{
    AccountClose, AccountInitialize, AccountView, AnchorAccount, CpiHandle, Discriminator, IdlAccountType, Space,
    ToCpiHandle,
    accounts::{SlabInit, SlabSchema},
    bytemuck::{Pod, Zeroable},
    create_account_with_signers,
    pinocchio::{instruction::InstructionAccount as Meta, sysvars::rent::Rent},
    prelude::*,
    unchecked_invoke_signed_fixed,
};
extern crate alloc;
use core::{
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// Where an account must be.
pub trait Placed: Pod + SlabSchema {
    /// Whether `address` is the one that the account's own fields derive. A type that can be anywhere, or whose address an
    /// instruction derives from other accounts, leaves that to the instruction's constraints.
    #[inline(always)]
    fn is_at(&self, _address: &Address) -> bool {
        true
    }
}

/// An account that the checks of the framework's [`Account`] let through, in its place.
///
/// The framework's mark on the account, that it is borrowed, stays until the instruction is over. It also says whether the
/// account was loaded to be changed.
pub struct Loaded<T>(AccountView, PhantomData<T>);

impl<T: Placed> Loaded<T> {
    /// The account's address.
    #[inline(always)]
    pub fn address(&self) -> &Address {
        self.0.address()
    }

    /// The account, marked as borrowed.
    #[inline(always)]
    fn marked(view: AccountView, write: bool) -> core::result::Result<Self, ProgramError> {
        const { assert!(align_of::<T>() == 1, "an account's data may begin anywhere") };
        // SAFETY: whoever loads to write promises that nobody else does (`load_mut`)
        let mark = if write { unsafe { Account::load_mut(view) } } else { Account::<Bytes<0>>::load(view) };
        // dropping it would take the mark back
        mem::forget(mark?);
        Ok(Self(view, PhantomData))
    }

    #[inline(never)]
    fn open(view: AccountView, write: bool) -> core::result::Result<Self, ProgramError> {
        let loaded = Self::marked(view, write)?;
        // SAFETY: the mark says that nobody writes to it meanwhile
        let data = unsafe { view.borrow_unchecked() };
        T::validate(&view, data)?;
        if data.len() < T::MIN_DATA_LEN {
            return Err(ProgramError::AccountDataTooSmall);
        }
        if loaded.is_at(loaded.address()) { Ok(loaded) } else { Err(ErrorCode::ConstraintSeeds.into()) }
    }
}

impl<T: Placed + Discriminator> Loaded<T> {
    /// Creates the account, at the address that the seeds (at most three) and their canonical bump derive, with rent that
    /// `payer` pays; and that bump.
    #[allow(dead_code, reason = "not every program creates accounts this way")]
    #[inline(always)]
    pub fn create(rent: &Rent, payer: &Signer, account: &UncheckedAccount, seeds: &[&[u8]]) -> Result<(Self, u8)> {
        let (payer, view) = (*payer.account(), *account.account());
        let bump = create(rent, payer, view, T::MIN_DATA_LEN, T::DISCRIMINATOR, seeds)?;
        // SAFETY: the account was just created, so nobody refers to its data
        Ok((unsafe { Self::load_mut_after_init(view) }?, bump))
    }

    /// [`Self::create`] where there is no account yet; the one that there is, otherwise.
    #[allow(dead_code, reason = "not every program creates accounts this way")]
    #[inline(always)]
    pub fn create_if_needed(payer: &Signer, account: &UncheckedAccount, seeds: &[&[u8]]) -> Result<(Self, u8)> {
        let view = *account.account();
        if view.owned_by(&System::id()) {
            return Self::create(&Rent::get()?, payer, account, seeds);
        }
        let bump = canonical_bump(&crate::ID, view.address(), seeds).ok_or(ErrorCode::ConstraintSeeds)?;
        // SAFETY: an account that an instruction changes is named once in it
        Ok((unsafe { Self::load_mut(view) }?, bump))
    }
}

/// Creates an account of `bytes` bytes that begins with the discriminator; its bump.
#[inline(never)]
fn create(
    rent: &Rent,
    mut payer: AccountView,
    mut account: AccountView,
    bytes: usize,
    discriminator: &[u8],
    seeds: &[&[u8]],
) -> Result<u8> {
    let bump = canonical_bump(&crate::ID, account.address(), seeds).ok_or(ErrorCode::ConstraintSeeds)?;
    let bump_seed = [bump];
    let mut signer: [&[u8]; 4] = [&[]; 4];
    let count = seeds.len().min(3);
    signer[..count].copy_from_slice(&seeds[..count]);
    signer[count] = &bump_seed;
    let seeds = &signer[..=count];
    if account.lamports() == 0 {
        // the system program's CreateAccount
        let mut data = [0; 52];
        data[4..12].copy_from_slice(&rent.try_minimum_balance(bytes)?.to_le_bytes());
        data[12..20].copy_from_slice(&(bytes as u64).to_le_bytes());
        data[20..].copy_from_slice(crate::ID.as_ref());
        let handles = [CpiHandle::writable(&mut payer), CpiHandle::writable(&mut account)];
        let metas = [Meta::writable_signer(handles[0].address()), Meta::writable_signer(handles[1].address())];
        unchecked_invoke_signed_fixed(&System::id(), &data, &metas, &handles, &[seeds]);
    } else {
        // somebody sent lamports to the address
        create_account_with_signers(&payer, &account, bytes, &crate::ID, Some(seeds), None)?;
    }
    // SAFETY: the account was just created, so nobody refers to its data
    let data = unsafe { account.borrow_unchecked_mut() };
    data.get_mut(..discriminator.len()).ok_or(ProgramError::AccountDataTooSmall)?.copy_from_slice(discriminator);
    Ok(bump)
}

impl<T: Placed> AnchorAccount for Loaded<T> {
    type Data = T;
    const MIN_DATA_LEN: usize = T::MIN_DATA_LEN;

    #[inline(always)]
    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        Self::open(view, false)
    }

    #[inline(always)]
    unsafe fn load_mut(view: AccountView) -> core::result::Result<Self, ProgramError> {
        Self::open(view, true)
    }

    /// Nothing in the account tells its address yet: whoever creates it derives that.
    #[inline(always)]
    unsafe fn load_mut_after_init(view: AccountView) -> core::result::Result<Self, ProgramError> {
        if view.data_len() < T::MIN_DATA_LEN {
            return Err(ProgramError::AccountDataTooSmall);
        }
        Self::marked(view, true)
    }

    #[inline(always)]
    fn account(&self) -> &AccountView {
        &self.0
    }
}

impl<T: Placed + SlabInit> AccountInitialize for Loaded<T> {
    type Params<'a> = T::Params<'a>;

    #[inline(never)]
    fn create_and_initialize<'a>(
        payer: &AccountView,
        account: &AccountView,
        space: usize,
        _owner: &Address,
        params: &Self::Params<'a>,
        signer_seeds: Option<&[&[u8]]>,
        payer_signer_seeds: Option<&[&[u8]]>,
    ) -> core::result::Result<Self, ProgramError> {
        T::create_and_initialize(payer, account, space, params, signer_seeds, payer_signer_seeds)?;
        // SAFETY: the account was just created, so nobody refers to its data
        unsafe { Self::load_mut_after_init(*account) }
    }
}

impl<T: Placed> Deref for Loaded<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the data is long enough for a `T` at this offset, which was checked when the account was loaded, and any bytes
        // at any address are one (`Pod`, alignment 1); they stay where they are until the instruction ends, and an account that
        // is changed is named once in an instruction, so whoever writes them has borrowed this exclusively
        unsafe { &*self.0.data_ptr().add(T::DATA_OFFSET).cast() }
    }
}

impl<T: Placed> DerefMut for Loaded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        assert!(self.0.is_borrowed_mut(), "the account was loaded to be read only: add #[account(mut)]");
        // SAFETY: as above, and the mark says that the account was loaded to be changed
        unsafe { &mut *self.0.data_mut_ptr().add(T::DATA_OFFSET).cast() }
    }
}

impl<T: Placed> AccountClose for Loaded<T> {
    #[inline(always)]
    fn close(&mut self, destination: AccountView) -> core::result::Result<(), ProgramError> {
        const { assert!(T::DATA_OFFSET == 8, "only the program's own accounts are closed this way") };
        close(self.0, destination)
    }
}

/// Closes an account as the framework does, whatever its type.
#[inline(never)]
fn close(view: AccountView, destination: AccountView) -> core::result::Result<(), ProgramError> {
    // SAFETY: the caller borrowed the account exclusively
    unsafe { Account::<Bytes<8>>::load_mut_after_init(view) }?.close(destination)
}

/// Any account of at least `OFFSET` bytes.
#[repr(C)]
#[derive(Clone, Copy)]
struct Bytes<const OFFSET: usize>;

// SAFETY: of no size
unsafe impl<const OFFSET: usize> Pod for Bytes<OFFSET> {}
unsafe impl<const OFFSET: usize> Zeroable for Bytes<OFFSET> {}

impl<const OFFSET: usize> SlabSchema for Bytes<OFFSET> {
    const DATA_OFFSET: usize = OFFSET;
    const MIN_DATA_LEN: usize = OFFSET;

    #[inline(always)]
    fn validate(_: &AccountView, _: &[u8]) -> core::result::Result<(), ProgramError> {
        Ok(())
    }
}

impl<T> AsRef<Address> for Loaded<T> {
    #[inline(always)]
    fn as_ref(&self) -> &Address {
        self.0.address()
    }
}

impl<T> AsRef<AccountView> for Loaded<T> {
    #[inline(always)]
    fn as_ref(&self) -> &AccountView {
        &self.0
    }
}

impl<T: Placed> ToCpiHandle for Loaded<T> {
    #[inline(always)]
    fn to_cpi_handle(&self) -> CpiHandle<'_> {
        self.cpi_handle()
    }
}

impl<T: Placed> Space for Loaded<T> {
    const INIT_SPACE: usize = T::MIN_DATA_LEN;
}

#[doc(hidden)]
impl<T: Placed + IdlAccountType> IdlAccountType for Loaded<T> {
    const __IDL_ACCOUNT_ENTRY: Option<&'static str> = T::__IDL_ACCOUNT_ENTRY;
    const __IDL_TYPE_DEF: Option<&'static str> = T::__IDL_TYPE_DEF;
    fn __idl_account_entry() -> Option<&'static str> {
        T::__idl_account_entry()
    }
    fn __idl_type_def() -> Option<&'static str> {
        T::__idl_type_def()
    }
    fn __register_idl_deps(accounts: &mut alloc::vec::Vec<&'static str>, types: &mut alloc::vec::Vec<&'static str>) {
        T::__register_idl_deps(accounts, types);
    }
}
