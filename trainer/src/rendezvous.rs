//! How workers find each other, again and again: numbered generations over a TCPStore.
//!
//! A generation is a group of workers that trains until one is lost or one more comes. Each worker that wants to join takes a
//! ticket; who has the first one waits for the others, then closes the generation with a list of its members. Ranks follow
//! the list: first who has most finished segments on its disk. A worker that comes later leaves word, and waits for the next
//! generation. A watcher in each member shows that it is alive, and stops the group once the generation is over or the store
//! is gone.
//!
//! ```text
//! <job>/generation      number of the generation that is open or at work
//! <job>/finished        set when the job is done
//! <job>/<g>/wanted      how many workers generation g waits for, where not the usual number
//! <job>/<g>/tickets     tickets taken
//! <job>/<g>/member/<t>  who took ticket t
//! <job>/<g>/alive       counts on while anybody of the generation lives
//! <job>/<g>/closed      the members, by rank, and the group's session
//! <job>/<g>/waiting     workers that came too late
//! ```

use crate::bridge::{BridgeError, StopSwitch, Store};
use protocol::digest::{Digest, content_address};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(25);
/// How often a member shows that it is alive, and looks whether the generation is over.
const HEARTBEAT: Duration = Duration::from_millis(300);
/// A generation of which nothing was seen for so long is dead.
const DEAD_AFTER: Duration = Duration::from_secs(8);
/// How long a worker may take from its ticket to its name.
const NAMING: Duration = Duration::from_secs(2);

/// Where and how long workers wait for each other.
#[derive(Debug, Clone)]
pub struct Rendezvous {
    /// Host of the store.
    pub host: String,
    /// Port of the store.
    pub port: u16,
    /// The job: only its workers meet.
    pub job: Digest,
    /// Workers that a generation waits for before it begins.
    pub wanted: u32,
    /// Workers that a generation has room for: the job's virtual ranks.
    pub at_most: u32,
    /// How long the first worker waits for the wanted ones; then it begins with those that are there.
    pub patience: Duration,
    /// How long to try to reach the store.
    pub timeout: Duration,
}

/// A worker as the others see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// A name that nobody else has; a worker that is started again has its predecessor's.
    pub name: String,
    /// Where it listens for the others (host:port).
    pub address: String,
    /// Its host and working folder (host:path): of those who share one, only one writes there.
    pub folder: String,
    /// Segments that its working folder holds.
    pub finished_segments: u32,
}

impl Member {
    /// Its host, as far as its folder tells.
    #[must_use]
    pub fn host(&self) -> &str {
        self.folder.split_once(':').map_or(self.folder.as_str(), |(host, _)| host)
    }
}

/// Why a worker did not find the others.
#[derive(Debug, thiserror::Error)]
pub enum RendezvousError {
    /// The store cannot be reached.
    #[error(
        "no answer from the rendezvous at {host}:{port} ({reason}): is `aixblock-trainer rendezvous` running there?"
    )]
    Unreachable {
        /// Host of the store.
        host: String,
        /// Its port.
        port: u16,
        /// What libtorch says.
        reason: String,
    },
    /// The store was there and stopped answering.
    #[error("the rendezvous is lost ({reason})")]
    Lost {
        /// What libtorch says.
        reason: String,
    },
    /// Another program writes to the store.
    #[error("the rendezvous holds something else than workers wrote: give this job a store of its own")]
    Foreign,
    /// The system has no randomness.
    #[error("no random numbers: {0}")]
    Random(String),
}

/// How joining ended.
#[derive(Debug)]
pub enum Joined {
    /// The worker is a member.
    Member(Membership),
    /// The job is done: there is nothing to join.
    Finished,
}

#[derive(Debug, Serialize, Deserialize)]
struct Closed {
    session: Digest,
    /// Ticket and member, by rank.
    members: Vec<(i64, Member)>,
}

/// A worker's place in a generation; dropping it ends the watcher.
#[derive(Debug)]
pub struct Membership {
    /// Number of the generation.
    pub generation: i64,
    /// This worker's rank.
    pub rank: u32,
    /// All members, by rank.
    pub members: Vec<Member>,
    /// Known to the members alone.
    pub session: Digest,
    /// Thrown when the generation is over.
    pub stop: Arc<StopSwitch>,
    /// Set by the watcher once workers wait for the generation to end.
    someone_waits: Arc<AtomicBool>,
    _watcher: Watcher,
}

impl Membership {
    /// Whether workers wait for this generation to end, as of the last heartbeat: asking the store takes a tenth of a second.
    #[must_use]
    pub fn someone_waits(&self) -> bool {
        self.someone_waits.load(Ordering::Relaxed)
    }
}

/// The thread that watches a generation; it ends when this is dropped.
#[derive(Debug)]
struct Watcher {
    ended: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.ended = None;
        if let Some(thread) = self.thread.take() {
            // a process must not end while the thread still talks to libtorch
            let _ = thread.join();
        }
    }
}

