//! The result depends on the manifest alone, not on how the work is shared.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::manifest::NumericProfile;
use protocol::report::{ReplayReport, TrainReport, Verdict};
use std::net::TcpListener;
use std::time::Duration;
use trainer::bridge::{BucketSizes, ProcessGroup, Rendezvous};
use trainer::gradients::{GradientSource, OneProcess, WorkerGroup};
use trainer::job::Job;
use trainer::state::TrainState;

#[test]
fn one_two_and_four_workers_end_in_the_same_job_root() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(12);
    let [one, two, four] = [1, 2, 4].map(|workers| workshop.train(&manifest, &format!("with {workers}"), workers));
    assert_eq!([one.world_size, two.world_size, four.world_size], [1, 2, 4]);
    assert_eq!([two.job_root, two.final_state_hash, two.log], [one.job_root, one.final_state_hash, one.log]);
    assert_eq!([four.job_root, four.final_state_hash, four.log], [one.job_root, one.final_state_hash, one.log]);
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
        let manifest = workshop.with_profile(job, NumericProfile::CanonicalAvx2V1);
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

#[test]
fn gradients_do_not_depend_on_the_reducer_or_its_buckets() {
    let workshop = Workshop::new();
    let manifest = workshop.text_job(4);
    workshop.store.put(&manifest.encode()).unwrap();
    let job = Job::load(&workshop.store, &manifest.hash()).unwrap();
    let state = TrainState::initial(&job).unwrap();
    let batches = job.batch_order().unwrap().batches(0);
    let alone = OneProcess.gradients(&job, &state, &batches).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let rendezvous = Rendezvous {
        master_address: "127.0.0.1".into(),
        master_port: port,
        rank: 0,
        world_size: 1,
        bind_address: "127.0.0.1".into(),
        timeout: Duration::from_secs(30),
    };
    let group = ProcessGroup::join(&rendezvous).unwrap();
    for buckets in
        [BucketSizes { first: 64, others: 256 }, BucketSizes { first: 512, others: 4096 }, BucketSizes::default()]
    {
        let state = TrainState::initial(&job).unwrap();
        let mut reduced = WorkerGroup::new(&group, &state, buckets).unwrap();
        // twice: the second pass meets gradients that the first one left
        for _ in 0..2 {
            assert_eq!(reduced.gradients(&job, &state, &batches).unwrap(), alone, "{buckets:?}");
        }
    }
}
