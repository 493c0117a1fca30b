//! What a run refuses, and what it says then.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, complaint, report};
use protocol::digest::Digest;
use protocol::manifest::{Manifest, NumericProfile};
use protocol::report::TrainReport;
use std::net::TcpListener;
use std::process::Command;
use trainer::profile;

#[test]
fn a_manifest_that_does_not_hash_to_the_orders_hash_is_refused() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    let said = complaint(
        &workshop
            .launch_command(&manifest, "run", 1)
            .args(["--expect-hash", &Digest::ZERO.to_string()])
            .output()
            .unwrap(),
    );
    assert!(said.contains(&manifest.hash().to_string()) && said.contains("another job"), "{said}");
    let right = workshop
        .launch_command(&manifest, "run", 1)
        .args(["--expect-hash", &manifest.hash().to_string()])
        .output()
        .unwrap();
    assert_eq!(report::<TrainReport>(&right).manifest_hash, manifest.hash());
}

#[test]
fn a_port_in_use_is_named() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let said =
        complaint(&workshop.launch_command(&manifest, "run", 1).args(["--master-port", &port]).output().unwrap());
    assert!(said.contains(&port) && said.contains("in use"), "{said}");
}

#[test]
fn no_space_for_a_checkpoint_stops_the_run_at_once_and_loses_nothing() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    workshop.store.put(&manifest.encode()).unwrap();
    let said = complaint(
        &workshop
            .launch_command(&manifest, "run", 2)
            .args(["--min-free-bytes", &(u64::MAX / 2).to_string()])
            .output()
            .unwrap(),
    );
    assert!(said.contains("no space") && !said.contains("restart"), "{said}");
    assert_eq!(workshop.train(&manifest, "run", 2).job_root, workshop.train(&manifest, "other", 1).job_root);
}

#[test]
fn workers_that_cannot_share_the_virtual_ranks_are_refused() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    let said = complaint(&workshop.launch_command(&manifest, "run", 5).output().unwrap());
    assert!(said.contains("4 virtual ranks") && said.contains("5 workers"), "{said}");
    let uneven = workshop.launch_command(&manifest, "run", 3).args(["--reducer", "gloo"]).output().unwrap();
    assert!(complaint(&uneven).contains("divisor"));
}

#[test]
fn a_missing_dataset_is_named() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    std::fs::remove_file(workshop.store.path_of(&manifest.dataset.root)).unwrap();
    let said = complaint(&workshop.launch_command(&manifest, "run", 1).output().unwrap());
    assert!(said.contains(&manifest.dataset.root.to_string()) && said.contains("missing"), "{said}");
}

#[test]
fn a_working_folder_of_another_job_is_refused() {
    let workshop = Workshop::new();
    workshop.train(&workshop.image_job(5), "run", 1);
    let said = complaint(&workshop.launch_command(&workshop.image_job(6), "run", 1).output().unwrap());
    assert!(said.contains("another --work-dir"), "{said}");
}

fn lone_worker(workshop: &Workshop, manifest: &Manifest) -> Command {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_aixblock-worker"));
    worker.args(["--master-port", "1", "--world-size", "1"]);
    worker.args(["--manifest-hash", &manifest.hash().to_string()]);
    worker.arg("--store").arg(workshop.store.root()).arg("--work-dir").arg(workshop.work_dir("run"));
    worker
}

#[test]
#[cfg(not(feature = "nccl"))]
fn a_build_without_nccl_refuses_its_tier_and_says_how_to_get_it() {
    let workshop = Workshop::new();
    let manifest = workshop.image_job(5);
    workshop.store.put(&manifest.encode()).unwrap();
    for mut command in [workshop.launch_command(&manifest, "run", 2), lone_worker(&workshop, &manifest)] {
        let said = complaint(&command.args(["--reducer", "nccl"]).output().unwrap());
        assert!(said.contains("--features nccl") && said.contains("CUDA libtorch"), "{said}");
    }
}

#[test]
fn a_worker_refuses_to_run_outside_the_canonical_environment() {
    let workshop = Workshop::new();
    for profile in NumericProfile::ALL {
        let manifest = workshop.with_profile(workshop.image_job(5), profile);
        workshop.store.put(&manifest.encode()).unwrap();
        // what a worker needs next is missing, so that it stops there
        let _ = std::fs::remove_file(workshop.store.path_of(&manifest.dataset.root));
        let said = complaint(
            &lone_worker(&workshop, &manifest)
                .env_remove("MKL_CBWR")
                .env("ATEN_CPU_CAPABILITY", "default")
                .output()
                .unwrap(),
        );
        assert!(said.contains("ATEN_CPU_CAPABILITY") && said.contains(profile.name()), "{said}");
        let environment = profile::environment(profile, profile::ONE_THREAD);
        let said = complaint(&lone_worker(&workshop, &manifest).envs(environment.clone()).output().unwrap());
        assert!(said.contains("missing from the store"), "{said}");
        let wrong =
            lone_worker(&workshop, &manifest).envs(environment).env("OMP_NUM_THREADS", "many").output().unwrap();
        assert!(complaint(&wrong).contains("OMP_NUM_THREADS"), "{wrong:?}");
    }
}
