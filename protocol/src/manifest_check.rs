//! What a manifest must satisfy before anything is computed from it.

use crate::chunked::MAX_CHUNKS;
use crate::manifest::{
    Acceptance, DatasetKind, FORMAT_VERSION, Lora, Manifest, Model, NumericProfile, Optimizer, Schedule, VERSION_1,
};

/// Most virtual ranks of a job.
pub const MAX_VIRTUAL_RANKS: u32 = 1 << 10;
/// Most parameters of a model.
pub const MAX_PARAMETERS: u64 = 1 << 31;
const MAX_LAYERS: usize = 512;
const MAX_TRAINER_VERSION_BYTES: usize = 64;
const MAX_NAME_BYTES: usize = 256;

/// The first rule that a manifest breaks.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidManifest {
    /// Another version of the format.
    #[error("version is {0}, this build reads versions {VERSION_1} and {FORMAT_VERSION}")]
    Version(u32),
    /// A field that only a newer version of the format has.
    #[error("{0} needs version = {FORMAT_VERSION}")]
    NeedsNewerVersion(&'static str),
    /// A count that must be positive is zero, or one is too large.
    #[error("{field} is {value}, it must be from {lowest} to {highest}")]
    OutOfRange {
        /// Name of the field.
        field: &'static str,
        /// What it holds.
        value: u64,
        /// Lowest allowed value.
        lowest: u64,
        /// Highest allowed value.
        highest: u64,
    },
    /// A number outside its interval, or not a number.
    #[error("{field} is {value}, it must be {expected}")]
    Number {
        /// Name of the field.
        field: &'static str,
        /// What it holds.
        value: f64,
        /// The allowed interval, in words.
        expected: &'static str,
    },
    /// The width of a transformer is no multiple of its heads.
    #[error("model.width {width} is not a multiple of model.heads {heads}")]
    HeadsDoNotDivideWidth {
        /// Width of the residual stream.
        width: u32,
        /// Number of heads.
        heads: u32,
    },
    /// Micro-batches of unequal sizes.
    #[error("batch_per_rank {batch_per_rank} is not a multiple of micro_batches {micro_batches}")]
    MicroBatchesDoNotDivideBatch {
        /// Samples of a virtual rank's step.
        batch_per_rank: u32,
        /// Parts of it.
        micro_batches: u32,
    },
    /// The channels of a stage are no multiple of the groups.
    #[error("a stage has {channels} channels, which is not a multiple of model.groups {groups}")]
    GroupsDoNotDivideChannels {
        /// Channels of the stage.
        channels: u32,
        /// Groups of each normalisation.
        groups: u32,
    },
    /// A name that is empty or too long.
    #[error("{field} holds the name {name:?}, a name has from 1 to {MAX_NAME_BYTES} bytes")]
    Name {
        /// Name of the field.
        field: &'static str,
        /// What it holds.
        name: String,
    },
    /// A tokenizer for a dataset that has no text.
    #[error("model.tokenizer needs a dataset of kind text")]
    TokenizerWithoutText,
    /// A module of somebody else's under a profile that does not check its operators.
    #[error("a model of kind torchscript needs numeric_profile = \"canonical-avx2-v2\", which checks every operator")]
    ModuleNeedsCheckedOperators,
    /// A setting for datasets in chunks, of one that has none.
    #[error("{field} is given, but a dataset of kind {kind} is one blob: remove it")]
    NotInChunks {
        /// Name of the setting.
        field: &'static str,
        /// Kind of the dataset.
        kind: &'static str,
    },
    /// Model and dataset do not fit.
    #[error("a model of kind {model} cannot train on a dataset of kind {dataset}")]
    ModelDoesNotFitDataset {
        /// Kind of the model.
        model: &'static str,
        /// Kind of the dataset.
        dataset: &'static str,
    },
}

fn range(field: &'static str, value: u64, lowest: u64, highest: u64) -> Result<(), InvalidManifest> {
    if (lowest..=highest).contains(&value) {
        Ok(())
    } else {
        Err(InvalidManifest::OutOfRange { field, value, lowest, highest })
    }
}

fn number(field: &'static str, value: f64, holds: bool, expected: &'static str) -> Result<(), InvalidManifest> {
    if value.is_finite() && holds { Ok(()) } else { Err(InvalidManifest::Number { field, value, expected }) }
}

