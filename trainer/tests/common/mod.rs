//! A store with small jobs in it, and the binaries run on them.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub, reason = "each test file uses its own part")]

pub mod network;
pub mod processes;
pub mod ranks;

use artefacts::Store;
use protocol::chunked::{Layout, TokenWidth};
use protocol::dataset_chunk::{ChunkBuilder, ItemError};
use protocol::digest::Digest;
use protocol::job_log::JobLog;
use protocol::manifest::{
    Acceptance, Dataset as DatasetRule, DatasetKind, Decay, FORMAT_VERSION, Holdout, Lora, Manifest, Model,
    NumericProfile, Optimizer, Schedule,
};
use protocol::philox::{Purpose, Stream};
use protocol::report::{ReplayReport, TrainReport};
use std::path::PathBuf;
use std::process::{Command, Output};
use trainer::dataset::import::{Chunking, DatasetWriter, text_from_bytes};
use trainer::dataset::{Dataset, Digits};
use trainer::profile::TRAINER_VERSION;

pub struct Workshop {
    pub folder: tempfile::TempDir,
    pub store: Store,
}

impl Workshop {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        Self { folder, store }
    }

    /// A job on made-up images.
    pub fn image_job(&self, steps: u32) -> Manifest {
        let mut stream = Stream::new(1, Purpose::Synthetic, 0);
        let (features, classes, count) = (20, 4, 200);
        let pixels = (0..features * count).map(|_| stream.below(17) as u8).collect();
        let labels = (0..count).map(|_| stream.below(classes) as u8).collect();
        let dataset = Dataset::Digits(Digits { features, classes, white: 16, pixels, labels });
        self.job(
            steps,
            Model::Mlp { inputs: features, hidden: vec![24, 12], classes, dropout: 0.0 },
            DatasetKind::Digits,
            &dataset,
        )
    }

    /// A job on made-up text.
    pub fn text_job(&self, steps: u32) -> Manifest {
        let mut stream = Stream::new(2, Purpose::Synthetic, 0);
        let bytes: Vec<u8> = (0..11).chain((0..1_500).map(|_| stream.below(11) as u8)).collect();
        let model =
            Model::Transformer { vocab: 11, context: 9, width: 20, heads: 2, layers: 2, dropout: 0.0, tokenizer: None };
        self.job(steps, model, DatasetKind::Text, &text_from_bytes(&bytes).unwrap())
    }

    fn job(&self, steps: u32, model: Model, kind: DatasetKind, dataset: &Dataset) -> Manifest {
        let root = self.store.put(&dataset.encode()).unwrap();
        let schedule = Schedule::Linear { warmup_steps: 2, final_ratio: 0.1 };
        let manifest = Manifest {
            version: FORMAT_VERSION,
            trainer_version: TRAINER_VERSION.to_owned(),
            numeric_profile: NumericProfile::CanonAvx2,
            init_seed: 1,
            sampler_seed: 2,
            virtual_ranks: 4,
            batch_per_rank: 3,
            micro_batches: 1,
            steps,
            segment_len: 5.min(steps),
            evaluate_every: 0,
            model,
            dataset: DatasetRule::new(kind, root, Holdout { seed: 3, one_in: 5 }),
            optimizer: Optimizer::Adamw {
                lr: 0.01,
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
        self.written(manifest)
    }

    /// `manifest` on another dataset.
    pub fn on_dataset(&self, manifest: Manifest, dataset: &Dataset) -> Manifest {
        let root = self.store.put(&dataset.encode()).unwrap();
        self.written(Manifest { dataset: DatasetRule { root, ..manifest.dataset.clone() }, ..manifest })
    }

    /// `manifest` on the same items in chunks of `chunk_bytes` as a dataset of `kind`; images are of 4 rows.
    pub fn in_chunks(&self, manifest: Manifest, kind: DatasetKind, chunk_bytes: u64) -> Manifest {
        let blob = self.store.get(&manifest.dataset.root).unwrap();
        let dataset = Dataset::decode(manifest.dataset.kind, &blob).unwrap();
        let layout = match (&dataset, kind) {
            (Dataset::Digits(Digits { features, classes, white, .. }), DatasetKind::Images) => {
                Layout::Images { channels: 1, height: 4, width: features / 4, white: *white, classes: *classes }
            }
            (Dataset::Digits(Digits { features, classes, .. }), DatasetKind::Features) => {
                Layout::Features { features: *features, classes: *classes }
            }
            (Dataset::Text(text), DatasetKind::Tokens) => {
                Layout::Tokens { width: TokenWidth::One, vocab: text.alphabet.len() as u32 }
            }
            (_, kind) => panic!("these items are not of kind {kind:?}"),
        };
        let mut chunking = Chunking { store: &self.store, chunk_bytes, tell: &mut |_| {} };
        let mut writer = DatasetWriter::new(layout, &mut chunking).unwrap();
        let mut push = |add: &dyn Fn(&mut ChunkBuilder) -> Result<(), ItemError>| {
            writer.push(add, |error| panic!("{error}")).unwrap();
        };
        match dataset {
            Dataset::Text(text) => text.tokens.iter().for_each(|&token| push(&|chunk| chunk.push_token(token.into()))),
            Dataset::Digits(digits) => {
                for (pixels, &label) in digits.pixels.chunks(digits.features as usize).zip(&digits.labels) {
                    push(&|chunk| match layout {
                        Layout::Features { .. } => {
                            let white = f32::from(digits.white);
                            let row: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / white).collect();
                            chunk.push_features(&row, label.into())
                        }
                        _ => chunk.push_image(pixels, label.into()),
                    });
                }
            }
        }
        let dataset = DatasetRule::new(kind, writer.finish().unwrap().root, manifest.dataset.holdout);
        self.written(Manifest { dataset, ..manifest })
    }

    /// `manifest`, after its file is there.
    pub fn written(&self, manifest: Manifest) -> Manifest {
        std::fs::write(self.manifest_file(&manifest), serde_json::to_string(&manifest).unwrap()).unwrap();
        manifest
    }

    /// `manifest` under another numeric profile.
    pub fn with_profile(&self, manifest: Manifest, numeric_profile: NumericProfile) -> Manifest {
        self.written(Manifest { numeric_profile, ..manifest })
    }

    pub fn manifest_file(&self, manifest: &Manifest) -> PathBuf {
        self.folder.path().join(format!("{}.json", manifest.hash()))
    }

    pub fn work_dir(&self, name: &str) -> PathBuf {
        self.folder.path().join("runs").join(name)
    }

    /// `aixblock-trainer launch` of `manifest` in the working folder `name`.
    pub fn launch_command(&self, manifest: &Manifest, name: &str, workers: u32) -> Command {
        let mut command = trainer();
        command
            .arg("launch")
            .arg("--manifest")
            .arg(self.manifest_file(manifest))
            .args(["--workers", &workers.to_string()]);
        command.arg("--store").arg(self.store.root()).arg("--work-dir").arg(self.work_dir(name));
        command
    }

    pub fn train(&self, manifest: &Manifest, name: &str, workers: u32) -> TrainReport {
        report(&self.launch_command(manifest, name, workers).output().unwrap())
    }

    pub fn replay_command(&self, manifest: &Manifest, log: &Digest, segments: &str) -> Command {
        let mut command = trainer();
        command.args([
            "replay",
            "--log",
            &log.to_string(),
            "--manifest-hash",
            &manifest.hash().to_string(),
            "--segments",
            segments,
        ]);
        command.arg("--store").arg(self.store.root());
        command
    }

    pub fn replay(&self, manifest: &Manifest, log: &Digest, segments: &str) -> ReplayReport {
        report(&self.replay_command(manifest, log, segments).output().unwrap())
    }

    /// The file that `aixblock-trainer export` writes for a run.
    pub fn export(&self, run: &TrainReport, arguments: &[&str]) -> Vec<u8> {
        let file = self.folder.path().join("exported.safetensors");
        let mut command = trainer();
        command.args(["export", "--log", &run.log.to_string()]).args(arguments);
        let output = command.arg("--out").arg(&file).arg("--store").arg(self.store.root()).output().unwrap();
        let _: serde_json::Value = report(&output);
        std::fs::read(file).unwrap()
    }

    pub fn log(&self, run: &TrainReport) -> JobLog {
        JobLog::decode(&self.store.get(&run.log).unwrap()).unwrap()
    }

    /// Stores `log` after `change`.
    pub fn forge(&self, run: &TrainReport, change: impl FnOnce(&mut JobLog)) -> Digest {
        let mut log = self.log(run);
        change(&mut log);
        for index in 0..log.segments.len() {
            log.segments[index].steps_root = protocol::commitment::steps_root(log.steps_of(index as u32));
        }
        self.store.put(&log.encode()).unwrap()
    }
}

