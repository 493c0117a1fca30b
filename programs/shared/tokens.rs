//! Token accounts and mints of both token programs, and which mints of Token-2022 are taken. Every program that holds tokens
//! includes this file.
//!
//! The framework's own types for this (`anchor_spl::token_interface`) parse all extensions of an account each time that it is
//! loaded. Here an account is known by its owner, its size or type byte, and its state; extensions are looked at once, where
//! a mint first comes in.
#![allow(dead_code, reason = "each program uses a part")]
use crate::loaded::Placed;
use anchor_lang::{
    AccountView, AnchorAccount, CpiHandle, CpiHandleMut, IdlAccountType, Space, ToCpiHandle,
    accounts::SlabSchema,
    address_eq,
    bytemuck::{Pod, Zeroable},
    create_account_with_signers,
    pinocchio::instruction::InstructionAccount as Meta,
    prelude::*,
    unchecked_invoke_signed_fixed,
};
use core::ops::Deref;

/// The classic token program.
pub(crate) const TOKEN: Address = anchor_lang::address!("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
/// Token-2022.
pub(crate) const TOKEN_2022: Address = anchor_lang::address!("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
/// Wrapped SOL, whose tokens cannot be burned.
pub(crate) const NATIVE_MINT: Address = anchor_lang::address!("So11111111111111111111111111111111111111112");

/// Bytes of a token account without extensions; what follows it in one with extensions is its type and the list of them.
const ACCOUNT_BYTES: usize = 165;
const MINT_BYTES: usize = 82;
const TYPE_MINT: u8 = 1;
const TYPE_ACCOUNT: u8 = 2;

/// A token account of either program.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TokenAccount {
    mint: Address,
    owner: Address,
    amount: [u8; 8],
    delegate: [u8; 36],
    state: u8,
    native: [u8; 12],
    delegated_amount: [u8; 8],
    close_authority: [u8; 36],
}
const _: () = assert!(size_of::<TokenAccount>() == ACCOUNT_BYTES);

/// A mint of either program.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Mint {
    authority: [u8; 36],
    supply: [u8; 8],
    decimals: u8,
    initialized: u8,
    freeze_authority: [u8; 36],
}
const _: () = assert!(size_of::<Mint>() == MINT_BYTES);

// SAFETY: both are repr(C) of byte arrays and addresses: no padding, every bit pattern is a value
unsafe impl Pod for TokenAccount {}
unsafe impl Zeroable for TokenAccount {}
unsafe impl Pod for Mint {}
unsafe impl Zeroable for Mint {}

impl TokenAccount {
    pub fn mint(&self) -> &Address {
        &self.mint
    }

    pub fn owner(&self) -> &Address {
        &self.owner
    }

    /// Base units.
    pub fn amount(&self) -> u64 {
        u64::from_le_bytes(self.amount)
    }

    /// Whether these are lamports of a native mint (each token program has one), which cannot be burned.
    pub fn is_native(&self) -> bool {
        self.native[0] != 0
    }
}

impl Mint {
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// Base units that exist.
    pub fn supply(&self) -> u64 {
        u64::from_le_bytes(self.supply)
    }
}

#[doc(hidden)]
impl IdlAccountType for TokenAccount {}
#[doc(hidden)]
impl IdlAccountType for Mint {}

impl Placed for TokenAccount {}
impl Placed for Mint {}

impl Space for TokenAccount {
    const INIT_SPACE: usize = ACCOUNT_BYTES;
}
impl Space for Mint {
    const INIT_SPACE: usize = MINT_BYTES;
}

impl SlabSchema for TokenAccount {
    const DATA_OFFSET: usize = 0;
    const MIN_DATA_LEN: usize = ACCOUNT_BYTES;

    #[inline(never)]
    fn validate(view: &AccountView, data: &[u8]) -> core::result::Result<(), ProgramError> {
        of_type(view, data, ACCOUNT_BYTES, TYPE_ACCOUNT)?;
        // 1 initialized, 2 frozen
        match data[108] {
            1 | 2 => Ok(()),
            _ => Err(ProgramError::UninitializedAccount),
        }
    }
}

impl SlabSchema for Mint {
    const DATA_OFFSET: usize = 0;
    const MIN_DATA_LEN: usize = MINT_BYTES;

    #[inline(never)]
    fn validate(view: &AccountView, data: &[u8]) -> core::result::Result<(), ProgramError> {
        of_type(view, data, MINT_BYTES, TYPE_MINT)?;
        if data[45] == 1 { Ok(()) } else { Err(ProgramError::UninitializedAccount) }
    }
}

