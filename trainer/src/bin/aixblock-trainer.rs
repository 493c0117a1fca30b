//! Launches training runs, replays them, tests this host, imports datasets. Standard output carries one line of JSON, the
//! result; everything for people goes to standard error.

use anyhow::{Context, bail};
use artefacts::Store;
use clap::{Args, Parser, Subcommand, ValueEnum};
use protocol::digest::Digest;
use protocol::manifest::{DatasetKind, Manifest, NumericProfile};
use protocol::report::DatasetReport;
use serde::Serialize;
use std::io::Read;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use trainer::bridge::StoreServer;
use trainer::dataset::{Dataset, import};
use trainer::dishonest::Dishonesty;
use trainer::job::Job;
use trainer::launch::progress::Progress;
use trainer::launch::{LaunchOptions, LaunchReport, launch};
use trainer::profile;
use trainer::replay::{ReplayOptions, Segments, replay};
use trainer::self_test::{self, self_test, self_test_of_all};
use trainer::tier::Tier;

/// Trains jobs and replays them bit for bit.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a job with all workers on this host.
    Launch(LaunchArguments),
    /// Hold the store where workers of several hosts meet, until killed.
    Rendezvous(RendezvousArguments),
    /// Replay segments of a job in one process and compare every record.
    Replay(ReplayArguments),
    /// Check that this host computes the bits that every verifying host must compute.
    SelfTest(SelfTestArguments),
    /// Print the hashes of all operators and test jobs on this host, one line each.
    Operators(OperatorsArguments),
    /// Import a dataset into the content store.
    Dataset(DatasetArguments),
    /// Print the hash of a manifest, and put the manifest into a store.
    Manifest(ManifestArguments),
}

#[derive(Debug, Args)]
struct StoreArguments {
    /// Folder of the content store.
    #[arg(long)]
    store: PathBuf,
    /// Bytes of the store's disk to keep free.
    #[arg(long, default_value_t = artefacts::DEFAULT_MIN_FREE_BYTES)]
    min_free_bytes: u64,
}

impl StoreArguments {
    fn open(&self) -> anyhow::Result<Store> {
        Ok(Store::open(&self.store)?.with_min_free_bytes(self.min_free_bytes))
    }
}

#[derive(Debug, Args)]
struct LaunchArguments {
    /// File of the manifest, .toml or .json.
    #[arg(long)]
    manifest: PathBuf,
    /// Hash that the order carries: another manifest is refused.
    #[arg(long)]
    expect_hash: Option<Digest>,
    /// Worker processes, at most as many as the manifest has virtual ranks.
    #[arg(long, default_value_t = 1)]
    workers: u32,
    /// How gradients are reduced; only what the canonical reducer computes can be verified.
    #[arg(long, value_enum, default_value_t)]
    reducer: Tier,
    #[command(flatten)]
    store: StoreArguments,
    /// Folder of the run's progress: a later launch with the same folder goes on where this one stopped.
    #[arg(long)]
    work_dir: PathBuf,
    /// Port at which the workers meet; a free one where none is given.
    #[arg(long)]
    master_port: Option<u16>,
    /// How often processes are started again after they died, all together.
    #[arg(long, default_value_t = 3)]
    max_restarts: u32,
    /// Seconds that a generation waits for workers that are starting.
    #[arg(long, default_value_t = 10)]
    patience_seconds: u64,
    /// Threads of each worker; they never change the result.
    #[arg(long, default_value_t = profile::ONE_THREAD)]
    threads: NonZeroU16,
    /// Cheat, so that an audit can be tested.
    #[arg(long)]
    dishonest: Option<Dishonesty>,
}

#[derive(Debug, Args)]
struct RendezvousArguments {
    /// Port on which workers find the store.
    #[arg(long, default_value_t = 29_500)]
    port: u16,
    /// Stop when standard input ends: a launcher that dies takes its store along.
    #[arg(long)]
    stop_with_stdin: bool,
}

#[derive(Debug, Args)]
struct SelfTestArguments {
    /// Test this numeric profile only, and not every one.
    #[arg(long, value_parser = profile_named)]
    profile: Option<NumericProfile>,
    /// Threads; they never change the result.
    #[arg(long, default_value_t = profile::ONE_THREAD)]
    threads: NonZeroU16,
}

#[derive(Debug, Args)]
struct OperatorsArguments {
    /// libtorch's own kernels, set up by the environment alone, instead of the canonical ones: shows what they depend on.
    #[arg(long)]
    of_libtorch: bool,
    /// Threads.
    #[arg(long, default_value_t = profile::ONE_THREAD)]
    threads: NonZeroU16,
}

fn profile_named(name: &str) -> Result<NumericProfile, String> {
    NumericProfile::ALL.into_iter().find(|profile| profile.name() == name).ok_or_else(|| {
        format!("no such numeric profile; there are {}", NumericProfile::ALL.map(NumericProfile::name).join(" and "))
    })
}

