//! Doubles of the chain, the trainer and the store, and a small job.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use artefacts::StoreError;
use chain::{Pubkey, Signature};
use oracle::audit::{Opinion, Seat, Signed};
use oracle::memory::{Memory, Record, Stage};
use oracle::node::{Landing, Node, NodeError, Standing};
use oracle::replayer::{ReplayError, Replayer, Request};
use oracle::store::Artefacts;
use oracle::{Audit, Oracle, Settings, Watch};
use protocol::commitment::{FinalMetric, JobEnd, SegmentRecord, StepRecord, steps_root};
use protocol::digest::{Digest, content_address};
use protocol::job_log::JobLog;
use protocol::manifest::Manifest;
use protocol::report::{
    DifferingPart, MetricReport, ReplayEvent, ReplayReport, SegmentReport, SegmentVerdict, Verdict,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

const MANIFEST: &str = r#"
version = 1
trainer_version = "3+torch-2.13.0"
numeric_profile = "canon-avx2"
init_seed = 1
sampler_seed = 2
virtual_ranks = 2
batch_per_rank = 4
steps = 24
segment_len = 2
model = { kind = "mlp", inputs = 64, hidden = [8], classes = 10 }
dataset = { kind = "digits", root = "d3a3146de99e809947c98d8beb8cdc8f3b64cffaaaf763c5d29f9aae253d8a14", holdout = { seed = 5, one_in = 5 } }
optimizer = { kind = "adamw", lr = 0.004, beta1 = 0.9, beta2 = 0.99, eps = 1e-8, weight_decay = 0.05, schedule = { kind = "cosine", warmup_steps = 2, final_ratio = 0.05 } }
acceptance = { metric = "accuracy", minimum_ppm = 950000 }
"#;

/// A manifest and a log that agrees with it.
pub fn job() -> (Manifest, JobLog) {
    let manifest = Manifest::from_toml(MANIFEST).unwrap();
    let state = |step: u32| content_address(&step.to_le_bytes());
    let steps: Vec<StepRecord> = (0..manifest.steps)
        .map(|step| StepRecord {
            step,
            batch_root: Digest([1; 32]),
            gradient_roots: vec![Digest([2; 32]); manifest.virtual_ranks as usize],
            reduced_root: Digest([3; 32]),
            state_root: state(step + 1),
            loss_bits: 0,
        })
        .collect();
    let segments = (0..manifest.segments()).map(|index| {
        let range = manifest.segment_steps(index);
        SegmentRecord {
            index,
            first_step: range.start,
            start_root: state(range.start),
            end_root: state(range.end),
            steps_root: steps_root(&steps[range.start as usize..range.end as usize]),
            start_checkpoint: Digest([4; 32]),
            metric: None,
        }
    });
    let end = JobEnd {
        checkpoint: Digest([5; 32]),
        state_root: state(manifest.steps),
        metric: FinalMetric { correct: 96, total: 100 },
    };
    let log =
        JobLog { manifest_hash: manifest.hash(), shape: manifest.shape(), segments: segments.collect(), steps, end };
    log.verify_against(&manifest).unwrap();
    (manifest, log)
}

pub fn audit(manifest: &Manifest, log: &JobLog) -> Audit {
    Audit {
        seat: Seat::Set,
        order: Pubkey::new_from_array([7; 32]),
        opened_at: 5,
        seed: [8; 32],
        oracle_set: 1,
        samples: 3,
        manifest_hash: manifest.hash(),
        result_root: log.job_root(),
        result_log: content_address(&log.encode()),
        seal_by: 1_000_000,
        audit_by: 2_000_000,
    }
}

/// What happens to the next submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It lands and the answer arrives.
    Lands,
    /// It lands, but the answer is lost.
    LandsUnheard,
    /// It is lost on the way.
    Lost,
    /// Its blockhash expires before it lands.
    Expires,
}

#[derive(Debug, Default)]
pub struct ChainState {
    pub audits: Vec<Audit>,
    pub down: bool,
    pub closed: Option<String>,
    pub fates: Vec<Fate>,
    pub now: i64,
    /// Signed seals and votes, whether they are votes, and whether they can still land.
    pub signed: Vec<(Signed, Opinion, bool, bool)>,
    /// The seal on the chain.
    pub seal: Option<Opinion>,
    /// Whether another member's seal is missing.
    pub waits: bool,
    /// Votes on the chain.
    pub votes: Vec<Opinion>,
    /// Signatures of what landed.
    pub landed: Vec<Signature>,
}

/// A chain in memory.
#[derive(Debug, Clone, Default)]
pub struct FakeChain(pub Arc<Mutex<ChainState>>);

