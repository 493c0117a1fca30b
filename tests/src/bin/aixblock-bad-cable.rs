//! A bad cable between two network namespaces of this machine: packets come late, out of order, or not at all.
//!
//! It holds a TUN device in each namespace, so it needs no kernel module for bad networks (`tc netem`).

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("error: network namespaces are Linux's");
    std::process::exit(1);
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use clap::Parser;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;
    use std::fs::{File, OpenOptions};
    use std::io::{self, BufRead, Read, Write};
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
    use std::thread;
    use std::time::{Duration, Instant};

    /// The device's name at both ends.
    const DEVICE: &str = "cable0";
    /// The longest packet that IP has.
    const PACKET_BYTES: usize = 65_535;
    /// How long an end that is down is left alone.
    const DOWN: Duration = Duration::from_millis(10);
    /// What waits when nothing is under way wakes up as often, for nothing.
    const IDLE: Duration = Duration::from_secs(3600);

    /// Joins two network namespaces by a device `cable0` in each. Says "ready" when both are there; the word "cut" on its
    /// standard input cuts the cable for good, the end of the input ends it.
    #[derive(Debug, Parser)]
    struct Arguments {
        /// File of the namespace at one end, /run/netns/NAME.
        #[arg(long)]
        left: PathBuf,
        /// File of the namespace at the other end.
        #[arg(long)]
        right: PathBuf,
        #[command(flatten)]
        quality: Quality,
        /// Seed of what is lost and how late the rest comes.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    }

    #[derive(Debug, Clone, Copy, clap::Args)]
    struct Quality {
        /// How long a packet takes, in milliseconds.
        #[arg(long, default_value_t = 10.0)]
        delay_ms: f64,
        /// How much more or less than that it may take, in milliseconds; packets may overtake each other.
        #[arg(long, default_value_t = 2.0)]
        jitter_ms: f64,
        /// Packets in a hundred that are lost.
        #[arg(long, default_value_t = 1.0)]
        loss_percent: f64,
    }

    /// A packet under way: when it arrives, its number, and its bytes.
    type Packet = (Instant, u64, Vec<u8>);

    #[derive(Debug, Default)]
    struct Counters {
        sent: AtomicU64,
        lost: AtomicU64,
        cut: AtomicBool,
    }

    pub(super) fn main() -> ExitCode {
        let arguments = Arguments::parse();
        match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}: this takes root of both namespaces, and /dev/net/tun");
                ExitCode::FAILURE
            }
        }
    }

    fn run(Arguments { left, right, quality, seed }: &Arguments) -> io::Result<()> {
        let (left, right) = (end_in(left)?, end_in(right)?);
        let counters = Arc::new(Counters::default());
        let directions = [(left.try_clone()?, right.try_clone()?, *seed), (right, left, seed.wrapping_add(1))];
        for (from, to, seed) in directions {
            let (under_way, arriving) = channel();
            let (quality, of_reader, of_writer) = (*quality, Arc::clone(&counters), Arc::clone(&counters));
            thread::spawn(move || take(from, quality, seed, &of_reader, &under_way));
            thread::spawn(move || deliver(to, &of_writer, &arriving));
        }
        println!("ready");
        for line in io::stdin().lock().lines() {
            if line?.trim() == "cut" {
                counters.cut.store(true, Ordering::Relaxed);
            }
        }
        let [sent, lost] = [&counters.sent, &counters.lost].map(|counter| counter.load(Ordering::Relaxed));
        println!("{sent} packets, {lost} of them lost");
        Ok(())
    }

    /// A TUN device in the namespace of this file.
    fn end_in(namespace: &Path) -> io::Result<File> {
        let told = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", namespace.display()));
        let file = File::open(namespace).map_err(told)?;
        // a thread of its own, because it changes to the namespace
        let made = thread::spawn(move || {
            // SAFETY: the descriptor is open, and of nothing but this thread's network
            if unsafe { libc::setns(file.as_raw_fd(), libc::CLONE_NEWNET) } != 0 {
                return Err(io::Error::last_os_error());
            }
            let device = OpenOptions::new().read(true).write(true).open("/dev/net/tun")?;
            // SAFETY: zeros are a request without a name and with no flags
            let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
            request.ifr_name.iter_mut().zip(DEVICE.bytes()).for_each(|(to, byte)| *to = byte as libc::c_char);
            request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
            // SAFETY: the request lives until the call returns
            if unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &raw mut request) } != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(device)
        });
        made.join().unwrap_or_else(|_| Err(io::Error::other("the thread that makes a device panicked"))).map_err(told)
    }

    /// Takes packets, loses some, and sends the rest on its way.
    fn take(mut from: File, quality: Quality, seed: u64, counters: &Counters, under_way: &Sender<Packet>) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut packet = vec![0; PACKET_BYTES];
        for number in 0.. {
            let Ok(bytes) = from.read(&mut packet) else {
                thread::sleep(DOWN);
                continue;
            };
            counters.sent.fetch_add(1, Ordering::Relaxed);
            if counters.cut.load(Ordering::Relaxed) || random.f64() * 100.0 < quality.loss_percent {
                counters.lost.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            let late = quality.delay_ms + quality.jitter_ms * (2.0 * random.f64() - 1.0);
            let arrives = Instant::now() + Duration::from_secs_f64(late.max(0.0) / 1e3);
            if under_way.send((arrives, number, packet[..bytes].to_vec())).is_err() {
                return;
            }
        }
    }

    /// Delivers packets when their time has come.
    fn deliver(mut to: File, counters: &Counters, arriving: &Receiver<Packet>) {
        let mut waiting: BinaryHeap<Reverse<Packet>> = BinaryHeap::new();
        loop {
            let next = waiting.peek().map(|Reverse((arrives, ..))| arrives.saturating_duration_since(Instant::now()));
            match arriving.recv_timeout(next.unwrap_or(IDLE)) {
                Ok(packet) => waiting.push(Reverse(packet)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(Reverse((_, _, packet))) = waiting.peek().filter(|first| first.0.0 <= Instant::now()) {
                if counters.cut.load(Ordering::Relaxed) || to.write_all(packet).is_err() {
                    counters.lost.fetch_add(1, Ordering::Relaxed);
                }
                waiting.pop();
            }
        }
    }
}
