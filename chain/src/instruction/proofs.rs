//! Instructions of proofs.

use crate::address::{SYSTEM_PROGRAM, proofs as at};
use ::proofs::{accounts, instruction as data};
use protocol::{
    content,
    digest::Digest,
    labelling::{GoldItem, Task},
    licence::{KeyEvidence, SEALED_KEY_BYTES},
    merkle::Proof,
    opening::{JobOpening, LayoutOpening, Opened, StepOpening, ValueOpening},
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use ::proofs::instructions::{
    ChunkHashes, GoldLabel, JobFields, KeyProof, LeafPlace, MetricFields, SegmentFields, StepFields, TaskTerms,
    ValueLeaf,
};

/// A chunk of a licence's content, with the proof that the listing's root holds it.
#[derive(Clone, Debug)]
pub struct ChunkProof {
    /// SHA-256 of the chunk that the seller promised.
    pub plain: Digest,
    /// SHA-256 of its ciphertext.
    pub cipher: Digest,
    /// Place of the leaf and its siblings, at most [`content::MAX_DEPTH`] for one transaction.
    pub proof: Proof,
}

/// Claims that a chunk of the disputed `order` is faulty. `claimant` signs and pays the rent.
#[must_use]
pub fn open_chunk(claimant: Pubkey, order: Pubkey, chunk: &ChunkProof) -> Instruction {
    let Proof { index, count, siblings } = &chunk.proof;
    data::OpenChunk {
        chunk: ChunkHashes { index: *index, count: *count, plain: chunk.plain.0, cipher: chunk.cipher.0 },
        siblings: siblings.iter().map(|sibling| sibling.0).collect(),
    }
    .to_instruction(accounts::OpenChunk {
        claimant,
        order,
        claim: at::claim(&order, &claimant),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// What [`prove_chunk`] needs.
#[derive(Clone, Debug)]
pub struct ProveChunk {
    /// Signs and pays the rent of the verdict.
    pub payer: Pubkey,
    /// The disputed order.
    pub order: Pubkey,
    /// Whose claim it is; mostly the payer.
    pub claimant: Pubkey,
    /// The content key that was delivered.
    pub key: [u8; 32],
    /// The claimed chunk's ciphertext, at most [`content::CHUNK_BYTES`].
    pub cipher: Vec<u8>,
}

/// Proves a claim about a chunk.
#[must_use]
pub fn prove_chunk(prove: ProveChunk) -> Instruction {
    let ProveChunk { payer, order, claimant, key, cipher } = prove;
    debug_assert!(cipher.len() <= content::CHUNK_BYTES);
    data::ProveChunk { key, cipher: cipher.into() }.to_instruction(accounts::ProveChunk {
        payer,
        order,
        claim: at::claim(&order, &claimant),
        verdict: at::verdict(&order),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Returns the rent of the claim about `order` to `claimant`, who signs.
#[must_use]
pub fn close_claim(claimant: Pubkey, order: Pubkey) -> Instruction {
    data::CloseClaim {}.to_instruction(accounts::CloseClaim {
        claimant,
        claim: at::claim(&order, &claimant),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Proves that the sealed key delivered for `order` is wrong. `payer` signs and pays the rent of the verdict.
#[must_use]
pub fn prove_key(
    payer: Pubkey,
    order: Pubkey,
    evidence: &KeyEvidence,
    sealed_key: [u8; SEALED_KEY_BYTES],
) -> Instruction {
    let KeyEvidence { buyer, secret, ephemeral_point, shared } = *evidence;
    data::ProveKey { proof: KeyProof { buyer, secret, ephemeral_point, shared }, sealed_key }.to_instruction(
        accounts::ProveKey {
            payer,
            order,
            verdict: at::verdict(&order),
            system_program: SYSTEM_PROGRAM,
            event_authority: at::event_authority(),
            program: at::PROGRAM,
        },
    )
}

/// Shows the gold labels of the labelling order `order`. `payer` signs and pays the rent of the verdict.
#[must_use]
pub fn open_gold(payer: Pubkey, order: Pubkey, task: &Task, salt: [u8; 32], gold: &[GoldItem]) -> Instruction {
    let Task { items, gold_count, floor_bps, full_bps, gold: gold_hash, brief } = *task;
    data::OpenGold {
        task: TaskTerms { items, gold_count, floor_bps, full_bps, gold: gold_hash.0, brief: brief.0 },
        salt,
        gold: gold.iter().map(|gold| GoldLabel { item: gold.item, label: gold.label }).collect(),
    }
    .to_instruction(accounts::OpenGold {
        payer,
        order,
        verdict: at::verdict(&order),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Shows the answers of the leaf `leaf` (256 from item 256 x leaf on). Nobody has to sign but the payer of fees.
#[must_use]
pub fn open_answers(order: Pubkey, answers: &[u8], leaf: u32, siblings: &[Digest]) -> Instruction {
    data::OpenAnswers {
        leaf,
        answers: answers.to_vec().into(),
        siblings: siblings.iter().map(|sibling| sibling.0).collect(),
    }
    .to_instruction(accounts::OpenAnswers {
        order,
        verdict: at::verdict(&order),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Fixes the verdict on a labelling order. Nobody has to sign but the payer of fees.
#[must_use]
pub fn finish_gold(order: Pubkey) -> Instruction {
    data::FinishGold {}.to_instruction(accounts::FinishGold {
        order,
        verdict: at::verdict(&order),
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

/// Returns the rent of a verdict that is no longer needed to `rent_payer`. Nobody has to sign but the payer of fees.
#[must_use]
pub fn close_verdict(order: Pubkey, rent_payer: Pubkey) -> Instruction {
    data::CloseVerdict {}.to_instruction(accounts::CloseVerdict {
        order,
        verdict: at::verdict(&order),
        rent_payer,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    })
}

fn place(proof: &Proof) -> LeafPlace {
    // no job has so many segments or steps: what does not fit is found under no root
    let narrow = |number| u32::try_from(number).unwrap_or(u32::MAX);
    LeafPlace { index: narrow(proof.index), count: narrow(proof.count) }
}

fn siblings(proof: &Proof) -> ::proofs::list::Vec<[u8; 32]> {
    proof.siblings.iter().map(|sibling| sibling.0).collect()
}

fn segment(opening: &StepOpening) -> SegmentFields {
    let segment = &opening.segment.record;
    SegmentFields {
        index: segment.index,
        first_step: segment.first_step,
        start_root: segment.start_root.0,
        end_root: segment.end_root.0,
        steps_root: segment.steps_root.0,
        start_checkpoint: segment.start_checkpoint.0,
        metric: segment.metric.map(|metric| MetricFields { correct: metric.correct, total: metric.total }),
    }
}

/// Begins evidence about the disputed training job of `order` with the segment of `opening`. `claimant` signs and pays the rent.
#[must_use]
pub fn open_segment(claimant: Pubkey, order: Pubkey, opening: &StepOpening) -> Instruction {
    let JobOpening { manifest_hash, shape, segments_root, end, .. } = &opening.job;
    let job = JobFields {
        manifest_hash: manifest_hash.0,
        virtual_ranks: shape.virtual_ranks,
        steps: shape.steps,
        segment_len: shape.segment_len,
        segments_root: segments_root.0,
        checkpoint: end.checkpoint.0,
        state_root: end.state_root.0,
        correct: end.metric.correct,
        total: end.metric.total,
    };
    data::OpenSegment {
        job,
        segment: segment(opening),
        place: place(&opening.segment.proof),
        siblings: siblings(&opening.segment.proof),
    }
    .to_instruction(accounts::OpenSegment {
        claimant,
        order,
        evidence: at::evidence(&order, &claimant),
        system_program: SYSTEM_PROGRAM,
    })
}

fn more(claimant: Pubkey, order: Pubkey) -> accounts::OpenMore {
    accounts::OpenMore { claimant, evidence: at::evidence(&order, &claimant) }
}

/// Shows the step of `opening`, whose segment is shown. `claimant` signs.
#[must_use]
pub fn open_step(claimant: Pubkey, order: Pubkey, opening: &StepOpening) -> Instruction {
    let Opened { record, proof } = &opening.step;
    let step = StepFields {
        step: record.step,
        batch_root: record.batch_root.0,
        gradient_roots: record.gradient_roots.iter().map(|root| root.0).collect(),
        reduced_root: record.reduced_root.0,
        state_root: record.state_root.0,
        loss_bits: record.loss_bits,
    };
    data::OpenStep { step, place: place(proof), siblings: siblings(proof) }.to_instruction(more(claimant, order))
}

/// Shows the manifest of `order`, whose canonical form is `manifest`. `claimant` signs.
#[must_use]
pub fn open_manifest(claimant: Pubkey, order: Pubkey, manifest: Vec<u8>) -> Instruction {
    data::OpenManifest { manifest: manifest.into() }.to_instruction(accounts::OpenManifest {
        claimant,
        order,
        evidence: at::evidence(&order, &claimant),
    })
}

/// Bytes of a layout that fit into one transaction.
pub const LAYOUT_PIECE: usize = 900;

/// Writes a layout, of the state before the shown step or of its mean gradient, in pieces that each fit into one transaction, in their order. `claimant`
/// signs.
#[must_use]
pub fn write_layout(claimant: Pubkey, order: Pubkey, layout: &[u8]) -> Vec<Instruction> {
    let pieces = layout.chunks(LAYOUT_PIECE).zip((0u32..).step_by(LAYOUT_PIECE));
    let write = |(bytes, offset): (&[u8], u32)| {
        data::WriteLayout { offset, bytes: bytes.to_vec().into() }.to_instruction(more(claimant, order))
    };
    pieces.map(write).collect()
}

/// Shows that the layout that was written is the state's, and turns to `element`. `claimant` signs.
#[must_use]
pub fn open_layout(claimant: Pubkey, order: Pubkey, element: u64, opening: &LayoutOpening) -> Instruction {
    let (count, siblings) = (opening.proof.count, siblings(&opening.proof));
    data::OpenLayout { element, count, siblings }.to_instruction(more(claimant, order))
}

/// Shows that the layout that was written is the mean gradient's, with its norm. `claimant` signs.
#[must_use]
pub fn open_norm(claimant: Pubkey, order: Pubkey, opening: &LayoutOpening) -> Instruction {
    let (count, siblings) = (opening.proof.count, siblings(&opening.proof));
    data::OpenNorm { count, siblings }.to_instruction(more(claimant, order))
}

/// One value of the shown step: which it is, and the chunk that holds it.
#[derive(Clone, Debug)]
pub struct ShownValue {
    /// The virtual rank whose gradient it is of, `proofs::state::REDUCED`, or one of the three from `BEFORE` or from `AFTER`.
    pub slot: u8,
    /// Place of its element in the order of all parameters' values.
    pub element: u64,
    /// Its chunk.
    pub opening: ValueOpening,
}

/// Shows the leaf of a value. `claimant` signs.
#[must_use]
pub fn open_leaf(claimant: Pubkey, order: Pubkey, value: &ShownValue) -> Instruction {
    // a chunk that is too long is found nowhere
    let leaf = protocol::tensor_tree::chunk_leaf(&value.opening.chunk).unwrap_or_default().0;
    let count = value.opening.proof.count;
    let value_leaf = ValueLeaf { slot: value.slot, element: value.element, count, leaf };
    data::OpenLeaf { value: value_leaf, siblings: siblings(&value.opening.proof) }.to_instruction(more(claimant, order))
}

/// Shows the chunk of the leaf that was shown last. `claimant` signs.
#[must_use]
pub fn open_values(claimant: Pubkey, order: Pubkey, value: &ShownValue) -> Instruction {
    data::OpenValues { chunk: value.opening.chunk.clone().into() }.to_instruction(more(claimant, order))
}

/// Who proves something about the training job of an order, and by whose evidence.
#[derive(Clone, Copy, Debug)]
pub struct Prover {
    /// Signs and pays the rent of the verdict.
    pub payer: Pubkey,
    /// The disputed order.
    pub order: Pubkey,
    /// Whose evidence it is; mostly the payer.
    pub claimant: Pubkey,
}

fn prove(prover: Prover) -> accounts::ProveJob {
    accounts::ProveJob {
        payer: prover.payer,
        order: prover.order,
        evidence: at::evidence(&prover.order, &prover.claimant),
        verdict: at::verdict(&prover.order),
        system_program: SYSTEM_PROGRAM,
        event_authority: at::event_authority(),
        program: at::PROGRAM,
    }
}

/// Proves that what was shown contradicts itself, the job's shape or the order's manifest.
#[must_use]
pub fn prove_log(prover: Prover) -> Instruction {
    data::ProveLog {}.to_instruction(prove(prover))
}

/// Proves that the segment of `next`, the one after the shown one, begins elsewhere than that one ended.
#[must_use]
pub fn prove_break(prover: Prover, next: &StepOpening) -> Instruction {
    let (count, siblings) = (place(&next.segment.proof).count, siblings(&next.segment.proof));
    data::ProveBreak { next: segment(next), count, siblings }.to_instruction(prove(prover))
}

/// Proves that the mean gradient of the shown step is wrong in the shown values.
#[must_use]
pub fn prove_reduction(prover: Prover) -> Instruction {
    data::ProveReduction {}.to_instruction(prove(prover))
}

/// Proves that the update of the shown step is wrong in the shown values.
#[must_use]
pub fn prove_update(prover: Prover) -> Instruction {
    data::ProveUpdate {}.to_instruction(prove(prover))
}

/// Returns the rent of the evidence about `order` to `claimant`, who signs.
#[must_use]
pub fn close_evidence(claimant: Pubkey, order: Pubkey) -> Instruction {
    data::CloseEvidence {}
        .to_instruction(accounts::CloseEvidence { claimant, evidence: at::evidence(&order, &claimant) })
}
