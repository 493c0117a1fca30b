//! Measures what it costs to read shuffled samples from datasets in chunks: time, bytes and memory, for datasets of several
//! sizes, ways of mixing and sizes of the cache. Each row is measured in a process of its own. Prints a table and writes
//! `target/bench/data.json`; run it by `make bench-data`.

use anyhow::{Context, bail};
use artefacts::Store;
use clap::Parser;
use protocol::chunked::Layout;
use protocol::data_order::BatchOrder;
use protocol::digest::Digest;
use protocol::manifest::{Dataset, DatasetKind, Holdout, HoldoutUnit, Manifest};
use protocol::philox::{Purpose, Stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use trainer::dataset::import::{Chunking, DEFAULT_CHUNK_BYTES, DatasetWriter};
use trainer::dataset::{ChunkReader, Samples};

#[derive(Debug, Parser)]
struct Arguments {
    /// Megabytes of the datasets.
    #[arg(long, value_delimiter = ',', default_values_t = [64, 512])]
    megabytes: Vec<u64>,
    /// Steps of 256 samples that are timed.
    #[arg(long, default_value_t = 400)]
    steps: u32,
    /// Where the figures go.
    #[arg(long, default_value = "target/bench/data.json")]
    output: PathBuf,
    /// Internal: measure this row.
    #[arg(long, hide = true)]
    row: Option<String>,
    /// Internal: the store of the dataset.
    #[arg(long, hide = true)]
    store: Option<PathBuf>,
}

/// What is measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    root: Digest,
    dataset_megabytes: u64,
    /// Chunks that are mixed at a time; all where absent.
    mix_chunks: Option<u32>,
    cache_megabytes: u64,
    steps: u32,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Figures {
    #[serde(flatten)]
    row: Row,
    samples_per_second: f64,
    /// The same for a second of the processor's time, which other work on the host does not change.
    samples_per_processor_second: f64,
    /// Chunks fetched, checked and decoded, for each sample.
    chunks_per_sample: f64,
    /// Bytes of memory that reading took: the highest that the process held, less what it held before.
    memory_megabytes: f64,
}

const RANKS: u32 = 8;
const BATCH: u32 = 32;
const LAYOUT: Layout = Layout::Images { channels: 3, height: 32, width: 32, white: 255, classes: 10 };

/// Held out by chunk, so that a cell is a chunk.
fn manifest(row: &Row) -> anyhow::Result<Manifest> {
    let text = include_str!("../../jobs/digits.toml").replace("inputs = 64", "inputs = 3072");
    let manifest = Manifest::from_toml(&text)?;
    let dataset = Dataset {
        mix_chunks: row.mix_chunks,
        holdout_unit: HoldoutUnit::Chunk,
        ..Dataset::new(DatasetKind::Images, row.root, Holdout { seed: 1, one_in: 20 })
    };
    Ok(Manifest { dataset, ..manifest })
}

fn write(store: &Store, megabytes: u64) -> anyhow::Result<Digest> {
    let mut chunking = Chunking { store, chunk_bytes: DEFAULT_CHUNK_BYTES, tell: &mut |_| {} };
    let mut writer = DatasetWriter::new(LAYOUT, &mut chunking)?;
    let mut stream = Stream::new(megabytes, Purpose::Synthetic, 0);
    let mut image = vec![0u8; LAYOUT.input_bytes() as usize];
    for _ in 0..(megabytes << 20) / LAYOUT.item_bytes() {
        image.as_chunks_mut::<4>().0.iter_mut().for_each(|pixels| *pixels = stream.next_u32().to_le_bytes());
        writer.push(
            |chunk| chunk.push_image(&image, stream.below(10)),
            |error| trainer::dataset::import::ImportError::Options(error.to_string()),
        )?;
    }
    Ok(writer.finish()?.root)
}

/// A line of `/proc/self/status`, in megabytes.
fn memory(line: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|found| found.strip_prefix(line)).context("no such line")?;
    let kilobytes: f64 = value.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

/// Seconds that this thread, which does all the work, has had a processor.
fn processor_seconds() -> anyhow::Result<f64> {
    let statistics = std::fs::read_to_string("/proc/self/schedstat")?;
    let nanoseconds: f64 = statistics.split_whitespace().next().context("no such figure")?.parse()?;
    Ok(nanoseconds / 1e9)
}

fn measure(row: Row, store: &Path) -> anyhow::Result<Figures> {
    // reading is the work of one thread; libtorch would copy batches with others
    tch::set_num_threads(1);
    let manifest = manifest(&row)?;
    let before = memory("VmRSS")?;
    let reader = ChunkReader::open(&Store::open(store)?, &row.root, row.cache_megabytes << 20)?;
    let samples = Samples::of_chunks(reader, &manifest)?;
    let (split, order) = (samples.split(&manifest.dataset), samples.epoch_order(&manifest.dataset));
    let mut order = BatchOrder::new(manifest.sampler_seed, split, order, RANKS, BATCH)?;
    let (started, processor_before) = (Instant::now(), processor_seconds()?);
    for step in 0..row.steps {
        for numbers in order.batches(step) {
            std::hint::black_box(samples.batch(&numbers)?);
        }
    }
    let (seconds, processor) = (started.elapsed().as_secs_f64(), processor_seconds()? - processor_before);
    let read = samples.chunks().map(ChunkReader::statistics).unwrap_or_default();
    let drawn = f64::from(row.steps) * f64::from(RANKS * BATCH);
    Ok(Figures {
        samples_per_second: drawn / seconds,
        samples_per_processor_second: drawn / processor,
        chunks_per_sample: read.chunks as f64 / drawn,
        memory_megabytes: memory("VmHWM")? - before,
        row,
    })
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let (Some(row), Some(store)) = (&arguments.row, &arguments.store) {
        println!("{}", serde_json::to_string(&measure(serde_json::from_str(row)?, store)?)?);
        return Ok(());
    }
    let folder =
        tempfile::tempdir_in(arguments.output.parent().filter(|folder| folder.is_dir()).unwrap_or(Path::new(".")))?;
    let store = Store::open(folder.path())?;
    let mut figures: BTreeMap<&str, Vec<Figures>> = BTreeMap::new();
    println!("dataset MB  mixed chunks  cache MB   samples/s  of processor  chunks/sample  memory MB");
    for &dataset_megabytes in &arguments.megabytes {
        let root = write(&store, dataset_megabytes)?;
        for (mix_chunks, cache_megabytes) in [(Some(8), 16), (Some(32), 48), (None, 16), (None, 2 * dataset_megabytes)]
        {
            // where nearly every sample costs a chunk, fewer say as much
            let slow = mix_chunks.is_none() && cache_megabytes < dataset_megabytes;
            let steps = if slow { arguments.steps.div_ceil(20) } else { arguments.steps };
            let row = Row { root, dataset_megabytes, mix_chunks, cache_megabytes, steps };
            let output = Command::new(std::env::current_exe()?)
                .args(["--row", &serde_json::to_string(&row)?, "--store"])
                .arg(folder.path())
                .output()?;
            if !output.status.success() {
                bail!("a row failed: {}", String::from_utf8_lossy(&output.stderr));
            }
            let found: Figures = serde_json::from_slice(&output.stdout)?;
            println!(
                "{dataset_megabytes:10} {:>13} {cache_megabytes:9} {:11.0} {:13.0} {:14.3} {:10.1}",
                mix_chunks.map_or("all".to_owned(), |chunks| chunks.to_string()),
                found.samples_per_second,
                found.samples_per_processor_second,
                found.chunks_per_sample,
                found.memory_megabytes
            );
            figures.entry("rows").or_default().push(found);
        }
    }
    let json = serde_json::to_vec_pretty(&figures)?;
    artefacts::replace_file(&arguments.output, &json, 0)?;
    Ok(())
}
