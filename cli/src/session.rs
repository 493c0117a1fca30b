//! One person's connection to the chain: sends transactions, reads accounts, remembers what instructions cost.
use crate::history;
use anyhow::{Context, Result, ensure};
use chain::{
    Confirmed, Instruction, Keypair, Pubkey, Rpc, account::ProgramAccount, event::Event, instruction::token::Token,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// A connection.
pub struct Session {
    pub rpc: Rpc,
    /// Of the last transaction of each name.
    units: Mutex<BTreeMap<String, u64>>,
    /// Slot of the last confirmed transaction.
    slot: AtomicU64,
}

impl Session {
    pub fn new(rpc: Rpc) -> Self {
        Self { rpc, units: Mutex::default(), slot: AtomicU64::default() }
    }

    /// Sends one transaction and waits until it is confirmed. The first signer pays.
    pub async fn send(&self, name: &str, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Confirmed> {
        let confirmed = self.rpc.send(instructions, signers).await.with_context(|| format!("{name} failed"))?;
        self.slot.fetch_max(confirmed.slot, Ordering::Relaxed);
        if let Some(units) = history::compute_units(&self.rpc, &confirmed.signature).await? {
            self.units.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), units);
        }
        Ok(confirmed)
    }

    /// Reads an account of one of the programs.
    pub async fn get<T: ProgramAccount>(&self, address: &Pubkey) -> Result<T> {
        Ok(self.rpc.get(address).await?)
    }

    /// Base units in a token account; 0 where there is none.
    pub async fn tokens(&self, address: &Pubkey) -> Result<u64> {
        Ok(self.rpc.token_amount(address).await?)
    }

    /// The token of a mint, whose owner says which token program moves it.
    pub async fn token(&self, mint: &Pubkey) -> Result<Token> {
        Ok(self.rpc.token(mint).await?)
    }

    /// The account from which `wallet` pays `amount` base units.
    ///
    /// # Errors
    /// Where it holds less: the chain would say so in the words of the token program, without a number.
    pub async fn purse(&self, wallet: &Pubkey, token: Token, amount: u64) -> Result<Pubkey> {
        let account = token.account_of(wallet);
        let held = self.tokens(&account).await?;
        ensure!(held >= amount, "{wallet} holds {held} base units of the token {}: {amount} are needed", token.mint);
        Ok(account)
    }

    /// Every event of the transactions that touched an account, oldest first.
    pub async fn events(&self, account: &Pubkey) -> Result<Vec<Event>> {
        history::events(&self.rpc, account).await
    }

    /// Slot of the last transaction that this session sent.
    pub fn last_slot(&self) -> u64 {
        self.slot.load(Ordering::Relaxed)
    }

    /// Compute units of the last transaction of each name.
    pub fn compute_units(&self) -> BTreeMap<String, u64> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
