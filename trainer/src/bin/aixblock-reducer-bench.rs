//! Measures the canonical reducer: all-reduce against gloo, training on one worker against two, and what commitments cost. The
//! sides take turns. Prints a table and writes `target/bench/reducer.json`; run it by `make bench-reducer`.

use anyhow::{Context, bail};
use artefacts::Store;
use clap::{Parser, ValueEnum};
use protocol::digest::Digest;
use protocol::manifest::{
    Acceptance, Dataset as DatasetRule, DatasetKind, Decay, FORMAT_VERSION, Holdout, Manifest, Model, NumericProfile,
    Optimizer, Schedule,
};
use protocol::philox::{Purpose, Stream};
use serde::Serialize;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use tch::Tensor;
use trainer::bridge::{
    BucketSizes, CanonicalPlace, Listener, Patience, ProcessGroup, StopSwitch, Store as KeyValues, StoreServer,
};
use trainer::dataset::import::text_from_bytes;
use trainer::files::Files;
use trainer::gradients::WorkerGroup;
use trainer::job::Job;
use trainer::profile::{self, TRAINER_VERSION};
use trainer::recorder::{Beside, NoRecord, Recorder, Share};
use trainer::state::TrainState;
use trainer::step::run_step;
use trainer::worker::agreement::agree;
use trainer::worker::history::History;

#[derive(Debug, Parser)]
struct Arguments {
    /// Timed runs of each side; they alternate.
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// Where the figures go.
    #[arg(long, default_value = "target/bench/reducer.json")]
    output: PathBuf,
    /// Measure all-reduces only.
    #[arg(long)]
    reductions_only: bool,
    /// Measure training only.
    #[arg(long, conflicts_with = "reductions_only")]
    training_only: bool,
    /// Samples, of 128 tokens each, of one virtual rank in a step: commitments cost the same whatever they are.
    #[arg(long, default_value_t = 16)]
    samples: u32,
    /// Internal: answer the commands on standard input as one rank.
    #[arg(long, hide = true)]
    rank: Option<u32>,
    #[arg(long, hide = true, default_value_t = 1)]
    world_size: u32,
    #[arg(long, hide = true, default_value_t = 0)]
    port: u16,
    #[arg(long, hide = true)]
    task: Option<Task>,
}

/// What the ranks of one group do.
#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Task {
    Reduce,
    Train,
}

/// The spread of a ratio is that of the ratios of neighbouring runs: lower quartile, median, upper quartile.
#[derive(Debug, Serialize)]
struct Figures {
    reductions: Vec<Reduction>,
    training: Option<Training>,
}

#[derive(Debug, Serialize)]
struct Reduction {
    ranks: u32,
    bytes: usize,
    canonical_ms: f64,
    gloo_ms: f64,
    /// Canonical over gloo: above 1 we are faster.
    bandwidth_ratio: f64,
    bandwidth_ratio_quartiles: [f64; 2],
}

#[derive(Debug, Serialize)]
struct Training {
    model: &'static str,
    parameters: usize,
    tokens_of_virtual_rank: u32,
    virtual_ranks: u32,
    segment_len: u32,
    one_worker_step_ms: f64,
    two_workers_step_ms: f64,
    /// Steps with commitments, two workers over one.
    speedup_of_two: f64,
    speedup_of_two_quartiles: [f64; 2],
    /// Share of a segment that hashing, agreement and checkpoint add.
    commit_overhead: Vec<Overhead>,
}

#[derive(Debug, Serialize)]
struct Overhead {
    workers: u32,
    overhead: f64,
    overhead_quartiles: [f64; 2],
}

const REDUCED_BYTES: usize = 25 << 20;
/// All-reduces of one run.
const REPEAT: usize = 8;
const SEGMENT_LEN: u32 = 10;
/// Pairs of segments, with commitments and without, of one worker and of two in each run: with as many workers as cores
/// neighbouring segments differ by more than commitments cost.
const PAIRS: [usize; 2] = [1, 3];
/// How long the ranks of a group may take to end.
const FAREWELL: Duration = Duration::from_secs(10);
const VIRTUAL_RANKS: u32 = 4;
const CONTEXT: u32 = 128;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let (Some(rank), Some(task)) = (arguments.rank, arguments.task) {
        let Arguments { world_size, port, samples, .. } = arguments;
        return Member { rank, world_size, port, samples }.serve(task);
    }
    let server = StoreServer::start(0)?;
    let reduced: &[u32] = if arguments.training_only { &[] } else { &[2, 4] };
    let reductions = reduced
        .iter()
        .map(|&ranks| compare_reductions(&server, ranks, arguments.runs))
        .collect::<anyhow::Result<_>>()?;
    let training = if arguments.reductions_only {
        None
    } else {
        Some(compare_training(&server, arguments.runs, arguments.samples)?)
    };
    if let Some(folder) = arguments.output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.output, serde_json::to_string_pretty(&Figures { reductions, training })?)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    Ok(())
}

