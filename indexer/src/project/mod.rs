//! Folds events into the projections. Each event carries what its row needs, so no account is looked up.

mod grants;
mod market;
mod oracles;
mod proofs;
mod rental;
mod rewards;

use crate::store::{StoreError, Write};
use chain::event::Event;
use solana_pubkey::Pubkey;

/// Where an event happened.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) slot: i64,
    pub(crate) block_time: Option<i64>,
    pub(crate) signature: &'a str,
}

/// What came of an event.
pub(crate) enum Outcome {
    Done,
    /// It contradicts what came before: an event before it was missed.
    Suspect(String),
}

impl Outcome {
    /// The first of the two that is suspect.
    fn and(self, other: Self) -> Self {
        if matches!(self, Self::Done) { other } else { self }
    }
}

/// Folds one event.
pub(crate) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &Event,
) -> Result<Outcome, StoreError> {
    match event {
        Event::Market(event) => market::project(write, context, event).await,
        Event::Rewards(event) => rewards::project(write, context, event).await,
        Event::Grants(event) => grants::project(write, context, event).await,
        Event::Oracles(event) => oracles::project(write, context, event).await,
        Event::Rental(event) => rental::project(write, context, event).await,
        Event::Proofs(event) => proofs::project(write, context, event).await,
    }
}

/// Checks an object's sequence number against its last one, 0 for a new object.
fn follows(object: &str, last: i64, seq: u64) -> Outcome {
    if last.unsigned_abs().checked_add(1) == Some(seq) {
        Outcome::Done
    } else {
        Outcome::Suspect(format!(
            "{object}: event {seq} follows event {last}; start from the programs' first slot and rebuild"
        ))
    }
}

fn unknown(object: &str) -> Outcome {
    Outcome::Suspect(format!("{object} was never seen: start from the programs' first slot and rebuild"))
}

/// A sequence number as SQL's integer; one beyond 63 bits was refused by [`follows`] already.
fn seq(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn hash(bytes: &[u8; 32]) -> String {
    hex::encode(bytes)
}

fn some_address(address: &Pubkey) -> Option<String> {
    (*address != Pubkey::default()).then(|| address.to_string())
}

fn addresses(list: &[Pubkey]) -> String {
    let texts: Vec<String> = list.iter().filter_map(some_address).map(|text| format!("\"{text}\"")).collect();
    format!("[{}]", texts.join(","))
}
