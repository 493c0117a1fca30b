//! Whether this host computes the bits that every verifying host must compute: operators and two tiny jobs whose hashes are
//! known.

use crate::dataset::import::text_from_bytes;
use crate::dataset::{Dataset, Digits};
use crate::files::Files;
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::operators::{self, OperatorError};
use crate::profile::{self, ONE_THREAD, ProfileError, TRAINER_VERSION};
use crate::recorder::NoRecord;
use crate::state::TrainState;
use crate::step::{StepError, run_step};
use protocol::data_order::TooFewSamples;
use protocol::digest::{Digest, content_address, tagged};
use protocol::manifest::{
    Acceptance, Dataset as DatasetRule, DatasetKind, Decay, FORMAT_VERSION, Holdout, Manifest, Model, NumericProfile,
    Optimizer, Schedule,
};
use protocol::philox::{Purpose, Stream};
use protocol::report::SelfTestReport;
use std::process::Command;
use tch::TchError;

/// Hash that a compatible host gets under `canonical-avx2-v2`. It changes only together with [`TRAINER_VERSION`].
const GOLDEN_CANON_AVX2: &str = "97edd8258f4e1c98697a51178a6220b7abe635d7f84d167ad0aa257e2f66f671";

/// Hashes that a compatible host gets under `canonical-avx2-v2`: one line for each operator and each job, its hash and its
/// name. Those of operators never change: other bits need a profile of another name. Those of jobs are roots of states, and
/// change together with [`TRAINER_VERSION`].
const GOLDEN_CANONICAL_AVX2_V2: &str = include_str!("../golden/canonical-avx2-v2.hashes");

