//! What a manifest can ask of training: each feature changes what is computed, and none changes that it is the same everywhere.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, complaint, report};
use protocol::clipping::global_norm;
use protocol::commitment::FinalMetric;
use protocol::manifest::{Decay, Manifest, Model, NumericProfile, Optimizer};
use protocol::report::{DifferingPart, SegmentVerdict, TrainReport, Verdict};
use std::collections::BTreeSet;
use trainer::gradients::{OneProcess, rank_gradients};
use trainer::job::Job;
use trainer::recorder::NoRecord;
use trainer::reduction::tree_mean;
use trainer::state::{TrainState, Values};
use trainer::step::run_step;

fn canonical(workshop: &Workshop, manifest: Manifest) -> Manifest {
    workshop.with_profile(manifest, NumericProfile::CanonicalAvx2V2)
}

fn with_dropout(manifest: Manifest, rate: f64) -> Manifest {
    let mut model = manifest.model.clone();
    match &mut model {
        Model::Mlp { dropout, .. } | Model::Transformer { dropout, .. } | Model::ResidualCnn { dropout, .. } => {
            *dropout = rate;
        }
        Model::TorchScript { .. } => unreachable!("no job of this file has a module"),
    }
    Manifest { model, ..manifest }
}

fn with_optimizer(manifest: Manifest, decay: Decay, clip_norm: Option<f64>) -> Manifest {
    let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, .. } = manifest.optimizer;
    let optimizer = Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay, clip_norm };
    Manifest { optimizer, ..manifest }
}

/// Everything at once.
fn with_everything(workshop: &Workshop, manifest: Manifest) -> Manifest {
    let manifest = with_optimizer(with_dropout(manifest, 0.2), Decay::Matrices, Some(0.3));
    canonical(workshop, Manifest { micro_batches: 3, evaluate_every: 2, ..manifest })
}

fn image_network(workshop: &Workshop, steps: u32) -> Manifest {
    let model = Model::ResidualCnn {
        channels: 1,
        height: 4,
        width: 5,
        stages: vec![4, 6],
        blocks: 2,
        groups: 2,
        classes: 4,
        dropout: 0.0,
    };
    canonical(workshop, Manifest { model, ..workshop.image_job(steps) })
}

#[test]
fn every_feature_at_once_ends_in_the_same_job_root_with_any_number_of_workers_and_threads_and_replays() {
    let workshop = Workshop::new();
    for job in [workshop.image_job(11), workshop.text_job(11), image_network(&workshop, 11)] {
        let manifest = with_everything(&workshop, job);
        let train = |workers: u32, threads: &str| -> TrainReport {
            let name = format!("{} with {workers} and {threads}", manifest.hash());
            let mut launch = workshop.launch_command(&manifest, &name, workers);
            report(&launch.args(["--threads", threads]).output().unwrap())
        };
        let plain = train(1, "1");
        for (workers, threads) in [(1, "4"), (2, "1"), (3, "2"), (4, "2")] {
            let run = train(workers, threads);
            assert_eq!((run.job_root, run.log), (plain.job_root, plain.log), "{workers} workers, {threads} threads");
        }
        let evaluated: Vec<bool> =
            workshop.log(&plain).segments.iter().map(|segment| segment.metric.is_some()).collect();
        assert_eq!(evaluated, [false, true, false]);
        let replay = workshop.replay(&manifest, &plain.log, "all");
        assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(plain.final_state_hash)));
        // dropout and micro-batches of a segment alone
        assert_eq!(workshop.replay(&manifest, &plain.log, "2").verdict, Verdict::Match);
    }
}

#[test]
fn each_feature_changes_the_state_that_training_ends_in_and_evaluations_do_not() {
    let workshop = Workshop::new();
    let plain = canonical(&workshop, workshop.text_job(4));
    let changed = [
        Manifest { micro_batches: 3, ..plain.clone() },
        with_dropout(plain.clone(), 0.2),
        with_dropout(Manifest { init_seed: 9, ..plain.clone() }, 0.2),
        with_optimizer(plain.clone(), Decay::Matrices, None),
        with_optimizer(plain.clone(), Decay::All, Some(0.1)),
    ];
    let end = |manifest: &Manifest| {
        let manifest = workshop.written(manifest.clone());
        workshop.train(&manifest, &manifest.hash().to_string(), 1).final_state_hash
    };
    let mut ends: BTreeSet<String> = changed.iter().map(|manifest| end(manifest).to_string()).collect();
    ends.insert(end(&plain).to_string());
    assert_eq!(ends.len(), changed.len() + 1);
    assert_eq!(end(&Manifest { evaluate_every: 1, ..plain.clone() }), end(&plain));
}

/// The job in this process, whose kernels are libtorch's: for what does not depend on the last bit.
fn job(workshop: &Workshop, manifest: Manifest) -> Job {
    let manifest = Manifest { numeric_profile: NumericProfile::CanonAvx2, ..manifest };
    workshop.store.put(&manifest.encode()).unwrap();
    Job::load(&workshop.store, &manifest.hash()).unwrap()
}

