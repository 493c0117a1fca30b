//! Accounts whose loading and checking is written out once for each type, not once for each instruction that names one, and
//! that are one pointer wide: the framework inlines both and copies three words for each, which was a third of the market's
//! bytes.
use anchor_lang::{
    AccountClose, AccountInitialize, AccountView, AnchorAccount, CpiHandle, IdlAccountType, Space, ToCpiHandle,
    accounts::{SlabInit, SlabSchema},
    bytemuck::Pod,
    prelude::*,
};
extern crate alloc;
use core::{
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// Where an account of this type must be.
pub trait Placed: Pod + SlabSchema {
    /// Whether `address` is the one that the account's own fields derive; true for a type that can be anywhere.
    fn is_at(&self, address: &Address) -> bool;
}

/// An account as the framework's [`Account`] loads it, at the address that its own fields derive.
///
/// The account stays marked as borrowed, for reading or for writing, until the instruction ends.
pub struct Loaded<T>(AccountView, PhantomData<T>);

impl<T: Placed> Loaded<T> {
    /// The account's address.
    #[inline(always)]
    pub fn address(&self) -> &Address {
        self.0.address()
    }

    fn placed(account: Account<T>) -> core::result::Result<Self, ProgramError> {
        let loaded = Self(*account.account(), PhantomData);
        // dropping it would take the mark back
        mem::forget(account);
        if loaded.is_at(loaded.address()) { Ok(loaded) } else { Err(ErrorCode::ConstraintSeeds.into()) }
    }
}

impl<T: Placed> Deref for Loaded<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: loading checked that the data is long enough for a `T` at this offset and aligned for one (`Account`); the
        // mark keeps everybody else from writing to it, and it stays where it is until the instruction ends
        unsafe { &*self.0.data_ptr().add(T::DATA_OFFSET).cast() }
    }
}

impl<T: Placed> DerefMut for Loaded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        if !self.0.is_borrowed_mut() {
            panic!("the account was loaded to be read only: add #[account(mut)]");
        }
        // SAFETY: as above; loading to write set the mark that was asked for, which is the only one at a time
        unsafe { &mut *self.0.data_mut_ptr().add(T::DATA_OFFSET).cast() }
    }
}

impl<T: Placed> AnchorAccount for Loaded<T> {
    type Data = T;
    const MIN_DATA_LEN: usize = <Account<T> as AnchorAccount>::MIN_DATA_LEN;

    #[inline(never)]
    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        Self::placed(Account::load(view)?)
    }

    #[inline(never)]
    unsafe fn load_mut(view: AccountView) -> core::result::Result<Self, ProgramError> {
        // SAFETY: the caller's promise
        Self::placed(unsafe { Account::load_mut(view) }?)
    }

    #[inline(always)]
    fn account(&self) -> &AccountView {
        &self.0
    }
}

impl<T: Placed + SlabInit> AccountInitialize for Loaded<T> {
    type Params<'a> = <Account<T> as AccountInitialize>::Params<'a>;

    /// Whoever initializes derives the address; nothing in the account tells it yet.
    #[inline(never)]
    fn create_and_initialize<'a>(
        payer: &AccountView,
        account: &AccountView,
        space: usize,
        owner: &Address,
        params: &Self::Params<'a>,
        signer_seeds: Option<&[&[u8]]>,
        payer_signer_seeds: Option<&[&[u8]]>,
    ) -> core::result::Result<Self, ProgramError> {
        let made = Account::<T>::create_and_initialize(
            payer,
            account,
            space,
            owner,
            params,
            signer_seeds,
            payer_signer_seeds,
        )?;
        mem::forget(made);
        Ok(Self(*account, PhantomData))
    }
}

impl<T: Placed> AccountClose for Loaded<T> {
    #[inline(never)]
    fn close(&mut self, destination: AccountView) -> core::result::Result<(), ProgramError> {
        // SAFETY: the borrow is exclusive and ends here
        unsafe { Account::<T>::load_mut(self.0) }?.close(destination)
    }
}

impl<T: Placed> AsRef<Address> for Loaded<T> {
    fn as_ref(&self) -> &Address {
        self.0.address()
    }
}

impl<T: Placed> AsRef<AccountView> for Loaded<T> {
    fn as_ref(&self) -> &AccountView {
        &self.0
    }
}

impl<T: Placed> ToCpiHandle for Loaded<T> {
    fn to_cpi_handle(&self) -> CpiHandle<'_> {
        AnchorAccount::cpi_handle(self)
    }
}

impl<T: Placed> Space for Loaded<T> {
    const INIT_SPACE: usize = <Account<T> as Space>::INIT_SPACE;
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
