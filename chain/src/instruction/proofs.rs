//! Instructions of proofs.

use crate::address::{SYSTEM_PROGRAM, proofs as at};
use ::proofs::{accounts, instruction as data};
use protocol::{
    content,
    digest::Digest,
    labelling::{GoldItem, Task},
    licence::{KeyEvidence, SEALED_KEY_BYTES},
    merkle::Proof,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub use ::proofs::instructions::{ChunkHashes, GoldLabel, KeyProof, TaskTerms};

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
    data::ProveChunk { key, cipher }.to_instruction(accounts::ProveChunk {
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
    data::OpenAnswers { leaf, answers: answers.to_vec(), siblings: siblings.iter().map(|sibling| sibling.0).collect() }
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
