//! Decides orders of the market that can be decided by calculation alone.
//!
//! A licence (`proof`): the content is encrypted and committed to chunk by chunk, so that one chunk, or the sealed key, is enough to
//! show a wrong delivery. A labelling order (`gold`): the buyer committed to hidden gold labels and the labeller to its answers;
//! here both are shown and counted. A training job (`training`): everything that it computed is committed to, so that one wrong sum
//! is enough, which is computed again here, without floating point. What comes out is a `Verdict`, which the market reads. The program has no administrator and
//! holds no tokens: nobody can change what it finds.
#![cfg_attr(not(test), no_std)]
// the framework's macros generate public items that carry no documentation of their own
#![allow(missing_docs, unreachable_pub, unused_variables, clippy::diverging_sub_expression, unexpected_cfgs)]

extern crate alloc;

use anchor_lang::prelude::*;
#[cfg(target_arch = "bpf")]
use {sbf_builtins as _, solana_compiler_builtins as _};

#[allow(dead_code, reason = "this program moves no tokens")]
#[path = "../../shared/cpi.rs"]
mod cpi;
#[path = "../../shared/derived.rs"]
mod derived;
pub mod errors;
pub mod events;
#[path = "../../shared/foreign.rs"]
pub mod foreign;
pub mod instructions;
pub mod list;
#[path = "../../shared/loaded.rs"]
pub mod loaded;
pub mod order;
#[path = "../../shared/security.rs"]
mod security;
pub mod state;

pub use errors::ProofsError;
use instructions::*;
use list::Vec;

declare_id!("Proofs1111111111111111111111111111111111111");

#[program]
pub mod proofs {
    use super::*;

    /// Claims that a chunk of a disputed licence's content is faulty, after showing that the listing's root holds the chunk's
    /// hashes. Everybody has a claim of their own for each order, and may replace it.
    pub fn open_chunk(ctx: &mut Context<OpenChunk>, chunk: ChunkHashes, siblings: Vec<[u8; 32]>) -> Result<()> {
        chunk::open_chunk(ctx, chunk, siblings)
    }

    /// Proves a claim: the key has the hash that the seller delivered, and the ciphertext decrypts to something else than was
    /// promised. The verdict is final. It gives the content key away.
    pub fn prove_chunk(ctx: &mut Context<ProveChunk>, key: [u8; 32], cipher: Vec<u8>) -> Result<()> {
        chunk::prove_chunk(ctx, key, cipher)
    }

    /// Returns the rent of a claim to its claimant, who signs.
    pub fn close_claim(ctx: &mut Context<CloseClaim>) -> Result<()> {
        chunk::close_claim(ctx)
    }

    /// Proves that the delivered sealed key does not open, with the key that the buyer made for the order, to the content key
    /// whose hash was delivered. The verdict is final. It gives the buyer's secret of this order away.
    pub fn prove_key(ctx: &mut Context<ProveKey>, proof: KeyProof, sealed_key: [u8; 80]) -> Result<()> {
        key::prove_key(ctx, proof, sealed_key)
    }

    /// Begins evidence against a disputed training job: shows a segment's record under the order's result root. Everybody has
    /// evidence of their own for each order, and may begin it again.
    pub fn open_segment(
        ctx: &mut Context<OpenSegment>,
        job: JobFields,
        segment: SegmentFields,
        place: LeafPlace,
        siblings: Vec<[u8; 32]>,
    ) -> Result<()> {
        evidence::open_segment(ctx, job, segment, place, siblings)
    }

    /// Shows the record of a step of the segment. Steps that are shown one after another show the state between them.
    pub fn open_step(
        ctx: &mut Context<OpenMore>,
        step: StepFields,
        place: LeafPlace,
        siblings: Vec<[u8; 32]>,
    ) -> Result<()> {
        evidence::open_step(ctx, step, place, siblings)
    }

    /// Shows the order's manifest, and keeps what it orders for the update of the shown step.
    pub fn open_manifest(ctx: &mut Context<OpenManifest>, manifest: Vec<u8>) -> Result<()> {
        evidence::open_manifest(ctx, manifest)
    }