/// A token program owns the account, and its size, or with extensions its type, is that of `kind`. (A multisig of either
/// program has 355 bytes; Token-2022 lets no other account have that size.)
fn of_type(view: &AccountView, data: &[u8], bytes: usize, kind: u8) -> core::result::Result<(), ProgramError> {
    let extensible = view.owned_by(&TOKEN_2022);
    if !extensible && !view.owned_by(&TOKEN) {
        return Err(ProgramError::IllegalOwner);
    }
    let extended = extensible && data.len() > ACCOUNT_BYTES && data.len() != 355 && data[ACCOUNT_BYTES] == kind;
    if data.len() == bytes || extended { Ok(()) } else { Err(ProgramError::InvalidAccountData) }
}

/// One of the two token programs.
pub struct TokenProgram {
    view: AccountView,
}

impl TokenProgram {
    pub fn address(&self) -> &Address {
        self.view.address()
    }
}

impl AnchorAccount for TokenProgram {
    type Data = AccountView;

    #[inline(never)]
    fn load(view: AccountView) -> core::result::Result<Self, ProgramError> {
        if address_eq(view.address(), &TOKEN) || address_eq(view.address(), &TOKEN_2022) {
            Ok(Self { view })
        } else {
            Err(ProgramError::IncorrectProgramId)
        }
    }

    fn account(&self) -> &AccountView {
        &self.view
    }
}

impl Deref for TokenProgram {
    type Target = AccountView;
    fn deref(&self) -> &AccountView {
        &self.view
    }
}

impl AsRef<Address> for TokenProgram {
    fn as_ref(&self) -> &Address {
        self.view.address()
    }
}

impl AsRef<AccountView> for TokenProgram {
    fn as_ref(&self) -> &AccountView {
        &self.view
    }
}

impl ToCpiHandle for TokenProgram {
    fn to_cpi_handle(&self) -> CpiHandle<'_> {
        AnchorAccount::cpi_handle(self)
    }
}

#[doc(hidden)]
impl IdlAccountType for TokenProgram {}

/// Creates the token account `vault` at an address of this program, which `vault_seeds` (bump included) derive, for tokens of
/// `mint` that only `authority` can move. 165 bytes are enough for every mint that [`screen_mint`] lets through.
#[inline(never)]
pub(crate) fn open_vault<'a>(
    token_program: &'a Address,
    payer: &AccountView,
    vault: CpiHandleMut<'a>,
    vault_view: &AccountView,
    vault_seeds: &[&[u8]],
    mint: CpiHandle<'a>,
    authority: &Address,
) -> Result<()> {
    create_account_with_signers(payer, vault_view, ACCOUNT_BYTES, token_program, Some(vault_seeds), None)?;
    // InitializeAccount3
    let mut data = [18; 33];
    data[1..].copy_from_slice(authority.as_ref());
    let metas = [Meta::writable(vault.address()), Meta::readonly(mint.address())];
    unchecked_invoke_signed_fixed(token_program, &data, &metas, &[vault.into(), mint], &[]);
    Ok(())
}

/// Why tokens of a mint are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MintRefusal {
    /// A transfer may deliver less than was sent.
    TakesFees,
    /// A transfer runs another program.
    HasHook,
    /// Somebody can move tokens out of any vault.
    HasDelegate,
    /// Another extension that is not known to be harmless (accounts frozen by default, pausable, closable, not transferable,
    /// confidential, or unknown).
    Extension,
}

/// Checks a mint's extensions against those that change nothing about a transfer: interest-bearing and scaled amounts (which
/// only displays use), metadata, groups and pointers to them. The account must have been loaded as a [`Mint`].
#[inline(never)]
pub(crate) fn screen_mint(mint: &AccountView) -> core::result::Result<(), MintRefusal> {
    // SAFETY: the mint is loaded read-only in every instruction that asks, so nobody writes to it meanwhile
    screen_extensions(unsafe { mint.borrow_unchecked() })
}

/// [`screen_mint`] on the bytes of a mint's account.
pub fn screen_extensions(data: &[u8]) -> core::result::Result<(), MintRefusal> {
    // type (u16), length (u16), value; a type of zero ends the list
    let mut rest = data.get(ACCOUNT_BYTES + 1..).unwrap_or(&[]);
    while let Some((head, tail)) = rest.split_first_chunk::<4>() {
        match u16::from_le_bytes([head[0], head[1]]) {
            0 => break,
            1 => return Err(MintRefusal::TakesFees),
            12 => return Err(MintRefusal::HasDelegate),
            14 => return Err(MintRefusal::HasHook),
            10 | 18..=23 | 25 => {}
            _ => return Err(MintRefusal::Extension),
        }
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        rest = tail.get(length..).ok_or(MintRefusal::Extension)?;
    }
    Ok(())
}
