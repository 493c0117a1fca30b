//! What the market reads of the project's other programs.
use crate::{foreign::ForeignAccount, state::MAX_ORACLES};
use anchor_lang::{
    bytemuck::{Pod, Zeroable},
    prelude::*,
};

/// The head of an `Oracle` of the program `oracles`, at `["oracle", authority]`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OracleView {
    pub authority: Address,
    pub rent_payer: Address,
    /// Base units that the oracle deposited, and the part of them that it is taking out.
    pub bond: PodU64,
    pub unbonding: PodU64,
}
const _: () = assert!(size_of::<OracleView>() == 2 * 32 + 2 * 8);

/// The head of a `Verdict` of the program `proofs`, at `["verdict", order]`, and of a `Panel` of the program `oracles`, at
/// `["panel", order]`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VerdictView {
    pub order: Address,
    pub rent_payer: Address,
    /// When the order was opened: an order that is opened again under the same number is another one.
    pub opened_at: PodI64,
    /// The share of the amount that is payable.
    pub payable_bps: PodU16,
    /// The judge (`state::judge`): `ORACLES`, `PROOF` or `GOLD`.
    pub kind: u8,
    /// [`FINAL`] once nothing can change it.
    pub state: u8,
    /// 1 where every oracle that accepted the result had to find the fault.
    pub blame: u8,
}
const _: () = assert!(size_of::<VerdictView>() == 2 * 32 + 8 + 2 + 3);

/// The head of the `Seals` of the program `oracles`, at `["seals", order]`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SealsView {
    pub order: Address,
    pub rent_payer: Address,
    /// When the order was opened: an order that is opened again under the same number is another one.
    pub opened_at: PodI64,
    /// One bit for each member of the order's set that sealed a vote.
    pub sealed: PodU16,
    /// `protocol::seal`, of each member that did.
    pub commitments: [[u8; 32]; MAX_ORACLES],
}
const _: () = assert!(size_of::<SealsView>() == 2 * 32 + 8 + 2 + MAX_ORACLES * 32);

/// How the data of a `Panel` begins.
pub const PANEL: [u8; 8] = [223, 223, 14, 220, 233, 57, 156, 38];

/// `VerdictView::state` of a verdict that nothing can change.
pub const FINAL: u8 = 2;

// SAFETY: all are repr(C) of addresses, bytes and integers without alignment: no padding, every bit pattern is a value
unsafe impl Pod for OracleView {}
unsafe impl Zeroable for OracleView {}
unsafe impl Pod for VerdictView {}
unsafe impl Zeroable for VerdictView {}
unsafe impl Pod for SealsView {}
unsafe impl Zeroable for SealsView {}

impl ForeignAccount for OracleView {
    const PROGRAM: Address = anchor_lang::address!("Jury111111111111111111111111111111111111111");
    const DISCRIMINATOR: [u8; 8] = [139, 194, 131, 179, 140, 179, 229, 244];
}

impl ForeignAccount for SealsView {
    const PROGRAM: Address = OracleView::PROGRAM;
    const DISCRIMINATOR: [u8; 8] = [15, 82, 24, 201, 149, 43, 202, 155];
}

impl ForeignAccount for VerdictView {
    const PROGRAM: Address = anchor_lang::address!("Proofs1111111111111111111111111111111111111");
    const DISCRIMINATOR: [u8; 8] = [169, 1, 171, 69, 24, 106, 66, 193];
    const OR: Option<(Address, [u8; 8])> = Some((OracleView::PROGRAM, PANEL));
}
