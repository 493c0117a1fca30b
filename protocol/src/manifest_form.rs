//! The manifest's forms: text for people, canonical bytes for hashing.

use crate::codec::{DecodeError, Reader, Writer};
use crate::manifest::{
    Acceptance, Dataset, DatasetKind, Holdout, HoldoutUnit, Manifest, Model, NumericProfile, Optimizer, Schedule,
};
use crate::manifest_check::InvalidManifest;

const MAGIC: &[u8] = b"aixblock/manifest/v1\0";

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

    /// The canonical form, which begins with the format's name and version.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer::new(MAGIC);
        out.u32(self.version);
        out.bytes(self.trainer_version.as_bytes());
        out.u8(match self.numeric_profile {
            NumericProfile::CanonAvx2 => 1,
            NumericProfile::CanonicalAvx2V1 => 2,
        });
        out.u64(self.init_seed);
        out.u64(self.sampler_seed);
        for value in [self.virtual_ranks, self.batch_per_rank, self.steps, self.segment_len] {
            out.u32(value);
        }
        encode_model(&mut out, &self.model);
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
        encode_optimizer(&mut out, &self.optimizer);
        let Acceptance::Accuracy { minimum_ppm } = self.acceptance;
        out.u8(1);
        out.u32(minimum_ppm);
        out.finish()
    }

    /// Reads and validates the canonical form.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let mut input = Reader::new(bytes, MAGIC, "a manifest")?;
        let manifest = Self {
            version: input.u32()?,
            trainer_version: decode_text(&mut input, "trainer_version")?,
            numeric_profile: match input.u8()? {
                1 => NumericProfile::CanonAvx2,
                2 => NumericProfile::CanonicalAvx2V1,
                _ => return Err(DecodeError::BadValue("numeric_profile").into()),
            },
            init_seed: input.u64()?,
            sampler_seed: input.u64()?,
            virtual_ranks: input.u32()?,
            batch_per_rank: input.u32()?,
            steps: input.u32()?,
            segment_len: input.u32()?,
            model: decode_model(&mut input)?,
            dataset: decode_dataset(&mut input)?,
            optimizer: decode_optimizer(&mut input)?,
            acceptance: match input.u8()? {
                1 => Acceptance::Accuracy { minimum_ppm: input.u32()? },
                _ => return Err(DecodeError::BadValue("acceptance.metric").into()),
            },
        };
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

fn encode_model(out: &mut Writer, model: &Model) {
    match model {
        Model::Mlp { inputs, hidden, classes } => {
            out.u8(1);
            out.u32(*inputs);
            out.u32(hidden.len() as u32);
            hidden.iter().for_each(|width| out.u32(*width));
            out.u32(*classes);
        }
        Model::Transformer { vocab, context, width, heads, layers } => {
            out.u8(2);
            [vocab, context, width, heads, layers].into_iter().for_each(|value| out.u32(*value));
        }
    }
}

fn decode_model(input: &mut Reader<'_>) -> Result<Model, DecodeError> {
    Ok(match input.u8()? {
        1 => {
            let inputs = input.u32()?;
            let layers = input.count(4)?;
            let hidden = (0..layers).map(|_| input.u32()).collect::<Result<_, _>>()?;
            Model::Mlp { inputs, hidden, classes: input.u32()? }
        }
        2 => Model::Transformer {
            vocab: input.u32()?,
            context: input.u32()?,
            width: input.u32()?,
            heads: input.u32()?,
            layers: input.u32()?,
        },
        _ => return Err(DecodeError::BadValue("model.kind")),
    })
}

fn encode_optimizer(out: &mut Writer, optimizer: &Optimizer) {
    let Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule } = *optimizer;
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
}

fn decode_optimizer(input: &mut Reader<'_>) -> Result<Optimizer, DecodeError> {
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
    Ok(Optimizer::Adamw { lr, beta1, beta2, eps, weight_decay, schedule })
}
