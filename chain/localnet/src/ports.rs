use crate::{LocalnetConfig, LocalnetError};
use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

fn at(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Ports under it belong to well-known services.
const FIRST_PORT: u16 = 10_000;
/// Candidates that are tried before the system is asked for any port.
const CANDIDATES: u32 = 64;

/// A port of 127.0.0.1 that nobody uses now.
///
/// It is chosen outside the range from which the system serves outgoing connections: of those, any that is opened before the
/// caller listens could take the port, also the caller's own.
pub fn free_port() -> io::Result<u16> {
    let ports = FIRST_PORT..first_ephemeral_port();
    let random = |count: u16| RandomState::new().build_hasher().finish() % u64::from(count);
    if let Some(count) = ports.end.checked_sub(ports.start).filter(|count| *count > 0) {
        for _ in 0..CANDIDATES {
            let port = ports.start + u16::try_from(random(count)).unwrap_or_default();
            if TcpListener::bind(at(port)).is_ok() {
                return Ok(port);
            }
        }
    }
    Ok(TcpListener::bind(at(0))?.local_addr()?.port())
}

/// Where the range of outgoing connections begins (`net.ipv4.ip_local_port_range`); Linux's default where it is not told.
fn first_ephemeral_port() -> u16 {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
    range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(32_768)
}

/// `config` with free ports in the place of zeros.
pub(crate) fn chosen(config: &LocalnetConfig) -> Result<LocalnetConfig, LocalnetError> {
    let choose = |port: u16, other: u16, option: &'static str| match port {
        0 => loop {
            match free_port() {
                Ok(port) if port == other => {}
                Ok(port) => return Ok(port),
                Err(source) => return Err(LocalnetError::Port { port, option, source }),
            }
        },
        port => Ok(port),
    };
    let rpc_port = choose(config.rpc_port, config.ws_port, "--rpc-port")?;
    let ws_port = choose(config.ws_port, rpc_port, "--ws-port")?;
    Ok(LocalnetConfig { rpc_port, ws_port, ..config.clone() })
}

/// Whether the chain did not start because another process took a port, and `config` leaves the choice to us.
pub(crate) fn is_lost(error: &LocalnetError, config: &LocalnetConfig) -> bool {
    let taken = match error {
        LocalnetError::PortInUse { .. } => true,
        // the library's words for the system's error
        LocalnetError::Start(reason) => reason.contains("Address already in use"),
        _ => false,
    };
    taken && (config.rpc_port == 0 || config.ws_port == 0)
}

pub(crate) fn check(port: u16, option: &'static str) -> Result<(), LocalnetError> {
    // a listener that is there answers; a bind alone succeeds beside one on another address
    if TcpStream::connect_timeout(&at(port), Duration::from_millis(200)).is_ok() {
        return Err(LocalnetError::PortInUse { port, option });
    }
    match TcpListener::bind(at(port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(LocalnetError::PortInUse { port, option }),
        Err(source) => Err(LocalnetError::Port { port, option, source }),
    }
}

/// Waits until nobody listens on `port`, at most `limit`.
pub(crate) fn wait_until_free(port: u16, limit: Duration) -> bool {
    let started = Instant::now();
    while TcpListener::bind(at(port)).is_err() {
        if started.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_is_one_that_no_outgoing_connection_takes() {
        let outside = FIRST_PORT..first_ephemeral_port();
        for _ in 0..100 {
            let port = free_port().unwrap();
            // a system can give all ports to outgoing connections
            assert!(outside.is_empty() || outside.contains(&port), "{port}");
        }
    }

    #[test]
    fn a_port_that_was_lost_is_chosen_again_only_where_the_choice_was_ours() {
        let config = |rpc_port| LocalnetConfig { rpc_port, ws_port: 8_900, ..LocalnetConfig::default() };
        let lost =
            LocalnetError::Start("Failed to start: Io(Os { code: 98, message: \"Address already in use\" })".into());
        assert!(is_lost(&lost, &config(0)));
        assert!(!is_lost(&lost, &config(8_899)));
        assert!(!is_lost(&LocalnetError::Start("no answer within 30 s".into()), &config(0)));
    }
}
