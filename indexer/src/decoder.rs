//! Finds the programs' events in blocks. Pure: the same block always gives the same events.

use crate::block::{Block, Instruction, Transaction};
use chain::event::{self, Event, Program};
use solana_pubkey::Pubkey;
use std::sync::LazyLock;

/// An instruction that a program of ours emitted as an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where it is.
    pub place: Place,
    /// Signature of its transaction.
    pub signature: String,
    /// Who emitted it.
    pub program: Program,
    /// The instruction's data, tag included.
    pub data: Vec<u8>,
    /// The event, or why it does not read.
    pub event: Result<Event, String>,
}

/// The place of an event in its block. With slot and block hash it is the event's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Place of the transaction in the block.
    pub transaction: u32,
    /// Place of the top-level instruction in the transaction.
    pub top: u32,
    /// Flat place of the inner instruction below it: two events of one instruction differ here.
    pub inner: u32,
}

static AUTHORITIES: LazyLock<[(Program, Pubkey); Program::ALL.len()]> =
    LazyLock::new(|| Program::ALL.map(|program| (program, event::authority(program))));

/// All events of a block, in the order of execution.
#[must_use]
pub fn decode(block: &Block) -> Vec<Found> {
    block.transactions.iter().filter(|transaction| transaction.error.is_none()).flat_map(of_transaction).collect()
}

fn of_transaction(transaction: &Transaction) -> impl Iterator<Item = Found> {
    transaction.inner.iter().flat_map(move |inner| {
        (0u32..).zip(&inner.instructions).filter_map(move |(place, instruction)| {
            let place = Place { transaction: transaction.index, top: inner.index, inner: place };
            of_instruction(transaction, instruction, place)
        })
    })
}

fn of_instruction(transaction: &Transaction, instruction: &Instruction, place: Place) -> Option<Found> {
    let id = transaction.key(instruction.program_id_index)?;
    let (program, authority) = AUTHORITIES.iter().find(|(program, _)| program.id() == id)?;
    let accounts: Vec<Pubkey> = instruction.accounts.iter().filter_map(|index| transaction.key(*index)).collect();
    let data = bs58::decode(&instruction.data).into_vec().ok()?;
    if accounts.len() != instruction.accounts.len() || !event::is_event(authority, &accounts, &data) {
        return None;
    }
    let event = Event::decode(*program, &data).map_err(|error| error.to_string());
    Some(Found { place, signature: transaction.signature.clone(), program: *program, data, event })
}
