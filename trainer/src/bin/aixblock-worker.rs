//! One rank of a training run, set up by the usual variables MASTER_ADDR, MASTER_PORT, RANK and WORLD_SIZE. Rank 0 tells its
//! progress on standard output, one JSON line for each event.

use clap::Parser;
use protocol::digest::Digest;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;
use trainer::bridge::Rendezvous;
use trainer::worker::{DEFAULT_TIMEOUT, EXIT_PERMANENT, WorkerEvent, WorkerOptions, run};

/// Trains one rank of a job whose manifest and dataset are in the content store.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Host of rank 0.
    #[arg(long, env = "MASTER_ADDR", default_value = "127.0.0.1")]
    master_addr: String,
    /// Port of rank 0.
    #[arg(long, env = "MASTER_PORT")]
    master_port: u16,
    /// This rank, from 0.
    #[arg(long, env = "RANK")]
    rank: u32,
    /// Number of ranks; divides the manifest's virtual ranks.
    #[arg(long, env = "WORLD_SIZE")]
    world_size: u32,
    /// Address of this host that the other ranks connect to.
    #[arg(long, env = "BIND_ADDRESS", default_value = "127.0.0.1")]
    bind_address: String,
    /// Hash of the manifest, which is in the store.
    #[arg(long)]
    manifest_hash: Digest,
    /// Folder of the content store.
    #[arg(long)]
    store: PathBuf,
    /// Folder of the run's progress; only rank 0 uses it.
    #[arg(long)]
    work_dir: PathBuf,
    /// Bytes of the store's disk to keep free.
    #[arg(long, default_value_t = artefacts::DEFAULT_MIN_FREE_BYTES)]
    min_free_bytes: u64,
    /// Seconds that this rank waits for another before it gives up.
    #[arg(long, default_value_t = DEFAULT_TIMEOUT.as_secs())]
    timeout_seconds: u64,
    /// Stop when standard input ends: a launcher that dies takes its workers along.
    #[arg(long)]
    stop_with_stdin: bool,
}

fn main() {
    trainer::logging::start();
    let arguments = Arguments::parse();
    if arguments.stop_with_stdin {
        std::thread::spawn(|| {
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(1);
        });
    }
    let options = WorkerOptions {
        rendezvous: Rendezvous {
            master_address: arguments.master_addr,
            master_port: arguments.master_port,
            rank: arguments.rank,
            world_size: arguments.world_size,
            bind_address: arguments.bind_address,
            timeout: Duration::from_secs(arguments.timeout_seconds),
        },
        manifest_hash: arguments.manifest_hash,
        store: arguments.store,
        min_free_bytes: arguments.min_free_bytes,
        work_dir: arguments.work_dir,
    };
    let mut tell = |event: &WorkerEvent| {
        if let Ok(line) = serde_json::to_string(event) {
            // who does not listen misses the progress, not the result: that is in the store
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
    };
    if let Err(error) = run(&options, &mut tell) {
        eprintln!("{error}");
        // destructors of a broken group could wait for peers that are gone
        std::process::exit(if error.is_permanent() { EXIT_PERMANENT } else { 1 });
    }
}
