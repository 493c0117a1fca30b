//! JSON-RPC's blocks, checked and reduced to what touches our programs.

use super::SourceError;
use crate::block::{Block, Inner, Instruction, Transaction};
use chain::event::Program;
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

static PROGRAMS: LazyLock<[String; Program::ALL.len()]> =
    LazyLock::new(|| Program::ALL.map(|program| program.id().to_string()));

/// The addresses whose transactions are kept.
pub(super) fn programs() -> &'static [String] {
    PROGRAMS.as_slice()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignatureAnswer {
    pub(super) signature: String,
    pub(super) slot: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlockAnswer {
    blockhash: String,
    previous_blockhash: String,
    parent_slot: u64,
    block_time: Option<i64>,
    transactions: Option<Vec<TransactionAnswer>>,
}

#[derive(Deserialize)]
struct TransactionAnswer {
    transaction: SignedAnswer,
    meta: Option<MetaAnswer>,
}

#[derive(Deserialize)]
struct SignedAnswer {
    signatures: Vec<String>,
    message: MessageAnswer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageAnswer {
    account_keys: Vec<String>,
    instructions: Vec<Instruction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetaAnswer {
    err: Option<Value>,
    inner_instructions: Option<Vec<Inner>>,
    loaded_addresses: Option<LoadedAnswer>,
}

#[derive(Deserialize, Default)]
struct LoadedAnswer {
    writable: Vec<String>,
    readonly: Vec<String>,
}

impl BlockAnswer {
    /// The block, with the transactions that touch our programs.
    pub(super) fn block(self, slot: u64) -> Result<Block, SourceError> {
        let broken = |reason: &'static str| SourceError::Inconsistent { slot, reason: reason.into() };
        if slot > 0 && self.parent_slot >= slot {
            return Err(broken("the parent's slot is not before the block's"));
        }
        let answers = self.transactions.ok_or_else(|| broken("the block came without its transactions"))?;
        let mut transactions = Vec::new();
        for (index, answer) in (0u32..).zip(answers) {
            transactions.extend(answer.transaction(index).map_err(broken)?);
        }
        Ok(Block {
            slot,
            blockhash: self.blockhash,
            parent_slot: self.parent_slot,
            parent_hash: self.previous_blockhash,
            block_time: self.block_time,
            transactions,
        })
    }
}

impl TransactionAnswer {
    fn transaction(self, index: u32) -> Result<Option<Transaction>, &'static str> {
        let meta = self.meta.ok_or("a transaction came without its outcome (meta is null)")?;
        let mut keys = self.transaction.message.account_keys;
        let loaded = meta.loaded_addresses.unwrap_or_default();
        keys.extend(loaded.writable.into_iter().chain(loaded.readonly));
        if !keys.iter().any(|key| programs().contains(key)) {
            return Ok(None);
        }
        let error = meta.err.map(|error| error.to_string());
        let inner = match meta.inner_instructions {
            Some(inner) => inner,
            None if error.is_some() => Vec::new(),
            None => return Err("a transaction came without its inner instructions: use a server that records them"),
        };
        let instructions = self.transaction.message.instructions;
        let all = instructions.iter().chain(inner.iter().flat_map(|inner| &inner.instructions));
        let places = all.flat_map(|instruction| instruction.accounts.iter().chain([&instruction.program_id_index]));
        if places.max().is_some_and(|highest| usize::from(*highest) >= keys.len()) {
            return Err("an instruction names an account that its transaction does not have");
        }
        let signature = self.transaction.signatures.into_iter().next().ok_or("a transaction came without signature")?;
        Ok(Some(Transaction { index, signature, error, keys, instructions, inner }))
    }
}
