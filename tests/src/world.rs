use crate::{Receipt, Refusal, address};
use anchor_lang::{AccountDeserialize, Address};
use chain::event::Program;
use litesvm::{
    LiteSVM,
    types::{FailedTransactionMetadata, SimulatedTransactionInfo},
};
use solana_account::Account;
use solana_clock::Clock;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_signer::Signer;
use solana_transaction::Transaction;
use std::{collections::HashMap, fs, path::PathBuf};

/// 2026-01-01 00:00:00 UTC, where the clock of every world starts.
pub const START: i64 = 1_767_225_600;
const LAMPORTS: u64 = 100_000_000_000;
const DECIMALS: u8 = 6;

/// A chain with the programs, an administrator who may upgrade them, and somebody who pays the fees of transactions.
///
/// Keys are drawn from a counter, so that a test meets the same addresses, and costs the same units, in each run.
#[derive(Clone)]
pub struct World {
    /// The chain.
    pub svm: LiteSVM,
    /// Signs as the fee payer of every transaction, and is nobody else.
    pub payer: Address,
    /// The upgrade authority of the programs.
    pub admin: Address,
    /// What went through since [`World::keep_history`].
    pub history: Option<Vec<Sent>>,
    keys: HashMap<Address, [u8; 32]>,
}

/// A transaction that went through, and when.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The chain's time, in Unix seconds.
    pub unix_seconds: i64,
    /// What it did.
    pub receipt: Receipt,
}

impl World {
    /// A new chain at [`START`].
    #[must_use]
    pub fn new() -> Self {
        let svm = LiteSVM::new().with_transaction_history(0);
        let mut world =
            Self { svm, payer: Address::default(), admin: Address::default(), history: None, keys: HashMap::new() };
        world.payer = world.wallet();
        world.admin = world.wallet();
        for (id, name) in Program::ALL.map(|program| (program.id(), program.name())) {
            world.svm.add_program(id, &program_bytes(name)).unwrap();
            let authority = world.admin;
            world.set_upgrade_authority(&id, Some(authority));
        }
        world.set_time(START);
        world.set_slot(1_000);
        world
    }

    /// A new wallet with lamports.
    pub fn wallet(&mut self) -> Address {
        let key = Keypair::new_from_array(seed(self.keys.len()));
        let address = key.pubkey();
        self.keys.insert(address, key.to_bytes()[..32].try_into().unwrap());
        self.svm.airdrop(&address, LAMPORTS).unwrap();
        address
    }

    fn keypair(&self, address: &Address) -> Keypair {
        let key = self.keys.get(address).unwrap_or_else(|| panic!("no wallet of this world has the address {address}"));
        Keypair::new_from_array(*key)
    }

    /// Sends one instruction, signed by everyone that it names as a signer.
    pub fn send(&mut self, instruction: Instruction) -> Result<Receipt, Refusal> {
        self.send_all(&[instruction])
    }

    /// Sends instructions in one transaction.
    pub fn send_all(&mut self, instructions: &[Instruction]) -> Result<Receipt, Refusal> {
        let transaction = self.sign(instructions);
        let keys = transaction.message.account_keys.clone();
        match self.svm.send_transaction(transaction) {
            Ok(meta) => {
                let (unix_seconds, receipt) = (self.now(), Receipt { meta, keys });
                if let Some(history) = &mut self.history {
                    history.push(Sent { unix_seconds, receipt: receipt.clone() });
                }
                Ok(receipt)
            }
            Err(failed) => Err(Refusal { err: failed.err, meta: failed.meta }),
        }
    }

    /// From now on keeps every transaction that goes through: what an indexer would see.
    pub fn keep_history(&mut self) {
        self.history.get_or_insert_default();
    }

