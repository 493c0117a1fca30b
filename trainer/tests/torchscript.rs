//! Modules that were exported from PyTorch train under the same guarantees as the trainer's own models, and those that could
//! not keep them are refused with the reason.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, complaint, report};
use protocol::digest::{Digest, content_address};
use protocol::manifest::{Decay, Manifest, Model, NumericProfile, Optimizer, Start};
use protocol::report::{DatasetReport, TrainReport, Verdict};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn module(name: &str) -> Vec<u8> {
    std::fs::read(here("tests/modules").join(format!("{name}.pt"))).unwrap()
}

/// `manifest` with a module instead of its model.
fn with_module(workshop: &Workshop, manifest: Manifest, file: &[u8], input: &[u32], classes: u32) -> Manifest {
    let module = workshop.store.put(file).unwrap();
    let model = Model::TorchScript { module, input: input.to_vec(), classes, tokenizer: None };
    workshop.written(Manifest { model, numeric_profile: NumericProfile::CanonicalAvx2V2, ..manifest })
}

fn launch(workshop: &Workshop, manifest: &Manifest, workers: u32, threads: &str) -> Output {
    let name = format!("{} with {workers} and {threads}", manifest.hash());
    workshop.launch_command(manifest, &name, workers).args(["--threads", threads]).output().unwrap()
}

/// Trains with several workers and threads, and replays; the state at the end.
fn same_bits_everywhere(workshop: &Workshop, manifest: &Manifest) -> TrainReport {
    let plain: TrainReport = report(&launch(workshop, manifest, 1, "1"));
    for (workers, threads) in [(2, "1"), (3, "1"), (4, "2")] {
        let run: TrainReport = report(&launch(workshop, manifest, workers, threads));
        assert_eq!((run.job_root, run.log), (plain.job_root, plain.log), "{workers} workers, {threads} threads");
    }
    // from the last segment on alone: nothing of a module may depend on the passes before
    let last = (plain.segments - 1).to_string();
    for segments in ["all", &last] {
        let replay = workshop.replay(manifest, &plain.log, segments);
        assert_eq!(
            (replay.verdict, replay.final_state_hash),
            (Verdict::Match, Some(plain.final_state_hash)),
            "{replay:?}"
        );
    }
    plain
}

#[test]
fn the_modules_are_the_files_that_were_made() {
    let sums = std::fs::read_to_string(here("tests/modules/SHA256SUMS")).unwrap();
    assert!(sums.lines().count() > 10);
    for line in sums.lines() {
        let (sum, file) = line.split_once("  ").unwrap();
        assert_eq!(
            content_address(&std::fs::read(here("tests/modules").join(file)).unwrap()).to_string(),
            sum,
            "{file}"
        );
    }
}

#[test]
fn a_module_over_tokens_ends_in_the_same_job_root_with_any_number_of_workers_and_threads_and_replays() {
    let workshop = Workshop::new();
    let manifest = with_module(&workshop, workshop.text_job(7), &module("tokens"), &[9], 11);
    let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, .. } = manifest.optimizer;
    let (decay, clip_norm) = (Decay::Matrices, Some(0.5));
    let optimizer = Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay, clip_norm };
    let manifest = workshop.written(Manifest { optimizer, micro_batches: 3, evaluate_every: 1, ..manifest });
    same_bits_everywhere(&workshop, &manifest);
}

fn digits_manifest(workshop: &Workshop, file: &[u8], steps: u32) -> Manifest {
    let cache = std::env::var_os("AIXBLOCK_CACHE")
        .map_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache/aixblock"), PathBuf::from);
    let data = cache.join("datasets/digits.csv.gz");
    assert!(data.exists(), "{} is missing: run `make setup`", data.display());
    let import = common::trainer()
        .args(["dataset", "--kind", "digits", "--input"])
        .arg(data)
        .arg("--store")
        .arg(workshop.store.root())
        .output();
    let _: DatasetReport = report(&import.unwrap());
    let job = std::fs::read_to_string(here("jobs/digits.toml")).unwrap();
    let manifest = Manifest { steps, ..Manifest::from_toml(&job).unwrap() };
    with_module(workshop, manifest, file, &[1, 8, 8], 10)
}

#[test]
fn the_guides_module_learns_to_read_digits_with_the_same_bits_everywhere() {
    let workshop = Workshop::new();
    let manifest = digits_manifest(&workshop, &module("digits"), 60);
    let run = same_bits_everywhere(&workshop, &manifest);
    assert!(run.accuracy_ppm >= 900_000, "{run:?}");
}

#[test]
fn the_guide_shows_the_script_and_the_job_that_are_tested() {
    let guide = std::fs::read_to_string(here("../docs/bring-your-model.md")).unwrap();
    let script = std::fs::read_to_string(here("examples/export_module.py")).unwrap();
    assert!(
        guide.contains(&script),
        "docs/bring-your-model.md shows another script than trainer/examples/export_module.py"
    );
    let job = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let manifest = Manifest::from_toml(&job.replace("MODULE", &Digest::ZERO.to_string())).unwrap();
    assert!(matches!(manifest.model, Model::TorchScript { classes: 10, .. }));
}

