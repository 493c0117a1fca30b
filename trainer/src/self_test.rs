//! Whether this host computes the bits that every verifying host must compute: two tiny jobs whose final hash is known.

use crate::dataset::import::text_from_bytes;
use crate::dataset::{Dataset, Digits};
use crate::gradients::OneProcess;
use crate::job::{Job, JobError};
use crate::profile::{self, ProfileError, TRAINER_VERSION};
use crate::state::TrainState;
use crate::step::{Recording, StepError, run_step};
use protocol::data_order::TooFewSamples;
use protocol::digest::{Digest, content_address, tagged};
use protocol::manifest::{
    Acceptance, Dataset as DatasetRule, DatasetKind, FORMAT_VERSION, Holdout, Manifest, Model, NumericProfile,
    Optimizer, Schedule,
};
use protocol::philox::{Purpose, Stream};
use protocol::report::SelfTestReport;
use tch::TchError;

/// Hash that a compatible host gets. It changes only together with [`TRAINER_VERSION`].
const GOLDEN: &str = "11e35bfb3271f01e167f06cedd49a969e8cc6029c2355de4fc360e9e71f448aa";

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
    #[error("the golden hash of this build is damaged: {0}")]
    Golden(#[from] protocol::digest::ParseDigestError),
}

/// Trains the two jobs and compares their hash with the known one.
pub fn self_test() -> Result<SelfTestReport, SelfTestError> {
    profile::enter()?;
    let found = tagged(b"aixblock/self-test/v1", &[&final_root(image_job()?)?.0, &final_root(text_job()?)?.0]);
    let expected: Digest = GOLDEN.parse()?;
    Ok(SelfTestReport { compatible: found == expected, trainer_version: TRAINER_VERSION.to_owned(), expected, found })
}

fn final_root(job: Job) -> Result<Digest, SelfTestError> {
    let mut state = TrainState::initial(&job)?;
    let mut order = job.batch_order()?;
    while state.steps_done() < job.manifest.steps {
        run_step(&job, &mut state, &mut order, &mut OneProcess, Recording::Off)?;
    }
    Ok(state.root())
}

/// Made-up images; sizes that are no multiple of a vector register, so that remainder loops run too.
fn image_job() -> Result<Job, JobError> {
    let mut stream = Stream::new(11, Purpose::Synthetic, 0);
    let (features, classes, count) = (37, 7, 120);
    let pixels = (0..features * count).map(|_| stream.below(17) as u8).collect();
    let labels = (0..count).map(|_| stream.below(classes) as u8).collect();
    let dataset = Dataset::Digits(Digits { features, classes, white: 16, pixels, labels });
    let model = Model::Mlp { inputs: features, hidden: vec![53, 29], classes };
    Job::new(manifest(model, DatasetKind::Digits, &dataset), dataset)
}

/// Made-up text.
fn text_job() -> Result<Job, JobError> {
    let mut stream = Stream::new(12, Purpose::Synthetic, 0);
    let bytes: Vec<u8> = (0..23).chain((0..2_000).map(|_| stream.below(23) as u8)).collect();
    let dataset = text_from_bytes(&bytes).unwrap_or_else(|_| unreachable!("the made-up text is not empty"));
    let model = Model::Transformer { vocab: 23, context: 13, width: 36, heads: 3, layers: 2 };
    Job::new(manifest(model, DatasetKind::Text, &dataset), dataset)
}

fn manifest(model: Model, kind: DatasetKind, dataset: &Dataset) -> Manifest {
    Manifest {
        version: FORMAT_VERSION,
        trainer_version: TRAINER_VERSION.to_owned(),
        numeric_profile: NumericProfile::CanonAvx2,
        init_seed: 1,
        sampler_seed: 2,
        virtual_ranks: 3,
        batch_per_rank: 5,
        steps: 12,
        segment_len: 12,
        model,
        dataset: DatasetRule {
            kind,
            root: content_address(&dataset.encode()),
            holdout: Holdout { seed: 3, one_in: 5 },
        },
        optimizer: Optimizer::Adamw {
            lr: 0.01,
            beta1: 0.9,
            beta2: 0.95,
            eps: 1e-8,
            weight_decay: 0.1,
            schedule: Schedule::Cosine { warmup_steps: 3, final_ratio: 0.1 },
        },
        acceptance: Acceptance::Accuracy { minimum_ppm: 0 },
    }
}