    /// Tells how an instruction would end, without changing anything.
    pub fn simulate(&self, instruction: Instruction) -> Result<Receipt, Refusal> {
        let transaction = self.sign(&[instruction]);
        let keys = transaction.message.account_keys.clone();
        match self.svm.simulate_transaction(transaction) {
            Ok(info) => Ok(Receipt { meta: info.meta, keys }),
            Err(failed) => Err(Refusal { err: failed.err, meta: failed.meta }),
        }
    }

    /// As [`World::simulate`], for a chain that does not verify signatures: anybody can be named as a signer.
    pub fn simulate_unsigned(
        &self,
        instruction: &Instruction,
    ) -> Result<SimulatedTransactionInfo, FailedTransactionMetadata> {
        let mut message = Message::new(std::slice::from_ref(instruction), Some(&self.payer));
        message.recent_blockhash = self.svm.latest_blockhash();
        self.svm.simulate_transaction(Transaction::new_unsigned(message))
    }

    fn sign(&self, instructions: &[Instruction]) -> Transaction {
        let mut signers = vec![self.payer];
        for meta in instructions.iter().flat_map(|i| &i.accounts) {
            if meta.is_signer && !signers.contains(&meta.pubkey) {
                signers.push(meta.pubkey);
            }
        }
        let signers: Vec<Keypair> = signers.iter().map(|s| self.keypair(s)).collect();
        let references: Vec<&Keypair> = signers.iter().collect();
        let blockhash = self.svm.latest_blockhash();
        Transaction::new_signed_with_payer(instructions, Some(&self.payer), &references, blockhash)
    }

