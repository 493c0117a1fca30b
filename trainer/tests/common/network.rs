//! A bad network: a proxy for TCP connections that delays, cuts or stalls them.

use protocol::philox::{Purpose, Stream};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is wrong with the network.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// Bytes come in pieces of any size, with pauses of up to some milliseconds.
    Jerky { seed: u64 },
    /// The connection breaks after so many bytes, both directions together.
    CutAfter { bytes: u64 },
    /// Nothing comes through any more after so many bytes, but nobody is told.
    StallAfter { bytes: u64 },
}

/// A proxy on a port of its own.
pub struct Proxy {
    port: u16,
}

impl Proxy {
    /// Passes connections on to `port` of this host.
    pub fn to(port: u16, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for (number, near) in (0..).zip(listener.incoming().map_while(Result::ok)) {
                let Ok(far) = TcpStream::connect(("127.0.0.1", port)) else { break };
                let passed = Arc::new(AtomicU64::new(0));
                for (from, to, direction) in [(&near, &far, 0), (&far, &near, 1)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let passed = Arc::clone(&passed);
                    std::thread::spawn(move || pass_on(from, to, fault, &passed, number * 2 + direction));
                }
            }
        });
        Self { port: own }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, fault: Fault, passed: &AtomicU64, lane: u32) {
    let mut random = match fault {
        Fault::Jerky { seed } => Some(Stream::new(seed, Purpose::Synthetic, lane)),
        _ => None,
    };
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let most = random.as_mut().map_or(buffer.len(), |random| 1 + random.below(64 * 1024 - 1) as usize);
        let Ok(count @ 1..) = from.read(&mut buffer[..most]) else { break };
        let total = passed.fetch_add(count as u64, Ordering::Relaxed) + count as u64;
        match fault {
            Fault::Jerky { .. } => {
                let pause = random.as_mut().map_or(0, |random| random.below(3));
                std::thread::sleep(Duration::from_millis(pause.into()));
            }
            Fault::CutAfter { bytes } if total > bytes => break,
            Fault::StallAfter { bytes } if total > bytes => {
                // holds both ends open, and swallows what still comes
                while from.read(&mut buffer).is_ok_and(|count| count > 0) {}
                std::thread::park();
            }
            _ => {}
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
