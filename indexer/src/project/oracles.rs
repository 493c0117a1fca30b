//! Folds the events of the oracles' program.

mod panel;

use super::{Context, Outcome, follows, hash, seq, some_address, unknown};
use crate::{
    Amount,
    rows::{OracleRow, OraclesConfigRow, RecordRow, RecordedVoteRow, SealedVoteRow, SealsRow},
    store::{StoreError, Write},
};
use chain::event::OraclesEvent;
use oracles::{
    events::{VoteRecorded, VoteSealed},
    foreign_views::verdict,
};
use solana_pubkey::Pubkey;

pub(super) async fn project(
    write: &mut Write<'_>,
    context: &Context<'_>,
    event: &OraclesEvent,
) -> Result<Outcome, StoreError> {
    use OraclesEvent as E;
    let c = context;
    match event {
        E::ConfigChanged(e) => {
            let last = write.load::<OraclesConfigRow>(&[(&1).into()]).await?.map_or(0, |row| row.seq);
            let row = OraclesConfigRow {
                id: 1,
                seq: seq(e.seq),
                admin: e.admin.to_string(),
                pending_admin: some_address(&e.pending_admin),
                mint: e.mint.to_string(),
                min_bond: e.min_bond.into(),
                unbonding_seconds: e.unbonding_seconds,
                slash_changed_at: e.slash_changed_at,
                slash_bps: e.slash_bps.into(),
                slash_bps_before: e.slash_bps_before.into(),
                panel_set: e.panel_set.into(),
                panel_size: e.panel_size.into(),
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("oracles config", last, e.seq))
        }
        E::OracleRegistered(e) => {
            let address = e.oracle.to_string();
            // a closed oracle's key can register again
            let was = write.load::<OracleRow>(&[(&address).into()]).await?.filter(|row| !row.closed);
            let row = OracleRow {
                oracle: address,
                seq: seq(e.seq),
                rent_payer: e.rent_payer.to_string(),
                bond: Amount(0),
                unbonding: Amount(0),
                unbond_at: None,
                votes: 0,
                agreed: 0,
                dissented: 0,
                missed: 0,
                hidden: 0,
                overturned: 0,
                slashed: Amount(0),
                closed: false,
                registered_slot: c.slot,
                updated_slot: c.slot,
            };
            write.save(&row).await?;
            Ok(follows("oracle", was.map_or(0, |row| row.seq), e.seq))
        }
        E::BondDeposited(e) => oracle(write, c, &e.oracle, e.seq, |row| row.bond = e.bond.into()).await,
        E::UnbondRequested(e) => {
            oracle(write, c, &e.oracle, e.seq, |row| {
                row.unbonding = e.unbonding.into();
                row.unbond_at = (e.unbonding != 0).then_some(e.unbond_at);
            })
            .await
        }
        E::BondWithdrawn(e) => {
            oracle(write, c, &e.oracle, e.seq, |row| {
                (row.bond, row.unbonding, row.unbond_at) = (e.bond.into(), Amount(0), None);
            })
            .await
        }
        E::VoteSealed(e) => vote_sealed(write, c, e).await,
        E::SealsClosed(e) => {
            let Some(mut row) = seals(write, &e.order.to_string()).await? else { return Ok(unknown("seals")) };
            let outcome = follows("seals", row.seq, e.seq);
            (row.closed, row.seq, row.updated_slot) = (true, seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::VoteRecorded(e) => vote_recorded(write, c, e).await,
        E::RecordClosed(e) => {
            let Some(mut row) = record(write, &e.order.to_string()).await? else { return Ok(unknown("record")) };
            let outcome = follows("record", row.seq, e.seq);
            (row.closed, row.seq, row.updated_slot) = (true, seq(e.seq), c.slot);
            write.save(&row).await?;
            Ok(outcome)
        }
        E::OracleClosed(e) => oracle(write, c, &e.oracle, e.seq, |row| row.closed = true).await,
        E::PanelConvened(e) => panel::convened(write, c, e).await,
        E::PanelPostponed(e) => panel::step(write, c, &e.order, e.seq, |row| row.draw_slot = seq(e.slot)).await,
        E::PanelDrawn(e) => panel::drawn(write, c, e).await,
        E::PanelVoteSealed(e) => panel::vote_sealed(write, c, e).await,
        E::PanelVoted(e) => panel::voted(write, c, e).await,
        E::PanelClosed(e) => panel::step(write, c, &e.order, e.seq, |row| row.closed = true).await,
    }
}

async fn oracle(
    write: &mut Write<'_>,
    c: &Context<'_>,
    address: &Pubkey,
    number: u64,
    change: impl FnOnce(&mut OracleRow),
) -> Result<Outcome, StoreError> {
    let Some(mut row) = write.load::<OracleRow>(&[(&address.to_string()).into()]).await? else {
        return Ok(unknown("oracle"));
    };
    let outcome = follows("oracle", row.seq, number);
    change(&mut row);
    (row.seq, row.updated_slot) = (seq(number), c.slot);
    write.save(&row).await?;
    Ok(outcome)
}

async fn record(write: &mut Write<'_>, order: &String) -> Result<Option<RecordRow>, StoreError> {
    write.load(&[order.into()]).await
}

async fn seals(write: &mut Write<'_>, order: &String) -> Result<Option<SealsRow>, StoreError> {
    write.load(&[order.into()]).await
}

async fn vote_sealed(write: &mut Write<'_>, c: &Context<'_>, e: &VoteSealed) -> Result<Outcome, StoreError> {
    let order_address = e.order.to_string();
    let last = seals(write, &order_address).await?.filter(|row| !row.closed).map_or(0, |row| row.seq);
    let all = SealsRow {
        order_address: order_address.clone(),
        seq: seq(e.seq),
        opened_at: e.opened_at,
        rent_payer: e.rent_payer.to_string(),
        sealed: e.sealed.into(),
        closed: false,
        updated_slot: c.slot,
    };
    write.save(&all).await?;
    let sealed = SealedVoteRow {
        order_address,
        opened_at: e.opened_at,
        oracle: e.oracle.to_string(),
        commitment: hash(&e.commitment),
        sealed_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&sealed).await?;
    Ok(follows("seals", last, e.seq))
}

async fn vote_recorded(write: &mut Write<'_>, c: &Context<'_>, e: &VoteRecorded) -> Result<Outcome, StoreError> {
    let order_address = e.order.to_string();
    let was = record(write, &order_address).await?.filter(|row| !row.closed);
    let last = was.as_ref().map_or(0, |row| row.seq);
    let counted = RecordRow {
        order_address: order_address.clone(),
        seq: seq(e.record_seq),
        opened_at: e.opened_at,
        closed: false,
        created_slot: was.map_or(c.slot, |row| row.created_slot),
        updated_slot: c.slot,
    };
    write.save(&counted).await?;
    let vote = RecordedVoteRow {
        order_address,
        opened_at: e.opened_at,
        oracle: e.oracle.to_string(),
        vote: e.vote.into(),
        ended: e.ended.into(),
        missed: e.missed,
        hidden: e.hidden,
        overturned: e.overturned,
        to_challenger: e.to_challenger.into(),
        to_buyer: e.to_buyer.into(),
        burned: e.burned.into(),
        recorded_at: c.block_time,
        slot: c.slot,
        signature: c.signature.into(),
    };
    write.save(&vote).await?;
    let of_oracle = oracle(write, c, &e.oracle, e.seq, |row| {
        let voted = e.vote != verdict::NONE;
        let decided = voted && e.ended != verdict::NONE;
        row.votes += i64::from(voted);
        row.agreed += i64::from(decided && e.vote == e.ended);
        row.dissented += i64::from(decided && e.vote != e.ended);
        row.missed += i64::from(e.missed);
        row.hidden += i64::from(e.hidden);
        row.overturned += i64::from(e.overturned);
        let lost = [e.to_challenger, e.to_buyer, e.burned];
        row.slashed = Amount(lost.into_iter().fold(row.slashed.0, u64::saturating_add));
        (row.bond, row.unbonding) = (e.bond.into(), e.unbonding.into());
        row.unbond_at = row.unbond_at.filter(|_| e.unbonding != 0);
    })
    .await?;
    Ok(follows("record", last, e.record_seq).and(of_oracle))
}
