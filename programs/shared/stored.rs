//! Accounts as instructions name them, checked by one function for each type and kept as one pointer.
//!
//! The framework's `Account` writes out its checks (owner, size, discriminator, borrow mark) and three words of state wherever
//! an instruction names an account, about 700 bytes each time: a program of 26 instructions does not fit into 150 kB that way.
//! Here the framework's checks are called, and after them the one that no instruction may forget: that the account is where
//! its own fields say ([`Placed`]).
use anchor_lang::{
    AccountClose, AccountInitialize, AccountView, AnchorAccount, CpiHandle, CpiHandleMut, Discriminator,
    IdlAccountType, Space, ToCpiHandle, ToCpiHandleMut,
    accounts::{SlabInit, SlabSchema},
    bytemuck::{Pod, Zeroable},
    prelude::*,
};
use core::{
    marker::PhantomData,
    mem,
    ops::{Deref, DerefMut},
};

/// Where an account must be.
pub trait Placed {
    /// Whether an account with these contents is at the address that they derive. Types whose address an instruction derives
    /// from other accounts leave that to its constraints.
    #[inline(always)]
    fn is_placed(&self, _address: &Address) -> bool {
        true
    }
}

/// An account that the checks of `Account<H>` let through, in its place.
///
/// The framework's mark on the account, that it is borrowed, stays until the instruction is over. It also says whether the
/// account was loaded to be changed.
pub struct Stored<H> {
    view: AccountView,
    kind: PhantomData<H>,
}

impl<H: Pod + Zeroable + SlabSchema> Stored<H> {
    #[inline(always)]
    pub fn address(&self) -> &Address {
        self.view.address()
    }

    /// Keeps the account and its borrow mark.
    #[inline(always)]
    fn keep(account: Account<H>) -> Self {
        let view = *account.account();
        mem::forget(account);
        Self { view, kind: PhantomData }
    }
}

impl<H: Pod + Zeroable + SlabSchema + Placed> Stored<H> {
    #[inline(always)]
    fn placed(account: Account<H>) -> core::result::Result<Self, ProgramError> {
        if account.is_placed(account.address()) {
            Ok(Self::keep(account))
        } else {
            Err(ErrorCode::ConstraintSeeds.into())
        }
    }
}

impl<H: Pod + Zeroable + SlabSchema + Placed> AnchorAccount for Stored<H> {
    type Data = H;
    const MIN_DATA_LEN: usize = <Account<H> as AnchorAccount>::MIN_DATA_LEN;

    #[inline(never)]
    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        Account::load(view).and_then(Self::placed)
    }

    #[inline(never)]
    unsafe fn load_mut(view: AccountView) -> core::result::Result<Self, ProgramError> {
        // SAFETY: what the caller promises
        unsafe { Account::load_mut(view) }.and_then(Self::placed)
    }

    #[inline(never)]
    unsafe fn load_mut_after_init(view: AccountView) -> core::result::Result<Self, ProgramError> {
        // SAFETY: what the caller promises
        unsafe { Account::load_mut_after_init(view) }.map(Self::keep)
    }

    #[inline(always)]
    fn account(&self) -> &AccountView {
        &self.view
    }
}

impl<H> AccountInitialize for Stored<H>
where
    H: SlabInit + Pod + Zeroable + SlabSchema,
{
    type Params<'a> = H::Params<'a>;

    #[inline(always)]
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
            .map(Self::keep)
    }
}

impl<H: Pod + Zeroable + SlabSchema + Placed> AccountClose for Stored<H> {
    #[inline(always)]
    fn close(&mut self, destination: AccountView) -> core::result::Result<(), ProgramError> {
        close(self.view, destination)
    }
}

/// Closes an account as the framework does, whatever its type.
#[inline(never)]
fn close(view: AccountView, destination: AccountView) -> core::result::Result<(), ProgramError> {
    // SAFETY: the instruction loaded the account to be changed, and nobody refers to its data any more
    unsafe { Account::<Discriminated>::load_mut_after_init(view) }?.close(destination)
}

/// Any account that begins with a discriminator.
#[repr(C)]
#[derive(Clone, Copy)]
struct Discriminated;

// SAFETY: of no size
unsafe impl Pod for Discriminated {}
unsafe impl Zeroable for Discriminated {}

impl SlabSchema for Discriminated {
    const DATA_OFFSET: usize = 8;
    const MIN_DATA_LEN: usize = 8;

    fn validate(_: &AccountView, _: &[u8]) -> core::result::Result<(), ProgramError> {
        Ok(())
    }
}

impl<H: Pod + Zeroable + SlabSchema + Discriminator> Discriminator for Stored<H> {
    const DISCRIMINATOR: &'static [u8] = H::DISCRIMINATOR;
}

impl<H: Pod + Zeroable + SlabSchema> Space for Stored<H> {
    const INIT_SPACE: usize = <Account<H> as Space>::INIT_SPACE;
}

impl<H: Pod + Zeroable + SlabSchema> Deref for Stored<H> {
    type Target = H;
    #[inline(always)]
    fn deref(&self) -> &H {
        // SAFETY: the data is at least H::MIN_DATA_LEN long and H has no alignment beyond that of DATA_OFFSET, as the
        // framework checked when it loaded the account; accounts that are changed are named once in an instruction
        unsafe { &*self.view.data_ptr().add(H::DATA_OFFSET).cast::<H>() }
    }
}

impl<H: Pod + Zeroable + SlabSchema> DerefMut for Stored<H> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut H {
        assert!(self.view.is_borrowed_mut(), "loaded without mut");
        // SAFETY: as above, and nobody else holds the account: it was loaded to be changed
        unsafe { &mut *self.view.data_mut_ptr().add(H::DATA_OFFSET).cast::<H>() }
    }
}

impl<H: Pod + Zeroable + SlabSchema + Placed> ToCpiHandle for Stored<H> {
    #[inline(always)]
    fn to_cpi_handle(&self) -> CpiHandle<'_> {
        self.cpi_handle()
    }
}

impl<H: Pod + Zeroable + SlabSchema + Placed> ToCpiHandleMut for Stored<H> {
    #[inline(always)]
    fn try_to_cpi_handle_mut(&mut self) -> core::result::Result<CpiHandleMut<'_>, ProgramError> {
        self.try_cpi_handle_mut()
    }
}

impl<H> AsRef<AccountView> for Stored<H> {
    #[inline(always)]
    fn as_ref(&self) -> &AccountView {
        &self.view
    }
}

impl<H> AsRef<Address> for Stored<H> {
    #[inline(always)]
    fn as_ref(&self) -> &Address {
        self.view.address()
    }
}

#[doc(hidden)]
impl<H: Pod + Zeroable + SlabSchema + IdlAccountType> IdlAccountType for Stored<H> {
    const __IDL_ACCOUNT_ENTRY: Option<&'static str> = H::__IDL_ACCOUNT_ENTRY;
    const __IDL_TYPE_DEF: Option<&'static str> = H::__IDL_TYPE_DEF;

    fn __register_idl_deps(
        accounts: &mut ::anchor_lang::__alloc::vec::Vec<&'static str>,
        types: &mut ::anchor_lang::__alloc::vec::Vec<&'static str>,
    ) {
        H::__register_idl_deps(accounts, types);
    }
}
