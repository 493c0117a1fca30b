//! Launches training runs, replays them, tests this host, imports datasets. Standard output carries one line of JSON, the
//! result; everything for people goes to standard error.

use anyhow::{Context, bail};
use artefacts::Store;
use clap::{Args, Parser, Subcommand};
use indicatif::{HumanBytes, ProgressBar};
use protocol::audit_votes::{AuditVotes, WrittenReport};
use protocol::commitment::FinalMetric;
use protocol::digest::{Digest, content_address};
use protocol::manifest::{Manifest, NumericProfile};
use protocol::report::{DatasetReport, ReplayReport};
use serde::Serialize;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use trainer::bridge::StoreServer;
use trainer::dataset::import::{self, ImportArguments};
use trainer::dishonest::{self, Dishonesty};
use trainer::export::{Part, evaluate_weights, export, manifest_of};
use trainer::job::Job;
use trainer::launch::measuring::Measuring;
use trainer::launch::progress::Progress;
use trainer::launch::{LaunchOptions, LaunchReport, Meeting, launch};
use trainer::profile;
use trainer::replay::{ReplayOptions, Segments, replay};
use trainer::report::{OrderAudit, read_audit};
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
    /// Write the weights of a finished job to a safetensors file.
    Export(ExportArguments),
    /// Write the report on a run anew, with what audits said about it.
    Report(ReportArguments),
    /// Count how often a job's model is right on the held-out samples with the weights of a safetensors file.
    Evaluate(EvaluateArguments),
    /// Put a file that a manifest names (a module, a tokenizer, weights) into the content store.
    Put(PutArguments),
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
    /// Cheat, so that an audit can be tested; in one process, whatever the workers, and without progress to go on from.
    #[arg(long)]
    dishonest: Option<Dishonesty>,
}

