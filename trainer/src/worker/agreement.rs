//! The end of a segment: all ranks compare their states, and every rank learns the roots that the others hashed.

use super::WorkerError;
use crate::bridge::ProcessGroup;
use crate::job::Job;
use crate::recorder::{PartialRecord, Share};
use crate::reduction::share_of;
use crate::state::TrainState;
use protocol::commitment::StepRecord;
use protocol::digest::Digest;
use protocol::tensor_blocks::tensor_root_of_blocks;
use std::collections::BTreeMap;
use std::ops::Range;
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

/// Exchanges `records`, what this rank hashed of the segment's steps, with the other ranks.
///
/// # Errors
///
/// The group's, [`WorkerError::RanksDiverged`] where another rank holds another state, and [`WorkerError::Roots`] where one
/// tells another number of roots.
pub fn agree(
    group: &ProcessGroup,
    job: &Job,
    state: &TrainState,
    records: BTreeMap<u32, PartialRecord>,
    make_room: bool,
) -> Result<SegmentAgreement, WorkerError> {
    let segment_len = job.manifest.segment_len;
    let share = Share { worker: group.rank(), workers: group.world_size(), segment_len };
    let steps = Steps::of(job, state, share.workers);
    let own = OwnState::of(state, share, records.values().next_back());
    let message = steps.message(&own.root, make_room, records.values());
    let messages = group
        .all_gather(&Tensor::f_from_slice(&message)?)?
        .iter()
        .map(|tensor| {
            let mut bytes = vec![0u8; tensor.numel()];
            let count = bytes.len();
            tensor.f_copy_data(&mut bytes, count)?;
            Ok(bytes)
        })
        .collect::<Result<Vec<_>, WorkerError>>()?;
    steps.combine(&own, records, &messages)
}

/// The state of this rank at the end of a segment.
struct OwnState {
    steps_done: u32,
    root: Digest,
    /// Roots of all blocks, also of those that other ranks hash after a step: states are to be compared.
    blocks: Vec<Digest>,
}

impl OwnState {
    fn of(state: &TrainState, share: Share, last: Option<&PartialRecord>) -> Self {
        let (leaves, snapshot) = (state.leaf_counts().1, state.snapshot());
        let hashed = share.of(leaves);
        let all = Share::WHOLE.of(leaves);
        let blocks = match last {
            Some(last) if last.state_blocks.len() == hashed.len() => {
                let (before, after) = (0..hashed.start, hashed.end..all.end);
                [snapshot.block_roots(before), last.state_blocks.clone(), snapshot.block_roots(after)].concat()
            }
            _ => snapshot.block_roots(all),
        };
        Self { steps_done: state.steps_done(), root: tensor_root_of_blocks(leaves, &blocks), blocks }
    }
}

/// How the ranks tell each other what they hashed. A message is the root of the rank's state, a byte that is 1 where others
/// wait to join, and for each step the roots of gradients, of the mean's blocks and of the state's blocks: as many of each as
/// the largest share has, zeros where a rank's share is smaller.
struct Steps {
    workers: u32,
    segment_len: u32,
    gradients: u32,
    mean_leaves: usize,
    state_leaves: usize,
}

/// The roots of a step, by what they are of.
#[derive(Clone, Copy)]
enum Part {
    Gradients,
    Mean,
    State,
}

impl Steps {
    fn of(job: &Job, state: &TrainState, workers: u32) -> Self {
        let (mean_leaves, state_leaves) = state.leaf_counts();
        let (segment_len, gradients) = (job.manifest.segment_len, job.manifest.virtual_ranks);
        Self { workers, segment_len, gradients, mean_leaves, state_leaves }
    }

    /// The roots of `part` that `worker` hashes.
    fn share(&self, part: Part, worker: u32) -> Range<usize> {
        let share = Share { worker, workers: self.workers, segment_len: self.segment_len };
        match part {
            Part::Gradients => {
                let ranks = share_of(self.gradients, self.workers, worker);
                ranks.start as usize..ranks.end as usize
            }
            Part::Mean => share.of(self.mean_leaves),
            Part::State => share.of(self.state_leaves),
        }
    }

    /// Roots that a message has for each part of a step.
    fn places(&self) -> [usize; 3] {
        let largest = |part| (0..self.workers).map(|worker| self.share(part, worker).len()).max().unwrap_or(0);
        [Part::Gradients, Part::Mean, Part::State].map(largest)
    }

