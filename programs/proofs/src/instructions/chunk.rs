use super::{Found, convict, disputed_licence, next_seq};
use crate::{
    ProofsError,
    cpi::emit_event,
    events::{ChunkClaimed, ClaimClosed},
    list::Vec,
    loaded::Loaded,
    order::ForeignOrder,
    state::{Claim, fault, verdict_kind},
};
use anchor_lang::prelude::*;
use protocol::{
    content,
    digest::{Digest, content_address},
    merkle,
};
use wincode::{SchemaRead, SchemaWrite};

/// A leaf of the content's tree.
#[derive(Clone, Copy, Debug, PartialEq, SchemaRead, SchemaWrite, IdlType)]
pub struct ChunkHashes {
    /// Place of the chunk, from 0.
    pub index: u64,
    /// Chunks of the content.
    pub count: u64,
    /// SHA-256 of the chunk that the seller promised.
    pub plain: [u8; 32],
    /// SHA-256 of its ciphertext.
    pub cipher: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct OpenChunk {
    #[account(mut)]
    pub claimant: Signer,
    pub order: ForeignOrder,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"claim", order.address().as_ref(), claimant.address().as_ref()], bump))]
    #[account(mut)]
    pub claim: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn open_chunk(ctx: &mut Context<OpenChunk>, chunk: ChunkHashes, siblings: Vec<[u8; 32]>) -> Result<()> {
    let a = &mut ctx.accounts;
    disputed_licence(&a.order)?;
    let leaf = content::leaf(chunk.index, &Digest(chunk.plain), &Digest(chunk.cipher));
    let root = Digest(a.order.content_root);
    require!(merkle::verify_path(&root, &leaf, (chunk.index, chunk.count), &siblings), ProofsError::NotInContent);

    let (order, claimant, opened_at) = (*a.order.address(), *a.claimant.address(), a.order.opened_at);
    let seeds = [b"claim", order.as_ref(), claimant.as_ref()];
    let (mut claim, bump) = Loaded::<Claim>::create_if_needed(&a.claimant, &a.claim, &seeds)?;
    let address = *claim.address();
    claim.order = order;
    claim.claimant = claimant;
    claim.plain_hash = chunk.plain;
    claim.cipher_hash = chunk.cipher;
    claim.opened_at = opened_at;
    claim.chunk = chunk.index.into();
    claim.bump = bump;
    let seq = next_seq(&mut claim.seq)?;
    emit_event!(
        ctx,
        ChunkClaimed {
            claim: address,
            seq,
            order,
            claimant,
            opened_at: opened_at.get(),
            chunk: chunk.index,
            plain_hash: chunk.plain,
            cipher_hash: chunk.cipher,
        }
    );
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct ProveChunk {
    #[account(mut)]
    pub payer: Signer,
    pub order: ForeignOrder,
    /// Anybody's.
    #[account(
        constraint = claim.order == *order.address() @ ErrorCode::ConstraintSeeds,
    )]
    pub claim: Loaded<Claim>,
    #[cfg_attr(feature = "idl-build", account(seeds = [b"verdict", order.address().as_ref()], bump))]
    #[account(mut)]
    pub verdict: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn prove_chunk(ctx: &mut Context<ProveChunk>, key: [u8; 32], cipher: Vec<u8>) -> Result<()> {
    let a = &mut ctx.accounts;
    disputed_licence(&a.order)?;
    require!(a.claim.opened_at == a.order.opened_at, ProofsError::StaleClaim);
    require!(content::key_hash(&key).0 == a.order.result_root, ProofsError::OtherKey);
    require!(content_address(&cipher).0 == a.claim.cipher_hash, ProofsError::OtherCipher);
    // of the same type already where the IDL is made
    #[allow(clippy::useless_conversion)]
    let (chunk, mut cipher) = (a.claim.chunk.get(), alloc::vec::Vec::from(cipher));
    require!(content::is_faulty(&key, chunk, &mut cipher, &Digest(a.claim.plain_hash)), ProofsError::ChunkIsRight);
    let found = Found { kind: verdict_kind::PROOF, fault: fault::CHUNK, place: chunk, blame: false };
    let event = convict(&a.verdict, &a.order, &a.payer, &found)?;
    emit_event!(ctx, event);
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseClaim {
    #[account(mut)]
    pub claimant: Signer,
    #[account(
        mut,
        close = claimant,
        constraint = claim.claimant == *claimant.address() @ ProofsError::NotClaimant,
    )]
    pub claim: Loaded<Claim>,
}

pub fn close_claim(ctx: &mut Context<CloseClaim>) -> Result<()> {
    let claim = *ctx.accounts.claim.address();
    let seq = next_seq(&mut ctx.accounts.claim.seq)?;
    emit_event!(ctx, ClaimClosed { claim, seq });
    Ok(())
}