impl Manifest {
    /// Checks every rule; the first one that is broken is the error.
    pub fn validate(&self) -> Result<(), InvalidManifest> {
        match (self.version, self.beyond_version_1()) {
            (FORMAT_VERSION, _) | (VERSION_1, None) => {}
            (VERSION_1, Some(field)) => return Err(InvalidManifest::NeedsNewerVersion(field)),
            _ => return Err(InvalidManifest::Version(self.version)),
        }
        range("the length of trainer_version", self.trainer_version.len() as u64, 1, MAX_TRAINER_VERSION_BYTES as u64)?;
        range("virtual_ranks", self.virtual_ranks.into(), 1, MAX_VIRTUAL_RANKS.into())?;
        range("batch_per_rank", self.batch_per_rank.into(), 1, 1 << 20)?;
        range("micro_batches", self.micro_batches.into(), 1, self.batch_per_rank.into())?;
        if !self.batch_per_rank.is_multiple_of(self.micro_batches) {
            let Self { batch_per_rank, micro_batches, .. } = *self;
            return Err(InvalidManifest::MicroBatchesDoNotDivideBatch { batch_per_rank, micro_batches });
        }
        range("steps", self.steps.into(), 1, 1 << 30)?;
        range("segment_len", self.segment_len.into(), 1, self.steps.into())?;
        range("dataset.holdout.one_in", self.dataset.holdout.one_in.into(), 2, 1 << 20)?;
        let Acceptance::Accuracy { minimum_ppm } = self.acceptance;
        range("acceptance.minimum_ppm", minimum_ppm.into(), 0, 1_000_000)?;
        self.model.validate()?;
        self.optimizer.validate()?;
        if let Some(lora) = self.start.as_ref().and_then(|start| start.lora.as_ref()) {
            lora.validate()?;
        }
        self.validate_dataset()
    }

    fn validate_dataset(&self) -> Result<(), InvalidManifest> {
        let kind = self.dataset.kind;
        let of_chunks = [
            ("dataset.mix_chunks", self.dataset.mix_chunks.is_some()),
            ("dataset.holdout_unit", !self.dataset.holdout_unit.is_sample()),
        ];
        if let Some((field, _)) = of_chunks.into_iter().find(|(_, given)| *given && !kind.is_chunked()) {
            return Err(InvalidManifest::NotInChunks { field, kind: kind.name() });
        }
        range("dataset.mix_chunks", self.dataset.mix_chunks.unwrap_or(1).into(), 1, MAX_CHUNKS.into())?;
        if self.model.tokenizer().is_some() && kind != DatasetKind::Text {
            return Err(InvalidManifest::TokenizerWithoutText);
        }
        let fits = match self.model {
            Model::Mlp { .. } => !kind.is_sequence(),
            // a row of features has no places
            Model::ResidualCnn { .. } => matches!(kind, DatasetKind::Digits | DatasetKind::Images),
            Model::Transformer { .. } => kind.is_sequence(),
            Model::TorchScript { .. } if self.numeric_profile != NumericProfile::CanonicalAvx2V2 => {
                return Err(InvalidManifest::ModuleNeedsCheckedOperators);
            }
            Model::TorchScript { .. } => true,
        };
        let (model, dataset) = (self.model.kind(), kind.name());
        if fits { Ok(()) } else { Err(InvalidManifest::ModelDoesNotFitDataset { model, dataset }) }
    }
}

impl Lora {
    fn validate(&self) -> Result<(), InvalidManifest> {
        range("start.lora.rank", self.rank.into(), 1, 1 << 12)?;
        number("start.lora.alpha", self.alpha, self.alpha > 0.0 && self.alpha <= 1e6, "above 0 and at most 1e6")?;
        range("the number of start.lora.targets", self.targets.len() as u64, 1, MAX_LAYERS as u64)?;
        match self.targets.iter().find(|target| target.is_empty() || target.len() > MAX_NAME_BYTES) {
            Some(name) => Err(InvalidManifest::Name { field: "start.lora.targets", name: name.clone() }),
            None => Ok(()),
        }
    }
}

