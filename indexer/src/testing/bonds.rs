use super::{JANUARY, address};
use chain::event::{Event, OraclesEvent as E};
use oracles::events as o;
use solana_pubkey::Pubkey;

/// Two bonded oracles; the votes of one agreed with how orders 0 and 1 ended, the other's vote was overturned. The second leaves.
#[must_use]
pub fn bonds() -> Vec<Event> {
    let [good, bad] = ["oracle-0", "oracle-1"].map(address);
    let [order, next] = ["order-0", "order-1"].map(address);
    let recorded = |oracle, seq, order, record_seq, overturned| {
        let lost = u64::from(overturned);
        E::VoteRecorded(o::VoteRecorded {
            oracle,
            seq,
            order,
            opened_at: JANUARY,
            record_seq,
            vote: if overturned { 2 } else { 1 },
            ended: 1,
            missed: false,
            hidden: false,
            overturned,
            to_challenger: 50 * lost,
            to_buyer: 25 * lost,
            burned: 25 * lost,
            bond: 1_000 - 100 * lost,
            unbonding: 0,
        })
    };
    let mut events = vec![E::ConfigChanged(o::ConfigChanged {
        seq: 1,
        admin: address("admin"),
        pending_admin: Pubkey::default(),
        mint: address("mint"),
        min_bond: 100,
        unbonding_seconds: 1_300_000,
        slash_changed_at: 0,
        slash_bps: 1_000,
        slash_bps_before: 0,
        panel_set: 2,
        panel_size: 3,
    })];
    for oracle in [good, bad] {
        events.push(E::OracleRegistered(o::OracleRegistered { oracle, seq: 1, rent_payer: oracle }));
        events.push(E::BondDeposited(o::BondDeposited { oracle, seq: 2, amount: 1_000, bond: 1_000 }));
    }
    let sealed = |oracle, seq: u8| {
        E::VoteSealed(o::VoteSealed {
            order,
            seq: seq.into(),
            opened_at: JANUARY,
            oracle,
            commitment: [seq; 32],
            sealed: seq,
            rent_payer: good,
        })
    };
    events.extend([
        sealed(good, 1),
        sealed(bad, 2),
        E::SealsClosed(o::SealsClosed { order, seq: 3 }),
        recorded(good, 3, order, 1, false),
        recorded(bad, 3, order, 2, true),
        recorded(good, 4, next, 1, false),
        E::UnbondRequested(o::UnbondRequested { oracle: bad, seq: 4, unbonding: 900, unbond_at: JANUARY + 1_300_000 }),
        E::BondWithdrawn(o::BondWithdrawn { oracle: bad, seq: 5, amount: 900, bond: 0 }),
        E::OracleClosed(o::OracleClosed { oracle: bad, seq: 6 }),
        E::RecordClosed(o::RecordClosed { order, seq: 3 }),
    ]);
    events.into_iter().map(Event::Oracles).collect()
}
