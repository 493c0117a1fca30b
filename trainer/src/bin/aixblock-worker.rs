//! One worker of a training run, set up by the usual variables MASTER_ADDR, MASTER_PORT and WORLD_SIZE; ranks are given by the
//! rendezvous. Rank 0 tells its progress on standard output, one JSON line for each event.

use clap::Parser;
use protocol::digest::Digest;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;
use trainer::bridge::{Patience, leave};
use trainer::tier::Tier;
use trainer::worker::{EXIT_PERMANENT, WorkerEvent, WorkerOptions, host_name, run};

/// Trains a job whose manifest and dataset are in the content store, together with other workers.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Host of the rendezvous.
    #[arg(long, env = "MASTER_ADDR", default_value = "127.0.0.1")]
    master_addr: String,
    /// Port of the rendezvous.
    #[arg(long, env = "MASTER_PORT")]
    master_port: u16,
    /// Workers that a generation waits for before it begins.
    #[arg(long, env = "WORLD_SIZE", default_value_t = 1)]
    world_size: u32,
    /// Seconds that it waits for them; then it begins with those that are there.
    #[arg(long, default_value_t = 10)]
    patience_seconds: u64,
    /// Address of this host that the other workers connect to.
    #[arg(long, env = "BIND_ADDRESS", default_value = "127.0.0.1")]
    bind_address: String,
    /// A name that no other worker of the run has; one that is started again keeps it. By default host and process.
    #[arg(long)]
    name: Option<String>,
    /// How gradients are reduced; the same for all workers.
    #[arg(long, value_enum, default_value_t)]
    reducer: Tier,
    /// Number of this worker on its host, from 0: with --reducer nccl it computes on the CUDA device of that number, modulo the
    /// devices that it sees.
    #[arg(long, env = "LOCAL_RANK", default_value_t = 0)]
    local_rank: u32,
    /// Hash of the manifest, which is in the store.
    #[arg(long)]
    manifest_hash: Digest,
    /// Folder of the content store.
    #[arg(long)]
    store: PathBuf,
    /// Folder of the run's progress; workers of one host may share it.
    #[arg(long)]
    work_dir: PathBuf,
    /// Bytes of the store's disk to keep free.
    #[arg(long, default_value_t = artefacts::DEFAULT_MIN_FREE_BYTES)]
    min_free_bytes: u64,
    /// Seconds that a collective may stand still while all workers are there: longer than any computes in one go.
    #[arg(long, default_value_t = Patience::default().progress.as_secs())]
    timeout_seconds: u64,
    /// Seconds without a sign of life after which a worker is lost.
    #[arg(long, default_value_t = Patience::default().silence.as_secs())]
    silence_seconds: u64,
    /// Seconds for which to try to reach the rendezvous.
    #[arg(long, default_value_t = 60)]
    store_timeout_seconds: u64,
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
            leave(1);
        });
    }
    let options = WorkerOptions {
        name: arguments.name.unwrap_or_else(default_name),
        master_address: arguments.master_addr,
        master_port: arguments.master_port,
        wanted: arguments.world_size,
        patience: Duration::from_secs(arguments.patience_seconds),
        store_timeout: Duration::from_secs(arguments.store_timeout_seconds),
        bind_address: arguments.bind_address,
        group_patience: Patience {
            progress: Duration::from_secs(arguments.timeout_seconds),
            silence: Duration::from_secs(arguments.silence_seconds),
            ..Patience::default()
        },
        tier: arguments.reducer,
        local_rank: arguments.local_rank,
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
        leave(if error.is_permanent() { EXIT_PERMANENT } else { 1 });
    }
}

fn default_name() -> String {
    format!("{}/{}", host_name(), std::process::id())
}
