use crate::LocalnetError;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

fn at(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A port of 127.0.0.1 that nobody uses now.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(at(0))?.local_addr()?.port())
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
