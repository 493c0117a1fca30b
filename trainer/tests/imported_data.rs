//! Datasets that are imported from other people's formats train every model that fits them, as any job is trained.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../artefacts/tests/support/mod.rs"]
mod support;

use common::{Workshop, complaint, report};
use protocol::manifest::{Dataset, DatasetKind, Holdout, HoldoutUnit, Manifest, Model, NumericProfile};
use protocol::philox::{Purpose, Stream};
use protocol::report::{DatasetReport, ReplayReport, TrainReport, Verdict};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::Server;
use zune_png::PngEncoder;
use zune_png::zune_core::bit_depth::BitDepth;
use zune_png::zune_core::colorspace::ColorSpace;
use zune_png::zune_core::options::EncoderOptions;

const SIDE: usize = 8;

/// Noisy images of stripes in rows, stripes in columns, a chessboard, or one grey, and which of them each is.
fn textures(count: u32) -> Vec<(Vec<u8>, u8)> {
    let mut stream = Stream::new(6, Purpose::Synthetic, 0);
    let image = |_| {
        let class = stream.below(4) as u8;
        let bright = |place: usize| match class {
            0 => (place / SIDE).is_multiple_of(2),
            1 => place.is_multiple_of(2),
            2 => (place / SIDE + place).is_multiple_of(2),
            _ => true,
        };
        let pixels = (0..SIDE * SIDE).map(|place| stream.below(90) as u8 + if bright(place) { 160 } else { 0 });
        (pixels.collect(), class)
    };
    (0..count).map(image).collect()
}

fn idx_file(dimensions: &[u32], values: &[u8]) -> Vec<u8> {
    let sizes = dimensions.iter().flat_map(|size| size.to_be_bytes());
    [0, 0, 8, dimensions.len() as u8].into_iter().chain(sizes).chain(values.iter().copied()).collect()
}

fn path(workshop: &Workshop, name: &str) -> PathBuf {
    let path = workshop.folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    path
}

/// `aixblock-trainer dataset` of the file or folder `input`.
fn import(workshop: &Workshop, kind: &str, input: &Path, options: &[&str]) -> DatasetReport {
    let mut command = common::trainer();
    command.args(["dataset", "--kind", kind, "--input"]).arg(input).arg("--store").arg(workshop.store.root());
    report(&command.args(options).output().unwrap())
}

/// 600 textures as IDX files, imported in chunks of 20; there are ten classes, as for digits.
fn import_textures(workshop: &Workshop) -> DatasetReport {
    let (pixels, labels): (Vec<Vec<u8>>, Vec<u8>) = textures(600).into_iter().unzip();
    let [images, classes] = ["images", "labels"].map(|name| path(workshop, name));
    std::fs::write(&images, idx_file(&[600, SIDE as u32, SIDE as u32], &pixels.concat())).unwrap();
    std::fs::write(&classes, idx_file(&[600], &labels)).unwrap();
    let options = ["--labels", classes.to_str().unwrap(), "--classes", "10", "--chunk-bytes", "1320"];
    let imported = import(workshop, "idx", &images, &options);
    assert_eq!((imported.items, imported.classes, imported.chunks), (600, 10, 30));
    imported
}

fn residual_cnn(channels: u32, classes: u32) -> Model {
    let (height, width, stages) = (SIDE as u32, SIDE as u32, vec![4, 8]);
    Model::ResidualCnn { channels, height, width, stages, blocks: 1, groups: 2, classes, dropout: 0.1 }
}

fn module(workshop: &Workshop, name: &str, input: &[u32], classes: u32) -> Model {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules").join(format!("{name}.pt"));
    let module = workshop.store.put(&std::fs::read(file).unwrap()).unwrap();
    Model::TorchScript { module, input: input.to_vec(), classes, tokenizer: None }
}