impl Rendezvous {
    /// Joins the next generation that has room; returns once it begins.
    pub fn join(&self, member: &Member) -> Result<Joined, RendezvousError> {
        let store = self.connect()?;
        loop {
            if self.read(&store, "finished")?.is_some() {
                return Ok(Joined::Finished);
            }
            let generation = self.count(&store, "generation", 0)?;
            if let Some(membership) = self.join_generation(&store, generation, member)? {
                return Ok(Joined::Member(membership));
            }
        }
    }

    /// Ends generation `generation`, so that its members and those who wait meet anew.
    pub fn end(&self, generation: i64) -> Result<(), RendezvousError> {
        self.end_over(&self.connect()?, generation)
    }

    /// Ends generation `generation` of `members`, if workers wait who have room, and tells the next one to wait for all of them;
    /// whether it did.
    pub fn make_room(&self, generation: i64, members: u32) -> Result<bool, RendezvousError> {
        let store = self.connect()?;
        let waiting = self.waiting_at(&store, generation)?;
        if waiting == 0 || members >= self.at_most {
            return Ok(false);
        }
        let wanted = (members + waiting).min(self.at_most);
        self.write(&store, &format!("{}/wanted", generation + 1), wanted.to_string().as_bytes())?;
        self.end_over(&store, generation)?;
        Ok(true)
    }

    /// Writes down that the job is done.
    pub fn finish(&self) -> Result<(), RendezvousError> {
        self.write(&self.connect()?, "finished", b"1")
    }

    fn waiting_at(&self, store: &Store, generation: i64) -> Result<u32, RendezvousError> {
        Ok(u32::try_from(self.count(store, &format!("{generation}/waiting"), 0)?).unwrap_or(0))
    }

    fn join_generation(
        &self,
        store: &Store,
        generation: i64,
        member: &Member,
    ) -> Result<Option<Membership>, RendezvousError> {
        let key = |name: &str| format!("{generation}/{name}");
        let mut ticket = None;
        if self.read(store, &key("closed"))?.is_none() {
            let taken = self.count(store, &key("tickets"), 1)? - 1;
            let named = serde_json::to_vec(member).map_err(|_| RendezvousError::Foreign)?;
            self.write(store, &key(&format!("member/{taken}")), &named)?;
            if taken == 0 {
                self.close_when_full(store, generation)?;
            } else if self.named(store, generation, 0)?.is_some_and(|first| first.name == member.name) {
                // the first one was this worker's predecessor, and cannot close anything any more
                self.end_over(store, generation)?;
                return Ok(None);
            }
            ticket = Some(taken);
        }
        let mut pulse = Pulse::new();
        let closed = loop {
            if let Some(closed) = self.read(store, &key("closed"))? {
                break serde_json::from_slice::<Closed>(&closed).map_err(|_| RendezvousError::Foreign)?;
            }
            if self.is_over(store, generation, &mut pulse)? {
                return Ok(None);
            }
            std::thread::sleep(POLL);
        };
        if let Some(rank) = closed.members.iter().position(|(of, _)| Some(*of) == ticket) {
            let members = closed.members.into_iter().map(|(_, member)| member).collect();
            return self.begin(generation, rank as u32, members, closed.session).map(Some);
        }
        if closed.members.iter().any(|(_, other)| other.name == member.name) {
            // the others may not know yet that this worker's predecessor is gone
            self.end_over(store, generation)?;
            return Ok(None);
        }
        self.count(store, &key("waiting"), 1)?;
        tracing::info!("waiting for generation {generation} to make room");
        while !self.is_over(store, generation, &mut pulse)? {
            if self.read(store, "finished")?.is_some() {
                break;
            }
            std::thread::sleep(POLL);
        }
        Ok(None)
    }