/// Runs where a Python with torch is there: AIXBLOCK_PYTHON, or python3.
#[test]
fn a_module_that_is_exported_now_trains_to_the_bits_of_the_committed_one() {
    let python = std::env::var("AIXBLOCK_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let torch = Command::new(&python).args(["-c", "import torch; print(torch.__version__)"]).output();
    let Some(version) = torch.ok().filter(|output| output.status.success()) else {
        eprintln!("{python} has no torch: the export was not run");
        return;
    };
    let workshop = Workshop::new();
    let exported = workshop.folder.path().join("digits.pt");
    let export = Command::new(&python).arg(here("examples/export_module.py")).arg(&exported).output().unwrap();
    assert!(export.status.success(), "{}", String::from_utf8_lossy(&export.stderr));
    let states = [std::fs::read(&exported).unwrap(), module("digits")].map(|file| {
        let manifest = digits_manifest(&workshop, &file, 12);
        let run: TrainReport = report(&launch(&workshop, &manifest, 1, "1"));
        run.final_state_hash
    });
    assert_eq!(states[0], states[1], "torch {}", String::from_utf8_lossy(&version.stdout));
}

#[test]
fn a_module_that_could_not_be_replayed_is_refused_with_the_reason() {
    let cases = [
        ("refused-operator", ["aten::lgamma", "not in the canonical numeric profile"]),
        ("refused-branch", ["aten::lgamma", "not in the canonical numeric profile"]),
        ("refused-dropout", ["aten::dropout", "random"]),
        ("refused-batch-norm", ["buffer before.", "GroupNorm"]),
        ("refused-assignment", ["passes", "assigns"]),
        ("refused-parameter", ["before.scale", "only the optimiser may"]),
        ("refused-print", ["prim::Print", "interpreter.operators"]),
        ("refused-library-function", ["aten::log", "before the export"]),
        ("refused-file", ["aten::save", "reaches outside"]),
        ("refused-code-at-load", ["__setstate__", "while the module is read"]),
        ("refused-tied", ["first.weight", "second.weight"]),
        ("refused-unused", ["before.spare", "requires_grad_(False)"]),
        ("refused-half", ["head.", "module.float()"]),
    ];
    let workshop = Workshop::new();
    for (name, reasons) in cases {
        let manifest = with_module(&workshop, workshop.image_job(2), &module(name), &[20], 4);
        let output = launch(&workshop, &manifest, 1, "1");
        let said = complaint(&output);
        assert!(reasons.iter().all(|reason| said.contains(reason)), "{name}: {said}");
        assert!(!said.contains("restart"), "{name}: {said}");
    }
}

#[test]
fn a_module_that_does_not_fit_its_manifest_is_refused_with_the_reason() {
    let workshop = Workshop::new();
    let good = module("refused-unused");
    let cut = &module("tokens")[..900];
    let cases: [(&[u8], u32, &str); 3] =
        [(cut, 4, "cannot be trained"), (b"no module", 4, "cannot be trained"), (&good, 4, "spare")];
    for (file, classes, reason) in cases {
        let manifest = with_module(&workshop, workshop.image_job(2), file, &[20], classes);
        let said = complaint(&launch(&workshop, &manifest, 1, "1"));
        assert!(said.contains(reason), "{said}");
    }
    // the scores have another last dimension than the dataset has classes
    let manifest = with_module(&workshop, workshop.text_job(2), &module("tokens"), &[3, 3], 11);
    let said = complaint(&launch(&workshop, &manifest, 1, "1"));
    assert!(said.contains("first pass failed"), "{said}");
    let manifest = with_module(&workshop, workshop.image_job(2), &module("digits"), &[1, 4, 5], 4);
    let said = complaint(&launch(&workshop, &manifest, 1, "1"));
    assert!(said.contains("first pass failed"), "{said}");
}

#[test]
fn a_module_goes_on_from_other_weights_and_under_adapters() {
    let workshop = Workshop::new();
    let manifest = with_module(&workshop, workshop.text_job(6), &module("tokens"), &[9], 11);
    let first = report::<TrainReport>(&launch(&workshop, &manifest, 1, "1"));
    let weights = workshop.export(&first, &[]);
    let weights = workshop.store.put(&weights).unwrap();
    let start = Some(Start { weights, lora: None });
    let tuned = same_bits_everywhere(&workshop, &workshop.written(Manifest { start, ..manifest.clone() }));
    assert_ne!(tuned.final_state_hash, first.final_state_hash);
    let lora = common::lora(2, &["projection", "feed.0", "output"]);
    let start = Some(Start { weights, lora: Some(lora) });
    same_bits_everywhere(&workshop, &workshop.written(Manifest { start, ..manifest }));
}
