//! Accounts whose loading and checking is written out once for each type, not once for each instruction that names one: the
//! framework inlines both, which was a third of the market's bytes.
use anchor_lang::{
    AccountClose, AccountInitialize, AccountView, AnchorAccount, CpiHandle, CpiHandleMut, IdlAccountType, Space, ToCpiHandle,
    accounts::{SlabInit, SlabSchema},
    bytemuck::Pod,
    prelude::*,
};
extern crate alloc;
use core::{
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
};

/// Where an account of this type must be.
pub trait Placed: Pod + SlabSchema {
    /// Whether `address` is the one that the account's own fields derive; true for a type that can be anywhere.
    fn is_at(&self, address: &Address) -> bool;
}

/// An [`Account`] at the address that its own fields derive.
///
/// It is never dropped: dropping would only take back the mark that the account is borrowed, and that mark ends with the
/// instruction.
pub struct Loaded<T: Placed>(ManuallyDrop<Account<T>>);

impl<T: Placed> Loaded<T> {
    fn placed(account: Account<T>) -> core::result::Result<Self, ProgramError> {
        if account.is_at(account.address()) {
            Ok(Self(ManuallyDrop::new(account)))
        } else {
            Err(ErrorCode::ConstraintSeeds.into())
        }
    }
}

impl<T: Placed> AnchorAccount for Loaded<T> {
    type Data = Account<T>;
    const MIN_DATA_LEN: usize = <Account<T> as AnchorAccount>::MIN_DATA_LEN;
    const RELAX_READONLY_CPI_BORROW_FROM_MUT: bool = true;

    #[inline(never)]
    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        Self::placed(Account::load(view)?)
    }

    #[inline(never)]
    unsafe fn load_mut(view: AccountView) -> core::result::Result<Self, ProgramError> {
        // SAFETY: the caller's promise
        Self::placed(unsafe { Account::load_mut(view) }?)
    }

    fn account(&self) -> &AccountView {
        self.0.account()
    }

    #[inline(always)]
    fn cpi_handle(&self) -> CpiHandle<'_> {
        AnchorAccount::cpi_handle(&*self.0)
    }

    #[inline(always)]
    fn try_cpi_handle_mut(&mut self) -> core::result::Result<CpiHandleMut<'_>, ProgramError> {
        self.0.try_cpi_handle_mut()
    }
}

impl<T: Placed + SlabInit> AccountInitialize for Loaded<T> {
    type Params<'a> = <Account<T> as AccountInitialize>::Params<'a>;

    /// The framework's `init` has checked the address before.
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
        Account::create_and_initialize(payer, account, space, owner, params, signer_seeds, payer_signer_seeds)
            .map(|account| Self(ManuallyDrop::new(account)))
    }
}

impl<T: Placed> AccountClose for Loaded<T> {
    #[inline(never)]
    fn close(&mut self, destination: AccountView) -> core::result::Result<(), ProgramError> {
        self.0.close(destination)
    }
}

impl<T: Placed> Deref for Loaded<T> {
    type Target = Account<T>;
    #[inline(always)]
    fn deref(&self) -> &Account<T> {
        &self.0
    }
}

impl<T: Placed> DerefMut for Loaded<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Account<T> {
        &mut self.0
    }
}

impl<T: Placed> AsRef<Address> for Loaded<T> {
    fn as_ref(&self) -> &Address {
        self.0.address()
    }
}

impl<T: Placed> AsRef<AccountView> for Loaded<T> {
    fn as_ref(&self) -> &AccountView {
        self.0.account()
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
