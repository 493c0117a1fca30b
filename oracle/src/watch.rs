//! Who watches an oracle: an operator by its metrics, a person at its terminal, and whoever reads its journal.

use crate::journal::Journal;
use crate::metrics::Metrics;
use crate::progress::Screen;
use crate::replayer::{ReplayError, Replayer, Request};
use chain::Pubkey;
use protocol::report::{ReplayEvent, ReplayReport};

/// What an oracle tells beside its votes. The default counts, and keeps no journal.
#[derive(Debug, Default)]
pub struct Watch {
    /// What is counted.
    pub metrics: Metrics,
    /// Where progress is shown.
    pub screen: Screen,
    /// Where judged audits are noted.
    pub journal: Option<Journal>,
}

/// Replays for the audit of one order, before everybody who watches.
pub(crate) struct Watched<'a, R> {
    pub(crate) replayer: &'a R,
    pub(crate) watch: &'a Watch,
    pub(crate) order: Pubkey,
}

impl<R: Replayer> Replayer for Watched<'_, R> {
    async fn self_test(&self) -> Result<(), ReplayError> {
        self.replayer.self_test().await
    }

    async fn replay(
        &self,
        request: &Request,
        tell: &mut (dyn FnMut(&ReplayEvent) + Send),
    ) -> Result<ReplayReport, ReplayError> {
        let running = self.watch.metrics.replay();
        let mut shown = self.watch.screen.replay(self.order, request);
        let answer = self
            .replayer
            .replay(request, &mut |event| {
                running.event(event);
                shown.event(event);
                tell(event);
            })
            .await;
        running.ended(&answer);
        answer
    }
}