impl Model {
    fn validate(&self) -> Result<(), InvalidManifest> {
        let dropout = self.dropout();
        // -0 would be a second form of 0
        let positive = (0.0..1.0).contains(&dropout) && dropout.is_sign_positive();
        number("model.dropout", dropout, positive, "at least 0 and below 1")?;
        let parameters = match self {
            Self::Mlp { inputs, hidden, classes, .. } => {
                range("model.inputs", (*inputs).into(), 1, 1 << 20)?;
                range("model.classes", (*classes).into(), 2, 1 << 16)?;
                range("the number of model.hidden", hidden.len() as u64, 0, MAX_LAYERS as u64)?;
                for width in hidden {
                    range("a width of model.hidden", (*width).into(), 1, 1 << 20)?;
                }
                let widths: Vec<u64> =
                    [*inputs].iter().chain(hidden).chain([classes]).map(|&width| width.into()).collect();
                widths.windows(2).map(|pair| (pair[0] + 1) * pair[1]).sum()
            }
            Self::ResidualCnn { channels, height, width, stages, blocks, groups, classes, .. } => {
                range("model.channels", (*channels).into(), 1, 1 << 12)?;
                range("model.height", (*height).into(), 1, 1 << 12)?;
                range("model.width", (*width).into(), 1, 1 << 12)?;
                range("the number of model.stages", stages.len() as u64, 1, 8)?;
                range("model.blocks", (*blocks).into(), 1, MAX_LAYERS as u64)?;
                range("model.classes", (*classes).into(), 2, 1 << 16)?;
                for channels in stages {
                    range("a stage of model.stages", (*channels).into(), 1, 1 << 14)?;
                    range("model.groups", (*groups).into(), 1, (*channels).into())?;
                    if channels % groups != 0 {
                        return Err(InvalidManifest::GroupsDoNotDivideChannels {
                            channels: *channels,
                            groups: *groups,
                        });
                    }
                }
                let before = [*stages.first().unwrap_or(channels)].into_iter().chain(stages.iter().copied());
                let of_stage = |(before, channels): (u32, u32)| {
                    let [before, channels] = [before, channels].map(u64::from);
                    u64::from(*blocks) * 18 * channels * channels + 10 * before * channels
                };
                before.zip(stages.iter().copied()).map(of_stage).sum::<u64>()
                    + u64::from(*channels) * 9 * u64::from(stages[0])
                    + u64::from(*classes) * u64::from(stages[stages.len() - 1])
            }
            Self::TorchScript { input, classes, .. } => {
                range("the number of model.input", input.len() as u64, 1, 8)?;
                for size in input {
                    range("a size of model.input", (*size).into(), 1, 1 << 20)?;
                }
                let values = input.iter().fold(1u64, |values, size| values.saturating_mul((*size).into()));
                range("the product of model.input", values, 1, 1 << 28)?;
                range("model.classes", (*classes).into(), 2, 1 << 20)?;
                // the module's own number is known when it is loaded
                1
            }
            Self::Transformer { vocab, context, width, heads, layers, .. } => {
                range("model.vocab", (*vocab).into(), 2, 1 << 20)?;
                range("model.context", (*context).into(), 1, 1 << 16)?;
                range("model.width", (*width).into(), 1, 1 << 16)?;
                range("model.heads", (*heads).into(), 1, (*width).into())?;
                range("model.layers", (*layers).into(), 1, MAX_LAYERS as u64)?;
                if width % heads != 0 {
                    return Err(InvalidManifest::HeadsDoNotDivideWidth { width: *width, heads: *heads });
                }
                let [vocab, context, width, layers] = [*vocab, *context, *width, *layers].map(u64::from);
                (2 * vocab + context) * width + layers * 12 * width * width
            }
        };
        range("the number of parameters", parameters, 1, MAX_PARAMETERS)
    }
}

impl Optimizer {
    fn validate(&self) -> Result<(), InvalidManifest> {
        let Self::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay: _, clip_norm } = *self;
        number("optimizer.lr", lr, lr > 0.0 && lr <= 10.0, "above 0 and at most 10")?;
        number("optimizer.beta1", beta1, (0.0..1.0).contains(&beta1), "at least 0 and below 1")?;
        number("optimizer.beta2", beta2, (0.0..1.0).contains(&beta2), "at least 0 and below 1")?;
        // a smaller eps would round to 0 in f32 and divide by it
        number("optimizer.eps", eps, (1e-30..=1.0).contains(&eps), "from 1e-30 to 1")?;
        number("optimizer.weight_decay", weight_decay, (0.0..=10.0).contains(&weight_decay), "from 0 to 10")?;
        if let Some(limit) = clip_norm {
            number("optimizer.clip_norm", limit, (1e-6..=1e9).contains(&limit), "from 1e-6 to 1e9")?;
        }
        match schedule {
            Schedule::Constant { .. } => Ok(()),
            Schedule::Linear { final_ratio, .. } | Schedule::Cosine { final_ratio, .. } => {
                number("optimizer.schedule.final_ratio", final_ratio, (0.0..=1.0).contains(&final_ratio), "from 0 to 1")
            }
        }
    }
}
