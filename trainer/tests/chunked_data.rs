//! Training on datasets in chunks: the same bits as a replay, which fetches only the chunks that it needs.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "../../artefacts/tests/support/mod.rs"]
mod support;

use artefacts::Store;
use common::{Workshop, complaint, report};
use protocol::chunked::{Layout, TokenWidth};
use protocol::digest::Digest;
use protocol::manifest::{Dataset, DatasetKind, Holdout, HoldoutUnit, Manifest, Model};
use protocol::philox::{Purpose, Stream};
use protocol::report::{ReplayReport, SegmentVerdict, Verdict};
use std::collections::BTreeSet;
use std::process::Command;
use support::Server;
use trainer::dataset::import::{Chunking, DatasetWriter, Imported};
use trainer::dataset::{CACHE_BYTES_VARIABLE, ChunkReader, Samples};
use trainer::files::Files;

const IMAGES: Layout = Layout::Images { channels: 1, height: 4, width: 5, white: 16, classes: 4 };

fn write(store: &Store, layout: Layout, chunk_bytes: u64, items: u32) -> Imported {
    let mut stream = Stream::new(8, Purpose::Synthetic, 0);
    let mut chunking = Chunking { store, chunk_bytes, tell: &mut |_| {} };
    let mut writer = DatasetWriter::new(layout, &mut chunking).unwrap();
    for _ in 0..items {
        let label = stream.below(4);
        let pixels: Vec<u8> = (0..20).map(|_| stream.below(17) as u8).collect();
        let push = |chunk: &mut protocol::dataset_chunk::ChunkBuilder| match layout {
            Layout::Images { .. } => chunk.push_image(&pixels, label),
            Layout::Features { .. } => {
                chunk.push_features(&pixels.iter().map(|&p| f32::from(p) / 16.0).collect::<Vec<_>>(), label)
            }
            Layout::Tokens { vocab, .. } => chunk.push_token(u32::from(pixels[0]) % vocab),
        };
        writer.push(push, |error| panic!("{error}")).unwrap();
    }
    writer.finish().unwrap()
}

/// A job on a dataset of 40 chunks, of which one in five is held out, with two chunks mixed at a time.
fn job_of_chunks(workshop: &Workshop, steps: u32) -> Manifest {
    // 10 images of 22 bytes
    let imported = write(&workshop.store, IMAGES, 220, 400);
    assert_eq!(imported.head.chunks(), 40);
    let dataset = Dataset {
        mix_chunks: Some(2),
        holdout_unit: HoldoutUnit::Chunk,
        ..Dataset::new(DatasetKind::Images, imported.root, Holdout { seed: 3, one_in: 5 })
    };
    workshop.written(Manifest { dataset, ..workshop.image_job(steps) })
}

fn replay(manifest: &Manifest, log: &Digest, segments: &str, store: &str) -> Command {
    let mut command = common::trainer();
    command.args(["replay", "--log", &log.to_string(), "--manifest-hash", &manifest.hash().to_string()]);
    command.args(["--segments", segments, "--store", store]);
    command
}

fn chunks_of(store: &Store, manifest: &Manifest) -> Vec<Digest> {
    let head = protocol::chunked::Head::decode(&store.get(&manifest.dataset.root).unwrap()).unwrap();
    protocol::chunked::decode_list(&head, &store.get(&head.list).unwrap()).unwrap()
}

/// Places of the chunks that a replay asked `server` for.
fn fetched(server: &Server, chunks: &[Digest]) -> BTreeSet<usize> {
    let asked: BTreeSet<String> = server.requests().into_iter().map(|request| request.path).collect();
    let path = |address: &Digest| format!("/{}/{address}", &address.to_string()[..2]);
    (0..chunks.len()).filter(|&place| asked.contains(&path(&chunks[place]))).collect()
}

#[test]
fn every_kind_of_dataset_in_chunks_trains_and_replays_to_the_same_bits() {
    let workshop = Workshop::new();
    let tokens = Layout::Tokens { width: TokenWidth::One, vocab: 11 };
    // windows of 9 tokens, and chunks of 50: most windows at an end lie in two chunks
    let cases = [
        (workshop.image_job(6), IMAGES, 200),
        (workshop.image_job(6), Layout::Features { features: 20, classes: 4 }, 500),
        (workshop.text_job(6), tokens, 50),
    ];
    for (base, layout, chunk_bytes) in cases {
        let imported = write(&workshop.store, layout, chunk_bytes, 700);
        let dataset = Dataset::new(layout.kind(), imported.root, base.dataset.holdout);
        let manifest = workshop.written(Manifest { dataset, ..base });
        let kind = layout.kind().name();
        let (one, two) = (workshop.train(&manifest, kind, 1), workshop.train(&manifest, &format!("{kind}-2"), 2));
        assert_eq!(one.job_root, two.job_root, "{kind}");
        let replay = workshop.replay(&manifest, &one.log, "all");
        assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(one.final_state_hash)), "{kind}");
    }
}

