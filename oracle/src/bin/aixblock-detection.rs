//! Simulates audits with the protocol's own sampling and compares how often they catch a cheat with what the design says.

use anyhow::Context;
use clap::Parser;
use oracle::detection::{Case, plot, simulate};
use serde_json::json;
use std::path::PathBuf;

/// Measures the chance of detection.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Simulated audits of each combination.
    #[arg(long, default_value_t = 20_000)]
    trials: u32,
    /// Where the figures go; the plot goes beside them.
    #[arg(long, default_value = "target/bench/detection.json")]
    out: PathBuf,
}

/// Segments of a job and how many of them each oracle draws.
const JOBS: [(u32, u32); 6] = [(50, 3), (50, 10), (200, 10), (200, 20), (1_000, 10), (1_000, 30)];
const ORACLES: [u32; 3] = [1, 3, 5];
/// The combination that the plot shows.
const PLOTTED: (u32, u32) = (200, 10);

/// One bad segment, and some shares of them.
fn bad_of(segments: u32) -> Vec<u32> {
    let inner = f64::from(segments - 2);
    let shares = [0.01, 0.02, 0.05, 0.1, 0.2].map(|share| (share * inner).round().max(1.0) as u32);
    let mut bad = vec![1];
    bad.extend(shares);
    bad.dedup();
    bad
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let cases: Vec<Case> = JOBS
        .into_iter()
        .flat_map(|(segments, samples)| simulate(arguments.trials, segments, samples, &ORACLES, &bad_of(segments)))
        .collect();
    let largest =
        |other: fn(&Case) -> f64| cases.iter().map(|case| (case.simulated - other(case)).abs()).fold(0.0, f64::max);
    let (max_error, max_error_of_formula) = (largest(|case| case.exact), largest(|case| case.formula));
    let single: Vec<&Case> = cases.iter().filter(|case| case.bad == 1).collect();
    println!("{:>8} {:>4} {:>3} {:>5} {:>10} {:>10} {:>10}", "N", "k", "m", "bad", "simulated", "exact", "formula");
    for case in &cases {
        let Case { segments, samples, oracles, bad, simulated, exact, formula, .. } = case;
        println!("{segments:>8} {samples:>4} {oracles:>3} {bad:>5} {simulated:>10.4} {exact:>10.4} {formula:>10.4}");
    }
    println!(
        "{} trials each; largest error {max_error:.4}, of the formula {max_error_of_formula:.4}",
        arguments.trials
    );
    let folder = arguments.out.parent().context("--out names no file")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let report = json!({
        "trials": arguments.trials,
        "max_error": max_error,
        "max_error_of_formula": max_error_of_formula,
        "single_bad_segment": single,
        "cases": cases,
    });
    let write = |path: PathBuf, text: String| {
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    write(arguments.out.clone(), serde_json::to_string_pretty(&report)? + "\n")?;
    write(arguments.out.with_extension("svg"), plot::svg(&cases, PLOTTED.0, PLOTTED.1))
}