fn mean_gradient(job: &Job) -> (f32, Values) {
    let state = TrainState::initial(job).unwrap();
    let batches = job.batch_order().unwrap().batches(0);
    let mean = tree_mean(&rank_gradients(job, &state, &batches).unwrap());
    (mean.loss, mean.gradient)
}

#[test]
fn micro_batches_add_up_to_the_gradient_of_the_whole_batch() {
    let workshop = Workshop::new();
    for manifest in [workshop.image_job(5), workshop.text_job(5)] {
        let (loss, gradient) = mean_gradient(&job(&workshop, manifest.clone()));
        let (parted_loss, parted) = mean_gradient(&job(&workshop, Manifest { micro_batches: 3, ..manifest }));
        assert!((loss - parted_loss).abs() < 1e-5, "{loss} {parted_loss}");
        for (whole, parted) in gradient.iter().flatten().zip(parted.iter().flatten()) {
            assert!((whole - parted).abs() < 1e-5, "{whole} {parted}");
        }
        assert!(gradient.iter().flatten().any(|value| value.abs() > 1e-3));
    }
}

#[test]
fn a_clipped_gradient_enters_the_moments_with_the_limit_as_its_norm() {
    let workshop = Workshop::new();
    let norm = global_norm(mean_gradient(&job(&workshop, workshop.image_job(5))).1.iter().map(Vec::as_slice));
    for limit in [norm / 3.0, norm * 3.0] {
        let job = job(&workshop, with_optimizer(workshop.image_job(5), Decay::All, Some(limit)));
        let mut state = TrainState::initial(&job).unwrap();
        run_step(&job, &mut state, &mut job.batch_order().unwrap(), &mut OneProcess, &mut NoRecord).unwrap();
        // the first moment is (1 - beta1) of the gradient
        let first = global_norm(state.values()[1].iter().map(Vec::as_slice)) / (1.0 - 0.9);
        assert!((first / limit.min(norm) - 1.0).abs() < 1e-3, "{first} with limit {limit} and norm {norm}");
    }
}

#[test]
fn dropout_draws_other_values_for_each_virtual_rank_and_none_in_an_evaluation() {
    let workshop = Workshop::new();
    let whole = job(&workshop, workshop.text_job(5));
    let dropping = job(&workshop, with_dropout(workshop.text_job(5), 0.5));
    let state = TrainState::initial(&dropping).unwrap();
    // every virtual rank takes the same samples
    let batches = vec![vec![1, 2, 3]; 4];
    let ranks = rank_gradients(&dropping, &state, &batches).unwrap();
    for (place, rank) in ranks.iter().enumerate() {
        assert!(ranks[place + 1..].iter().all(|other| other.loss != rank.loss && other.gradient != rank.gradient));
    }
    assert_eq!(ranks, rank_gradients(&dropping, &state, &batches).unwrap());
    let metric = |job: &Job| trainer::evaluate::evaluate(job, &TrainState::initial(job).unwrap()).unwrap();
    assert_eq!(metric(&dropping), metric(&whole));
}

#[test]
fn a_forged_evaluation_is_a_mismatch_in_its_segment() {
    let workshop = Workshop::new();
    let manifest = canonical(&workshop, Manifest { evaluate_every: 1, ..workshop.image_job(10) });
    let run = workshop.train(&manifest, "run", 1);
    let forged = workshop.forge(&run, |log| {
        let FinalMetric { correct, total } = log.segments[0].metric.unwrap();
        log.segments[0].metric = Some(FinalMetric { correct: if correct > 0 { correct - 1 } else { 1 }, total });
    });
    let replay = workshop.replay(&manifest, &forged, "all");
    assert_eq!(replay.verdict, Verdict::Mismatch);
    let SegmentVerdict::Mismatch { step, part, .. } = &replay.segments[0].outcome else { panic!("{replay:?}") };
    assert_eq!((*step, *part), (4, DifferingPart::Evaluation));
    let missing = workshop.forge(&run, |log| log.segments[1].metric = None);
    let replay = workshop.replay(&manifest, &missing, "1");
    assert!(replay.verdict == Verdict::Mismatch && replay.reason.unwrap().contains("no evaluation"));
}

#[test]
fn a_residual_network_learns_which_rows_of_an_image_are_bright() {
    let workshop = Workshop::new();
    let manifest = image_network(&workshop, 60);
    let manifest = workshop.on_dataset(manifest, &common::bright_rows(300));
    let run = workshop.train(&manifest, "run", 2);
    assert!(run.accuracy_ppm >= 950_000, "{run:?}");
}

#[test]
fn an_image_that_is_not_the_models_is_refused() {
    let workshop = Workshop::new();
    let manifest = image_network(&workshop, 5);
    let Model::ResidualCnn { channels, height, stages, blocks, groups, classes, dropout, .. } = manifest.model else {
        panic!("not a residual network")
    };
    let model = Model::ResidualCnn { channels, height, width: 6, stages, blocks, groups, classes, dropout };
    let manifest = workshop.written(Manifest { model, ..manifest });
    let said = complaint(&workshop.launch_command(&manifest, "run", 1).output().unwrap());
    assert!(said.contains("20 pixels") && said.contains("24"), "{said}");
}
