//! Blocks as every source yields them.

use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

/// A whole block, reduced to the transactions that touch our programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its slot.
    pub slot: u64,
    /// Base58.
    pub blockhash: String,
    /// The slot of the block that it was built on.
    pub parent_slot: u64,
    /// The hash of the block that it was built on.
    pub parent_hash: String,
    /// Unix seconds.
    pub block_time: Option<i64>,
    /// In block order.
    pub transactions: Vec<Transaction>,
}

/// A transaction that touches one of our programs: what is stored raw, and all that decoding needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Place in its block.
    pub index: u32,
    /// Base58, the first one.
    pub signature: String,
    /// The error that the chain reports; such a transaction changed nothing and tells nothing.
    pub error: Option<String>,
    /// All accounts, those of lookup tables included, in the order that indexes refer to.
    pub keys: Vec<String>,
    /// Top-level instructions.
    pub instructions: Vec<Instruction>,
    /// Instructions that other programs or the program itself invoked.
    pub inner: Vec<Inner>,
}

/// The inner instructions of one top-level instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inner {
    /// Place of the top-level instruction.
    pub index: u32,
    /// Flat, in the order of execution, however deep.
    pub instructions: Vec<Instruction>,
}

/// A compiled instruction, as nodes report it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instruction {
    /// Place of the program in the transaction's keys.
    pub program_id_index: u8,
    /// Places of the accounts in the transaction's keys.
    pub accounts: Vec<u8>,
    /// Base58.
    pub data: String,
}

impl Transaction {
    /// The key at an index that an instruction carries; nothing when either is malformed.
    #[must_use]
    pub fn key(&self, index: u8) -> Option<Pubkey> {
        self.keys.get(usize::from(index))?.parse().ok()
    }
}