/// Why the self-test could not run.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "each variant wraps the error of the module that it names")]
pub enum SelfTestError {
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    TooFewSamples(#[from] TooFewSamples),
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    #[error(transparent)]
    Operator(#[from] OperatorError),
    #[error("the golden hash of this build is damaged: {0}")]
    Golden(#[from] protocol::digest::ParseDigestError),
    #[error("this program cannot start itself for the profile {profile}: {source}")]
    Start { profile: &'static str, source: std::io::Error },
    #[error("the self-test of {profile} gave no report: {said}")]
    NoReport { profile: &'static str, said: String },
}

/// Tests `profile` in this process.
pub fn self_test(profile: NumericProfile) -> Result<SelfTestReport, SelfTestError> {
    profile::enter(profile)?;
    let report = |expected, found, differing: Vec<String>| SelfTestReport {
        compatible: expected == found,
        trainer_version: TRAINER_VERSION.to_owned(),
        expected,
        found,
        differing,
    };
    Ok(match profile {
        NumericProfile::CanonAvx2 => {
            let (image, text) = (final_root(image_job(profile)?)?, final_root(text_job(profile)?)?);
            let found = tagged(b"aixblock/self-test/v1", &[&image.0, &text.0]);
            let expected = GOLDEN_CANON_AVX2.parse()?;
            report(expected, found, if found == expected { vec![] } else { vec!["jobs".to_owned()] })
        }
        NumericProfile::CanonicalAvx2V2 => {
            let found = table()?;
            let differing =
                GOLDEN_CANONICAL_AVX2_V2.lines().zip(found.lines()).filter(|(golden, found)| golden != found);
            let differing = differing.filter_map(|(golden, _)| golden.split_once(' ')).map(|(_, name)| name.to_owned());
            let hash = |table: &str| tagged(b"aixblock/self-test/v2", &[table.as_bytes()]);
            report(hash(GOLDEN_CANONICAL_AVX2_V2), hash(&found), differing.collect())
        }
    })
}

/// The table of hashes of this host under the profile that the process entered, in the form of the golden one.
pub fn table() -> Result<String, SelfTestError> {
    let profile = NumericProfile::CanonicalAvx2V2;
    let mut lines: Vec<String> = operators::hashes()
        .into_iter()
        .map(|case| case.map(|(hash, name)| format!("{hash} {name}")))
        .collect::<Result<_, _>>()?;
    lines.push(format!("{} job of images", final_root(image_job(profile)?)?));
    lines.push(format!("{} job of text", final_root(text_job(profile)?)?));
    Ok(lines.join("\n") + "\n")
}

/// Tests every profile, each in a process of its own, because a process computes under one profile only.
pub fn self_test_of_all() -> Result<SelfTestReport, SelfTestError> {
    let reports = NumericProfile::ALL.map(self_test_in_child).into_iter().collect::<Result<Vec<_>, _>>()?;
    let hashes = |of: fn(&SelfTestReport) -> Digest| {
        let hashes: Vec<Digest> = reports.iter().map(of).collect();
        tagged(b"aixblock/self-test/all/v1", &hashes.iter().map(|hash| &hash.0[..]).collect::<Vec<_>>())
    };
    Ok(SelfTestReport {
        compatible: reports.iter().all(|report| report.compatible),
        trainer_version: TRAINER_VERSION.to_owned(),
        expected: hashes(|report| report.expected),
        found: hashes(|report| report.found),
        differing: NumericProfile::ALL
            .iter()
            .zip(&reports)
            .flat_map(|(profile, report)| report.differing.iter().map(|name| format!("{}: {name}", profile.name())))
            .collect(),
    })
}

fn self_test_in_child(profile: NumericProfile) -> Result<SelfTestReport, SelfTestError> {
    let start = |source| SelfTestError::Start { profile: profile.name(), source };
    let mut command = Command::new(std::env::current_exe().map_err(start)?);
    profile::clean_environment(&mut command, profile, ONE_THREAD);
    let output = command.args(["self-test", "--profile", profile.name()]).output().map_err(start)?;
    serde_json::from_slice(&output.stdout).map_err(|_| SelfTestError::NoReport {
        profile: profile.name(),
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

fn final_root(job: Job) -> Result<Digest, SelfTestError> {
    let mut state = TrainState::initial(&job)?;
    let mut order = job.batch_order()?;
    while state.steps_done() < job.manifest.steps {
        run_step(&job, &mut state, &mut order, &mut OneProcess, &mut NoRecord)?;
    }
    Ok(state.root())
}

/// Made-up images; sizes that are no multiple of a vector register, so that remainder loops run too.
fn image_job(profile: NumericProfile) -> Result<Job, JobError> {
    let mut stream = Stream::new(11, Purpose::Synthetic, 0);
    let (features, classes, count) = (37, 7, 120);
    let pixels = (0..features * count).map(|_| stream.below(17) as u8).collect();
    let labels = (0..count).map(|_| stream.below(classes) as u8).collect();
    let dataset = Dataset::Digits(Digits { features, classes, white: 16, pixels, labels });
    let model = Model::Mlp { inputs: features, hidden: vec![53, 29], classes, dropout: 0.0 };
    Job::new(manifest(profile, model, DatasetKind::Digits, &dataset), dataset, &Files::default())
}

/// Made-up text.
fn text_job(profile: NumericProfile) -> Result<Job, JobError> {
    let mut stream = Stream::new(12, Purpose::Synthetic, 0);
    let bytes: Vec<u8> = (0..23).chain((0..2_000).map(|_| stream.below(23) as u8)).collect();
    let dataset = text_from_bytes(&bytes).unwrap_or_else(|_| unreachable!("the made-up text is not empty"));
    let model =
        Model::Transformer { vocab: 23, context: 13, width: 36, heads: 3, layers: 2, dropout: 0.0, tokenizer: None };
    Job::new(manifest(profile, model, DatasetKind::Text, &dataset), dataset, &Files::default())
}

fn manifest(profile: NumericProfile, model: Model, kind: DatasetKind, dataset: &Dataset) -> Manifest {
    Manifest {
        version: FORMAT_VERSION,
        trainer_version: TRAINER_VERSION.to_owned(),
        numeric_profile: profile,
        init_seed: 1,
        sampler_seed: 2,
        virtual_ranks: 3,
        batch_per_rank: 5,
        micro_batches: 1,
        steps: 12,
        segment_len: 12,
        evaluate_every: 0,
        model,
        dataset: DatasetRule::new(kind, content_address(&dataset.encode()), Holdout { seed: 3, one_in: 5 }),
        optimizer: Optimizer::Adamw {
            lr: 0.01,
            beta1: 0.9,
            beta2: 0.95,
            eps: 1e-8,
            weight_decay: 0.1,
            schedule: Schedule::Cosine { warmup_steps: 3, final_ratio: 0.1 },
            decay: Decay::All,
            clip_norm: None,
        },
        acceptance: Acceptance::Accuracy { minimum_ppm: 0 },
        start: None,
    }
}
