//! The manifest's forms: text for people, canonical bytes for hashing.

use crate::codec::{DecodeError, Reader, Writer};
use crate::manifest::{
    Acceptance, Dataset, DatasetKind, Decay, Holdout, HoldoutUnit, Lora, Manifest, Model, NumericProfile, Optimizer,
    Schedule, Start, VERSION_1,
};
use crate::manifest_check::InvalidManifest;

const MAGIC_1: &[u8] = b"aixblock/manifest/v1\0";
const MAGIC_2: &[u8] = b"aixblock/manifest/v2\0";

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The TOML text does not parse.
    #[error("the manifest is not valid TOML for this format: {0}")]
    Toml(#[from] toml::de::Error),
    /// The JSON text does not parse.
    #[error("the manifest is not valid JSON for this format: {0}")]
    Json(#[from] serde_json::Error),
    /// The bytes are not a canonical manifest.
    #[error("the manifest's canonical form is damaged: {0}")]
    Decode(#[from] DecodeError),
    /// The values make no sense.
    #[error("the manifest is invalid: {0}")]
    Invalid(#[from] InvalidManifest),
}

impl Manifest {
    /// Reads and validates TOML.
    pub fn from_toml(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        manifest.validate()?;
        Ok(manifest)
    }

    /// Reads and validates JSON.
    pub fn from_json(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text)?;
        manifest.validate()?;
        Ok(manifest)
    }

    /// The canonical form, which begins with the format's name and version. What version 2 added stands at the end of its
    /// part: of the model, of the optimiser, of the whole.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let first_version = self.version == VERSION_1;
        let mut out = Writer::new(if first_version { MAGIC_1 } else { MAGIC_2 });
        out.u32(self.version);
        out.bytes(self.trainer_version.as_bytes());
        out.u8(match self.numeric_profile {
            NumericProfile::CanonAvx2 => 1,
            NumericProfile::CanonicalAvx2V2 => 3,
        });
        out.u64(self.init_seed);
        out.u64(self.sampler_seed);
        for value in [self.virtual_ranks, self.batch_per_rank, self.steps, self.segment_len] {
            out.u32(value);
        }
        encode_model(&mut out, &self.model, first_version);
        out.u8(match self.dataset.kind {
            DatasetKind::Digits => 1,
            DatasetKind::Text => 2,
            DatasetKind::Images => 3,
            DatasetKind::Features => 4,
            DatasetKind::Tokens => 5,
        });
        out.digest(&self.dataset.root);
        out.u64(self.dataset.holdout.seed);
        out.u32(self.dataset.holdout.one_in);
        if self.dataset.kind.is_chunked() {
            // 0 is no valid number of chunks
            out.u32(self.dataset.mix_chunks.unwrap_or(0));
            out.u8(match self.dataset.holdout_unit {
                HoldoutUnit::Sample => 1,
                HoldoutUnit::Chunk => 2,
            });
        }
        encode_optimizer(&mut out, &self.optimizer, first_version);
        let Acceptance::Accuracy { minimum_ppm } = self.acceptance;
        out.u8(1);
        out.u32(minimum_ppm);
        if !first_version {
            out.u32(self.micro_batches);
            out.u32(self.evaluate_every);
            encode_start(&mut out, self.start.as_ref());
        }
        out.finish()
    }

    /// Reads and validates the canonical form.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let first_version = bytes.starts_with(MAGIC_1);
        let magic = if first_version { MAGIC_1 } else { MAGIC_2 };
        let mut input = Reader::new(bytes, magic, "a manifest")?;
        let mut manifest = Self {
            version: input.u32()?,
            trainer_version: decode_text(&mut input, "trainer_version")?,
            numeric_profile: match input.u8()? {
                1 => NumericProfile::CanonAvx2,
                3 => NumericProfile::CanonicalAvx2V2,
                _ => return Err(DecodeError::BadValue("numeric_profile").into()),
            },
            init_seed: input.u64()?,
            sampler_seed: input.u64()?,
            virtual_ranks: input.u32()?,
            batch_per_rank: input.u32()?,
            micro_batches: 1,
            steps: input.u32()?,
            segment_len: input.u32()?,
            evaluate_every: 0,
            model: decode_model(&mut input, first_version)?,
            dataset: decode_dataset(&mut input)?,
            optimizer: decode_optimizer(&mut input, first_version)?,
            acceptance: match input.u8()? {
                1 => Acceptance::Accuracy { minimum_ppm: input.u32()? },
                _ => return Err(DecodeError::BadValue("acceptance.metric").into()),
            },
            start: None,
        };
        if (manifest.version == VERSION_1) != first_version {
            return Err(DecodeError::BadValue("version").into());
        }
        if !first_version {
            manifest.micro_batches = input.u32()?;
            manifest.evaluate_every = input.u32()?;
            manifest.start = decode_start(&mut input)?;
        }
        input.finish()?;
        manifest.validate()?;
        Ok(manifest)
    }
}

