//! The result depends on the manifest alone, not on how the work is shared.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::digest::Digest;
use protocol::manifest::{Manifest, Model, NumericProfile};
use protocol::report::{ReplayReport, TrainReport, Verdict};
use std::sync::Arc;
use trainer::bridge::{BucketSizes, CanonicalPlace, Listener, Patience, ProcessGroup, StopSwitch};
use trainer::gradient::Gradient;
use trainer::gradients::{GradientSource, OneProcess, WorkerGroup};
use trainer::job::Job;
use trainer::recorder::{Mean, Recorder, RecorderError};
use trainer::state::{TrainState, Values};

#[test]
fn any_number_of_workers_ends_in_the_same_job_root() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(12);
    let alone = workshop.train(&manifest, "with 1", 1);
    assert_eq!(alone.world_size, 1);
    for workers in [2, 3, 4] {
        let run = workshop.train(&manifest, &format!("with {workers}"), workers);
        assert_eq!(run.world_size, workers);
        assert_eq!((run.job_root, run.final_state_hash, run.log), (alone.job_root, alone.final_state_hash, alone.log));
    }
}

#[test]
fn any_number_of_workers_that_share_the_blocks_of_a_larger_model_record_the_same_steps() {
    let workshop = Workshop::new();
    let model = Model::Mlp { inputs: 20, hidden: vec![500, 400], classes: 4, dropout: 0.0 };
    let manifest = workshop.written(Manifest { model, ..workshop.image_job(7) });
    let alone = workshop.train(&manifest, "with 1", 1);
    // the replay hashes everything at once: 2 blocks of a gradient and 5 of a state
    let replay = workshop.replay(&manifest, &alone.log, "all");
    assert_eq!(replay.verdict, Verdict::Match, "{replay:?}");
    for workers in [2, 3, 4] {
        let run = workshop.train(&manifest, &format!("with {workers}"), workers);
        assert_eq!(run.world_size, workers);
        assert_eq!(workshop.log(&run).steps, workshop.log(&alone).steps, "{workers} workers");
        assert_eq!(run.log, alone.log);
    }
}

#[test]
fn a_transformer_ends_in_the_same_job_root_with_one_and_two_workers_and_replays() {
    let workshop = Workshop::new();
    let manifest = workshop.text_job(8);
    let [one, two] = [1, 2].map(|workers| workshop.train(&manifest, &format!("with {workers}"), workers));
    assert_eq!(two.job_root, one.job_root);
    let replay = workshop.replay(&manifest, &two.log, "all");
    assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(two.final_state_hash)), "{replay:?}");
}

#[test]
fn canonical_kernels_end_in_the_same_job_root_with_any_number_of_threads_and_workers_and_replay() {
    let workshop = Workshop::new();
    for job in [workshop.image_job(8), workshop.text_job(6)] {
        let manifest = workshop.with_profile(job, NumericProfile::CanonicalAvx2V2);
        let train = |workers: u32, threads: &str| {
            let name = format!("{} with {workers} and {threads}", manifest.hash());
            let output =
                workshop.launch_command(&manifest, &name, workers).args(["--threads", threads]).output().unwrap();
            report::<TrainReport>(&output)
        };
        let plain = train(1, "1");
        for run in [train(1, "2"), train(2, "1"), train(2, "4")] {
            assert_eq!((run.job_root, run.final_state_hash), (plain.job_root, plain.final_state_hash));
        }
        let replay = workshop.replay_command(&manifest, &plain.log, "all").args(["--threads", "2"]).output().unwrap();
        let replay: ReplayReport = report(&replay);
        assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(plain.final_state_hash)));
    }
}

/// Every virtual rank's gradient, as a recorder is shown them.
#[derive(Default)]
struct Shown(Vec<(u32, Values)>);

impl Recorder for Shown {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(&mut self, _: &TrainState, virtual_rank: u32, gradient: &Arc<Gradient>) -> Result<(), RecorderError> {
        self.0.push((virtual_rank, gradient.to_lists()));
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, _: &TrainState, _: &[Vec<u32>], _: Mean) -> Result<(), RecorderError> {
        Ok(())
    }
}