    /// Writes a piece of a layout: of the state before the step, or of the mean gradient. The last piece is written last.
    pub fn write_layout(ctx: &mut Context<OpenMore>, offset: u32, bytes: Vec<u8>) -> Result<()> {
        evidence::write_layout(ctx, offset, bytes)
    }

    /// Shows that the written layout is the state's, and keeps where the element's values stand.
    pub fn open_layout(ctx: &mut Context<OpenMore>, element: u64, count: u64, siblings: Vec<[u8; 32]>) -> Result<()> {
        evidence::open_layout(ctx, element, count, siblings)
    }

    /// Shows that the written layout is the mean gradient's, and keeps what the gradient of its norm is clipped by.
    pub fn open_norm(ctx: &mut Context<OpenMore>, count: u64, siblings: Vec<[u8; 32]>) -> Result<()> {
        evidence::open_norm(ctx, count, siblings)
    }

    /// Shows the leaf that holds a value of the step: of a rank's gradient, of the mean gradient, or of the state before or after
    /// it.
    pub fn open_leaf(ctx: &mut Context<OpenMore>, value: ValueLeaf, siblings: Vec<[u8; 32]>) -> Result<()> {
        evidence::open_leaf(ctx, value, siblings)
    }

    /// Shows the chunk that the leaf is the hash of, and keeps the value.
    pub fn open_values(ctx: &mut Context<OpenMore>, chunk: Vec<u8>) -> Result<()> {
        evidence::open_values(ctx, chunk)
    }

    /// Proves that what was shown contradicts the job's own shape, the order's manifest or itself: an error that needs no
    /// replay. The verdict is final.
    pub fn prove_log(ctx: &mut Context<ProveJob>) -> Result<()> {
        training::prove_log(ctx)
    }

    /// Proves that the segment after the shown one does not begin where that one ended. The verdict is final.
    pub fn prove_break(
        ctx: &mut Context<ProveJob>,
        next: SegmentFields,
        count: u32,
        siblings: Vec<[u8; 32]>,
    ) -> Result<()> {
        training::prove_break(ctx, next, count, siblings)
    }

    /// Proves that the mean gradient of the shown step is not the mean of its ranks' gradients, by one value. The verdict is
    /// final.
    pub fn prove_reduction(ctx: &mut Context<ProveJob>) -> Result<()> {
        training::prove_reduction(ctx)
    }

    /// Proves that the state after the shown step is not what AdamW makes of the state before it and the mean gradient, by one
    /// element. The verdict is final.
    pub fn prove_update(ctx: &mut Context<ProveJob>) -> Result<()> {
        training::prove_update(ctx)
    }

    /// Returns the rent of evidence to its claimant, who signs.
    pub fn close_evidence(ctx: &mut Context<CloseEvidence>) -> Result<()> {
        evidence::close_evidence(ctx)
    }

    /// Shows the gold labels of a submitted labelling order, to which its buyer committed. Whoever knows them may.
    pub fn open_gold(ctx: &mut Context<OpenGold>, task: TaskTerms, salt: [u8; 32], gold: Vec<GoldLabel>) -> Result<()> {
        gold::open_gold(ctx, task, salt, gold)
    }

    /// Shows up to 256 answers, to which the labeller committed, and compares them with the gold. Anyone may.
    pub fn open_answers(
        ctx: &mut Context<OpenAnswers>,
        leaf: u32,
        answers: Vec<u8>,
        siblings: Vec<[u8; 32]>,
    ) -> Result<()> {
        gold::open_answers(ctx, leaf, answers, siblings)
    }

    /// Fixes the verdict when all gold items are compared or the time for it is over; the others count as wrong. Anyone may.
    pub fn finish_gold(ctx: &mut Context<FinishGold>) -> Result<()> {
        gold::finish_gold(ctx)
    }

    /// Returns the rent of a verdict whose order is settled, closed or another one by now. Anyone may.
    pub fn close_verdict(ctx: &mut Context<CloseVerdict>) -> Result<()> {
        close::close_verdict(ctx)
    }
}
