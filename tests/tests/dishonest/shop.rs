//! A small job, trainers for it, and the two who look at their results.
use artefacts::Store;
use chain::Pubkey;
use e2e_tests::{binary, root};
use oracle::judge::{Judgement, judge};
use oracle::{Audit, Seat, TrainerProcess};
use protocol::digest::Digest;
use protocol::evidence::Evidence;
use protocol::manifest::{Acceptance, Dataset, DatasetKind, Manifest, Model};
use protocol::report::{DatasetReport, Fault, ReplayReport, TrainReport};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

pub(crate) struct Shop {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) manifest: Manifest,
}

/// What `aixblock verify` says.
pub(crate) struct Verified {
    pub(crate) status: i32,
    pub(crate) json: Value,
}

/// Imports the text of the small text job.
fn import(store: &Store, options: &[&str]) -> DatasetReport {
    let mut command = Command::new(binary("aixblock-trainer"));
    command.arg("dataset").args(options).arg("--input").arg(root().join("trainer/jobs/tiny-text.txt"));
    let output = command.arg("--store").arg(store.root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

impl Shop {
    /// The small text job, with 3 segments of 2 steps by 4 virtual ranks.
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut Manifest)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("store")).unwrap();
        let jobs = root().join("trainer/jobs");
        let mut manifest = Manifest::from_toml(&std::fs::read_to_string(jobs.join("tiny-text.toml")).unwrap()).unwrap();
        import(&store, &["--kind", "text"]);
        (manifest.steps, manifest.segment_len) = (6, 2);
        manifest.acceptance = Acceptance::Accuracy { minimum_ppm: 0 };
        change(&mut manifest);
        Self { folder, store, manifest }
    }

    /// The same job on the bytes of its text in chunks of 300, of which two are mixed at a time.
    pub(crate) fn of_chunks() -> Self {
        let mut shop = Self::new();
        let root = import(&shop.store, &["--kind", "bytes", "--chunk-bytes", "300"]).root;
        shop.manifest.dataset =
            Dataset { mix_chunks: Some(2), ..Dataset::new(DatasetKind::Tokens, root, shop.manifest.dataset.holdout) };
        let Model::Transformer { vocab, .. } = &mut shop.manifest.model else { panic!("not a transformer") };
        *vocab = 256;
        shop
    }

    /// Trains the job, honestly or not.
    pub(crate) fn train(&self, cheat: Option<&str>) -> TrainReport {
        let file = self.folder.path().join("manifest.json");
        std::fs::write(&file, serde_json::to_string(&self.manifest).unwrap()).unwrap();
        let mut command = Command::new(binary("aixblock-trainer"));
        command.arg("launch").arg("--manifest").arg(file).arg("--store").arg(self.store.root());
        command.arg("--work-dir").arg(self.folder.path().join("run"));
        command.args(cheat.iter().flat_map(|mode| ["--dishonest", mode]));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `aixblock verify`, in the folder `name`, with further arguments.
    pub(crate) fn verify(&self, name: &str, arguments: &[&str]) -> Verified {
        Verified::of(&self.verify_command(name, arguments).output().unwrap())
    }

    pub(crate) fn verify_command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("aixblock"));
        command.args(["verify", "--json", "--folder"]).arg(self.folder.path().join(name)).args(arguments);
        // no key is needed, so none can be found
        command.arg("--store").arg(self.store.root()).env("HOME", self.folder.path().join("nobody"));
        command.env_remove("AIXBLOCK_KEYPAIR");
        command
    }

    /// Verifies a run's whole result without a chain.
    pub(crate) fn verify_run(&self, run: &TrainReport) -> Verified {
        let [log, manifest, root] = [run.log, self.manifest.hash(), run.job_root].map(|digest| digest.to_string());
        self.verify("verified", &["--log", &log, "--manifest-hash", &manifest, "--job-root", &root])
    }

    /// The evidence in the folder `name`, with every blob that it names.
    pub(crate) fn evidence(&self, name: &str) -> Evidence {
        let folder = self.folder.path().join(name).join("evidence");
        let evidence: Evidence = serde_json::from_slice(&std::fs::read(folder.join("evidence.json")).unwrap()).unwrap();
        let blobs = Store::open(folder.join("blobs")).unwrap();
        evidence.blobs.values().for_each(|address| drop(blobs.get(address).unwrap()));
        evidence
    }

    /// What an oracle makes of a run whose root and log were submitted; it draws every segment.
    pub(crate) async fn judged(&self, run: &TrainReport) -> Judgement {
        let replayer = TrainerProcess {
            program: binary("aixblock-trainer"),
            store: PathBuf::from(self.store.root()),
            replay_timeout: Duration::from_secs(120),
            self_test_timeout: Duration::from_secs(120),
            nice: 0,
        };
        let audit = Audit {
            seat: Seat::Set,
            order: Pubkey::new_from_array([7; 32]),
            seed: [8; 32],
            oracle_set: 1,
            samples: 1_000,
            manifest_hash: self.manifest.hash(),
            result_root: run.job_root,
            result_log: run.log,
            opened_at: 1,
            seal_by: i64::MAX,
            audit_by: i64::MAX,
        };
        judge(&self.store, &replayer, &[9; 64], &audit).await
    }
}

impl Verified {
    pub(crate) fn of(output: &Output) -> Self {
        let json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
        Self { status: output.status.code().unwrap(), json }
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        serde_json::from_value(self.json["fault"].clone()).unwrap()
    }

    pub(crate) fn verdict(&self) -> &str {
        self.json["verdict"].as_str().unwrap()
    }
}

/// The report behind a judgement.
pub(crate) fn report_of(judgement: &Judgement) -> ReplayReport {
    match judgement {
        Judgement::Proven { report, .. } | Judgement::Unavailable { report, .. } => {
            serde_json::from_slice(report).unwrap()
        }
        Judgement::HostFailure(reason) => panic!("{reason}"),
    }
}

/// A digest that nothing hashes to.
pub(crate) const NOWHERE: Digest = Digest::ZERO;
