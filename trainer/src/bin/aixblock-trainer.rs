//! Launches training runs, replays them, tests this host, imports datasets. Standard output carries one line of JSON, the
//! result; everything for people goes to standard error.

use anyhow::{Context, bail};
use artefacts::Store;
use clap::{Args, Parser, Subcommand};
use indicatif::{HumanBytes, ProgressBar};
use protocol::digest::Digest;
use protocol::manifest::{Manifest, NumericProfile};
use protocol::report::DatasetReport;
use serde::Serialize;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use trainer::dataset::import::{self, ImportArguments};
use trainer::dishonest::Dishonesty;
use trainer::job::Job;
use trainer::launch::progress::Progress;
use trainer::launch::{LaunchOptions, launch};
use trainer::profile;
use trainer::replay::{ReplayOptions, Segments, replay};
use trainer::self_test::{self, self_test, self_test_of_all};

/// Trains jobs and replays them bit for bit.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a job with all ranks on this host.
    Launch(LaunchArguments),
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
    /// The content store: a folder, s3://BUCKET/PREFIX, the URL of one that can only be read, or several with commas between
    /// them, of which the first is written to.
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
    /// Worker processes; divides the manifest's virtual ranks.
    #[arg(long, default_value_t = 1)]
    workers: u32,
    #[command(flatten)]
    store: StoreArguments,
    /// Folder of the run's progress: a later launch with the same folder goes on where this one stopped.
    #[arg(long)]
    work_dir: PathBuf,
    /// Port at which the ranks meet; a free one where none is given.
    #[arg(long)]
    master_port: Option<u16>,
    /// How often the ranks are started again after one died.
    #[arg(long, default_value_t = 3)]
    max_restarts: u32,
    /// Threads of each worker; they never change the result.
    #[arg(long, default_value_t = profile::ONE_THREAD)]
    threads: NonZeroU16,
    /// Cheat, so that an audit can be tested.
    #[arg(long)]
    dishonest: Option<Dishonesty>,
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
    #[command(flatten)]
    what: ImportArguments,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
struct ManifestArguments {
    /// File of the manifest, .toml or .json.
    #[arg(long)]
    manifest: PathBuf,
    /// A content store that is to hold the manifest: a folder, or s3://BUCKET/PREFIX.
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

fn launch_job(arguments: LaunchArguments) -> anyhow::Result<protocol::report::TrainReport> {
    let manifest = read_manifest(&arguments.manifest)?;
    let mut progress = Progress::new(&manifest);
    let worker_program =
        std::env::current_exe().context("cannot find this program's folder")?.with_file_name("aixblock-worker");
    let options = LaunchOptions {
        manifest,
        expect_hash: arguments.expect_hash,
        workers: arguments.workers,
        threads: arguments.threads,
        store: arguments.store.store,
        min_free_bytes: arguments.store.min_free_bytes,
        work_dir: arguments.work_dir,
        master_port: arguments.master_port,
        max_restarts: arguments.max_restarts,
        worker_program,
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
    let bar = ProgressBar::new_spinner();
    let mut tell = |import::Progress { items, bytes }| {
        bar.set_message(format!("{items} items, {} of chunks", HumanBytes(bytes)));
        bar.tick();
    };
    Ok(import::import(&arguments.what, &arguments.store.open()?, &mut tell)?)
}