/// A job of `steps` on an imported dataset, of which two chunks are mixed at a time and whole chunks are held out.
fn job(workshop: &Workshop, steps: u32, model: Model, kind: DatasetKind, imported: &DatasetReport) -> Manifest {
    let dataset = Dataset {
        mix_chunks: Some(2),
        holdout_unit: HoldoutUnit::Chunk,
        ..Dataset::new(kind, imported.root, Holdout { seed: 3, one_in: 5 })
    };
    let numeric_profile = NumericProfile::CanonicalAvx2V2;
    let base = Manifest { model, dataset, numeric_profile, ..workshop.image_job(steps) };
    workshop.written(Manifest { micro_batches: 3, evaluate_every: 2, ..base })
}

/// Trains with one worker and with two, and replays whole and from the last segment alone.
fn same_bits(workshop: &Workshop, manifest: &Manifest) -> TrainReport {
    let name = manifest.hash().to_string();
    let one = workshop.train(manifest, &name, 1);
    let mut two = workshop.launch_command(manifest, &format!("{name} with 2"), 2);
    let two: TrainReport = report(&two.args(["--threads", "2"]).output().unwrap());
    assert_eq!((one.job_root, one.log), (two.job_root, two.log), "{:?}", manifest.model);
    for segments in ["all", &(one.segments - 1).to_string()] {
        let replay = workshop.replay(manifest, &one.log, segments);
        let expected = (Verdict::Match, Some(one.final_state_hash));
        assert_eq!((replay.verdict, replay.final_state_hash), expected, "{replay:?}");
        assert!(replay.metric.unwrap().matches);
    }
    one
}

#[test]
fn a_residual_network_learns_imported_images_with_the_same_bits_for_any_number_of_workers_and_in_a_replay() {
    let workshop = Workshop::new();
    let manifest = job(&workshop, 60, residual_cnn(1, 10), DatasetKind::Images, &import_textures(&workshop));
    let run = same_bits(&workshop, &manifest);
    assert!(run.accuracy_ppm > 700_000, "{run:?}");
    assert_eq!(run.total, 120, "one chunk of 20 in five");
    // its exported weights are as often right, in another process and without the job's checkpoints
    let file = path(&workshop, "weights.safetensors");
    std::fs::write(&file, workshop.export(&run, &[])).unwrap();
    let mut evaluate = common::trainer();
    evaluate.args(["evaluate", "--manifest-hash", &manifest.hash().to_string(), "--weights"]).arg(&file);
    let found: serde_json::Value = report(&evaluate.arg("--store").arg(workshop.store.root()).output().unwrap());
    assert_eq!((found["correct"].as_u64(), found["total"].as_u64()), (Some(run.correct), Some(run.total)));
}

#[test]
fn imported_images_train_every_model_that_takes_them_and_a_replay_reads_the_same_chunks_for_each() {
    let workshop = Workshop::new();
    let imported = import_textures(&workshop);
    let head = protocol::chunked::Head::decode(&workshop.store.get(&imported.root).unwrap()).unwrap();
    let chunks = protocol::chunked::decode_list(&head, &workshop.store.get(&head.list).unwrap()).unwrap();
    let mlp = Model::Mlp { inputs: 64, hidden: vec![12], classes: 10, dropout: 0.0 };
    let models = [mlp, residual_cnn(1, 10), module(&workshop, "digits", &[1, 8, 8], 10)];
    let mut read = BTreeSet::new();
    for model in models {
        let manifest = job(&workshop, 15, model, DatasetKind::Images, &imported);
        let run = same_bits(&workshop, &manifest);
        let server = Server::of_folder(workshop.store.root().to_owned());
        let mut replay = common::trainer();
        replay.args(["replay", "--segments", "0", "--log", &run.log.to_string(), "--store", &server.url()]);
        let replay: ReplayReport =
            report(&replay.args(["--manifest-hash", &manifest.hash().to_string()]).output().unwrap());
        assert_eq!(replay.verdict, Verdict::Match, "{replay:?}");
        let asked: BTreeSet<String> = server.requests().into_iter().map(|request| request.path).collect();
        let of_chunks: Vec<usize> =
            (0..30).filter(|&place| asked.iter().any(|path| path.ends_with(&chunks[place].to_string()))).collect();
        // five steps of 12 samples out of groups of 2 chunks of 20
        assert!((2..=4).contains(&of_chunks.len()), "{of_chunks:?}");
        read.insert(of_chunks);
    }
    assert_eq!(read.len(), 1, "what is read depends on the model: {read:?}");
}

