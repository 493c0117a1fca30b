//! The manifest of a training job: everything that decides its result. The buyer fixes it; the order carries its hash.
//!
//! The text form (TOML or JSON) is for people. The canonical form ([`Manifest::encode`]) begins with the format's name, so
//! its plain SHA-256 is domain-separated and is manifest hash and content address at once.

use crate::adamw;
use crate::digest::{Digest, content_address};
use serde::{Deserialize, Serialize};

pub use crate::manifest_model::{Lora, Model, Start};

/// Newest version of the manifest's format.
pub const FORMAT_VERSION: u32 = 2;
/// The first version, which is still read: it knows neither of what [`Manifest::beyond_version_1`] names.
pub const VERSION_1: u32 = 1;

/// Everything that decides the result of a training job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format: [`VERSION_1`] or [`FORMAT_VERSION`].
    pub version: u32,
    /// The trainer's numeric contract, for example `3+torch-2.13.0`: another one may compute other bits.
    pub trainer_version: String,
    /// How libtorch must be set up.
    pub numeric_profile: NumericProfile,
    /// Seed of the initial weights.
    pub init_seed: u64,
    /// Seed of the order of training samples.
    pub sampler_seed: u64,
    /// Number of virtual ranks V: shards of each step's batch, whose gradients are summed in a fixed order.
    pub virtual_ranks: u32,
    /// Samples that one virtual rank takes in one step.
    pub batch_per_rank: u32,
    /// Parts of equal size in which a virtual rank computes its batch, one after another; divides `batch_per_rank`. Each
    /// part's mean loss counts with a share of 1 / `micro_batches`, and the gradients add up in the order of the parts.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub micro_batches: u32,
    /// Number of steps T.
    pub steps: u32,
    /// Steps of one segment S, the unit of replay; the last segment may be shorter.
    pub segment_len: u32,
    /// Segments from one evaluation on the held-out samples to the next, besides the one at the end; 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub evaluate_every: u32,
    /// What is trained.
    pub model: Model,
    /// What it is trained on.
    pub dataset: Dataset,
    /// How parameters are updated.
    pub optimizer: Optimizer,
    /// What the result must reach.
    pub acceptance: Acceptance,
    /// Weights to start from; where there are none, those of the seed, or of the module that is trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
}

const fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_one(value: &u32) -> bool {
    *value == 1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// How libtorch must be set up for equal bits everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumericProfile {
    /// ATen's AVX2 kernels, MKL's compatible mode, no oneDNN, one thread.
    #[serde(rename = "canon-avx2")]
    CanonAvx2,
    /// The trainer's own kernels and ATen's AVX2 kernels, any number of threads; operators outside a fixed list are refused.
    #[serde(rename = "canonical-avx2-v2")]
    CanonicalAvx2V2,
}

impl NumericProfile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::CanonAvx2, Self::CanonicalAvx2V2];

    /// The name that stands in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CanonAvx2 => "canon-avx2",
            Self::CanonicalAvx2V2 => "canonical-avx2-v2",
        }
    }
}

/// What a model is trained on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// What a sample is.
    pub kind: DatasetKind,
    /// Content address of the dataset's canonical blob (`digits`, `text`), or of its head, which carries the Merkle root over
    /// its chunks ([`chunked`](crate::chunked)).
    pub root: Digest,
    /// Which samples are kept for the final metric.
    pub holdout: Holdout,
    /// Chunks whose samples are mixed at a time; all where it is absent. The more, the closer an epoch is to a shuffle of
    /// everything, and the more chunks the replay of a segment fetches. Only for datasets in chunks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mix_chunks: Option<u32>,
    /// What is held out: samples, or whole chunks, so that the final metric reads one chunk in `one_in` and not all of
    /// them. Chunks only for datasets in chunks, whose samples should not be sorted by class then.
    #[serde(default, skip_serializing_if = "HoldoutUnit::is_sample")]
    pub holdout_unit: HoldoutUnit,
}

