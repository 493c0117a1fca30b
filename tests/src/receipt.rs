use crate::World;
use anchor_lang::{Address, BORSH_CONFIG, BorshConfig, Discriminator, wincode};
use litesvm::types::TransactionMetadata;
use solana_instruction::{Instruction, error::InstructionError};
use solana_transaction_error::TransactionError;

/// Tag at the head of every event that a program sends to itself.
pub const EVENT_TAG: [u8; 8] = anchor_lang::event::EVENT_IX_TAG.to_le_bytes();

/// A transaction that went through.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Logs, inner instructions, units.
    pub meta: TransactionMetadata,
    /// The transaction's accounts, in the order that instructions refer to them.
    pub keys: Vec<Address>,
}

/// A transaction that was refused.
#[derive(Debug)]
pub struct Refusal {
    /// Why.
    pub err: TransactionError,
    /// Logs and units.
    pub meta: TransactionMetadata,
}

impl Receipt {
    /// Compute units that the transaction took.
    #[must_use]
    pub fn units(&self) -> u64 {
        self.meta.compute_units_consumed
    }

    /// The data of every event that a program sent to itself and signed with its event authority, in order.
    #[must_use]
    pub fn event_data(&self, program: &Address) -> Vec<Vec<u8>> {
        let authority = Address::find_program_address(&[b"__event_authority"], program).0;
        let inner = self.meta.inner_instructions.iter().flatten().map(|i| &i.instruction);
        inner
            .filter(|i| self.keys[usize::from(i.program_id_index)] == *program && i.data.starts_with(&EVENT_TAG))
            .map(|i| {
                let accounts: Vec<_> = i.accounts.iter().map(|a| self.keys[usize::from(*a)]).collect();
                assert_eq!(accounts, [authority], "an event has one account, its program's event authority");
                i.data[EVENT_TAG.len()..].to_vec()
            })
            .collect()
    }

    /// The only event of the transaction, which must be of type `T` and of its program.
    #[must_use]
    pub fn event<T>(&self, program: &Address) -> T
    where
        T: Discriminator + for<'de> wincode::SchemaRead<'de, BorshConfig, Dst = T>,
    {
        let events = self.event_data(program);
        assert_eq!(events.len(), 1, "one event for each instruction");
        let fields = events[0].strip_prefix(T::DISCRIMINATOR).expect("an event of the type asked for");
        wincode::config::deserialize(fields, BORSH_CONFIG).unwrap()
    }
}

/// What a program answered, as the runtime reports it.
#[must_use]
pub fn answer(error: impl Into<anchor_lang::Error>) -> InstructionError {
    u64::from(error.into()).into()
}

/// Asserts that a transaction was refused with `expected`, by its first instruction.
#[track_caller]
pub fn refused(result: Result<Receipt, Refusal>, expected: impl Into<anchor_lang::Error>) {
    let expected = TransactionError::InstructionError(0, answer(expected));
    match result {
        Err(refusal) if refusal.err == expected => {}
        Err(refusal) => panic!("expected {expected:?}, got {:?}\n{}", refusal.err, refusal.meta.logs.join("\n")),
        Ok(_) => panic!("expected {expected:?}, but it went through"),
    }
}

/// Unwraps a transaction that must go through, with the logs where it does not.
#[track_caller]
pub fn passed(result: Result<Receipt, Refusal>) -> Receipt {
    match result {
        Ok(receipt) => receipt,
        Err(refusal) => panic!("refused: {:?}\n{}", refusal.err, refusal.meta.logs.join("\n")),
    }
}

/// How a row of a table ends: [`OK`] or [`no`].
pub type Outcome = Option<InstructionError>;

/// The instruction goes through.
pub const OK: Outcome = None;

/// The instruction is refused with this error.
#[must_use]
pub fn no(error: impl Into<anchor_lang::Error>) -> Outcome {
    Some(answer(error))
}

/// Simulates the instruction of every row and compares how it ends, reporting all rows that differ at once.
#[track_caller]
pub fn compare(world: &World, rows: Vec<(String, Instruction, Outcome)>) {
    let mut wrong = Vec::new();
    for (name, instruction, expected) in rows {
        let (ended, logs) = match world.simulate(instruction) {
            Ok(_) => (OK, Vec::new()),
            Err(Refusal { err: TransactionError::InstructionError(0, error), meta }) => (Some(error), meta.logs),
            Err(refusal) => panic!("{name}: {:?}", refusal.err),
        };
        if ended != expected {
            wrong.push(format!("{name}: expected {expected:?}, got {ended:?}\n    {}", logs.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Changes to an instruction by which a test plays a dishonest caller.
pub trait Forge {
    /// Puts `with` wherever the instruction names `account`.
    #[must_use]
    fn swap(self, account: &Address, with: &Address) -> Self;
    /// Drops the signature of `account`.
    #[must_use]
    fn unsigned(self, account: &Address) -> Self;
    /// Makes `account` read-only.
    #[must_use]
    fn read_only(self, account: &Address) -> Self;
}

impl Forge for Instruction {
    #[track_caller]
    fn swap(mut self, account: &Address, with: &Address) -> Self {
        assert!(self.accounts.iter().any(|m| m.pubkey == *account), "the instruction does not name {account}");
        for meta in self.accounts.iter_mut().filter(|m| m.pubkey == *account) {
            meta.pubkey = *with;
        }
        self
    }

    fn unsigned(mut self, account: &Address) -> Self {
        for meta in self.accounts.iter_mut().filter(|m| m.pubkey == *account) {
            meta.is_signer = false;
        }
        self
    }

    fn read_only(mut self, account: &Address) -> Self {
        for meta in self.accounts.iter_mut().filter(|m| m.pubkey == *account) {
            meta.is_writable = false;
        }
        self
    }
}

/// An instruction by which somebody outside sends an event to `program`.
#[must_use]
pub fn forged_event(program: Address, data: &[u8], signed_by: Option<Address>) -> Instruction {
    let authority = Address::find_program_address(&[b"__event_authority"], &program).0;
    let accounts = vec![match signed_by {
        Some(signer) => solana_instruction::AccountMeta::new_readonly(signer, true),
        None => solana_instruction::AccountMeta::new_readonly(authority, false),
    }];
    Instruction { program_id: program, accounts, data: [EVENT_TAG.as_slice(), data].concat() }
}
