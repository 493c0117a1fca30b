//! Measures the canonical kernels against libtorch's default: matrix products in one process, whole training steps in two
//! processes that take turns. Prints a table and writes `target/bench/kernels.json`; run it by `make bench-kernels`.

use anyhow::{Context, bail};
use clap::{Parser, ValueEnum};
use protocol::manifest::{Model, NumericProfile};
use serde::Serialize;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use tch::Tensor;
use trainer::bridge::own_product_of_libtorch;
use trainer::model::{Network, Pass};
use trainer::profile;

#[derive(Debug, Parser)]
struct Arguments {
    /// Timed runs of each side; they alternate.
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// Where the figures go.
    #[arg(long, default_value = "target/bench/kernels.json")]
    output: PathBuf,
    /// Internal: time steps on request.
    #[arg(long, hide = true)]
    steps_of: Option<Side>,
    /// Internal: the model of those steps.
    #[arg(long, hide = true)]
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, ValueEnum)]
enum Side {
    Canonical,
    Default,
}

/// Ratios are our time over libtorch's: below 1 we are faster. The spread is that of the ratios of neighbouring runs.
#[derive(Debug, Serialize)]
struct Figures {
    products: Vec<Product>,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Product {
    shape: [i64; 3],
    layout: &'static str,
    canonical_gflops: f64,
    default_gflops: f64,
    time_ratio: f64,
    time_ratio_quartiles: [f64; 2],
}

#[derive(Debug, Serialize)]
struct Step {
    model: &'static str,
    /// Tokens or images of one pass.
    items: i64,
    canonical_ms: f64,
    default_ms: f64,
    time_ratio: f64,
    time_ratio_quartiles: [f64; 2],
}

/// m, k, n, and which operands are transposed in memory: forward passes and gradients of the models below.
const SHAPES: [(i64, i64, i64, &str); 13] = [
    (1024, 256, 768, "NT"),
    (1024, 256, 256, "NT"),
    (1024, 256, 1024, "NT"),
    (1024, 1024, 256, "NT"),
    (1024, 1024, 256, "NN"),
    (1024, 1024, 256, "TN"),
    (256, 1024, 1024, "TN"),
    (512, 512, 1536, "NT"),
    (512, 2048, 512, "NT"),
    (512, 512, 2048, "NN"),
    (2048, 512, 512, "TN"),
    (128, 64, 128, "NT"),
    (64, 64, 128, "NT"),
];

const SAMPLES: i64 = 4;
const CONTEXT: u32 = 128;
const VOCAB: u32 = 256;

const MODELS: [&str; 3] = ["transformer_3m", "transformer_25m", "cnn"];
const IMAGES: i64 = 16;
/// Channels, rows and columns of an image.
const IMAGE: [u32; 3] = [3, 32, 32];
const CLASSES: u32 = 10;

fn model_named(name: &str) -> anyhow::Result<Model> {
    let transformer = |width, heads, layers| Model::Transformer {
        vocab: VOCAB,
        context: CONTEXT,
        width,
        heads,
        layers,
        dropout: 0.0,
        tokenizer: None,
    };
    let [channels, height, width] = IMAGE;
    match name {
        "transformer_3m" => Ok(transformer(256, 4, 4)),
        "transformer_25m" => Ok(transformer(512, 8, 8)),
        "cnn" => Ok(Model::ResidualCnn {
            channels,
            height,
            width,
            stages: vec![32, 64, 128],
            blocks: 2,
            groups: 8,
            classes: CLASSES,
            dropout: 0.0,
        }),
        _ => bail!("no model is called {name}"),
    }
}

/// Inputs and targets of one pass; what they are does not matter for the time.
fn batch_of(model: &Model) -> Result<(Tensor, Tensor), tch::TchError> {
    let numbers = |count: i64, below: u32| -> Vec<i64> { (0..count).map(|n| n * 7919 % i64::from(below)).collect() };
    if let Model::ResidualCnn { .. } = model {
        let [channels, rows, columns] = IMAGE.map(i64::from);
        let pixels: Vec<f32> =
            numbers(IMAGES * channels * rows * columns, 256).iter().map(|&level| level as f32 / 255.0).collect();
        let inputs = Tensor::f_from_slice(&pixels)?.f_reshape([IMAGES, channels, rows, columns])?;
        return Ok((inputs, Tensor::f_from_slice(&numbers(IMAGES, CLASSES))?));
    }
    let tokens = Tensor::f_from_slice(&numbers(SAMPLES * i64::from(CONTEXT), VOCAB))?;
    Ok((tokens.f_reshape([SAMPLES, i64::from(CONTEXT)])?, tokens))
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let (Some(side), Some(model)) = (arguments.steps_of, &arguments.model) {
        return time_steps(side, &model_named(model)?);
    }
    profile::reexec_if_needed(NumericProfile::CanonicalAvx2V2, profile::ONE_THREAD)?;
    profile::enter(NumericProfile::CanonicalAvx2V2)?;
    let products = tch::no_grad(|| {
        SHAPES.iter().map(|shape| time_product(shape, arguments.runs)).collect::<anyhow::Result<Vec<_>>>()
    })?;
    let steps =
        MODELS.into_iter().map(|model| compare_steps(model, arguments.runs)).collect::<anyhow::Result<Vec<_>>>()?;
    let figures = Figures { products, steps };
    if let Some(folder) = arguments.output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.output, serde_json::to_string_pretty(&figures)?)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    Ok(())
}