/// Lower quartile, median and upper quartile.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

fn ratios(over: &[f64], under: &[f64]) -> [f64; 3] {
    quartiles(over.iter().zip(under).map(|(over, under)| over / under).collect())
}

fn median(values: &[f64]) -> f64 {
    quartiles(values.to_vec())[1]
}

fn compare_reductions(server: &StoreServer, ranks: u32, runs: usize) -> anyhow::Result<Reduction> {
    let mut team = Team::start(server, Task::Reduce, ranks, 1)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..=runs {
        let pair = (team.ask("canonical")?, team.ask("gloo")?);
        // the first run warms up
        if run > 0 {
            ours.push(pair.0);
            theirs.push(pair.1);
        }
    }
    let [low, ratio, high] = ratios(&theirs, &ours);
    let reduction = Reduction {
        ranks,
        bytes: REDUCED_BYTES,
        canonical_ms: median(&ours) * 1e3,
        gloo_ms: median(&theirs) * 1e3,
        bandwidth_ratio: ratio,
        bandwidth_ratio_quartiles: [low, high],
    };
    println!(
        "{ranks} ranks, 25 MiB: {:.1} ms, gloo {:.1} ms, bandwidth {ratio:.3} ({low:.3} to {high:.3})",
        reduction.canonical_ms, reduction.gloo_ms
    );
    Ok(reduction)
}

fn compare_training(server: &StoreServer, runs: usize, samples: u32) -> anyhow::Result<Training> {
    let mut teams = [Team::start(server, Task::Train, 1, samples)?, Team::start(server, Task::Train, 2, samples)?];
    let mut plain = [Vec::new(), Vec::new()];
    let mut recorded = [Vec::new(), Vec::new()];
    // the first run warms up
    for run in 0..=runs {
        for (place, team) in teams.iter_mut().enumerate() {
            for pair in 0..if run == 0 { 1 } else { PAIRS[place] } {
                // whichever is first, so that a machine that becomes slower or faster favours neither
                let sides = if (run + pair) % 2 == 0 { ["plain", "recorded"] } else { ["recorded", "plain"] };
                for side in sides {
                    let seconds = team.ask(side)?;
                    if run > 0 {
                        let measured = if side == "plain" { &mut plain } else { &mut recorded };
                        measured[place].push(seconds);
                    }
                }
            }
        }
    }
    let of_run = |place: usize| recorded[place].chunks(PAIRS[place]).map(median).collect::<Vec<_>>();
    let [low, speedup_of_two, high] = ratios(&of_run(0), &of_run(1));
    let commit_overhead = (0..2)
        .map(|place| {
            let [low, overhead, high] = ratios(&recorded[place], &plain[place]).map(|ratio| ratio - 1.0);
            Overhead { workers: place as u32 + 1, overhead, overhead_quartiles: [low, high] }
        })
        .collect::<Vec<_>>();
    let step_ms = |segments: &[f64]| median(segments) * 1e3 / f64::from(SEGMENT_LEN);
    let training = Training {
        model: "transformer_3m",
        parameters: job(samples)?.network.specs().iter().map(|spec| spec.len()).sum(),
        tokens_of_virtual_rank: samples * CONTEXT,
        virtual_ranks: VIRTUAL_RANKS,
        segment_len: SEGMENT_LEN,
        one_worker_step_ms: step_ms(&recorded[0]),
        two_workers_step_ms: step_ms(&recorded[1]),
        speedup_of_two,
        speedup_of_two_quartiles: [low, high],
        commit_overhead,
    };
    println!(
        "a step takes {:.0} ms with one worker, {:.0} ms with two: {speedup_of_two:.3} times the rate ({low:.3} to {high:.3})",
        training.one_worker_step_ms, training.two_workers_step_ms
    );
    for Overhead { workers, overhead, overhead_quartiles: [low, high] } in &training.commit_overhead {
        println!("commitments with {workers} workers: {:.1} % ({:.1} to {:.1})", overhead * 1e2, low * 1e2, high * 1e2);
    }
    Ok(training)
}