impl FakeChain {
    pub fn with(audit: Audit) -> Self {
        let chain = Self::default();
        chain.set(|state| state.audits.push(audit));
        chain
    }

    pub fn set<T>(&self, change: impl FnOnce(&mut ChainState) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    pub fn votes(&self) -> Vec<Opinion> {
        self.set(|state| state.votes.clone())
    }

    fn sign_as(&self, opinion: &Opinion, shows: bool) -> Signed {
        self.set(|state| {
            let number = state.signed.len() as u8 + 1;
            let signed = Signed { signature: Signature::from([number; 64]), bytes: vec![number] };
            state.signed.push((signed.clone(), *opinion, shows, true));
            signed
        })
    }

    fn up(&self) -> Result<(), NodeError> {
        if self.set(|state| state.down) { Err(NodeError("the node does not answer".into())) } else { Ok(()) }
    }
}

pub const ORACLE: [u8; 32] = [9; 32];

impl Node for FakeChain {
    fn oracle(&self) -> Pubkey {
        Pubkey::new_from_array(ORACLE)
    }

    async fn audits(&self) -> Result<Vec<Audit>, NodeError> {
        self.up()?;
        Ok(self.set(|state| if state.votes.is_empty() { state.audits.clone() } else { vec![] }))
    }

    fn sign_sample(&self, audit: &Audit) -> [u8; 64] {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&ORACLE);
        signature[32..].copy_from_slice(&audit.seed);
        signature
    }

    async fn arm(&self) -> Result<Vec<Pubkey>, NodeError> {
        self.up()?;
        Ok(vec![])
    }

    async fn serve_panels(&self) -> Result<Vec<(Pubkey, &'static str)>, NodeError> {
        self.up()?;
        Ok(vec![])
    }

    async fn standing(&self, _: &Audit) -> Result<Standing, NodeError> {
        self.up()?;
        Ok(self.set(|state| match &state.closed {
            _ if !state.votes.is_empty() => Standing::Voted,
            Some(why) => Standing::Closed(why.clone()),
            None if state.seal.is_none() => Standing::Open,
            None if state.waits => Standing::Sealed,
            None => Standing::Showing,
        }))
    }

    async fn unix_seconds(&self) -> Result<i64, NodeError> {
        self.up()?;
        Ok(self.set(|state| state.now))
    }

    async fn seal(&self, _: &Audit, opinion: &Opinion) -> Result<Signed, NodeError> {
        self.up()?;
        Ok(self.sign_as(opinion, false))
    }

    async fn sign(&self, _: &Audit, opinion: &Opinion) -> Result<Signed, NodeError> {
        self.up()?;
        Ok(self.sign_as(opinion, true))
    }

    async fn submit(&self, vote: &Signed) -> Result<Landing, NodeError> {
        self.up()?;
        self.set(|state| {
            if state.landed.contains(&vote.signature) {
                return Ok(Landing::Landed);
            }
            let place =
                state.signed.iter().position(|signed| signed.0 == *vote).expect("only what was signed is submitted");
            if !state.signed[place].3 {
                return Ok(Landing::Expired);
            }
            let fate = if state.fates.is_empty() { Fate::Lands } else { state.fates.remove(0) };
            match fate {
                Fate::Lost => return Err(NodeError("the connection broke".into())),
                Fate::Expires => {
                    state.signed[place].3 = false;
                    return Ok(Landing::Expired);
                }
                Fate::Lands | Fate::LandsUnheard => {}
            }
            let (_, opinion, shows, _) = state.signed[place];
            if shows {
                assert!(state.votes.is_empty(), "the oracle voted twice");
                assert!(!state.waits, "the oracle showed its vote before others sealed");
                assert_eq!(state.seal.map(|seal| seal.accept), Some(opinion.accept), "the oracle changed its mind");
                state.votes.push(opinion);
            } else {
                assert_eq!(state.seal, None, "the oracle sealed twice");
                state.seal = Some(opinion);
            }
            state.landed.push(vote.signature);
            match fate {
                Fate::LandsUnheard => Err(NodeError("the connection broke".into())),
                _ => Ok(Landing::Landed),
            }
        })
    }
}

/// What a trainer in memory answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Honest,
    Report(Verdict, SegmentVerdict),
    OtherSegments,
    Crash,
}

#[derive(Debug, Clone)]
pub struct FakeTrainer {
    pub replies: Arc<Mutex<Vec<Reply>>>,
    pub asked: Arc<Mutex<Vec<Request>>>,
    pub compatible: bool,
}

impl Default for FakeTrainer {
    fn default() -> Self {
        Self { replies: Arc::default(), asked: Arc::default(), compatible: true }
    }
}

impl FakeTrainer {
    pub fn replying(replies: &[Reply]) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.to_vec())), ..Self::default() }
    }
}