    /// The chain's time, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.svm.get_sysvar::<Clock>().unix_timestamp
    }

    /// Moves the chain to `unix_seconds`.
    pub fn set_time(&mut self, unix_seconds: i64) {
        let clock = self.svm.get_sysvar::<Clock>();
        self.svm.set_sysvar(&Clock { unix_timestamp: unix_seconds, ..clock });
    }

    /// Moves the chain on by `seconds`.
    pub fn pass(&mut self, seconds: i64) {
        self.set_time(self.now() + seconds);
    }

    /// The chain's slot.
    #[must_use]
    pub fn slot(&self) -> u64 {
        self.svm.get_sysvar::<Clock>().slot
    }

    /// Moves the chain to `slot`; the sysvar of slot hashes then holds the 512 slots before it.
    pub fn set_slot(&mut self, slot: u64) {
        let clock = self.svm.get_sysvar::<Clock>();
        self.svm.set_sysvar(&Clock { slot, ..clock });
        let data = slot_hashes(slot.saturating_sub(512)..slot);
        self.put(address::SLOT_HASHES, Address::from_str_const("Sysvar1111111111111111111111111111111111111"), data);
    }

    /// Writes an account that is exempt from rent.
    pub fn put(&mut self, address: Address, owner: Address, data: Vec<u8>) {
        let lamports = self.rent(data.len());
        let account = Account { lamports, data, owner, executable: false, rent_epoch: u64::MAX };
        self.svm.set_account(address, account).unwrap();
    }

    /// Lamports that exempt an account of `bytes` from rent.
    #[must_use]
    pub fn rent(&self, bytes: usize) -> u64 {
        self.svm.minimum_balance_for_rent_exemption(bytes)
    }

    /// The lamports of an account, 0 where there is none.
    #[must_use]
    pub fn lamports(&self, address: &Address) -> u64 {
        self.svm.get_balance(address).unwrap_or(0)
    }

    /// Whether an account is gone: no lamports, no data.
    #[must_use]
    pub fn is_gone(&self, address: &Address) -> bool {
        self.svm.get_account(address).is_none_or(|a| a.lamports == 0 && a.data.is_empty())
    }

    /// Reads an account of one of the programs.
    #[must_use]
    pub fn read<T: AccountDeserialize>(&self, address: &Address) -> T {
        let account = self.svm.get_account(address).unwrap_or_else(|| panic!("no account at {address}"));
        T::try_deserialize(&mut account.data.as_slice()).unwrap()
    }

    /// Changes an account's bytes behind the programs' backs.
    pub fn tamper(&mut self, address: &Address, change: impl FnOnce(&mut Account)) {
        let mut account = self.svm.get_account(address).unwrap();
        change(&mut account);
        self.svm.set_account(*address, account).unwrap();
    }

    /// A new mint of six decimals.
    pub fn mint(&mut self) -> Address {
        let mint = self.wallet();
        let mut data = vec![0; 82];
        data[44] = DECIMALS;
        data[45] = 1;
        self.put(mint, address::TOKEN_PROGRAM, data);
        mint
    }

    /// Says that `amount` base units of a mint exist.
    pub fn set_supply(&mut self, mint: &Address, amount: u64) {
        self.tamper(mint, |account| account.data[36..44].copy_from_slice(&amount.to_le_bytes()));
    }

    /// Gives `wallet` an associated token account for `mint` with `amount` base units.
    pub fn fund(&mut self, wallet: &Address, mint: &Address, amount: u64) -> Address {
        let tokens = address::token_account(wallet, mint);
        self.put(tokens, address::TOKEN_PROGRAM, token_account(mint, wallet, amount));
        tokens
    }

    /// A token account of `wallet` that is not its associated one.
    pub fn other_tokens(&mut self, wallet: &Address, mint: &Address, amount: u64) -> Address {
        let tokens = self.wallet();
        self.put(tokens, address::TOKEN_PROGRAM, token_account(mint, wallet, amount));
        tokens
    }

    /// Base units in a token account, 0 where there is none.
    #[must_use]
    pub fn tokens(&self, address: &Address) -> u64 {
        let Some(account) = self.svm.get_account(address) else { return 0 };
        account.data.get(64..72).map_or(0, |b| u64::from_le_bytes(b.try_into().unwrap()))
    }

    /// Adds base units to a token account, as a stranger's transfer would.
    pub fn donate(&mut self, tokens: &Address, amount: u64) {
        let after = self.tokens(tokens) + amount;
        self.tamper(tokens, |a| a.data[64..72].copy_from_slice(&after.to_le_bytes()));
    }

    /// Names who may upgrade a program, or nobody, in the loader's record of it.
    pub fn set_upgrade_authority(&mut self, program: &Address, authority: Option<Address>) {
        self.tamper(&address::program_data(program), |account| {
            account.data[12] = authority.is_some().into();
            account.data[13..45].copy_from_slice(authority.unwrap_or_default().as_ref());
        });
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// The bytecode of a program, from `make programs`.
#[must_use]
pub fn program_bytes(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../target/deploy/{name}.so"));
    fs::read(&path)
        .unwrap_or_else(|e| panic!("{}: {e}: build the programs first (scripts/build-programs.sh)", path.display()))
}

fn seed(n: usize) -> [u8; 32] {
    let mut seed = [0x5a; 32];
    seed[..8].copy_from_slice(&(n as u64).to_le_bytes());
    seed
}

/// The sysvar of slot hashes, newest first; a slot's hash is its number.
#[must_use]
pub fn slot_hashes(slots: std::ops::Range<u64>) -> Vec<u8> {
    let mut data = (slots.end - slots.start).to_le_bytes().to_vec();
    for slot in slots.rev() {
        data.extend(slot.to_le_bytes());
        data.extend([slot.to_le_bytes(); 4].concat());
    }
    data.resize(8 + 512 * 40, 0);
    data
}

/// The bytes of an initialized token account.
#[must_use]
pub fn token_account(mint: &Address, owner: &Address, amount: u64) -> Vec<u8> {
    let mut data = vec![0; 165];
    data[..32].copy_from_slice(mint.as_ref());
    data[32..64].copy_from_slice(owner.as_ref());
    data[64..72].copy_from_slice(&amount.to_le_bytes());
    data[108] = 1;
    data
}