/// Middle value, and the quartiles, of `values`.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
}

fn compare(runs: &[(f64, f64)]) -> (f64, f64, [f64; 3]) {
    let middle = |side: fn(&(f64, f64)) -> f64| quartiles(runs.iter().map(side).collect())[1];
    (middle(|run| run.0), middle(|run| run.1), quartiles(runs.iter().map(|(ours, theirs)| ours / theirs).collect()))
}

fn time_product(&(m, k, n, layout): &(i64, i64, i64, &'static str), runs: usize) -> anyhow::Result<Product> {
    let operand = |rows: i64, columns: i64, transposed: bool| -> Result<Tensor, tch::TchError> {
        let values: Vec<f32> = (0..rows * columns).map(|n| (n * 7919 % 1024) as f32 / 1024.0).collect();
        let values = Tensor::f_from_slice(&values)?;
        if transposed {
            values.f_reshape([columns, rows])?.f_transpose(0, 1)
        } else {
            values.f_reshape([rows, columns])
        }
    };
    let a = operand(m, k, layout.starts_with('T'))?;
    let b = operand(k, n, layout.ends_with('T'))?;
    let flops = (2 * m * k * n) as f64;
    let repeat = (1e8 / flops).max(1.0) as usize;
    let seconds = |product: &dyn Fn() -> anyhow::Result<Tensor>| -> anyhow::Result<f64> {
        let started = Instant::now();
        for _ in 0..repeat {
            drop(black_box(product()?));
        }
        Ok(started.elapsed().as_secs_f64() / repeat as f64)
    };
    let mut times = Vec::new();
    for run in 0..=runs {
        let pair = (seconds(&|| Ok(a.f_mm(&b)?))?, seconds(&|| Ok(own_product_of_libtorch(&a, &b)?))?);
        // the first run warms up
        if run > 0 {
            times.push(pair);
        }
    }
    let (ours, theirs, [low, ratio, high]) = compare(&times);
    let product = Product {
        shape: [m, k, n],
        layout,
        canonical_gflops: flops / ours * 1e-9,
        default_gflops: flops / theirs * 1e-9,
        time_ratio: ratio,
        time_ratio_quartiles: [low, high],
    };
    println!(
        "{:>4} x {:>4} x {:>4} {}  {:6.1} GFLOP/s, MKL {:6.1}, time {:.3} ({:.3} to {:.3})",
        m, k, n, layout, product.canonical_gflops, product.default_gflops, ratio, low, high
    );
    Ok(product)
}

/// Answers every line on standard input with the milliseconds of one forward and backward pass.
fn time_steps(side: Side, model: &Model) -> anyhow::Result<()> {
    if side == Side::Canonical {
        profile::enter(NumericProfile::CanonicalAvx2V2)?;
    }
    let network = Network::new(model);
    let parameters = (0..)
        .zip(network.specs())
        .map(|(place, spec)| {
            Tensor::f_from_slice(&spec.initial_values(1, place))?.f_reshape(&spec.shape)?.f_requires_grad_(true)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (inputs, targets) = batch_of(model)?;
    for line in std::io::stdin().lines() {
        line?;
        trainer::bridge::clear_gradients(&parameters)?;
        let started = Instant::now();
        network.loss(&parameters, &inputs, &targets, Pass::Evaluation)?.f_backward()?;
        println!("{}", started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

struct Stepper {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Stepper {
    fn start(side: Side, model: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        profile::clean_environment(&mut command, NumericProfile::CanonicalAvx2V2, profile::ONE_THREAD);
        if side == Side::Default {
            command.env_remove("ATEN_CPU_CAPABILITY");
        }
        let name = side.to_possible_value().context("the side has a name")?;
        command.args(["--steps-of", name.get_name(), "--model", model]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = BufReader::new(child.stdout.take().context("the child's output is piped")?);
        Ok(Self { child, answers })
    }

    fn step(&mut self) -> anyhow::Result<f64> {
        writeln!(self.child.stdin.as_mut().context("the child's input is piped")?)?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        line.trim().parse().context("a process that times steps gave no time")
    }
}

impl Drop for Stepper {
    fn drop(&mut self) {
        // a child that is gone already is what is wanted
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn compare_steps(model: &'static str, runs: usize) -> anyhow::Result<Step> {
    let (mut ours, mut theirs) = (Stepper::start(Side::Canonical, model)?, Stepper::start(Side::Default, model)?);
    let mut times = Vec::new();
    for run in 0..=runs {
        let pair = (ours.step()?, theirs.step()?);
        if run > 0 {
            times.push(pair);
        }
    }
    let (canonical_ms, default_ms, [low, time_ratio, high]) = compare(&times);
    println!(
        "{model}: {canonical_ms:.1} ms a step, default {default_ms:.1} ms, time {time_ratio:.3} ({low:.3} to {high:.3})"
    );
    let items = if model == "cnn" { IMAGES } else { SAMPLES * i64::from(CONTEXT) };
    Ok(Step { model, items, canonical_ms, default_ms, time_ratio, time_ratio_quartiles: [low, high] })
}
