//! Sending transactions until their fate is known: confirmed, refused, or expired.

mod prepare;

pub use prepare::{Prepared, PreparedError};

use crate::error::Failure;
use crate::rpc::{Rpc, RpcError, is_outage};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_rpc_client_api::config::RpcSendTransactionConfig;
use solana_signature::Signature;
use solana_signer::SignerError;
use solana_transaction_status_client_types::{TransactionStatus, UiTransactionEncoding};
use std::time::{Duration, Instant};

/// A transaction that is on the chain, with the commitment of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Its first signature, which names it.
    pub signature: Signature,
    /// The slot that it is in.
    pub slot: u64,
}

/// Why a transaction is not on the chain, or not known to be.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SendError {
    /// The chain refused it, in a simulation before sending or for good. Nothing that it would have done happened.
    #[error("{failure}")]
    Rejected {
        /// Who refused it, and why.
        failure: Box<Failure>,
        /// What it logged.
        logs: Vec<String>,
        /// Its signature, where it was sent.
        signature: Option<Signature>,
    },
    /// Its blockhash is too old and it is not on the chain: it never will be. Sign it again.
    #[error("transaction {signature} expired before the chain took it: send it again")]
    Expired {
        /// Its signature.
        signature: Signature,
    },
    /// A node could not be asked; whether the transaction is on the chain is unknown. Submit the same bytes again.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// It could not be signed.
    #[error("cannot sign: {0}")]
    Sign(String),
    /// It could not be put together.
    #[error("cannot build the transaction: {0}")]
    Build(String),
}

impl From<SignerError> for SendError {
    fn from(error: SignerError) -> Self {
        Self::Sign(error.to_string())
    }
}

impl SendError {
    /// Why the chain refused, where it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Rejected { failure, .. } => Some(failure),
            _ => None,
        }
    }
}

impl Rpc {
    /// Sends `instructions` in one transaction and waits until it is confirmed. The first of `signers` pays.
    ///
    /// A transaction whose blockhash expired is signed again, as often as the settings allow: it can no longer land.
    pub async fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Confirmed, SendError> {
        let mut attempt = 1;
        loop {
            let prepared = self.prepare(instructions, signers).await?;
            match self.submit(&prepared).await {
                Err(SendError::Expired { signature }) if attempt < self.settings().signing_attempts => {
                    tracing::warn!(%signature, attempt, "the transaction expired: signing it again");
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    /// Sends the same signed bytes until the chain took them, refused them or their blockhash expired.
    ///
    /// May be called again for the same bytes, also by another process after a restart: a transaction takes effect once.
    pub async fn submit(&self, prepared: &Prepared) -> Result<Confirmed, SendError> {
        let settings = self.settings();
        let signature = prepared.signature();
        let mut poll = Duration::from_millis(settings.poll_ms);
        let (mut sent_at, mut height_at): (Option<Instant>, Instant) = (None, Instant::now());
        loop {
            if let Some(outcome) = self.outcome(prepared).await? {
                return outcome;
            }
            if sent_at.is_none_or(|at| at.elapsed() >= Duration::from_millis(settings.resend_ms)) {
                self.send_once(prepared).await?;
                sent_at = Some(Instant::now());
            }
            if height_at.elapsed() >= Duration::from_millis(settings.poll_max_ms) {
                let height = self.call("getBlockHeight", |client| client.get_block_height()).await?;
                if height > prepared.last_valid_block_height() {
                    // it may have landed in the last valid block since the status was asked for
                    let last = self.outcome(prepared).await?;
                    return last.unwrap_or(Err(SendError::Expired { signature }));
                }
                height_at = Instant::now();
            }
            tokio::time::sleep(poll).await;
            poll = (poll * 2).min(Duration::from_millis(settings.poll_max_ms));
        }
    }

    /// What became of a transaction; `None` while that is open.
    pub async fn outcome(&self, prepared: &Prepared) -> Result<Option<Result<Confirmed, SendError>>, SendError> {
        let signature = prepared.signature();
        let Some(status) = self.status(&signature).await? else { return Ok(None) };
        if !status.satisfies_commitment(self.settings().commitment_config()) {
            return Ok(None);
        }
        let Some(error) = status.err else {
            return Ok(Some(Ok(Confirmed { signature, slot: status.slot })));
        };
        let logs = self.logs(&signature).await;
        let failure = Failure::read(error, &prepared.programs(), &logs);
        Ok(Some(Err(SendError::Rejected { failure: failure.into(), logs, signature: Some(signature) })))
    }

    /// The status of a transaction, also of an old one, if the node knows it.
    pub async fn status(&self, signature: &Signature) -> Result<Option<TransactionStatus>, RpcError> {
        let signatures = [*signature];
        let answer =
            self.call("getSignatureStatuses", |client| client.get_signature_statuses_with_history(&signatures)).await?;
        Ok(answer.value.into_iter().next().flatten())
    }

    async fn send_once(&self, prepared: &Prepared) -> Result<(), RpcError> {
        // the simulation came before; a node's own one would refuse what was sent already
        let config = RpcSendTransactionConfig {
            skip_preflight: true,
            encoding: Some(UiTransactionEncoding::Base64),
            max_retries: Some(0),
            ..Default::default()
        };
        let transaction = prepared.transaction();
        match self.client().send_transaction_with_config(transaction, config).await {
            Ok(_) => Ok(()),
            // what became of it is asked for next, with patience
            Err(error) if is_outage(&error) || error.get_transaction_error().is_some() => Ok(()),
            Err(error) => {
                // "already processed" is such an answer on some nodes: the status decides
                tracing::debug!(signature = %prepared.signature(), %error, "the node did not take the transaction");
                Ok(())
            }
        }
    }

    /// What a transaction logged; nothing where the node does not know.
    async fn logs(&self, signature: &Signature) -> Vec<String> {
        use solana_rpc_client_api::config::RpcTransactionConfig;
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            commitment: Some(self.settings().commitment_config()),
            max_supported_transaction_version: Some(0),
        };
        let found = self.client().get_transaction_with_config(signature, config).await;
        found
            .ok()
            .and_then(|found| found.transaction.meta)
            .and_then(|meta| meta.log_messages.into())
            .unwrap_or_default()
    }
}
