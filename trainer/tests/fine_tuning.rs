//! Training from given weights, adapters over frozen ones, and what is exported of both.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, complaint, lora, report, trainer};
use protocol::digest::Digest;
use protocol::manifest::{Manifest, NumericProfile, Start};
use protocol::report::{TrainReport, Verdict};
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::process::Output;

/// A finished run of a transformer, and the address of its exported weights.
struct Base {
    workshop: Workshop,
    manifest: Manifest,
    run: TrainReport,
    weights: Vec<u8>,
}

impl Base {
    fn new() -> Self {
        let workshop = Workshop::new();
        let manifest = workshop.with_profile(workshop.text_job(20), NumericProfile::CanonicalAvx2V2);
        let run = workshop.train(&manifest, "base", 1);
        let weights = workshop.export(&run, &[]);
        Self { workshop, manifest, run, weights }
    }

    fn starting_from(&self, start: Start) -> Manifest {
        let init_seed = 77;
        self.workshop.written(Manifest { start: Some(start), init_seed, steps: 10, ..self.manifest.clone() })
    }

    fn weights(&self) -> Digest {
        self.workshop.store.put(&self.weights).unwrap()
    }

    fn launch(&self, manifest: &Manifest, workers: u32) -> Output {
        let name = format!("{} with {workers}", manifest.hash());
        self.workshop.launch_command(manifest, &name, workers).args(["--threads", "2"]).output().unwrap()
    }

    /// Trains with one to four workers, and replays.
    fn train(&self, manifest: &Manifest) -> TrainReport {
        let [one, others @ ..] = [1, 2, 3, 4].map(|workers| report::<TrainReport>(&self.launch(manifest, workers)));
        assert_eq!(others.map(|run| run.job_root), [one.job_root; 3]);
        let replay = self.workshop.replay(manifest, &one.log, "all");
        assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(one.final_state_hash)));
        one
    }

    /// Right and all predictions that `aixblock-trainer evaluate` counts.
    fn evaluate(&self, manifest: &Manifest, weights: &[u8]) -> [u64; 2] {
        let file = self.workshop.folder.path().join("weights");
        std::fs::write(&file, weights).unwrap();
        let mut command = trainer();
        command.args(["evaluate", "--manifest-hash", &manifest.hash().to_string(), "--weights"]).arg(file);
        let found: serde_json::Value =
            report(&command.arg("--store").arg(self.workshop.store.root()).output().unwrap());
        ["correct", "total"].map(|field| found[field].as_u64().unwrap())
    }
}