pub fn mismatch(part: DifferingPart) -> SegmentVerdict {
    SegmentVerdict::Mismatch { step: 3, part, committed: "aa".into(), replayed: "bb".into() }
}

impl Replayer for FakeTrainer {
    async fn self_test(&self) -> Result<(), ReplayError> {
        let error = ReplayError::Incompatible { expected: Digest([1; 32]), found: Digest([2; 32]) };
        if self.compatible { Ok(()) } else { Err(error) }
    }

    async fn replay(
        &self,
        request: &Request,
        tell: &mut (dyn FnMut(&ReplayEvent) + Send),
    ) -> Result<ReplayReport, ReplayError> {
        self.asked.lock().unwrap().push(request.clone());
        let mut replies = self.replies.lock().unwrap();
        let reply = if replies.is_empty() { Reply::Honest } else { replies.remove(0) };
        let segments = if matches!(reply, Reply::OtherSegments) { vec![0] } else { request.segments.clone() };
        let (verdict, outcome) = match reply {
            Reply::Crash => return Err(ReplayError::Failed { status: "signal 9".into(), output: String::new() }),
            Reply::Report(verdict, outcome) => (verdict, outcome),
            Reply::Honest | Reply::OtherSegments => (Verdict::Match, SegmentVerdict::Match),
        };
        let metric = MetricReport {
            committed_correct: 96,
            committed_total: 100,
            correct: 96,
            total: 100,
            accuracy_ppm: 960_000,
            matches: true,
            accepted: true,
        };
        let report = ReplayReport {
            verdict,
            reason: None,
            manifest_hash: request.manifest_hash,
            log: request.log,
            job_root: Some(request.job_root),
            fault: None,
            segments: segments
                .into_iter()
                .map(|index| SegmentReport { index, first_step: index * 2, steps: 2, outcome: outcome.clone() })
                .collect(),
            metric: Some(metric),
            final_state_hash: None,
            seconds: 0.5,
            sample_signature: None,
        };
        for segment in &report.segments {
            if segment.outcome == SegmentVerdict::Match {
                let steps = segment.first_step..segment.first_step + segment.steps;
                steps.for_each(|step| tell(&ReplayEvent::Step { segment: segment.index, step }));
            }
            tell(&ReplayEvent::Segment { report: segment.clone(), metric: None, final_state_hash: None });
        }
        Ok(report)
    }
}

/// A store in memory that can lie and fail.
#[derive(Debug, Clone, Default)]
pub struct FakeStore {
    pub blobs: Arc<Mutex<BTreeMap<Digest, Vec<u8>>>>,
    pub unreadable: Arc<Mutex<bool>>,
}

impl FakeStore {
    pub fn of(manifest: &Manifest, log: &JobLog) -> Self {
        let store = Self::default();
        store.put(&manifest.encode()).unwrap();
        store.put(&log.encode()).unwrap();
        store
    }

    pub fn lie(&self, address: Digest, bytes: &[u8]) {
        self.blobs.lock().unwrap().insert(address, bytes.to_vec());
    }

    pub fn remove(&self, address: &Digest) -> Vec<u8> {
        self.blobs.lock().unwrap().remove(address).unwrap()
    }
}

impl Artefacts for FakeStore {
    fn get(&self, address: &Digest) -> Result<Vec<u8>, StoreError> {
        if *self.unreadable.lock().unwrap() {
            let source = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(StoreError::Read { path: "store".into(), source });
        }
        self.blobs.lock().unwrap().get(address).cloned().ok_or(StoreError::Missing(*address))
    }

    fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let address = content_address(bytes);
        self.blobs.lock().unwrap().insert(address, bytes.to_vec());
        Ok(address)
    }
}

pub type TestOracle = Oracle<FakeChain, FakeTrainer, FakeStore>;

/// Settings without pauses.
pub fn hasty() -> Settings {
    Settings { poll_ms: 5, retry_min_ms: 0, retry_max_ms: 0, ..Settings::default() }
}

pub async fn oracle(folder: &Path, node: &FakeChain, replayer: &FakeTrainer, store: &FakeStore) -> TestOracle {
    let memory = Memory::open(&folder.join("oracle.db")).await.unwrap();
    let (node, replayer, store) = (node.clone(), replayer.clone(), store.clone());
    Oracle { node, replayer, store, memory, settings: hasty(), watch: Watch::default() }
}

pub async fn only(memory: &Memory) -> Record {
    let mut all = memory.all().await.unwrap();
    assert_eq!(all.len(), 1);
    all.pop().unwrap()
}

pub fn is_open(stage: &Stage) -> bool {
    !matches!(stage, Stage::Voted | Stage::Void)
}
