//! One generation, as one of its ranks lives it.

use super::agreement::{agree, share_state};
use super::history::History;
use super::{FinishedRun, WorkerError, WorkerEvent, WorkerOptions};
use crate::bridge::{BucketSizes, CanonicalPlace, Listener, ProcessGroup};
use crate::evaluate::evaluate;
use crate::gradients::WorkerGroup;
use crate::job::Job;
use crate::recorder::{Beside, Share};
use crate::rendezvous::{Member, Membership, Rendezvous};
use crate::state::TrainState;
use crate::step::{StepOutcome, run_step};
use crate::stopwatch::timed;
use crate::tier::Tier;
use artefacts::Store;
use protocol::commitment::FinalMetric;
use std::time::Instant;
use tch::Device;

/// How a generation ended without a loss.
pub(super) enum End {
    /// The job is done.
    Finished,
    /// Others wait to join.
    MakeRoom,
}

/// A rank's part in a generation.
pub(super) struct Generation<'run> {
    pub(super) options: &'run WorkerOptions,
    pub(super) job: &'run Job,
    pub(super) store: &'run Store,
    pub(super) device: Device,
    pub(super) membership: Membership,
    pub(super) listener: Listener,
}

impl Generation<'_> {
    /// Trains until the job is done or the generation ends. A group that breaks is [`WorkerError::Lost`].
    pub(super) fn run(
        self,
        rendezvous: &Rendezvous,
        progressed: &mut bool,
        tell: &mut dyn FnMut(&WorkerEvent),
    ) -> Result<End, WorkerError> {
        match self.options.tier {
            Tier::Canonical => {
                let group = self.canonical_group()?;
                let end = self.train_verified(&group, rendezvous, progressed, tell);
                // what broke the group is the reason, whatever failed because of it
                end.map_err(|error| group.failure().map_or(error, WorkerError::Lost))
            }
            Tier::Gloo | Tier::Nccl => self.train_unverified(rendezvous, tell),
        }
    }

    fn canonical_group(&self) -> Result<ProcessGroup, WorkerError> {
        let addresses: Vec<String> = self.membership.members.iter().map(|member| member.address.clone()).collect();
        let place = CanonicalPlace {
            rank: self.membership.rank,
            addresses: &addresses,
            listener: &self.listener,
            session: self.membership.session,
            patience: self.options.group_patience,
            stop: &self.membership.stop,
        };
        ProcessGroup::canonical(&place).map_err(|error| WorkerError::Lost(error.summary().to_owned()))
    }

    pub(super) fn workers(&self) -> u32 {
        self.membership.members.len() as u32
    }

    /// Workers of this host, this one among them.
    fn workers_here(&self) -> usize {
        let members = &self.membership.members;
        let own = members.get(self.membership.rank as usize).map(Member::host);
        members.iter().filter(|member| Some(member.host()) == own).count()
    }

    pub(super) fn tell_start(&self, from_step: u32, tell: &mut dyn FnMut(&WorkerEvent)) {
        let (generation, workers) = (self.membership.generation, self.workers());
        tell(&WorkerEvent::Started { from_step, generation, workers });
    }

    pub(super) fn ends_segment(&self, steps_done: u32) -> bool {
        steps_done.is_multiple_of(self.job.manifest.segment_len) || steps_done == self.job.manifest.steps
    }

    fn train_verified(
        &self,
        group: &ProcessGroup,
        rendezvous: &Rendezvous,
        progressed: &mut bool,
        tell: &mut dyn FnMut(&WorkerEvent),
    ) -> Result<End, WorkerError> {
        let job = self.job;
        let leads = group.rank() == 0;
        let mut history = if leads { Some(History::open(&self.options.work_dir, job, self.store)?) } else { None };
        let reached = history.as_mut().and_then(History::take_reached);
        let own_state = reached.map_or_else(|| TrainState::initial(job), Ok)?;
        let mut state = share_state(group, job, own_state)?;
        let mut copy = if self.keeps_copy() { self.copy(&state) } else { None };
        let mut source = WorkerGroup::new(group, &state, job.manifest.virtual_ranks, BucketSizes::default())?;
        let segment_len = job.manifest.segment_len;
        let share = Share { worker: group.rank(), workers: group.world_size(), segment_len };
        let mut recorder = Beside::start(share, self.workers_here()).map_err(WorkerError::Thread)?;
        let mut order = job.batch_order()?;
        let from_step = state.steps_done();
        if leads {
            self.tell_start(from_step, tell);
        }
        let started = Instant::now();
        let mut last_loss = history.as_ref().and_then(History::last_loss);
        while state.steps_done() < job.manifest.steps {
            let step_started = Instant::now();
            let StepOutcome { loss, mut seconds } = run_step(job, &mut state, &mut order, &mut source, &mut recorder)?;
            last_loss = Some(loss);
            *progressed = true;
            let (mut make_room, mut evaluation) = (false, None);
            if self.ends_segment(state.steps_done()) {
                let waiting = leads && self.membership.someone_waits();
                let has_room = self.workers() < job.manifest.virtual_ranks;
                let records = timed(&mut seconds.commitment, || recorder.take())?;
                let agreed =
                    timed(&mut seconds.communication, || agree(group, job, &state, records, waiting && has_room))?;
                make_room = agreed.make_room && state.steps_done() < job.manifest.steps;
                if history.is_some() || copy.is_some() {
                    evaluation = self.evaluation(&state)?;
                }
                if let Some(history) = &mut history {
                    timed(&mut seconds.commitment, || history.end_segment(job, &state, &agreed, evaluation))?;
                }
                // the job does not depend on copies
                if let Some(Err(error)) = copy.as_mut().map(|copy| copy.end_segment(job, &state, &agreed, evaluation)) {
                    tracing::warn!(%error, "this host keeps no copy of the run any more");
                    copy = None;
                }
            }
            seconds.total = step_started.elapsed().as_secs_f64();
            if leads {
                let done = state.steps_done();
                tell(&WorkerEvent::Step { done, loss, seconds });
                if let Some(FinalMetric { correct, total }) = evaluation {
                    tell(&WorkerEvent::Evaluated { done, correct, total });
                }
            }
            if make_room {
                if let Some(history) = &mut history {
                    history.settle()?;
                    // should this fail, the watcher ends the generation
                    let _ = rendezvous.make_room(self.membership.generation, self.workers());
                }
                return Ok(End::MakeRoom);
            }
        }
        let training_seconds = started.elapsed().as_secs_f64();
        if let Some(history) = history {
            let (commitment, metric) = history.finish(job, &state)?;
            tell(&WorkerEvent::Finished(FinishedRun {
                final_checkpoint: commitment.final_checkpoint,
                commitment: Some(commitment),
                correct: metric.correct,
                total: metric.total,
                final_loss: last_loss.unwrap_or(0.0),
                workers: self.workers(),
                resumed_from_step: from_step,
                samples: u64::from(job.manifest.steps - from_step) * job.manifest.samples_per_step(),
                training_seconds,
            }));
            // everything is stored: how the others leave no longer matters
            let _ = rendezvous.finish();
            let _ = group.barrier();
            return Ok(End::Finished);
        }
        group.barrier()?;
        Ok(End::Finished)
    }

    /// The evaluation after the segment that `state` ends, where the manifest asks for one.
    fn evaluation(&self, state: &TrainState) -> Result<Option<FinalMetric>, WorkerError> {
        let manifest = &self.job.manifest;
        let segment = state.steps_done().saturating_sub(1) / manifest.segment_len;
        Ok(manifest.evaluates_after(segment).then(|| evaluate(self.job, state)).transpose()?)
    }

    /// Whether this rank is the first of its host and folder, and rank 0 is on another.
    fn keeps_copy(&self) -> bool {
        let folder_of = |rank: u32| self.membership.members.get(rank as usize).map(|member| &member.folder);
        (0..self.membership.rank).all(|before| folder_of(before) != folder_of(self.membership.rank))
            && self.membership.rank > 0
    }

    /// This host's own history, where it holds the same segments as rank 0's.
    fn copy(&self, state: &TrainState) -> Option<History> {
        match History::open(&self.options.work_dir, self.job, self.store) {
            Ok(mut history) => {
                history.take_reached();
                history.leads_to(state).then_some(history)
            }
            Err(error) => {
                tracing::warn!(%error, "this host keeps no copy of the run");
                None
            }
        }
    }
}