fn decode_text(input: &mut Reader<'_>, field: &'static str) -> Result<String, DecodeError> {
    String::from_utf8(input.bytes()?.to_vec()).map_err(|_| DecodeError::BadValue(field))
}

fn decode_dataset(input: &mut Reader<'_>) -> Result<Dataset, DecodeError> {
    let kind = match input.u8()? {
        1 => DatasetKind::Digits,
        2 => DatasetKind::Text,
        3 => DatasetKind::Images,
        4 => DatasetKind::Features,
        5 => DatasetKind::Tokens,
        _ => return Err(DecodeError::BadValue("dataset.kind")),
    };
    let (root, holdout) = (input.digest()?, Holdout { seed: input.u64()?, one_in: input.u32()? });
    if !kind.is_chunked() {
        return Ok(Dataset { kind, root, holdout, mix_chunks: None, holdout_unit: HoldoutUnit::Sample });
    }
    let mix_chunks = Some(input.u32()?).filter(|&chunks| chunks > 0);
    let holdout_unit = match input.u8()? {
        1 => HoldoutUnit::Sample,
        2 => HoldoutUnit::Chunk,
        _ => return Err(DecodeError::BadValue("dataset.holdout_unit")),
    };
    Ok(Dataset { kind, root, holdout, mix_chunks, holdout_unit })
}

fn encode_some<T>(out: &mut Writer, value: Option<T>, encode: impl FnOnce(&mut Writer, T)) {
    out.u8(value.is_some().into());
    if let Some(value) = value {
        encode(out, value);
    }
}

fn decode_some<'a, T>(
    input: &mut Reader<'a>,
    field: &'static str,
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<Option<T>, DecodeError> {
    match input.u8()? {
        0 => Ok(None),
        1 => decode(input).map(Some),
        _ => Err(DecodeError::BadValue(field)),
    }
}

fn encode_list(out: &mut Writer, values: &[u32]) {
    out.u32(values.len() as u32);
    values.iter().for_each(|value| out.u32(*value));
}

fn decode_list(input: &mut Reader<'_>) -> Result<Vec<u32>, DecodeError> {
    let count = input.count(4)?;
    (0..count).map(|_| input.u32()).collect()
}

fn encode_model(out: &mut Writer, model: &Model, first_version: bool) {
    match model {
        Model::Mlp { inputs, hidden, classes, .. } => {
            out.u8(1);
            out.u32(*inputs);
            encode_list(out, hidden);
            out.u32(*classes);
        }
        Model::Transformer { vocab, context, width, heads, layers, .. } => {
            out.u8(2);
            [vocab, context, width, heads, layers].into_iter().for_each(|value| out.u32(*value));
        }
        Model::ResidualCnn { channels, height, width, stages, blocks, groups, classes, .. } => {
            out.u8(3);
            [channels, height, width].into_iter().for_each(|value| out.u32(*value));
            encode_list(out, stages);
            [blocks, groups, classes].into_iter().for_each(|value| out.u32(*value));
        }
        Model::TorchScript { module, input, classes, .. } => {
            out.u8(4);
            out.digest(module);
            encode_list(out, input);
            out.u32(*classes);
        }
    }
    if !first_version {
        if !matches!(model, Model::TorchScript { .. }) {
            out.f64(model.dropout());
        }
        if let Model::Transformer { tokenizer, .. } | Model::TorchScript { tokenizer, .. } = model {
            encode_some(out, tokenizer.as_ref(), Writer::digest);
        }
    }
}