/// Holds every gradient until it is told to let go, or for good.
#[derive(Default)]
struct Holding {
    held: Vec<Arc<Gradient>>,
    for_good: bool,
}

impl Recorder for Holding {
    fn wants_gradients(&self) -> bool {
        true
    }

    fn gradient(&mut self, _: &TrainState, _: u32, gradient: &Arc<Gradient>) -> Result<(), RecorderError> {
        self.held.push(Arc::clone(gradient));
        Ok(())
    }

    fn settle_gradients(&mut self) -> Result<(), RecorderError> {
        if !self.for_good {
            self.held.clear();
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), RecorderError> {
        Ok(())
    }

    fn step(&mut self, _: &TrainState, _: &[Vec<u32>], _: Mean) -> Result<(), RecorderError> {
        Ok(())
    }
}

/// A group of this process alone.
fn group_of_one() -> ProcessGroup {
    let listener = Listener::on("127.0.0.1").unwrap();
    let stop = StopSwitch::new().unwrap();
    let place = CanonicalPlace {
        rank: 0,
        addresses: &[format!("127.0.0.1:{}", listener.port())],
        listener: &listener,
        session: Digest::ZERO,
        patience: Patience::default(),
        stop: &stop,
    };
    ProcessGroup::canonical(&place).unwrap()
}

fn text_job() -> (Workshop, Job) {
    let workshop = Workshop::new();
    let manifest = workshop.text_job(4);
    workshop.store.put(&manifest.encode()).unwrap();
    let job = Job::load(&workshop.store, &manifest.hash()).unwrap();
    (workshop, job)
}

#[test]
fn no_step_writes_over_a_gradient_that_somebody_holds() {
    let (_workshop, job) = text_job();
    let state = TrainState::initial(&job).unwrap();
    let mut order = job.batch_order().unwrap();
    let (first, second) = (order.batches(0), order.batches(1));
    let group = group_of_one();
    let mut source = WorkerGroup::new(&group, &state, 4, BucketSizes::default()).unwrap();
    let mut holding = Holding::default();
    let mean = source.mean_gradient(&job, &state, &first, &mut holding).unwrap().gradient;
    let values_of = |held: &[Arc<Gradient>]| held.iter().map(|gradient| gradient.to_lists()).collect::<Vec<_>>();
    let (before, of_mean) = (values_of(&holding.held), mean.to_lists());
    holding.for_good = true;
    for _ in 0..2 {
        let refused = source.mean_gradient(&job, &state, &second, &mut holding).unwrap_err();
        assert!(refused.to_string().contains("still held"), "{refused}");
    }
    assert_eq!(values_of(&holding.held), before);
    holding = Holding::default();
    source.mean_gradient(&job, &state, &second, &mut holding).unwrap();
    assert_eq!(mean.to_lists(), of_mean, "a mean is nobody's to overwrite either");
}

#[test]
fn gradients_do_not_depend_on_the_reducer_or_its_buckets() {
    let (_workshop, job) = text_job();
    let state = TrainState::initial(&job).unwrap();
    let batches = job.batch_order().unwrap().batches(0);
    let mut alone = Shown::default();
    let mean = OneProcess.mean_gradient(&job, &state, &batches, &mut alone).unwrap();
    assert_eq!(alone.0.len(), 4);
    let group = group_of_one();
    for buckets in
        [BucketSizes { first: 64, others: 256 }, BucketSizes { first: 512, others: 4096 }, BucketSizes::default()]
    {
        let state = TrainState::initial(&job).unwrap();
        let mut reduced = WorkerGroup::new(&group, &state, 4, buckets).unwrap();
        // twice: the second pass meets gradients that the first one left
        for _ in 0..2 {
            let mut shown = Shown::default();
            assert_eq!(reduced.mean_gradient(&job, &state, &batches, &mut shown).unwrap(), mean, "{buckets:?}");
            assert_eq!(shown.0, alone.0, "{buckets:?}");
        }
    }
}