/// Noisy images of 4 rows of 5 pixels; the class is the row that is brighter than the others.
pub fn bright_rows(count: u32) -> Dataset {
    let mut stream = Stream::new(5, Purpose::Synthetic, 0);
    let labels: Vec<u8> = (0..count).map(|_| stream.below(4) as u8).collect();
    let mut pixel = |label: u8, place: u8| stream.below(9) as u8 + if place / 5 == label { 7 } else { 0 };
    let pixels = labels.iter().flat_map(|&label| (0..20).map(move |place| (label, place)));
    let pixels = pixels.map(|(label, place)| pixel(label, place)).collect();
    Dataset::Digits(Digits { features: 20, classes: 4, white: 16, pixels, labels })
}

/// Adapters of rank `rank`.
pub fn lora(rank: u32, targets: &[&str]) -> Lora {
    Lora { rank, alpha: 8.0, targets: targets.iter().map(|&target| target.to_owned()).collect() }
}

pub fn trainer() -> Command {
    Command::new(env!("CARGO_BIN_EXE_aixblock-trainer"))
}

/// The JSON line that a successful command printed.
pub fn report<T: serde::de::DeserializeOwned>(output: &Output) -> T {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// What a command that failed said.
pub fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "it succeeded");
    assert!(output.stdout.is_empty(), "a failed command printed a result");
    String::from_utf8_lossy(&output.stderr).into_owned()
}
