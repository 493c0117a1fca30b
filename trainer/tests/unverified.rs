//! The tiers that nobody can verify train the same job: over gloo here, over NCCL by the same code on other hardware.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::manifest::{Decay, Manifest, Model, NumericProfile, Optimizer};
use protocol::report::UnverifiedReport;
use std::time::Duration;
use tch::Device;
use trainer::bridge::{ProcessGroup, Store, StoreServer};
use trainer::device_state::DeviceState;
use trainer::gradients::{AveragingGroup, OneProcess};
use trainer::job::Job;
use trainer::recorder::NoRecord;
use trainer::state::{TrainState, Values, Weights};
use trainer::step::run_step;

fn launch(workshop: &Workshop, manifest: &Manifest, workers: u32) -> std::process::Output {
    workshop.launch_command(manifest, "gloo", workers).args(["--reducer", "gloo"]).output().unwrap()
}

#[test]
fn the_fast_tier_trains_and_reports_that_nobody_can_verify_it() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(60);
    let verified = workshop.train(&manifest, "canonical", 2);
    let output = launch(&workshop, &manifest, 2);
    let fast: UnverifiedReport = report(&output);
    assert_eq!((fast.verified, fast.reducer.as_str(), fast.world_size), (false, "gloo", 2));
    assert!((fast.final_loss - verified.final_loss).abs() < 0.05, "{} {}", fast.final_loss, verified.final_loss);
    let fields: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(fields.get("job_root").is_none() && fields.get("log").is_none(), "{fields}");
    assert!(!workshop.work_dir("gloo").join("segments").exists());
}

#[test]
fn the_fast_tier_goes_on_from_its_last_checkpoint() {
    let workshop = Workshop::new();
    let manifest = workshop.with_profile(workshop.text_job(6), NumericProfile::CanonicalAvx2V2);
    let first: UnverifiedReport = report(&launch(&workshop, &manifest, 2));
    let again: UnverifiedReport = report(&launch(&workshop, &manifest, 1));
    assert_eq!((first.resumed_from_step, again.resumed_from_step), (0, 6));
    assert_eq!((again.final_checkpoint, again.correct), (first.final_checkpoint, first.correct));
}

/// A job that uses all that an update can be asked for. Its eps is far above what two orders of additions differ by.
fn demanding_job(workshop: &Workshop) -> Job {
    let manifest = workshop.image_job(6);
    let Optimizer::Adamw { lr, beta1, beta2, weight_decay, schedule, .. } = manifest.optimizer;
    let (decay, clip_norm) = (Decay::Matrices, Some(0.2));
    let optimizer = Optimizer::Adamw { lr, beta1, beta2, eps: 1e-3, weight_decay, schedule, decay, clip_norm };
    let mut model = manifest.model.clone();
    if let Model::Mlp { dropout, .. } = &mut model {
        *dropout = 0.2;
    }
    let manifest = workshop.written(Manifest { optimizer, model, micro_batches: 3, ..manifest });
    workshop.store.put(&manifest.encode()).unwrap();
    Job::load(&workshop.store, &manifest.hash()).unwrap()
}

#[test]
fn a_fast_step_is_a_verified_one_but_for_rounding() {
    let workshop = Workshop::new();
    let job = demanding_job(&workshop);
    let server = StoreServer::start(0).unwrap();
    let timeout = Duration::from_secs(20);
    let store = Store::connect("127.0.0.1", server.port(), timeout).unwrap();
    let group = ProcessGroup::gloo(&store, "alone", 0, 1, timeout, "127.0.0.1").unwrap();
    let mut verified = TrainState::initial(&job).unwrap();
    let mut fast = DeviceState::copy_of(&verified, Device::Cpu).unwrap();
    let source = AveragingGroup::new(&group, &fast, job.manifest.virtual_ranks).unwrap();
    let mut order = job.batch_order().unwrap();
    for step in 0..job.manifest.steps {
        let outcome = run_step(&job, &mut verified, &mut order, &mut OneProcess, &mut NoRecord).unwrap();
        let (loss, _) = source.backward(&job, &fast, &order.batches(step)).unwrap();
        fast.update(&job, source.scale()).unwrap();
        assert!((loss - outcome.loss).abs() < 1e-5, "{loss} {}", outcome.loss);
    }
    assert_eq!(fast.steps_done(), verified.steps_done());
    let apart = |left: &Values, right: &Values| {
        let pairs = left.iter().flatten().zip(right.iter().flatten());
        pairs.map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
    };
    let (start, fast) = (TrainState::initial(&job).unwrap(), fast.to_host(&job).unwrap());
    for (verified, fast) in verified.values().into_iter().zip(fast.values()) {
        assert!(apart(verified, fast) < 1e-5, "{}", apart(verified, fast));
    }
    assert!(apart(verified.values()[0], start.values()[0]) > 1e-3);
}
