//! Ranks of a canonical group as threads of one process.

use protocol::digest::Digest;
use std::sync::Mutex;
use std::time::Duration;
use trainer::bridge::{BridgeError, CanonicalPlace, Listener, Patience, ProcessGroup, StopSwitch};

/// Long enough for a busy machine, short enough for a test that would hang.
pub const PATIENCE: Patience =
    Patience { join: Duration::from_secs(30), progress: Duration::from_secs(60), silence: Duration::from_secs(30) };

pub fn connect(
    rank: u32,
    addresses: &[String],
    listener: &Listener,
    patience: Patience,
    stop: &StopSwitch,
) -> Result<ProcessGroup, BridgeError> {
    ProcessGroup::canonical(&CanonicalPlace { rank, addresses, listener, session: Digest::ZERO, patience, stop })
}

/// What `body` returns on each of `world_size` ranks.
pub fn in_threads<T: Send>(world_size: u32, body: impl Fn(&ProcessGroup) -> T + Sync) -> Vec<T> {
    let listeners: Vec<Listener> = (0..world_size).map(|_| Listener::on("127.0.0.1").unwrap()).collect();
    let addresses: Vec<String> = listeners.iter().map(|listener| format!("127.0.0.1:{}", listener.port())).collect();
    run(listeners, &addresses, PATIENCE, body)
}

/// What `body` returns on each of two ranks; rank 1 finds rank 0, which listens at `listener`, at `address`.
pub fn pair<T: Send>(
    listener: Listener,
    address: String,
    patience: Patience,
    body: impl Fn(&ProcessGroup) -> T + Sync,
) -> Vec<T> {
    let addresses = [address, "127.0.0.1:1".to_owned()];
    run(vec![listener, Listener::on("127.0.0.1").unwrap()], &addresses, patience, body)
}

struct Sendable(Listener);
// SAFETY: a listener is a file descriptor and a number
unsafe impl Send for Sendable {}

fn run<T: Send>(
    listeners: Vec<Listener>,
    addresses: &[String],
    patience: Patience,
    body: impl Fn(&ProcessGroup) -> T + Sync,
) -> Vec<T> {
    let results: Mutex<Vec<(u32, T)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (rank, listener) in (0..).zip(listeners) {
            let listener = Sendable(listener);
            let (body, results) = (&body, &results);
            scope.spawn(move || {
                let listener = listener;
                let stop = StopSwitch::new().unwrap();
                let group = connect(rank, addresses, &listener.0, patience, &stop).unwrap();
                let result = body(&group);
                results.lock().unwrap().push((rank, result));
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(rank, _)| *rank);
    results.into_iter().map(|(_, result)| result).collect()
}