#[derive(Debug, Args)]
struct RendezvousArguments {
    /// Port on which workers find the store; 0 is any free one. It is printed as `{"port":N}`.
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
    /// Folder for the evidence of the first fault: evidence.json, and blobs/, a content store of what it names.
    #[arg(long)]
    evidence: Option<PathBuf>,
    /// Leave out the segments after the first that differs: it is proof enough.
    #[arg(long)]
    stop_at_fault: bool,
    /// Print every step and segment as a line of JSON before the report.
    #[arg(long)]
    progress: bool,
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
struct ExportArguments {
    /// Content address of the job's log.
    #[arg(long)]
    log: Digest,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
    /// Which weights.
    #[arg(long, default_value = "weights")]
    part: Part,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
struct ReportArguments {
    /// Folder of the run's progress, in which a launch left what it measured.
    #[arg(long, required_unless_present = "votes")]
    work_dir: Option<PathBuf>,
    /// Report of an audit: a file, or a content address in --store. May be given several times.
    #[arg(long = "audit", conflicts_with = "votes")]
    audits: Vec<String>,
    /// Votes on an order as JSON, as `aixblock report` gives them: the page is about their audit. `-` reads standard input.
    #[arg(long, requires = "store")]
    votes: Option<PathBuf>,
    /// The content store with what audits and votes name by its address.
    #[arg(long)]
    store: Option<PathBuf>,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct EvaluateArguments {
    /// Hash of the job's manifest.
    #[arg(long)]
    manifest_hash: Digest,
    /// Safetensors file with every weight of the model.
    #[arg(long)]
    weights: PathBuf,
    #[command(flatten)]
    store: StoreArguments,
}

#[derive(Debug, Args)]
struct PutArguments {
    /// The file.
    #[arg(long)]
    file: PathBuf,
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
        Command::Launch(arguments) if arguments.dishonest.is_some() => {
            Some((read_manifest(&arguments.manifest).ok()?.numeric_profile, arguments.threads))
        }
        Command::Export(arguments) => {
            let store = arguments.store.open().ok()?;
            let manifest_hash = manifest_of(&store, &arguments.log).ok()?;
            Some((Job::numeric_profile(&store, &manifest_hash).ok()?, profile::ONE_THREAD))
        }
        Command::Evaluate(arguments) => {
            let store = arguments.store.open().ok()?;
            Some((Job::numeric_profile(&store, &arguments.manifest_hash).ok()?, profile::ONE_THREAD))
        }
        Command::SelfTest(arguments) => Some((arguments.profile?, arguments.threads)),
        Command::Operators(arguments) if !arguments.of_libtorch => {
            Some((NumericProfile::CanonicalAvx2V2, arguments.threads))
        }
        _ => None,
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Launch(arguments) => print(&launch_job(arguments)?),
        Command::Rendezvous(arguments) => hold_store(&arguments),
        Command::Replay(arguments) => {
            let ReplayArguments { log, manifest_hash, job_root, segments, evidence, stop_at_fault, .. } = arguments;
            let options = ReplayOptions { manifest_hash, log, job_root, segments, evidence, stop_at_fault };
            print(&replay(&arguments.store.open()?, &options, &mut |event| {
                if arguments.progress {
                    print_line(event);
                }
            }))
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
        Command::Export(arguments) => {
            let file = export(&arguments.store.open()?, &arguments.log, arguments.part)?;
            std::fs::write(&arguments.out, &file)
                .with_context(|| format!("cannot write {}", arguments.out.display()))?;
            print(&serde_json::json!({ "address": content_address(&file), "bytes": file.len() }))
        }
        Command::Report(arguments) => write_report(&arguments),
        Command::Evaluate(arguments) => {
            let file = read(&arguments.weights)?;
            let metric = evaluate_weights(&arguments.store.open()?, &arguments.manifest_hash, &file)?;
            let FinalMetric { correct, total } = metric;
            print(&serde_json::json!({ "correct": correct, "total": total, "accuracy_ppm": metric.accuracy_ppm() }))
        }
        Command::Put(arguments) => {
            let bytes =
                std::fs::read(&arguments.file).with_context(|| format!("cannot read {}", arguments.file.display()))?;
            let address = arguments.store.open()?.put(&bytes)?;
            print(&serde_json::json!({ "address": address, "bytes": bytes.len() }))
        }
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

/// Prints a line of progress. Nobody who listens to it is no reason to stop.
fn print_line(event: &impl Serialize) {
    if let Ok(line) = serde_json::to_string(event) {
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

fn print(report: &impl Serialize) -> anyhow::Result<ExitCode> {
    println!("{}", serde_json::to_string(report)?);
    Ok(ExitCode::SUCCESS)
}

fn print_operators(arguments: &OperatorsArguments) -> anyhow::Result<ExitCode> {
    if !arguments.of_libtorch {
        profile::enter(NumericProfile::CanonicalAvx2V2)?;
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
    println!("{}", serde_json::to_string(&Meeting { port: server.port() })?);
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
    if let Some(mode) = arguments.dishonest {
        return Ok(LaunchReport::Verifiable(dishonest::train(&arguments.store.open()?, &manifest, mode)?));
    }
    let mut progress = Progress::new(&manifest);
    let mut measuring = Measuring::new(arguments.work_dir.clone(), manifest.clone());
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
    };
    let report = launch(&options, &mut |event| {
        progress.show(event);
        measuring.event(event);
    })?;
    measuring.finish(&report);
    Ok(report)
}

fn write_report(arguments: &ReportArguments) -> anyhow::Result<ExitCode> {
    let store = arguments.store.as_ref().map(Store::open).transpose()?;
    if let (Some(votes), Some(store)) = (&arguments.votes, &store) {
        let audit = OrderAudit::read(read_votes(votes)?, store);
        trainer::report::write_order(arguments.work_dir.as_deref(), &audit, &arguments.out)?;
        let unusable = audit.ballots.iter().filter(|ballot| ballot.report.is_err()).count();
        let report = WrittenReport { report: arguments.out.clone(), votes: audit.ballots.len(), unusable };
        return print(&report);
    }
    let Some(work_dir) = &arguments.work_dir else { bail!("name the run's folder by --work-dir, or --votes") };
    let audits: Vec<ReplayReport> =
        arguments.audits.iter().map(|name| read_audit(name, store.as_ref())).collect::<Result<_, _>>()?;
    trainer::report::write(work_dir, &audits, &arguments.out)?;
    print(&serde_json::json!({ "report": arguments.out, "audits": audits.len() }))
}

fn read_votes(path: &Path) -> anyhow::Result<AuditVotes> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
        bytes
    } else {
        read(path)?
    };
    serde_json::from_slice(&bytes).with_context(|| format!("{} does not hold the votes on an order", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
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