#[test]
fn a_batch_is_the_same_from_memory_and_from_chunks() {
    let workshop = Workshop::new();
    let manifest = workshop.text_job(5);
    let trainer::dataset::Dataset::Text(text) =
        trainer::dataset::Dataset::decode(DatasetKind::Text, &workshop.store.get(&manifest.dataset.root).unwrap())
            .unwrap()
    else {
        panic!("not a text")
    };
    let layout = Layout::Tokens { width: TokenWidth::One, vocab: 11 };
    let mut chunking = Chunking { store: &workshop.store, chunk_bytes: 7, tell: &mut |_| {} };
    let mut writer = DatasetWriter::new(layout, &mut chunking).unwrap();
    for &token in &text.tokens {
        writer.push(|chunk| chunk.push_token(token.into()), |error| panic!("{error}")).unwrap();
    }
    let root = writer.finish().unwrap().root;
    let chunked =
        Manifest { dataset: Dataset::new(DatasetKind::Tokens, root, manifest.dataset.holdout), ..manifest.clone() };
    let memory = Samples::new(trainer::dataset::Dataset::Text(text), &manifest, &Files::default()).unwrap();
    // no room for more than one chunk
    let chunks = Samples::of_chunks(ChunkReader::open(&workshop.store, &root, 1).unwrap(), &chunked).unwrap();
    assert_eq!(memory.count(), chunks.count());
    let numbers = [5, 0, memory.count() - 1, 7, 5];
    let (left, right) = (memory.batch(&numbers).unwrap(), chunks.batch(&numbers).unwrap());
    assert_eq!((left.classes, left.inputs, left.targets), (right.classes, right.inputs, right.targets));
}

#[test]
fn the_replay_of_a_segment_fetches_only_the_chunks_of_its_batches() {
    let workshop = Workshop::new();
    let manifest = job_of_chunks(&workshop, 20);
    let run = workshop.train(&manifest, "run", 1);
    let chunks = chunks_of(&workshop.store, &manifest);
    let root = manifest.dataset.root;
    let reader = ChunkReader::open(&workshop.store, &root, 1 << 20).unwrap();
    let samples = Samples::of_chunks(reader, &manifest).unwrap();
    let (split, order) = (samples.split(&manifest.dataset), samples.epoch_order(&manifest.dataset));
    let needed = |segment: u32| -> BTreeSet<usize> {
        let (ranks, batch) = (manifest.virtual_ranks, manifest.batch_per_rank);
        let mut order =
            protocol::data_order::BatchOrder::new(manifest.sampler_seed, split.clone(), order, ranks, batch).unwrap();
        let numbers = manifest.segment_steps(segment).flat_map(|step| order.batches(step).concat());
        numbers.map(|number| number as usize / 10).collect()
    };
    let last = manifest.segments() - 1;
    for segment in [0, 1, last] {
        let server = Server::of_folder(workshop.store.root().to_owned());
        let answer: ReplayReport =
            report(&replay(&manifest, &run.log, &segment.to_string(), &server.url()).output().unwrap());
        assert_eq!(answer.verdict, Verdict::Match, "{answer:?}");
        let mut expected = needed(segment);
        // five steps of 12 samples, two chunks of 10 at a time
        assert!(expected.len() <= 8, "{expected:?}");
        if segment == last {
            expected.extend(split.held_out_batches(10).flatten().map(|number| number as usize / 10));
            assert!(expected.len() <= 8 + 40 / 5, "{expected:?}");
        }
        assert_eq!(fetched(&server, &chunks), expected, "segment {segment}");
    }
}

