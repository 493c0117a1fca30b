//! The job of the demo on its real data.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Workshop, report};
use protocol::manifest::Manifest;
use protocol::report::{DatasetReport, TrainReport, Verdict};
use std::path::{Path, PathBuf};

fn data_file() -> PathBuf {
    let cache = std::env::var_os("AIXBLOCK_CACHE")
        .map_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cache/aixblock"), PathBuf::from);
    let file = cache.join("datasets/digits.csv.gz");
    assert!(file.exists(), "{} is missing: run `make setup`", file.display());
    file
}

#[test]
fn the_digits_job_learns_to_read_and_replays_to_the_same_hash() {
    let workshop = Workshop::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/digits.toml");
    let manifest = Manifest::from_toml(&std::fs::read_to_string(&job).unwrap()).unwrap();
    let imported: DatasetReport = report(
        &common::trainer()
            .args(["dataset", "--kind", "digits", "--input"])
            .arg(data_file())
            .arg("--store")
            .arg(workshop.store.root())
            .output()
            .unwrap(),
    );
    assert_eq!((imported.root, imported.items), (manifest.dataset.root, 1_797));
    let launch = common::trainer()
        .arg("launch")
        .arg("--manifest")
        .arg(&job)
        .args(["--workers", "2", "--expect-hash", &manifest.hash().to_string()])
        .arg("--store")
        .arg(workshop.store.root())
        .arg("--work-dir")
        .arg(workshop.work_dir("digits"))
        .output()
        .unwrap();
    let run: TrainReport = report(&launch);
    assert!(run.accuracy_ppm >= 970_000, "{run:?}");
    let last = (run.segments - 1).to_string();
    let replay = workshop.replay(&manifest, &run.log, &format!("0,7,{last}"));
    assert_eq!((replay.verdict, replay.final_state_hash), (Verdict::Match, Some(run.final_state_hash)));
    assert!(replay.metric.unwrap().accepted);
}
