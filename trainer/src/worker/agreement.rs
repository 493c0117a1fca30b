//! The end of a segment: all ranks compare their states, and every rank learns the roots that the others hashed.

use super::WorkerError;
use crate::bridge::ProcessGroup;
use crate::job::Job;
use crate::recorder::PartialRecord;
use crate::reduction::share_of;
use crate::state::TrainState;
use protocol::commitment::StepRecord;
use protocol::digest::Digest;
use std::collections::BTreeMap;
use tch::Tensor;

const DIGEST: usize = 32;

/// What all ranks agree on after a segment.
#[derive(Debug)]
pub struct SegmentAgreement {
    /// Records of the segment's steps, the same on every rank.
    pub steps: Vec<StepRecord>,
    /// Root of the state that all ranks hold.
    pub state_root: Digest,
    /// Rank 0 says that others wait to join.
    pub make_room: bool,
}

/// Exchanges `records`, what this rank hashed of the segment's steps, with the other ranks. A rank's message is the root of
/// its state, a byte, and for each step the roots of mean gradient, state and each virtual rank's gradient, all zero where
/// another rank hashed it; rank 0 hashes mean and state.
///
/// # Errors
///
/// The group's, and [`WorkerError::RanksDiverged`] where another rank holds another state.
pub fn agree(
    group: &ProcessGroup,
    job: &Job,
    state: &TrainState,
    records: BTreeMap<u32, PartialRecord>,
    make_room: bool,
) -> Result<SegmentAgreement, WorkerError> {
    let virtual_ranks = job.manifest.virtual_ranks as usize;
    let hashed = records.values().next_back().and_then(|record| record.state_root);
    let own_root = hashed.unwrap_or_else(|| state.root());
    let mut message = own_root.0.to_vec();
    message.push(u8::from(make_room));
    for record in records.values() {
        message.extend(record.reduced_root.unwrap_or(Digest::ZERO).0);
        message.extend(record.state_root.unwrap_or(Digest::ZERO).0);
        for virtual_rank in 0..job.manifest.virtual_ranks {
            message.extend(record.gradient_roots.get(&virtual_rank).unwrap_or(&Digest::ZERO).0);
        }
    }
    let messages = group
        .all_gather(&Tensor::f_from_slice(&message)?)?
        .iter()
        .map(|tensor| {
            let mut bytes = vec![0u8; message.len()];
            tensor.f_copy_data(&mut bytes, message.len())?;
            Ok(bytes)
        })
        .collect::<Result<Vec<_>, WorkerError>>()?;
    if let Some(rank) = messages.iter().position(|message| message[..DIGEST] != own_root.0) {
        let step = state.steps_done().saturating_sub(1);
        return Err(WorkerError::RanksDiverged { rank, step });
    }
    let digest_at = |rank: usize, step: usize, place: usize| {
        let first = DIGEST + 1 + (step * (virtual_ranks + 2) + place) * DIGEST;
        let mut root = Digest::ZERO;
        root.0.copy_from_slice(&messages[rank][first..first + DIGEST]);
        root
    };
    let owners: Vec<usize> = (0..group.world_size())
        .flat_map(|rank| share_of(job.manifest.virtual_ranks, group.world_size(), rank).map(move |_| rank as usize))
        .collect();
    let steps = records
        .into_iter()
        .enumerate()
        .map(|(place, (step, record))| StepRecord {
            step,
            batch_root: record.batch_root,
            gradient_roots: (0..).zip(&owners).map(|(rank, &owner)| digest_at(owner, place, 2 + rank)).collect(),
            reduced_root: digest_at(0, place, 0),
            state_root: digest_at(0, place, 1),
            loss_bits: record.loss_bits,
        })
        .collect();
    Ok(SegmentAgreement { steps, state_root: own_root, make_room: messages[0][DIGEST] != 0 })
}

/// Gives every rank the state of rank 0; the other ranks' `own` only lends its shape.
///
/// # Errors
///
/// The group's, and libtorch's.
pub fn share_state(group: &ProcessGroup, job: &Job, own: TrainState) -> Result<TrainState, WorkerError> {
    if group.world_size() == 1 {
        return Ok(own);
    }
    let mut steps_done = Tensor::f_from_slice(&[i64::from(own.steps_done())])?;
    group.broadcast(&mut steps_done)?;
    let mut groups = Vec::new();
    for own in own.values() {
        let mut shared = Vec::new();
        for values in own {
            let mut tensor = Tensor::f_from_slice(values)?;
            group.broadcast(&mut tensor)?;
            let mut received = vec![0.0; values.len()];
            tensor.f_copy_data(&mut received, values.len())?;
            shared.push(received);
        }
        groups.push(shared);
    }
    let steps_done = steps_done.f_int64_value(&[0])? as u32;
    let mut groups = groups.into_iter();
    let mut next = || groups.next().unwrap_or_default();
    Ok(TrainState::new(job, steps_done, next(), next(), next())?)
}