fn decode_model(input: &mut Reader<'_>, first_version: bool) -> Result<Model, DecodeError> {
    let dropout = |input: &mut Reader<'_>| if first_version { Ok(0.0) } else { input.f64() };
    Ok(match input.u8()? {
        1 => Model::Mlp {
            inputs: input.u32()?,
            hidden: decode_list(input)?,
            classes: input.u32()?,
            dropout: dropout(input)?,
        },
        2 => Model::Transformer {
            vocab: input.u32()?,
            context: input.u32()?,
            width: input.u32()?,
            heads: input.u32()?,
            layers: input.u32()?,
            dropout: dropout(input)?,
            tokenizer: if first_version { None } else { decode_some(input, "model.tokenizer", Reader::digest)? },
        },
        3 if !first_version => Model::ResidualCnn {
            channels: input.u32()?,
            height: input.u32()?,
            width: input.u32()?,
            stages: decode_list(input)?,
            blocks: input.u32()?,
            groups: input.u32()?,
            classes: input.u32()?,
            dropout: dropout(input)?,
        },
        4 if !first_version => Model::TorchScript {
            module: input.digest()?,
            input: decode_list(input)?,
            classes: input.u32()?,
            tokenizer: decode_some(input, "model.tokenizer", Reader::digest)?,
        },
        _ => return Err(DecodeError::BadValue("model.kind")),
    })
}

fn encode_optimizer(out: &mut Writer, optimizer: &Optimizer, first_version: bool) {
    let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay, clip_norm } = *optimizer;
    out.u8(1);
    [lr, beta1, beta2, eps, weight_decay].into_iter().for_each(|value| out.f64(value));
    let (tag, final_ratio) = match schedule {
        Schedule::Constant { .. } => (1, None),
        Schedule::Linear { final_ratio, .. } => (2, Some(final_ratio)),
        Schedule::Cosine { final_ratio, .. } => (3, Some(final_ratio)),
    };
    out.u8(tag);
    out.u32(schedule.warmup_steps());
    if let Some(ratio) = final_ratio {
        out.f64(ratio);
    }
    if !first_version {
        out.u8(match decay {
            Decay::All => 1,
            Decay::Matrices => 2,
        });
        encode_some(out, clip_norm, Writer::f64);
    }
}

fn decode_optimizer(input: &mut Reader<'_>, first_version: bool) -> Result<Optimizer, DecodeError> {
    if input.u8()? != 1 {
        return Err(DecodeError::BadValue("optimizer.kind"));
    }
    let [lr, beta1, beta2, eps, weight_decay] = [input.f64()?, input.f64()?, input.f64()?, input.f64()?, input.f64()?];
    let (tag, warmup_steps) = (input.u8()?, input.u32()?);
    let schedule = match tag {
        1 => Schedule::Constant { warmup_steps },
        2 => Schedule::Linear { warmup_steps, final_ratio: input.f64()? },
        3 => Schedule::Cosine { warmup_steps, final_ratio: input.f64()? },
        _ => return Err(DecodeError::BadValue("optimizer.schedule.kind")),
    };
    let (mut decay, mut clip_norm) = (Decay::All, None);
    if !first_version {
        decay = match input.u8()? {
            1 => Decay::All,
            2 => Decay::Matrices,
            _ => return Err(DecodeError::BadValue("optimizer.decay")),
        };
        clip_norm = decode_some(input, "optimizer.clip_norm", Reader::f64)?;
    }
    Ok(Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule, decay, clip_norm })
}

fn encode_start(out: &mut Writer, start: Option<&Start>) {
    encode_some(out, start, |out, start| {
        out.digest(&start.weights);
        encode_some(out, start.lora.as_ref(), |out, lora| {
            out.u32(lora.rank);
            out.f64(lora.alpha);
            out.u32(lora.targets.len() as u32);
            lora.targets.iter().for_each(|target| out.bytes(target.as_bytes()));
        });
    });
}

fn decode_start(input: &mut Reader<'_>) -> Result<Option<Start>, DecodeError> {
    decode_some(input, "start", |input| {
        let weights = input.digest()?;
        let lora = decode_some(input, "start.lora", |input| {
            let (rank, alpha) = (input.u32()?, input.f64()?);
            let count = input.count(8)?;
            let targets = (0..count).map(|_| decode_text(input, "start.lora.targets")).collect::<Result<_, _>>()?;
            Ok(Lora { rank, alpha, targets })
        })?;
        Ok(Start { weights, lora })
    })
}