/// The processes of one group.
struct Team {
    members: Vec<(Child, ChildStdin)>,
    answers: BufReader<ChildStdout>,
}

impl Team {
    fn start(server: &StoreServer, task: Task, world_size: u32, samples: u32) -> anyhow::Result<Self> {
        let task = task.to_possible_value().context("the task has a name")?;
        let mut members = Vec::new();
        let mut answers = None;
        for rank in 0..world_size {
            let mut command = Command::new(std::env::current_exe()?);
            profile::clean_environment(&mut command, NumericProfile::CanonicalAvx2V2, profile::ONE_THREAD);
            command.args(["--task", task.get_name(), "--port", &server.port().to_string()]);
            command.args(["--rank", &rank.to_string(), "--world-size", &world_size.to_string()]);
            command.args(["--samples", &samples.to_string()]);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let orders = child.stdin.take().context("the child's input is piped")?;
            if rank == 0 {
                answers = child.stdout.take().map(BufReader::new);
            }
            members.push((child, orders));
        }
        Ok(Self { members, answers: answers.context("there is a rank 0")? })
    }

    /// Seconds that rank 0 measured for `what`.
    fn ask(&mut self, what: &str) -> anyhow::Result<f64> {
        for (_, orders) in &mut self.members {
            writeln!(orders, "{what}")?;
        }
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        line.trim().parse().context("rank 0 gave no time")
    }
}

