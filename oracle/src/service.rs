//! The service: finds audits, carries each one step further at a time, and remembers every step.

use crate::audit::{Audit, Opinion};
use crate::journal::Entry;
use crate::judge::{Judgement, judge};
use crate::memory::{Memory, MemoryError, Record, Stage, now_ms};
use crate::metrics::{Call, Cause};
use crate::node::{Landing, Node, NodeError, Standing};
use crate::replayer::{ReplayError, Replayer};
use crate::settings::Settings;
use crate::store::Artefacts;
use crate::watch::{Watch, Watched};
use protocol::report::reason_code;
use std::{collections::HashSet, sync::Arc};
use tokio::task::JoinSet;

/// Why the oracle stops.
#[derive(Debug, thiserror::Error)]
pub enum OracleError {
    /// Its host must not vote, or its trainer does not run.
    #[error("the self-test failed: {0}")]
    SelfTest(#[from] ReplayError),
    /// Its memory failed: without it, it could lose verdicts.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// An oracle, with the world behind traits.
pub struct Oracle<N, R, A> {
    /// The chain.
    pub node: N,
    /// What replays.
    pub replayer: R,
    /// Where artefacts are.
    pub store: A,
    /// What it remembers.
    pub memory: Memory,
    /// What it was told.
    pub settings: Settings,
    /// Who watches it.
    pub watch: Watch,
}

/// What a step led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The next step can follow at once.
    Further,
    /// It is tried again after a pause.
    Later,
    /// Nothing is left to do.
    Done,
}

impl<N: Node + 'static, R: Replayer + 'static, A: Artefacts + 'static> Oracle<N, R, A> {
    /// Tests the host, then works until `stop` resolves; with `once`, until no audit is open. Ends in order: what was begun
    /// is either finished or continued by the next start.
    pub async fn run(self: Arc<Self>, once: bool, stop: impl Future<Output = ()>) -> Result<(), OracleError> {
        tokio::pin!(stop);
        tokio::select! {
            tested = self.replayer.self_test() => tested?,
            () = &mut stop => return Ok(()),
        }
        self.watch.metrics.self_test_passed();
        tracing::info!(oracle = %self.node.oracle(), "this host computes the right bits");
        let mut ticks = tokio::time::interval(self.settings.poll());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut work, mut busy, mut looked) = (JoinSet::new(), HashSet::new(), false);
        loop {
            tokio::select! {
                () = &mut stop => break,
                Some(ended) = work.join_next(), if !work.is_empty() => {
                    match ended {
                        Ok((id, outcome)) => { busy.remove(&id); outcome?; }
                        // a panic in one audit: its row is as it was, and the next look takes it up again
                        Err(error) => { tracing::error!(%error, "an audit's task died"); busy.clear(); }
                    }
                }
                // a node that does not answer is asked for a while; stopping does not wait for that
                _ = ticks.tick() => tokio::select! {
                    () = &mut stop => break,
                    found = self.look() => looked |= found?,
                },
            }
            self.watch.metrics.open(self.memory.open_audits().await?);
            for record in self.memory.due().await? {
                if work.len() < self.settings.parallel_replays.max(1) && busy.insert(record.id) {
                    let oracle = Arc::clone(&self);
                    work.spawn(async move { (record.id, oracle.carry(record).await) });
                }
            }
            if once && looked && work.is_empty() && self.memory.open_count().await? == 0 {
                break;
            }
        }
        work.shutdown().await;
        self.memory.close().await;
        Ok(())
    }

    /// Arms audits, and remembers those that wait for this oracle; whether the chain answered.
    pub async fn look(&self) -> Result<bool, OracleError> {
        if self.settings.arm_audits {
            match self.answered(Call::Arm, self.node.arm().await) {
                Ok(orders) => {
                    for order in orders {
                        tracing::info!(%order, "armed the audit");
                    }
                }
                // whoever has an interest can arm it as well: audits that are armed go on meanwhile
                Err(error) => tracing::warn!(%error, "cannot arm audits"),
            }
        }
        if self.settings.convene_panels {
            match self.answered(Call::Panels, self.node.serve_panels().await) {
                Ok(steps) => {
                    for (order, step) in steps {
                        tracing::info!(%order, step, "served the panel");
                    }
                }
                Err(error) => tracing::warn!(%error, "cannot serve panels"),
            }
        }
        let audits = match self.answered(Call::Audits, self.node.audits().await) {
            Ok(audits) => audits,
            Err(error) => {
                tracing::warn!(%error, "cannot look for audits");
                return Ok(false);
            }
        };
        for audit in audits {
            if self.memory.discover(&audit).await? {
                self.watch.metrics.discovered();
                tracing::info!(order = %audit.order, oracle_set = audit.oracle_set, "an audit waits for this oracle");
            }
        }
        self.watch.metrics.looked();
        let open = self.memory.open_audits().await?;
        self.watch.metrics.open(open);
        // what a deadline that is watched is compared with
        if open.count > 0
            && let Ok(now) = self.answered(Call::Time, self.node.unix_seconds().await)
        {
            self.watch.metrics.chain_time(now);
        }
        Ok(true)
    }

    /// Counts a question that the chain did not answer.
    fn answered<T>(&self, call: Call, answer: Result<T, NodeError>) -> Result<T, NodeError> {
        if answer.is_err() {
            self.watch.metrics.rpc_error(call);
        }
        answer
    }

    /// Carries an audit as far as it goes now.
    pub async fn carry(&self, mut record: Record) -> Result<(), OracleError> {
        while self.step(&record).await? == Progress::Further {
            let all = self.memory.due().await?;
            match all.into_iter().find(|other| other.id == record.id) {
                Some(next) => record = next,
                None => break,
            }
        }
        Ok(())
    }

    /// Carries an audit one step further. Every outcome is in the memory before this returns.
    pub async fn step(&self, record: &Record) -> Result<Progress, OracleError> {
        if let Stage::Sealing(_, signed) | Stage::Sent(_, signed) = &record.stage {
            return match self.answered(Call::Submit, self.node.submit(signed).await) {
                Ok(Landing::Landed) if matches!(record.stage, Stage::Sealing(..)) => self.sealed(record).await,
                Ok(Landing::Landed) => self.finish(record).await,
                Ok(Landing::Expired) => {
                    self.memory.expired(record.id).await?;
                    Ok(Progress::Further)
                }
                Ok(Landing::Refused(why)) => self.refused(record, why).await,
                Err(error) => self.later(record, Cause::Node, &error.0, None).await,
            };
        }
        let standing = match self.answered(Call::Standing, self.node.standing(&record.audit).await) {
            Ok(Standing::Voted) => return self.finish(record).await,
            Ok(Standing::Closed(why)) => return self.void(record, &why).await,
            Ok(standing) => standing,
            Err(error) => return self.later(record, Cause::Node, &error.0, record.unavailable_since_ms).await,
        };
        match (&record.stage, standing) {
            // an oracle that lost its memory after it sealed finds the same verdict, and so the same seal, again
            (Stage::Seen, _) => self.judge(record).await,
            (Stage::Judged(opinion), Standing::Open) => self.seal(record, opinion).await,
            (Stage::Judged(_), _) => self.sealed(record).await,
            (Stage::Sealed(_), Standing::Open) => {
                self.memory.unsealed(record.id).await?;
                Ok(Progress::Further)
            }
            (Stage::Sealed(_), Standing::Sealed) => {
                self.memory.wait(record.id, i64::try_from(self.settings.poll_ms).unwrap_or(i64::MAX)).await?;
                Ok(Progress::Later)
            }
            (Stage::Sealed(opinion), _) => self.show(record, opinion).await,
            (Stage::Sealing(..) | Stage::Sent(..) | Stage::Voted | Stage::Void, _) => Ok(Progress::Done),
        }
    }

    async fn seal(&self, record: &Record, opinion: &Opinion) -> Result<Progress, OracleError> {
        match self.answered(Call::Seal, self.node.seal(&record.audit, opinion).await) {
            Ok(seal) => {
                self.memory.sealing(record.id, &seal).await?;
                tracing::info!(order = %record.audit.order, signature = %seal.signature, "sealing the vote");
                Ok(Progress::Further)
            }
            Err(NodeError(why)) => self.later(record, Cause::Node, &why, None).await,
        }
    }

    async fn sealed(&self, record: &Record) -> Result<Progress, OracleError> {
        self.memory.sealed(record.id).await?;
        tracing::info!(order = %record.audit.order, "the seal is on the chain");
        Ok(Progress::Further)
    }

    async fn show(&self, record: &Record, opinion: &Opinion) -> Result<Progress, OracleError> {
        match self.answered(Call::Sign, self.node.sign(&record.audit, opinion).await) {
            Ok(vote) => {
                self.memory.sent(record.id, &vote).await?;
                tracing::info!(order = %record.audit.order, signature = %vote.signature, "submitting the vote");
                Ok(Progress::Further)
            }
            Err(NodeError(why)) => self.later(record, Cause::Node, &why, None).await,
        }
    }

    async fn judge(&self, record: &Record) -> Result<Progress, OracleError> {
        let audit = &record.audit;
        let replayer = Watched { replayer: &self.replayer, watch: &self.watch, order: audit.order };
        match judge(&self.store, &replayer, &self.node.sign_sample(audit), audit).await {
            Judgement::Proven { accept, plain, reason, report } => {
                self.opinion(record, (accept, plain, reason), &report).await
            }
            Judgement::Unavailable { detail, report } => {
                let since = record.unavailable_since_ms.unwrap_or_else(now_ms);
                if self.patience_is_over(audit, since).await {
                    // whether it was there for others, at another time, nobody knows
                    return self.opinion(record, (false, false, reason_code::UNAVAILABLE), &report).await;
                }
                self.later(record, Cause::Artefacts, &detail, Some(since)).await
            }
            // an artefact that was missing and cannot be looked for now has not come back
            Judgement::HostFailure(why) => self.later(record, Cause::Host, &why, record.unavailable_since_ms).await,
        }
    }

    /// Whether artefacts that are missing since `since_ms` are the trainer's fault by now.
    async fn patience_is_over(&self, audit: &Audit, since_ms: i64) -> bool {
        let waited_seconds = now_ms().saturating_sub(since_ms) / 1_000;
        if waited_seconds >= i64::try_from(self.settings.unavailable_grace_seconds).unwrap_or(i64::MAX) {
            return true;
        }
        let margin = i64::try_from(self.settings.deadline_margin_seconds).unwrap_or(i64::MAX);
        let now = self.answered(Call::Time, self.node.unix_seconds().await);
        now.is_ok_and(|now| now.saturating_add(margin) >= audit.seal_by)
    }

    async fn opinion(
        &self,
        record: &Record,
        (accept, plain, reason): (bool, bool, u16),
        report: &[u8],
    ) -> Result<Progress, OracleError> {
        let address = match self.store.put(report) {
            Ok(address) => address,
            Err(error) => {
                return self.later(record, Cause::Host, &error.to_string(), record.unavailable_since_ms).await;
            }
        };
        let opinion = Opinion { accept, plain, reason, report: address };
        self.memory.judged(record.id, &opinion).await?;
        self.watch.metrics.judged(&opinion);
        tracing::info!(order = %record.audit.order, accept, reason, report = %address, "judged");
        if let Some(journal) = &self.watch.journal
            && let Err(error) = journal.append(&Entry::of(&record.audit, &opinion, report))
        {
            // no vote waits for a note of it
            self.watch.metrics.journal_error();
            tracing::warn!(%error, path = %journal.path().display(), "cannot write the journal");
        }
        Ok(Progress::Further)
    }

    async fn finish(&self, record: &Record) -> Result<Progress, OracleError> {
        self.memory.voted(record.id).await?;
        self.watch.metrics.voted(match &record.stage {
            Stage::Judged(opinion) | Stage::Sealed(opinion) | Stage::Sealing(opinion, _) | Stage::Sent(opinion, _) => {
                Some(opinion.accept)
            }
            Stage::Seen | Stage::Voted | Stage::Void => None,
        });
        tracing::info!(order = %record.audit.order, "the vote is on the chain");
        Ok(Progress::Done)
    }

    async fn void(&self, record: &Record, why: &str) -> Result<Progress, OracleError> {
        self.memory.void(record.id, why).await?;
        self.watch.metrics.void();
        tracing::warn!(order = %record.audit.order, why, "the audit ended without this oracle's vote");
        Ok(Progress::Done)
    }

    /// The chain refused what was signed for good: look why, and sign again only if it is still wanted.
    async fn refused(&self, record: &Record, why: String) -> Result<Progress, OracleError> {
        match self.answered(Call::Standing, self.node.standing(&record.audit).await) {
            Ok(Standing::Voted) => self.finish(record).await,
            Ok(Standing::Closed(_)) => self.void(record, &why).await,
            Ok(Standing::Open | Standing::Sealed | Standing::Showing) => {
                self.memory.expired(record.id).await?;
                self.later(record, Cause::Node, &why, None).await
            }
            // the same bytes get the same answer: this is asked again with them
            Err(error) => self.later(record, Cause::Node, &error.0, None).await,
        }
    }

    async fn later(
        &self,
        record: &Record,
        cause: Cause,
        why: &str,
        unavailable_since_ms: Option<i64>,
    ) -> Result<Progress, OracleError> {
        let mut pause_ms = self.settings.pause_ms(record.attempts.saturating_add(1));
        if unavailable_since_ms.is_some() {
            // look often enough to see the artefact come back, and the grace end
            let grace_ms = self.settings.unavailable_grace_seconds.saturating_mul(1_000);
            pause_ms = pause_ms.min(i64::try_from(grace_ms / 4).unwrap_or(i64::MAX).max(100));
        }
        self.memory.postpone(record.id, pause_ms, why, unavailable_since_ms).await?;
        self.watch.metrics.postponed(cause);
        tracing::warn!(order = %record.audit.order, why, pause_ms, "trying again later");
        Ok(Progress::Later)
    }
}