    fn message<'a>(
        &self,
        own_root: &Digest,
        make_room: bool,
        records: impl Iterator<Item = &'a PartialRecord>,
    ) -> Vec<u8> {
        let mut message = own_root.0.to_vec();
        message.push(u8::from(make_room));
        for record in records {
            let parts = [&record.gradient_roots, &record.reduced_blocks, &record.state_blocks];
            for (roots, places) in parts.into_iter().zip(self.places()) {
                let filled = roots.iter().chain(std::iter::repeat(&Digest::ZERO)).take(places);
                filled.for_each(|root| message.extend(root.0));
            }
        }
        message
    }

    /// What the ranks agree on by their `messages`, one of each rank; `records` are this rank's.
    fn combine(
        &self,
        own: &OwnState,
        records: BTreeMap<u32, PartialRecord>,
        messages: &[Vec<u8>],
    ) -> Result<SegmentAgreement, WorkerError> {
        let places = self.places();
        let roots_of_step = places.iter().sum::<usize>();
        let expected = DIGEST + 1 + records.len() * roots_of_step * DIGEST;
        if let Some((rank, message)) = messages.iter().enumerate().find(|(_, message)| message.len() != expected) {
            return Err(WorkerError::Roots { rank, expected, found: message.len() });
        }
        // of a step, the roots of a part that a rank hashed
        let told = |rank: usize, step: usize, part: Part| {
            let before = places[..part as usize].iter().sum::<usize>();
            let first = DIGEST + 1 + (step * roots_of_step + before) * DIGEST;
            let count = self.share(part, rank as u32).len();
            messages[rank][first..first + count * DIGEST].chunks_exact(DIGEST).map(|bytes| {
                let mut root = Digest::ZERO;
                root.0.copy_from_slice(bytes);
                root
            })
        };
        let last = records.len().checked_sub(1);
        let holds_another = |rank: &usize| {
            let hashed = || own.blocks[self.share(Part::State, *rank as u32)].iter().copied();
            messages[*rank][..DIGEST] != own.root.0
                || last.is_some_and(|last| !told(*rank, last, Part::State).eq(hashed()))
        };
        if let Some(rank) = (0..messages.len()).find(holds_another) {
            return Err(WorkerError::RanksDiverged { rank, step: own.steps_done.saturating_sub(1) });
        }
        let of_all = |step, part| (0..messages.len()).flat_map(|rank| told(rank, step, part)).collect::<Vec<_>>();
        let steps = records
            .into_iter()
            .enumerate()
            .map(|(place, (step, record))| StepRecord {
                step,
                batch_root: record.batch_root,
                gradient_roots: of_all(place, Part::Gradients),
                reduced_root: tensor_root_of_blocks(self.mean_leaves, &of_all(place, Part::Mean)),
                state_root: tensor_root_of_blocks(self.state_leaves, &of_all(place, Part::State)),
                loss_bits: record.loss_bits,
            })
            .collect();
        Ok(SegmentAgreement { steps, state_root: own.root, make_room: messages[0][DIGEST] != 0 })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::digest::content_address;

    /// 3 and 5 blocks; two workers, of which the second has more of both.
    const STEPS: Steps =
        Steps { workers: 2, segment_len: 10_000, gradients: 3, mean_leaves: 2_500, state_leaves: 5_000 };

    fn roots(what: &str, range: Range<usize>) -> Vec<Digest> {
        range.map(|place| content_address(format!("{what} {place}").as_bytes())).collect()
    }

    fn own() -> OwnState {
        let blocks = roots("state 1", 0..5);
        OwnState { steps_done: 2, root: tensor_root_of_blocks(5_000, &blocks), blocks }
    }

    /// What `worker` hashed of steps 0 and 1.
    fn records(worker: u32) -> BTreeMap<u32, PartialRecord> {
        let hashed = |what: &str, part| roots(what, STEPS.share(part, worker));
        let record = |step: u32| PartialRecord {
            gradient_roots: hashed(&format!("gradient {step}"), Part::Gradients),
            reduced_blocks: hashed(&format!("mean {step}"), Part::Mean),
            state_blocks: hashed(&format!("state {step}"), Part::State),
            ..PartialRecord::default()
        };
        (0..2).map(|step| (step, record(step))).collect()
    }

    fn messages() -> Vec<Vec<u8>> {
        [0, 1].map(|worker| STEPS.message(&own().root, worker == 0, records(worker).values())).into()
    }

    #[test]
    fn the_roots_that_ranks_hashed_become_those_of_the_whole() {
        for worker in [0, 1] {
            let agreed = STEPS.combine(&own(), records(worker), &messages()).unwrap();
            assert!(agreed.make_room && agreed.state_root == own().root);
            for (step, record) in (0..).zip(&agreed.steps) {
                assert_eq!((record.step, &record.gradient_roots), (step, &roots(&format!("gradient {step}"), 0..3)));
                let root = |what: &str, leaves: usize, blocks| {
                    tensor_root_of_blocks(leaves, &roots(&format!("{what} {step}"), 0..blocks))
                };
                assert_eq!((record.reduced_root, record.state_root), (root("mean", 2_500, 3), root("state", 5_000, 5)));
            }
        }
    }

    #[test]
    fn a_rank_with_another_state_is_named() {
        let mut other_root = messages();
        other_root[1][0] ^= 1;
        // the last block of the last step
        let mut other_block = messages();
        *other_block[1].last_mut().unwrap() ^= 1;
        for messages in [other_root, other_block] {
            let error = STEPS.combine(&own(), records(0), &messages).unwrap_err();
            assert!(matches!(error, WorkerError::RanksDiverged { rank: 1, step: 1 }), "{error}");
        }
    }

    #[test]
    fn a_message_of_another_length_is_refused() {
        let length = messages()[1].len();
        for found in [0, 1, 32, 33, length - 1, length + 1, 2 * length] {
            let mut messages = messages();
            messages[1].resize(found, 0);
            let error = STEPS.combine(&own(), records(0), &messages).unwrap_err();
            assert!(matches!(error, WorkerError::Roots { rank: 1, .. }), "{error}");
        }
    }
}
