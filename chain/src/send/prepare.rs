//! Putting a transaction together: simulate, set the compute limit, sign.

use super::SendError;
use crate::error::Failure;
use crate::rpc::Rpc;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{VersionedMessage, v0};
use solana_pubkey::Pubkey;
use solana_rpc_client_api::config::RpcSimulateTransactionConfig;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_status_client_types::UiTransactionEncoding;

/// The most compute units that a transaction may ask for.
const MAX_COMPUTE_UNITS: u32 = 1_400_000;
/// Bytes of a serialized transaction that fit into one packet.
const MAX_BYTES: usize = 1_232;
const HEIGHT_BYTES: usize = 8;

/// A signed transaction, and until when it can land.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    transaction: VersionedTransaction,
    last_valid_block_height: u64,
}

/// The bytes are not a prepared transaction.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the stored transaction cannot be read: {0}")]
pub struct PreparedError(String);

impl Prepared {
    /// Its first signature, which names it.
    #[must_use]
    pub fn signature(&self) -> Signature {
        self.transaction.signatures.first().copied().unwrap_or_default()
    }

    /// The last block height at which it can land.
    #[must_use]
    pub fn last_valid_block_height(&self) -> u64 {
        self.last_valid_block_height
    }

    /// The signed transaction.
    #[must_use]
    pub fn transaction(&self) -> &VersionedTransaction {
        &self.transaction
    }

    /// Programs of its instructions, in order.
    #[must_use]
    pub fn programs(&self) -> Vec<Pubkey> {
        let keys = self.transaction.message.static_account_keys();
        let program = |place: u8| keys.get(usize::from(place)).copied().unwrap_or_default();
        self.transaction
            .message
            .instructions()
            .iter()
            .map(|instruction| program(instruction.program_id_index))
            .collect()
    }

    /// Bytes to keep, so that the same transaction can be submitted again after a restart.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.last_valid_block_height.to_le_bytes().to_vec();
        // a signed transaction always serializes: it was measured when it was made
        bytes.extend(bincode::serialize(&self.transaction).unwrap_or_default());
        bytes
    }

    /// Reads kept bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PreparedError> {
        let (height, rest) =
            bytes.split_first_chunk::<HEIGHT_BYTES>().ok_or_else(|| PreparedError("too short".into()))?;
        let transaction: VersionedTransaction =
            bincode::deserialize(rest).map_err(|error| PreparedError(error.to_string()))?;
        if transaction.signatures.is_empty() {
            return Err(PreparedError("not signed".into()));
        }
        Ok(Self { transaction, last_valid_block_height: u64::from_le_bytes(*height) })
    }
}

impl Rpc {
    /// Simulates `instructions`, sets the compute limit from it and signs. The first of `signers` pays.
    ///
    /// Where the simulation fails, nothing is sent and the error says what the chain would have answered.
    pub async fn prepare(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Prepared, SendError> {
        let payer = signers.first().ok_or_else(|| SendError::Sign("no key given: the first one pays".into()))?.pubkey();
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(MAX_COMPUTE_UNITS)];
        if self.settings().priority_fee_micro_lamports > 0 {
            all.push(ComputeBudgetInstruction::set_compute_unit_price(self.settings().priority_fee_micro_lamports));
        }
        all.extend_from_slice(instructions);

        let units = self.simulate(&payer, &all).await?;
        let limit = units.saturating_mul(100 + u64::from(self.settings().compute_margin_percent)).div_ceil(100);
        let limit = u32::try_from(limit).unwrap_or(MAX_COMPUTE_UNITS).min(MAX_COMPUTE_UNITS);
        all[0] = ComputeBudgetInstruction::set_compute_unit_limit(limit);

        let commitment = self.settings().commitment_config();
        let (blockhash, last_valid_block_height) =
            self.call("getLatestBlockhash", |client| client.get_latest_blockhash_with_commitment(commitment)).await?;
        let transaction = VersionedTransaction::try_new(message(&payer, &all, blockhash)?, signers)?;
        let bytes = bincode::serialized_size(&transaction).map_err(|error| SendError::Build(error.to_string()))?;
        if bytes > MAX_BYTES as u64 {
            let text = format!("{bytes} bytes do not fit into {MAX_BYTES}: send fewer instructions at once");
            return Err(SendError::Build(text));
        }
        Ok(Prepared { transaction, last_valid_block_height })
    }

    /// Compute units that the instructions use.
    async fn simulate(&self, payer: &Pubkey, instructions: &[Instruction]) -> Result<u64, SendError> {
        let message = message(payer, instructions, Hash::default())?;
        let signatures = vec![Signature::default(); usize::from(message.header().num_required_signatures)];
        let unsigned = VersionedTransaction { signatures, message };
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.settings().commitment_config()),
            encoding: Some(UiTransactionEncoding::Base64),
            ..Default::default()
        };
        let result = self
            .call("simulateTransaction", |client| client.simulate_transaction_with_config(&unsigned, config.clone()))
            .await?
            .value;
        let logs = result.logs.unwrap_or_default();
        if let Some(error) = result.err {
            let programs: Vec<Pubkey> = instructions.iter().map(|instruction| instruction.program_id).collect();
            let failure = Failure::read(error.into(), &programs, &logs);
            return Err(SendError::Rejected { failure: failure.into(), logs, signature: None });
        }
        Ok(result.units_consumed.unwrap_or(u64::from(MAX_COMPUTE_UNITS)))
    }
}

fn message(payer: &Pubkey, instructions: &[Instruction], blockhash: Hash) -> Result<VersionedMessage, SendError> {
    let message = v0::Message::try_compile(payer, instructions, &[], blockhash);
    message.map(VersionedMessage::V0).map_err(|error| SendError::Build(error.to_string()))
}