#[derive(Debug, Args)]
struct ReplayArguments {
    /// Content address of the job's log.
    #[arg(long)]
    log: Digest,
    /// Hash of the order's manifest.
    #[arg(long)]
    manifest_hash: Digest,
    /// Root that the trainer submitted: a log that hashes to another one is a mismatch.
    #[arg(long)]
    job_root: Option<Digest>,
    /// Segments to replay: numbers with commas between them, or `all`.
    #[arg(long, default_value = "all")]
    segments: Segments,
    /// Threads; they never change the result.
    #[arg(long, default_value_t = profile::ONE_THREAD)]
    threads: NonZeroU16,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
struct DatasetArguments {
    /// What the file is.
    #[arg(long)]
    kind: ImportKind,
    /// The file: digits.csv.gz of scikit-learn, or a text.
    #[arg(long)]
    input: PathBuf,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ImportKind {
    Digits,
    Text,
}

#[derive(Debug, Args)]
struct ManifestArguments {
    /// File of the manifest, .toml or .json.
    #[arg(long)]
    manifest: PathBuf,
    /// Folder of a content store that is to hold the manifest.
    #[arg(long)]
    store: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some((profile, threads)) = wanted_profile(&arguments.command)
        && let Err(error) = profile::reexec_if_needed(profile, threads)
    {
        eprintln!("error: cannot start anew in the canonical environment: {error}");
        return ExitCode::FAILURE;
    }
    trainer::logging::start();
    match run(arguments.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Profile and threads of a command that computes in this process.
fn wanted_profile(command: &Command) -> Option<(NumericProfile, NonZeroU16)> {
    match command {
        Command::Replay(arguments) => {
            // without a manifest the replay reports what is wrong with it
            let store = arguments.store.open().ok()?;
            Some((Job::numeric_profile(&store, &arguments.manifest_hash).ok()?, arguments.threads))
        }
        Command::SelfTest(arguments) => Some((arguments.profile?, arguments.threads)),
        Command::Operators(arguments) if !arguments.of_libtorch => {
            Some((NumericProfile::CanonicalAvx2V1, arguments.threads))
        }
        _ => None,
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Launch(arguments) => print(&launch_job(arguments)?),
        Command::Rendezvous(arguments) => hold_store(&arguments),
        Command::Replay(arguments) => {
            let ReplayArguments { log, manifest_hash, job_root, segments, store, threads: _ } = arguments;
            print(&replay(&store.open()?, &ReplayOptions { manifest_hash, log, job_root, segments }))
        }
        Command::SelfTest(arguments) => {
            let report = arguments.profile.map_or_else(self_test_of_all, self_test)?;
            print(&report)?;
            if !report.compatible {
                bail!(
                    "incompatible host: the self-test hashes to {}, a compatible host gets {}; it differs in: {}",
                    report.found,
                    report.expected,
                    report.differing.join(", ")
                );
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Operators(arguments) => print_operators(&arguments),
        Command::Dataset(arguments) => print(&import_dataset(&arguments)?),
        Command::Manifest(arguments) => {
            let manifest = read_manifest(&arguments.manifest)?;
            if let Some(store) = arguments.store {
                Store::open(store)?.put(&manifest.encode())?;
            }
            print(
                &serde_json::json!({ "manifest_hash": manifest.hash(), "segments": manifest.segments(), "manifest": manifest }),
            )
        }
    }
}

fn print(report: &impl Serialize) -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string(report)?);
    Ok(ExitCode::SUCCESS)
}

fn print_operators(arguments: &OperatorsArguments) -> anyhow::Result<ExitCode> {
    if !arguments.of_libtorch {
        profile::enter(NumericProfile::CanonicalAvx2V1)?;
        print!("{}", self_test::table()?);
        return Ok(ExitCode::SUCCESS);
    }
    tch::set_num_threads(u16::from(arguments.threads).into());
    for case in trainer::operators::hashes() {
        let (hash, name) = case?;
        println!("{hash} {name}");
    }
    Ok(ExitCode::SUCCESS)
}

fn hold_store(arguments: &RendezvousArguments) -> anyhow::Result<ExitCode> {
    let server = StoreServer::start(arguments.port)?;
    eprintln!("workers meet at port {}", server.port());
    if arguments.stop_with_stdin {
        std::io::stdin().read_to_end(&mut Vec::new())?;
        return Ok(ExitCode::SUCCESS);
    }
    loop {
        std::thread::park();
    }
}

fn launch_job(arguments: LaunchArguments) -> anyhow::Result<LaunchReport> {
    let manifest = read_manifest(&arguments.manifest)?;
    let mut progress = Progress::new(&manifest);
    let store_program = std::env::current_exe().context("cannot find this program's folder")?;
    let worker_program = store_program.with_file_name("aixblock-worker");
    let options = LaunchOptions {
        manifest,
        expect_hash: arguments.expect_hash,
        workers: arguments.workers,
        tier: arguments.reducer,
        threads: arguments.threads,
        store: arguments.store.store,
        min_free_bytes: arguments.store.min_free_bytes,
        work_dir: arguments.work_dir,
        master_port: arguments.master_port,
        max_restarts: arguments.max_restarts,
        patience: Duration::from_secs(arguments.patience_seconds),
        worker_program,
        store_program,
        dishonest: arguments.dishonest,
    };
    Ok(launch(&options, &mut |event| progress.show(event))?)
}

fn read_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    let parsed = if path.extension().is_some_and(|extension| extension == "json") {
        Manifest::from_json(&text)
    } else {
        Manifest::from_toml(&text)
    };
    parsed.with_context(|| format!("in {}", path.display()))
}

fn import_dataset(arguments: &DatasetArguments) -> anyhow::Result<DatasetReport> {
    let (dataset, kind) = match arguments.kind {
        ImportKind::Digits => (import::digits(&arguments.input)?, DatasetKind::Digits),
        ImportKind::Text => (import::text(&arguments.input)?, DatasetKind::Text),
    };
    let blob = dataset.encode();
    Dataset::decode(kind, &blob).context("the imported dataset does not read back")?;
    let (items, classes) = match &dataset {
        Dataset::Digits(digits) => (digits.labels.len() as u64, digits.classes),
        Dataset::Text(text) => (text.tokens.len() as u64, text.alphabet.len() as u32),
    };
    Ok(DatasetReport { root: arguments.store.open()?.put(&blob)?, items, classes, bytes: blob.len() as u64 })
}