#[test]
fn a_residual_network_trains_on_a_folder_of_coloured_images() {
    let workshop = Workshop::new();
    for (number, (pixels, class)) in textures(160).into_iter().enumerate() {
        let colours: Vec<u8> = pixels.iter().flat_map(|&pixel| [pixel, pixel / 2, 255 - pixel]).collect();
        let mut file = Vec::new();
        let options = EncoderOptions::new(SIDE, SIDE, ColorSpace::RGB, BitDepth::Eight);
        PngEncoder::new(&colours, options).encode(&mut file).unwrap();
        std::fs::write(path(&workshop, &format!("textures/{class}/{number:03}.png")), file).unwrap();
    }
    let folder = path(&workshop, "textures/");
    let imported = import(&workshop, "png", &folder, &["--shuffle", "4", "--chunk-bytes", "2000"]);
    assert_eq!((imported.items, imported.names.len()), (160, 4));
    same_bits(&workshop, &job(&workshop, 6, residual_cnn(3, 4), DatasetKind::Images, &imported));
    // the same number of values in another order is no image
    let other = Model::ResidualCnn {
        channels: 8,
        height: 8,
        width: 3,
        stages: vec![4],
        blocks: 1,
        groups: 2,
        classes: 4,
        dropout: 0.0,
    };
    for model in [other, module(&workshop, "digits", &[8, 8, 3], 4)] {
        let manifest = job(&workshop, 6, model, DatasetKind::Images, &imported);
        let mut launch = workshop.launch_command(&manifest, "refused", 1);
        let said = complaint(&launch.args(["--max-restarts", "0"]).output().unwrap());
        assert!(said.contains("3 channels") && said.contains("expects 8"), "{said}");
    }
}

#[test]
fn a_transformer_and_a_module_train_on_imported_tokens() {
    let workshop = Workshop::new();
    let mut stream = Stream::new(7, Purpose::Synthetic, 0);
    // every token but each third follows from the one before
    let mut tokens = vec![0u16];
    for place in 1..3_000 {
        let before = tokens[place - 1];
        tokens.push(if place % 3 == 0 { stream.below(300) as u16 } else { (before * 7 + 1) % 300 });
    }
    let file = path(&workshop, "tokens.bin");
    std::fs::write(&file, tokens.iter().flat_map(|token| token.to_le_bytes()).collect::<Vec<_>>()).unwrap();
    let imported = import(&workshop, "tokens", &file, &["--vocab", "300", "--chunk-bytes", "500"]);
    assert_eq!((imported.items, imported.classes, imported.chunks), (3_000, 300, 12));
    let model =
        Model::Transformer { vocab: 300, context: 9, width: 16, heads: 2, layers: 1, dropout: 0.1, tokenizer: None };
    same_bits(&workshop, &job(&workshop, 6, model, DatasetKind::Tokens, &imported));

    std::fs::write(&file, tokens.iter().map(|token| (token % 11) as u8).collect::<Vec<_>>()).unwrap();
    let imported = import(&workshop, "tokens", &file, &["--vocab", "11", "--token-bytes", "1", "--chunk-bytes", "250"]);
    let model = module(&workshop, "tokens", &[9], 11);
    same_bits(&workshop, &job(&workshop, 6, model, DatasetKind::Tokens, &imported));
}