fn values(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let (values, _) = file.tensor(name).unwrap().data().as_chunks::<4>();
    values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

#[test]
fn exported_weights_have_the_metric_of_the_job() {
    let base = Base::new();
    assert_eq!(base.evaluate(&base.manifest, &base.weights), [base.run.correct, base.run.total]);
    let file = SafeTensors::deserialize(&base.weights).unwrap();
    assert_eq!(file.tensor("head.output.weight").unwrap().shape(), [11, 20]);
    // the checkpoint's moments stay behind
    assert!(file.names().iter().all(|name| !name.contains('/')));
}

#[test]
fn training_from_weights_starts_at_them_and_replays_with_any_number_of_workers() {
    let base = Base::new();
    let manifest = base.starting_from(Start { weights: base.weights(), lora: None });
    let run = base.train(&manifest);
    let first = base.workshop.store.get(&base.workshop.log(&run).segments[0].start_checkpoint).unwrap();
    let (first, given) = (SafeTensors::deserialize(&first).unwrap(), SafeTensors::deserialize(&base.weights).unwrap());
    for name in given.names() {
        assert_eq!(values(&first, name), values(&given, name), "{name}");
    }
    assert_ne!(base.workshop.export(&run, &[]), base.weights);
}

#[test]
fn adapters_are_all_that_is_trained_and_checkpointed_and_their_product_is_merged() {
    let base = Base::new();
    let start = Start { weights: base.weights(), lora: Some(lora(2, &["attention.in", "head.output"])) };
    let manifest = base.starting_from(start);
    let run = base.train(&manifest);
    let checkpoint = base.workshop.store.get(&run.final_checkpoint).unwrap();
    let trained = SafeTensors::deserialize(&checkpoint).unwrap();
    let adapted = ["block000.attention.in", "block001.attention.in", "head.output"];
    // two matrices for each layer, each with its two moments
    assert_eq!(trained.len(), 3 * 2 * adapted.len());
    let (merged, adapters) = (base.workshop.export(&run, &[]), base.workshop.export(&run, &["--part", "adapters"]));
    let [before, merged_file, adapters] =
        [&base.weights, &merged, &adapters].map(|file| SafeTensors::deserialize(file).unwrap());
    assert_eq!(adapters.len(), 2 * adapted.len());
    assert_eq!(merged_file.len(), before.len());
    for name in before.names() {
        let (old, new) = (values(&before, name), values(&merged_file, name));
        let Some(layer) = name.strip_suffix(".weight").filter(|layer| adapted.contains(layer)) else {
            assert_eq!(old, new, "{name}");
            continue;
        };
        let [a, b] = ["A", "B"].map(|part| format!("{layer}.lora_{part}.weight"));
        let inputs = adapters.tensor(&a).unwrap().shape()[1];
        let (a, b) = (values(&adapters, &a), values(&adapters, &b));
        for (place, (old, new)) in old.iter().zip(&new).enumerate() {
            let (row, column) = (place / inputs, place % inputs);
            let product: f32 = (0..2).map(|rank| b[row * 2 + rank] * a[rank * inputs + column]).sum();
            assert!((old + 8.0 / 2.0 * product - new).abs() < 1e-6, "{name} {place}");
        }
        assert_ne!(old, new, "{name}");
    }
    assert_eq!(base.evaluate(&manifest, &merged), [run.correct, run.total]);
}

#[test]
fn weights_and_targets_that_do_not_fit_are_refused_by_name() {
    let base = Base::new();
    type Change<'a> = &'a dyn Fn(&str, Vec<usize>) -> Option<(String, Vec<usize>)>;
    let changed = |change: Change<'_>| {
        let file = SafeTensors::deserialize(&base.weights).unwrap();
        let tensors: Vec<(String, TensorView<'_>)> = file
            .tensors()
            .into_iter()
            .filter_map(|(name, view)| {
                let (name, shape) = change(&name, view.shape().to_vec())?;
                Some((name, TensorView::new(Dtype::F32, shape, view.data()).unwrap()))
            })
            .collect();
        serialize(tensors, None).unwrap()
    };
    let is = |name: &str| name == "head.output.bias";
    let files = [
        (changed(&|name, shape| (!is(name)).then(|| (name.to_owned(), shape))), "no tensor head.output.bias"),
        (changed(&|name, shape| Some((if is(name) { "other" } else { name }.to_owned(), shape))), "a tensor other"),
        (changed(&|name, shape| Some((name.to_owned(), if is(name) { vec![1, 11] } else { shape }))), "[1, 11]"),
        (b"no safetensors".to_vec(), "no safetensors file"),
    ];
    for (file, reason) in files {
        let weights = base.workshop.store.put(&file).unwrap();
        let said = complaint(&base.launch(&base.starting_from(Start { weights, lora: None }), 1));
        assert!(said.contains(reason) && !said.contains("restart"), "{reason}: {said}");
    }
    let targets = [
        (lora(2, &["attention.inner"]), "attention.inner"),
        (lora(2, &["head.norm"]), "head.norm"),
        (lora(12, &["head.output"]), "11 x 20"),
    ];
    for (lora, reason) in targets {
        let start = Start { weights: base.weights(), lora: Some(lora) };
        let said = complaint(&base.launch(&base.starting_from(start), 1));
        assert!(said.contains(reason) && !said.contains("restart"), "{reason}: {said}");
    }
    let start = Start { weights: Digest([9; 32]), lora: None };
    let said = complaint(&base.launch(&base.starting_from(start), 1));
    assert!(said.contains("aixblock-trainer put"), "{said}");
}

#[test]
fn a_job_without_adapters_has_none_to_export() {
    let base = Base::new();
    let mut command = trainer();
    command.args(["export", "--part", "adapters", "--log", &base.run.log.to_string(), "--out", "/dev/null"]);
    let said = complaint(&command.arg("--store").arg(base.workshop.store.root()).output().unwrap());
    assert!(said.contains("no adapters"), "{said}");
}