impl Dataset {
    /// A dataset of which everything is mixed and single samples are held out.
    #[must_use]
    pub fn new(kind: DatasetKind, root: Digest, holdout: Holdout) -> Self {
        Self { kind, root, holdout, mix_chunks: None, holdout_unit: HoldoutUnit::Sample }
    }
}

/// What is held out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldoutUnit {
    /// Single samples.
    #[default]
    Sample,
    /// All samples of a chunk.
    Chunk,
}

impl HoldoutUnit {
    /// Whether single samples are held out.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        *self == Self::Sample
    }
}

/// What a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetKind {
    /// A small grey image and its class; one blob.
    Digits,
    /// A window of text; every token but the last predicts the next one; one blob.
    Text,
    /// An image and its class; in chunks.
    Images,
    /// A row of numbers and its class; in chunks.
    Features,
    /// A window of tokens, each of which predicts the next one; in chunks.
    Tokens,
}

impl DatasetKind {
    /// The name that stands in a manifest.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Digits => "digits",
            Self::Text => "text",
            Self::Images => "images",
            Self::Features => "features",
            Self::Tokens => "tokens",
        }
    }

    /// Whether a sample is a sequence of tokens, and not one thing with a class.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self, Self::Text | Self::Tokens)
    }

    /// Whether the dataset is stored in chunks, and not as one blob.
    #[must_use]
    pub fn is_chunked(self) -> bool {
        matches!(self, Self::Images | Self::Features | Self::Tokens)
    }
}

/// One unit in `one_in` is held out, drawn under `seed` ([`Split`](crate::data_order::Split)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// Seed of the draw.
    pub seed: u64,
    /// One unit in so many is held out; at least 2.
    pub one_in: u32,
}

/// How parameters are updated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Optimizer {
    /// AdamW, see [`adamw`].
    Adamw {
        /// Highest learning rate.
        lr: f64,
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Added to the root of the second moment.
        eps: f64,
        /// Share of a parameter that decays for each unit of learning rate.
        weight_decay: f64,
        /// How the learning rate changes.
        schedule: Schedule,
        /// Which parameters decay.
        #[serde(default, skip_serializing_if = "Decay::is_all")]
        decay: Decay,
        /// Longest gradient (Euclidean norm over all parameters, see [`crate::clipping`]): a longer one is scaled down to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clip_norm: Option<f64>,
    },
}

/// Which parameters decay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// Every parameter.
    #[default]
    All,
    /// Those of two or more dimensions: no biases, and no scales and shifts of normalisations.
    Matrices,
}

impl Decay {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// How the learning rate changes over the steps. All schedules rise in a straight line during the warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Schedule {
    /// Stays at the highest rate.
    Constant {
        /// Steps of the rise.
        warmup_steps: u32,
    },
    /// Falls in a straight line.
    Linear {
        /// Steps of the rise.
        warmup_steps: u32,
        /// Share of the highest rate that is left at the end.
        final_ratio: f64,
    },
    /// Falls along half a cosine.
    Cosine {
        /// Steps of the rise.
        warmup_steps: u32,
        /// Share of the highest rate that is left at the end.
        final_ratio: f64,
    },
}

/// What the result must reach to be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "metric", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Acceptance {
    /// Right predictions over all predictions on the held-out samples.
    Accuracy {
        /// Lowest accepted accuracy, in parts per million.
        minimum_ppm: u32,
    },
}

impl Manifest {
    /// The hash that an order carries: SHA-256 of the canonical form, and so its address in a content store.
    #[must_use]
    pub fn hash(&self) -> Digest {
        content_address(&self.encode())
    }

    /// Number of segments: T / S, rounded up.
    #[must_use]
    pub fn segments(&self) -> u32 {
        self.steps.div_ceil(self.segment_len.max(1))
    }

    /// Steps of segment `index`, as a range.
    #[must_use]
    pub fn segment_steps(&self, index: u32) -> core::ops::Range<u32> {
        let first = index.saturating_mul(self.segment_len).min(self.steps);
        first..first.saturating_add(self.segment_len).min(self.steps)
    }

