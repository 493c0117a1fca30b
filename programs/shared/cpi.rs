//! Calls to other programs, and to this one with an event, each with a fixed list of accounts on the stack. Both programs
//! include this file.
//!
//! The framework's own helpers (`CpiContext::invoke`, `anchor_spl::token`, `emit_cpi!`) build every list on the heap and
//! match account metas to handles by a table, which costs about 6,000 units for a transfer of tokens; the list is written
//! out here instead, so there is nothing to match. The handles still borrow the typed accounts for the length of the call,
//! and the runtime checks signatures and write permissions as it always does.
use anchor_lang::{
    BORSH_CONFIG, BorshConfig, CpiHandle, Discriminator, event::EVENT_IX_TAG_LE,
    pinocchio::instruction::InstructionAccount as Meta, prelude::*, unchecked_invoke_signed_fixed, wincode,
};
extern crate alloc;
use alloc::vec::Vec;

/// Seed of the address by which a program signs its events, as `#[event_cpi]` derives it.
const EVENT_AUTHORITY: &[u8] = b"__event_authority";

/// Who moves tokens, and by which program.
#[derive(Clone, Copy)]
pub(crate) struct Tokens<'a> {
    /// The token program, whose address `Program<Token>` checked.
    pub(crate) program: &'a Address,
    pub(crate) decimals: u8,
    /// Seeds of the authority, where it is an address of this program; none where it signed the transaction.
    pub(crate) seeds: &'a [&'a [&'a [u8]]],
}

impl<'a> Tokens<'a> {
    /// The token program's `TransferChecked`.
    #[inline(never)]
    pub(crate) fn transfer(
        &self,
        from: CpiHandleMut<'a>,
        mint: CpiHandle<'a>,
        to: CpiHandleMut<'a>,
        authority: CpiHandle<'a>,
        amount: u64,
    ) {
        let mut data = [0; 10];
        data[0] = 12;
        data[1..9].copy_from_slice(&amount.to_le_bytes());
        data[9] = self.decimals;
        let metas = [
            Meta::writable(from.address()),
            Meta::readonly(mint.address()),
            Meta::writable(to.address()),
            Meta::readonly_signer(authority.address()),
        ];
        let handles = [from.into(), mint, to.into(), authority];
        unchecked_invoke_signed_fixed(self.program, &data, &metas, &handles, self.seeds);
    }

    /// The token program's `BurnChecked`.
    #[allow(dead_code, reason = "not every program burns")]
    pub(crate) fn burn(&self, from: CpiHandleMut<'a>, mint: CpiHandleMut<'a>, authority: CpiHandle<'a>, amount: u64) {
        let mut data = [15; 10];
        data[1..9].copy_from_slice(&amount.to_le_bytes());
        data[9] = self.decimals;
        let metas = [
            Meta::writable(from.address()),
            Meta::writable(mint.address()),
            Meta::readonly_signer(authority.address()),
        ];
        let handles = [from.into(), mint.into(), authority];
        unchecked_invoke_signed_fixed(self.program, &data, &metas, &handles, self.seeds);
    }

    /// The token program's `CloseAccount`.
    #[allow(dead_code, reason = "not every program closes token accounts")]
    pub(crate) fn close(&self, account: CpiHandleMut<'a>, rent_to: CpiHandleMut<'a>, authority: CpiHandle<'a>) {
        let metas = [
            Meta::writable(account.address()),
            Meta::writable(rent_to.address()),
            Meta::readonly_signer(authority.address()),
        ];
        let handles = [account.into(), rent_to.into(), authority];
        unchecked_invoke_signed_fixed(self.program, &[9], &metas, &handles, self.seeds);
    }
}

/// Sends an event to this program itself: what `emit_cpi!` of the framework does, with the same bytes.
#[inline(always)]
pub(crate) fn emit<E>(program: &Address, authority: CpiHandle<'_>, bump: u8, event: &E) -> Result<()>
where
    E: Discriminator + wincode::SchemaWrite<BorshConfig, Src = E>,
{
    // no event is longer on the wire than in memory: all are of fixed size
    let mut data = Vec::with_capacity(EVENT_IX_TAG_LE.len() + E::DISCRIMINATOR.len() + size_of::<E>());
    data.extend_from_slice(EVENT_IX_TAG_LE);
    data.extend_from_slice(E::DISCRIMINATOR);
    wincode::config::serialize_into(&mut data, event, BORSH_CONFIG)
        .map_err(|_| ProgramError::InvalidInstructionData)?;
    send_event(program, authority, bump, &data);
    Ok(())
}

#[inline(never)]
fn send_event(program: &Address, authority: CpiHandle<'_>, bump: u8, data: &[u8]) {
    let metas = [Meta::readonly_signer(authority.address())];
    unchecked_invoke_signed_fixed(program, data, &metas, &[authority], &[&[EVENT_AUTHORITY, &[bump]]]);
}

/// Sends an event by [`emit`] from a handler whose accounts carry `#[event_cpi]`.
macro_rules! emit_event {
    ($ctx:ident, $event:expr) => {{
        let event = $event;
        crate::cpi::emit(
            $ctx.program_id,
            $ctx.accounts.event_authority.cpi_handle(),
            $ctx.bumps.event_authority,
            &event,
        )?;
    }};
}
pub(crate) use emit_event;
