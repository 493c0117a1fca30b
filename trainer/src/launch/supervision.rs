//! Watching over the processes of a run until the job is done.

use super::children::{Child, Line, Meeting, Role};
use super::{LaunchError, LaunchEvent, LaunchOptions};
use crate::worker::{EXIT_PERMANENT, FinishedRun, WorkerEvent};
use protocol::digest::Digest;
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long the rendezvous may take to listen.
const MEETING: Duration = Duration::from_secs(60);
/// How long workers may take to leave after the end was told.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);

/// Starts a rendezvous and the workers, and starts them again when they die, until the job is done; its end, and the number of
/// restarts.
pub(super) fn supervise(
    options: &LaunchOptions,
    manifest_hash: &Digest,
    tell: &mut dyn FnMut(&LaunchEvent<'_>),
) -> Result<(FinishedRun, u32), LaunchError> {
    let (sender, lines) = channel();
    let port = options.master_port.unwrap_or(0);
    let mut run = Run { options, manifest_hash, port, sender, children: Vec::new(), finished: None, restarts: 0 };
    run.start(Role::Rendezvous, tell)?;
    run.wait_for_meeting(&lines, tell)?;
    for number in 0..options.workers {
        run.start(Role::Worker(number), tell)?;
    }
    let mut end_told = None;
    loop {
        run.listen(&lines, POLL, tell);
        if run.finished.is_some() {
            let since = *end_told.get_or_insert_with(Instant::now);
            if run.workers_left() == 0 || since.elapsed() > GRACE {
                break;
            }
        }
        run.bury(&lines, tell)?;
    }
    let Run { finished, restarts, .. } = run;
    finished
        .map(|finished| (finished, restarts))
        .ok_or_else(|| LaunchError::Permanent { worker: 0, message: "the workers stopped without a result".to_owned() })
}

struct Run<'a> {
    options: &'a LaunchOptions,
    manifest_hash: &'a Digest,
    /// Where workers meet; 0 until the rendezvous has taken a free one. It keeps it when it is started again.
    port: u16,
    sender: Sender<Line>,
    children: Vec<Child>,
    finished: Option<FinishedRun>,
    restarts: u32,
}

impl Run<'_> {
    fn start(&mut self, role: Role, tell: &mut dyn FnMut(&LaunchEvent<'_>)) -> Result<(), LaunchError> {
        let child = Child::start(role, self.options, self.manifest_hash, self.port, &self.sender)?;
        tell(&LaunchEvent::Started { who: &role.to_string(), process: child.id() });
        self.children.push(child);
        Ok(())
    }

    /// Waits until the rendezvous listens: a port that was only seen to be free may be taken before it does.
    fn wait_for_meeting(
        &mut self,
        lines: &Receiver<Line>,
        tell: &mut dyn FnMut(&LaunchEvent<'_>),
    ) -> Result<(), LaunchError> {
        let since = Instant::now();
        while self.port == 0
            && since.elapsed() < MEETING
            && self.children.iter_mut().all(|child| child.stopped().is_none())
        {
            self.listen(lines, POLL, tell);
        }
        self.listen(lines, POLL, tell);
        if self.port > 0 {
            return Ok(());
        }
        let last_words = self.children.pop().and_then(|mut child| child.last_words.take());
        Err(LaunchError::NoRendezvous(last_words.unwrap_or_else(|| "it said nothing".to_owned())))
    }

    fn workers_left(&mut self) -> usize {
        self.children
            .iter_mut()
            .filter_map(|child| (child.role != Role::Rendezvous && child.stopped().is_none()).then_some(()))
            .count()
    }

    /// Takes what the processes say, until nothing comes for `patience`.
    fn listen(&mut self, lines: &Receiver<Line>, patience: Duration, tell: &mut dyn FnMut(&LaunchEvent<'_>)) {
        loop {
            match lines.recv_timeout(patience) {
                Ok(line) => self.take(line, tell),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn take(&mut self, Line { role, output, text }: Line, tell: &mut dyn FnMut(&LaunchEvent<'_>)) {
        if !output {
            tell(&LaunchEvent::Log { who: &role.to_string(), line: &text });
            if let Some(child) = self.children.iter_mut().find(|child| child.role == role) {
                child.last_words = Some(text);
            }
            return;
        }
        if role == Role::Rendezvous {
            match serde_json::from_str::<Meeting>(&text) {
                Ok(meeting) => self.port = meeting.port,
                Err(error) => tracing::warn!(%error, text, "the rendezvous wrote a line that names no port"),
            }
            return;
        }
        match serde_json::from_str::<WorkerEvent>(&text) {
            Ok(event) => {
                tell(&LaunchEvent::Worker(&event));
                if let WorkerEvent::Finished(run) = event {
                    self.finished = Some(run);
                }
            }
            Err(error) => tracing::warn!(%error, text, "a worker wrote a line that is no event"),
        }
    }

    /// Takes away the processes that stopped, and starts them again where they are needed.
    fn bury(&mut self, lines: &Receiver<Line>, tell: &mut dyn FnMut(&LaunchEvent<'_>)) -> Result<(), LaunchError> {
        while let Some(place) = self.children.iter_mut().position(|child| child.stopped().is_some()) {
            // what it said last may still be on its way
            self.listen(lines, POLL, tell);
            let mut child = self.children.swap_remove(place);
            let Some(status) = child.stopped() else { continue };
            let leaves_well = child.role != Role::Rendezvous && status.success();
            if leaves_well || self.finished.is_some() {
                continue;
            }
            let message = child.epitaph(status);
            self.replace(child.role, status, message, tell)?;
        }
        Ok(())
    }

    fn replace(
        &mut self,
        role: Role,
        status: ExitStatus,
        message: String,
        tell: &mut dyn FnMut(&LaunchEvent<'_>),
    ) -> Result<(), LaunchError> {
        let who = role.to_string();
        if let (Role::Worker(worker), Some(EXIT_PERMANENT)) = (role, status.code()) {
            return Err(LaunchError::Permanent { worker, message });
        }
        if self.restarts < self.options.max_restarts {
            self.restarts += 1;
            tell(&LaunchEvent::Restart { number: self.restarts, who: &who, message: &message });
            return self.start(role, tell);
        }
        if role != Role::Rendezvous && self.workers_left() > 0 {
            tell(&LaunchEvent::Gone { who: &who, message: &message });
            return Ok(());
        }
        Err(LaunchError::TooManyRestarts { who, message, restarts: self.restarts })
    }
}