    /// Whether the held-out samples are evaluated after segment `index`, besides the evaluation at the job's end.
    #[must_use]
    pub fn evaluates_after(&self, index: u32) -> bool {
        self.evaluate_every > 0 && (index + 1).is_multiple_of(self.evaluate_every)
    }

    /// Content addresses of everything that a run needs besides the manifest: the dataset first.
    #[must_use]
    pub fn artefacts(&self) -> Vec<Digest> {
        let start = self.start.as_ref().map(|start| start.weights);
        let of_model = [self.model.module(), self.model.tokenizer()];
        [Some(self.dataset.root), start].into_iter().chain(of_model).flatten().collect()
    }

    /// The first field that [`VERSION_1`] does not know, where one is used.
    #[must_use]
    pub fn beyond_version_1(&self) -> Option<&'static str> {
        let Optimizer::Adamw { decay, clip_norm, .. } = self.optimizer;
        let of_manifest = [
            (self.micro_batches != 1, "micro_batches"),
            (self.evaluate_every != 0, "evaluate_every"),
            (self.start.is_some(), "start"),
            (self.dataset.kind.is_chunked(), "dataset.kind"),
            (decay != Decay::All, "optimizer.decay"),
            (clip_norm.is_some(), "optimizer.clip_norm"),
        ];
        let used = of_manifest.into_iter().find(|(used, _)| *used).map(|(_, field)| field);
        used.or_else(|| self.model.beyond_version_1())
    }

    /// Samples of one step: V times the batch of a rank.
    #[must_use]
    pub fn samples_per_step(&self) -> u64 {
        u64::from(self.virtual_ranks) * u64::from(self.batch_per_rank)
    }
}

impl Optimizer {
    /// What all elements of a parameter with so many `dimensions` share in `step` (from 0) of a run of `steps`.
    #[must_use]
    pub fn step_factors(&self, step: u32, steps: u32, dimensions: usize) -> adamw::StepFactors {
        let Self::Adamw { beta1, beta2, eps, weight_decay, decay, .. } = *self;
        let decays = decay == Decay::All || dimensions > 1;
        let settings = adamw::Settings { beta1, beta2, eps, weight_decay: if decays { weight_decay } else { 0.0 } };
        adamw::StepFactors::new(&settings, self.learning_rate(step, steps), step + 1)
    }

    /// Longest gradient, where there is a limit.
    #[must_use]
    pub fn clip_norm(&self) -> Option<f64> {
        let Self::Adamw { clip_norm, .. } = *self;
        clip_norm
    }

    /// Learning rate of `step` (from 0) in a run of `steps`.
    #[must_use]
    pub fn learning_rate(&self, step: u32, steps: u32) -> f64 {
        let Self::Adamw { lr, schedule, .. } = *self;
        lr * schedule.ratio(step, steps)
    }
}

impl Schedule {
    /// Length of the rise in steps.
    #[must_use]
    pub fn warmup_steps(&self) -> u32 {
        match *self {
            Self::Constant { warmup_steps } | Self::Linear { warmup_steps, .. } | Self::Cosine { warmup_steps, .. } => {
                warmup_steps
            }
        }
    }

    /// Share of the highest rate at `step` (from 0) in a run of `steps`.
    #[must_use]
    pub fn ratio(&self, step: u32, steps: u32) -> f64 {
        let warmup = self.warmup_steps();
        if step < warmup {
            return (f64::from(step) + 1.0) / f64::from(warmup);
        }
        let done = f64::from(step - warmup) / f64::from(steps.saturating_sub(warmup).max(1));
        match *self {
            Self::Constant { .. } => 1.0,
            Self::Linear { final_ratio, .. } => 1.0 - done * (1.0 - final_ratio),
            Self::Cosine { final_ratio, .. } => {
                final_ratio + (1.0 - final_ratio) * 0.5 * (1.0 + adamw::cosine_of_pi_times(done.min(1.0)))
            }
        }
    }
}