#[test]
fn a_small_cache_changes_nothing_but_the_number_of_reads() {
    let workshop = Workshop::new();
    let manifest = job_of_chunks(&workshop, 10);
    let run = workshop.train(&manifest, "run", 1);
    let reads = |cache_bytes: &str| {
        let server = Server::of_folder(workshop.store.root().to_owned());
        let mut command = replay(&manifest, &run.log, "all", &server.url());
        let answer: ReplayReport = report(&command.env(CACHE_BYTES_VARIABLE, cache_bytes).output().unwrap());
        assert_eq!((answer.verdict, answer.final_state_hash), (Verdict::Match, Some(run.final_state_hash)));
        server.requests().len()
    };
    assert!(reads("1") > reads("1000000"));
    let wrong = replay(&manifest, &run.log, "all", &workshop.store.root().display().to_string())
        .env(CACHE_BYTES_VARIABLE, "much")
        .output()
        .unwrap();
    let answer: ReplayReport = report(&wrong);
    assert!(answer.reason.unwrap().contains(CACHE_BYTES_VARIABLE));
}

#[test]
fn a_chunk_that_is_missing_or_damaged_is_named_and_is_no_mismatch() {
    let workshop = Workshop::new();
    let manifest = job_of_chunks(&workshop, 10);
    let run = workshop.train(&manifest, "run", 1);
    let chunks = chunks_of(&workshop.store, &manifest);
    let good: Vec<Vec<u8>> = chunks.iter().map(|address| workshop.store.get(address).unwrap()).collect();
    for damage in [None, Some(&b"damaged"[..]), Some(&[0; 1_000])] {
        for address in &chunks {
            match damage {
                None => std::fs::remove_file(workshop.store.path_of(address)).unwrap(),
                Some(bytes) => std::fs::write(workshop.store.path_of(address), bytes).unwrap(),
            }
        }
        let answer = workshop.replay(&manifest, &run.log, "0");
        assert_eq!(answer.verdict, Verdict::Unavailable, "{answer:?}");
        assert!(matches!(answer.segments[0].outcome, SegmentVerdict::Unavailable { .. }));
        let reason = answer.reason.unwrap();
        assert!(chunks.iter().any(|address| reason.contains(&address.to_string())), "{reason}");
        let said =
            complaint(&workshop.launch_command(&manifest, "again", 1).args(["--max-restarts", "0"]).output().unwrap());
        assert!(chunks.iter().any(|address| said.contains(&address.to_string())), "{said}");
        for bytes in &good {
            workshop.store.put(bytes).unwrap();
        }
    }
    assert_eq!(workshop.replay(&manifest, &run.log, "0").verdict, Verdict::Match);
}

#[test]
fn an_evaluation_that_lacks_its_chunks_leaves_its_segment_undecided() {
    let workshop = Workshop::new();
    let manifest = workshop.written(Manifest { evaluate_every: 1, ..job_of_chunks(&workshop, 10) });
    let run = workshop.train(&manifest, "run", 1);
    let chunks = chunks_of(&workshop.store, &manifest);
    let reader = ChunkReader::open(&workshop.store, &manifest.dataset.root, 1 << 20).unwrap();
    let split = Samples::of_chunks(reader, &manifest).unwrap().split(&manifest.dataset);
    let address = &chunks[split.held_out(0) as usize / 10];
    std::fs::remove_file(workshop.store.path_of(address)).unwrap();
    let answer = workshop.replay(&manifest, &run.log, "0");
    assert_eq!(answer.verdict, Verdict::Unavailable, "{answer:?}");
    assert!(answer.reason.unwrap().contains(&address.to_string()));
}

#[test]
fn a_dataset_that_is_not_what_the_manifest_says_is_refused() {
    let workshop = Workshop::new();
    let rows = write(&workshop.store, Layout::Features { features: 20, classes: 4 }, 500, 100);
    let narrow = write(&workshop.store, Layout::Features { features: 20, classes: 5 }, 500, 100);
    let base = workshop.image_job(5);
    let cases = [
        (DatasetKind::Images, rows.root, "another kind"),
        (DatasetKind::Features, narrow.root, "5 classes"),
        (DatasetKind::Features, workshop.store.put(b"something else").unwrap(), "head of a dataset"),
    ];
    for (kind, root, expected) in cases {
        let dataset = Dataset::new(kind, root, base.dataset.holdout);
        let manifest = workshop.written(Manifest { dataset, ..base.clone() });
        let said = complaint(&workshop.launch_command(&manifest, "run", 1).output().unwrap());
        assert!(said.contains(expected), "{said}");
    }
    let model = Model::Mlp { inputs: 21, hidden: vec![], classes: 4, dropout: 0.0 };
    let dataset = Dataset::new(DatasetKind::Features, rows.root, base.dataset.holdout);
    let manifest = workshop.written(Manifest { dataset, model, ..base });
    let said = complaint(&workshop.launch_command(&manifest, "run", 1).output().unwrap());
    assert!(said.contains("20 features") && said.contains("21"), "{said}");
}
