use super::{Found, convict, disputed_licence};
use crate::{
    ProofsError,
    cpi::emit_event,
    order::ForeignOrder,
    state::{fault, verdict_kind},
};
use anchor_lang::prelude::*;
use protocol::{
    digest::{Digest, content_address},
    licence::{self, Edwards, KeyEvidence},
};
use solana_curve25519::{
    edwards::{PodEdwardsPoint, multiply_edwards, validate_edwards},
    scalar::PodScalar,
};
use wincode::{SchemaRead, SchemaWrite};

/// What shows that a sealed key is wrong. The client's `protocol::licence_keys::evidence` computes it.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct KeyProof {
    /// The buyer's public key, as in the request.
    pub buyer: [u8; 32],
    /// An eighth of the buyer's clamped secret.
    pub secret: [u8; 32],
    /// The seller's ephemeral key as an Edwards point.
    pub ephemeral_point: [u8; 32],
    /// X25519 of the two.
    pub shared: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct ProveKey {
    #[account(mut)]
    pub payer: Signer,
    pub order: ForeignOrder,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump))]
    #[account(mut)]
    pub verdict: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn prove_key(ctx: &mut Context<ProveKey>, proof: KeyProof, sealed_key: [u8; 80]) -> Result<()> {
    let a = &mut ctx.accounts;
    disputed_licence(&a.order)?;
    require!(licence::request_hash(&proof.buyer).0 == a.order.manifest_hash, ProofsError::OtherRequest);
    require!(content_address(&sealed_key).0 == a.order.result_log, ProofsError::OtherSealedKey);
    let KeyProof { buyer, secret, ephemeral_point, shared } = proof;
    let evidence = KeyEvidence { buyer, secret, ephemeral_point, shared };
    let wrong = licence::judge_key::<Runtime>(&evidence, &sealed_key, &Digest(a.order.result_root))
        .map_err(ProofsError::from)?;
    require!(wrong, ProofsError::KeyIsRight);
    let found = Found { kind: verdict_kind::PROOF, fault: fault::KEY, place: 0, blame: false };
    let event = convict(&a.verdict, &a.order, &a.payer, &found)?;
    emit_event!(ctx, event);
    Ok(())
}

/// The runtime's own curve arithmetic.
struct Runtime;

impl Edwards for Runtime {
    fn multiply(scalar: &[u8; 32], point: &[u8; 32]) -> Option<[u8; 32]> {
        multiply_edwards(&PodScalar(*scalar), &PodEdwardsPoint(*point)).map(|product| product.0)
    }

    fn is_point(point: &[u8; 32]) -> bool {
        validate_edwards(&PodEdwardsPoint(*point))
    }
}