    /// Waits for the wanted workers as long as patience lasts, and closes the generation with those that are there.
    fn close_when_full(&self, store: &Store, generation: i64) -> Result<(), RendezvousError> {
        let key = |name: &str| format!("{generation}/{name}");
        let wanted = match self.read(store, &key("wanted"))? {
            Some(text) => String::from_utf8_lossy(&text).parse().map_err(|_| RendezvousError::Foreign)?,
            None => i64::from(self.wanted),
        };
        let since = Instant::now();
        let tickets = loop {
            self.count(store, &key("alive"), 1)?;
            let tickets = self.count(store, &key("tickets"), 0)?;
            if tickets >= wanted || since.elapsed() >= self.patience {
                break tickets;
            }
            std::thread::sleep(POLL);
        };
        let mut members: Vec<(i64, Member)> = Vec::new();
        let naming = Instant::now() + NAMING;
        for ticket in 0..tickets {
            let named = loop {
                match self.named(store, generation, ticket)? {
                    Some(named) => break Some(named),
                    // it died in between
                    None if Instant::now() >= naming => break None,
                    None => std::thread::sleep(POLL),
                }
            };
            if let Some(named) = named {
                members.retain(|(_, before)| before.name != named.name);
                members.push((ticket, named));
            }
        }
        members.sort_by_key(|(_, member)| std::cmp::Reverse(member.finished_segments));
        members.truncate(self.at_most.max(1) as usize);
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| RendezvousError::Random(error.to_string()))?;
        let closed = Closed { session: content_address(&random), members };
        let closed = serde_json::to_vec(&closed).map_err(|_| RendezvousError::Foreign)?;
        self.write(store, &key("closed"), &closed)
    }

    /// Who took a ticket, once it has said so.
    fn named(&self, store: &Store, generation: i64, ticket: i64) -> Result<Option<Member>, RendezvousError> {
        match self.read(store, &format!("{generation}/member/{ticket}"))? {
            Some(named) => serde_json::from_slice(&named).map(Some).map_err(|_| RendezvousError::Foreign),
            None => Ok(None),
        }
    }

    /// Whether a generation is over, or dead: then it is ended.
    fn is_over(&self, store: &Store, generation: i64, pulse: &mut Pulse) -> Result<bool, RendezvousError> {
        if self.count(store, "generation", 0)? != generation {
            return Ok(true);
        }
        if pulse.lives(self.count(store, &format!("{generation}/alive"), 0)?) {
            return Ok(false);
        }
        self.end_over(store, generation)?;
        Ok(true)
    }

    fn begin(
        &self,
        generation: i64,
        rank: u32,
        members: Vec<Member>,
        session: Digest,
    ) -> Result<Membership, RendezvousError> {
        let stop = Arc::new(StopSwitch::new().map_err(|error| lost(&error))?);
        let (ended, watch) = channel();
        let (rendezvous, thrown) = (self.clone(), Arc::clone(&stop));
        let someone_waits = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&someone_waits);
        let thread = std::thread::spawn(move || {
            let watched = rendezvous.connect().and_then(|store| {
                while watch.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                    rendezvous.count(&store, &format!("{generation}/alive"), 1)?;
                    seen.store(rendezvous.waiting_at(&store, generation)? > 0, Ordering::Relaxed);
                    if rendezvous.count(&store, "generation", 0)? != generation {
                        thrown.stop(&format!("generation {generation} is over: a worker was lost, or one more came"));
                        break;
                    }
                }
                Ok(())
            });
            if let Err(error) = watched {
                thrown.stop(&error.to_string());
            }
        });
        let watcher = Watcher { ended: Some(ended), thread: Some(thread) };
        Ok(Membership { generation, rank, members, session, stop, someone_waits, _watcher: watcher })
    }

    fn end_over(&self, store: &Store, generation: i64) -> Result<(), RendezvousError> {
        let (now, next) = (generation.to_string(), (generation + 1).to_string());
        store.compare_set(&self.key("generation"), &now, &next).map_err(|error| lost(&error))
    }

    /// A connection to the store of this job.
    pub fn connect(&self) -> Result<Store, RendezvousError> {
        Store::connect(&self.host, self.port, self.timeout).map_err(|error| RendezvousError::Unreachable {
            host: self.host.clone(),
            port: self.port,
            reason: error.summary().to_owned(),
        })
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.job)
    }

    fn read(&self, store: &Store, name: &str) -> Result<Option<Vec<u8>>, RendezvousError> {
        store.get(&self.key(name)).map_err(|error| lost(&error))
    }

    fn write(&self, store: &Store, name: &str, value: &[u8]) -> Result<(), RendezvousError> {
        store.set(&self.key(name), value).map_err(|error| lost(&error))
    }

    fn count(&self, store: &Store, name: &str, amount: i64) -> Result<i64, RendezvousError> {
        store.add(&self.key(name), amount).map_err(|error| lost(&error))
    }
}

fn lost(error: &BridgeError) -> RendezvousError {
    RendezvousError::Lost { reason: error.summary().to_owned() }
}

/// Whether a counter still counts.
struct Pulse {
    seen: Option<i64>,
    since: Instant,
}

impl Pulse {
    fn new() -> Self {
        Self { seen: None, since: Instant::now() }
    }

    fn lives(&mut self, count: i64) -> bool {
        if self.seen != Some(count) {
            *self = Self { seen: Some(count), since: Instant::now() };
        }
        self.since.elapsed() < DEAD_AFTER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_of_the_host_that_its_folder_is_on() {
        let host_of = |folder: &str| {
            let folder = folder.to_owned();
            Member { name: String::new(), address: String::new(), folder, finished_segments: 0 }.host().to_owned()
        };
        assert_eq!(host_of("one:/runs/a:b"), "one");
        assert_eq!(host_of("elsewhere"), "elsewhere");
    }
}