impl Drop for Team {
    /// Children end with their input and remove their folders; who does not is killed.
    fn drop(&mut self) {
        let mut children: Vec<Child> = self.members.drain(..).map(|(child, _)| child).collect();
        let deadline = Instant::now() + FAREWELL;
        for child in &mut children {
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            // a child that is gone already is what is wanted
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// One rank.
struct Member {
    rank: u32,
    world_size: u32,
    port: u16,
    samples: u32,
}

impl Member {
    fn serve(&self, task: Task) -> anyhow::Result<()> {
        profile::enter(NumericProfile::CanonicalAvx2V2)?;
        let meeting = KeyValues::connect("127.0.0.1", self.port, Duration::from_secs(60))?;
        let prefix = format!("{task:?}/{}", self.world_size);
        let group = self.canonical(&meeting, &prefix)?;
        match task {
            Task::Reduce => {
                let (timeout, size) = (Duration::from_secs(60), self.world_size);
                let gloo = ProcessGroup::gloo(&meeting, &prefix, self.rank, size, timeout, "127.0.0.1")?;
                let mut tensor = Tensor::f_from_slice(&vec![1f32; REDUCED_BYTES / 4])?;
                self.answer(|what| {
                    let group = if what == "gloo" { &gloo } else { &group };
                    group.barrier()?;
                    let started = Instant::now();
                    for _ in 0..REPEAT {
                        group.all_reduce(&mut tensor)?;
                    }
                    Ok(started.elapsed().as_secs_f64() / REPEAT as f64)
                })
            }
            Task::Train => self.train(&group),
        }
    }

    fn canonical(&self, meeting: &KeyValues, prefix: &str) -> anyhow::Result<ProcessGroup> {
        let listener = Listener::on("127.0.0.1")?;
        let own = format!("127.0.0.1:{}", listener.port());
        meeting.set(&format!("{prefix}/{}", self.rank), own.as_bytes())?;
        let mut addresses = Vec::new();
        for rank in 0..self.world_size {
            addresses.push(loop {
                match meeting.get(&format!("{prefix}/{rank}"))? {
                    Some(address) => break String::from_utf8(address)?,
                    None => std::thread::sleep(Duration::from_millis(5)),
                }
            });
        }
        let stop = StopSwitch::new()?;
        Ok(ProcessGroup::canonical(&CanonicalPlace {
            rank: self.rank,
            addresses: &addresses,
            listener: &listener,
            session: Digest::ZERO,
            patience: Patience::default(),
            stop: &stop,
        })?)
    }

    /// Answers each line on standard input with the seconds that `measure` returns; only rank 0's answers are read.
    fn answer(&self, mut measure: impl FnMut(&str) -> anyhow::Result<f64>) -> anyhow::Result<()> {
        for line in std::io::stdin().lines() {
            let seconds = measure(line?.trim())?;
            if self.rank == 0 {
                println!("{seconds}");
            }
        }
        Ok(())
    }

    /// Whole segments of training, with and without commitments. As in a long run, a segment with commitments has the
    /// checkpoint of the one before written beside it, and ends no sooner than that is safe: a segment of one step before it,
    /// which is not timed, leaves a checkpoint of the same size. Its own is written in full before the answer, untimed too,
    /// so that it burdens nothing that is measured next. Each timed segment so bears one checkpoint.
    fn train(&self, group: &ProcessGroup) -> anyhow::Result<()> {
        let job = job(self.samples)?;
        let folder = tempfile::tempdir()?;
        let store = Store::open(folder.path().join("store"))?;
        let mut history = match self.rank {
            0 => Some(History::open(&folder.path().join("run"), &job, &store)?),
            _ => None,
        };
        let mut state = TrainState::initial(&job)?;
        let mut source = WorkerGroup::new(group, &state, VIRTUAL_RANKS, BucketSizes::default())?;
        let mut order = job.batch_order()?;
        let segment_len = job.manifest.segment_len;
        let share = Share { worker: self.rank, workers: self.world_size, segment_len };
        let mut recorder = Beside::start(share, self.world_size as usize)?;
        let mut segment = |steps: u32, history: &mut Option<History>, records: bool| -> anyhow::Result<()> {
            for _ in 0..steps {
                let recorder: &mut dyn Recorder = if records { &mut recorder } else { &mut NoRecord };
                run_step(&job, &mut state, &mut order, &mut source, recorder)?;
            }
            if records {
                let agreed = agree(group, &job, &state, recorder.take()?, false)?;
                if let Some(history) = history {
                    history.end_segment(&job, &state, &agreed, None)?;
                }
            }
            Ok(())
        };
        self.answer(|what| {
            let records = match what {
                "plain" => false,
                "recorded" => true,
                other => bail!("no such measurement: {other}"),
            };
            segment(1, &mut history, records)?;
            group.barrier()?;
            let started = Instant::now();
            segment(SEGMENT_LEN, &mut history, records)?;
            group.barrier()?;
            let seconds = started.elapsed().as_secs_f64();
            if let Some(history) = &mut history {
                history.settle()?;
            }
            Ok(seconds)
        })
    }
}

/// A transformer on made-up text.
fn job(samples: u32) -> anyhow::Result<Job> {
    let mut stream = Stream::new(1, Purpose::Synthetic, 0);
    let bytes: Vec<u8> = (0..=255).chain((0..400_000).map(|_| stream.below(256) as u8)).collect();
    let schedule = Schedule::Linear { warmup_steps: 2, final_ratio: 0.1 };
    let manifest = Manifest {
        version: FORMAT_VERSION,
        trainer_version: TRAINER_VERSION.to_owned(),
        numeric_profile: NumericProfile::CanonicalAvx2V2,
        init_seed: 1,
        sampler_seed: 2,
        virtual_ranks: VIRTUAL_RANKS,
        batch_per_rank: samples,
        micro_batches: 1,
        steps: 100_000,
        segment_len: SEGMENT_LEN,
        evaluate_every: 0,
        model: Model::Transformer {
            vocab: 256,
            context: CONTEXT,
            width: 256,
            heads: 4,
            layers: 4,
            dropout: 0.0,
            tokenizer: None,
        },
        dataset: DatasetRule::new(DatasetKind::Text, Digest::ZERO, Holdout { seed: 3, one_in: 50 }),
        optimizer: Optimizer::Adamw {
            lr: 1e-3,
            beta1: 0.9,
            beta2: 0.99,
            eps: 1e-8,
            weight_decay: 0.1,
            schedule,
            decay: Decay::All,
            clip_norm: None,
        },
        acceptance: Acceptance::Accuracy { minimum_ppm: 0 },
        start: None,
    };
    Ok(Job::new(manifest, text_from_bytes(&bytes)?, &Files::default())?)
}
