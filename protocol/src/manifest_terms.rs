//! What a program on the chain reads of a manifest: its shape and its optimiser. Reads the canonical forms of versions 1 and 2
//! (`crate::manifest_form`) and nothing else: of another it says nothing, so a job that it does not understand is convicted of
//! nothing.

use crate::soft_float::F64;

const MAGIC_1: &[u8] = b"aixblock/manifest/v1\0";
const MAGIC_2: &[u8] = b"aixblock/manifest/v2\0";

/// The numbers of a manifest that decide its optimiser's arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManifestTerms {
    /// Virtual ranks V.
    pub virtual_ranks: u32,
    /// Steps T.
    pub steps: u32,
    /// Steps of a segment S.
    pub segment_len: u32,
    /// Segments from one evaluation to the next; 0 for none.
    pub evaluate_every: u32,
    /// The optimiser.
    pub optimizer: OptimizerTerms,
}

/// AdamW's settings, see [`crate::manifest::Optimizer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptimizerTerms {
    /// Highest learning rate.
    pub lr: F64,
    /// Decay of the first moment.
    pub beta1: F64,
    /// Decay of the second moment.
    pub beta2: F64,
    /// Added to the root of the second moment.
    pub eps: F64,
    /// Share of a parameter that decays for each unit of learning rate.
    pub weight_decay: F64,
    /// How the learning rate changes.
    pub schedule: ScheduleTerms,
    /// Whether parameters of less than two dimensions do not decay.
    pub only_matrices_decay: bool,
    /// Longest gradient, where there is a limit.
    pub clip_norm: Option<F64>,
}

impl OptimizerTerms {
    /// Whether a parameter of so many `dimensions` decays.
    #[must_use]
    pub fn decays(&self, dimensions: u32) -> bool {
        !self.only_matrices_decay || dimensions > 1
    }
}

/// How the learning rate changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduleTerms {
    /// Steps of the rise.
    pub warmup_steps: u32,
    /// What comes after it.
    pub fall: Fall,
}

/// How the learning rate falls; `rest` is the share that is left at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Fall {
    /// It stays.
    None,
    /// In a straight line.
    Linear { rest: F64 },
    /// Along half a cosine.
    Cosine { rest: F64 },
}

impl ManifestTerms {
    /// Reads a canonical manifest. `None` for any other bytes.
    #[must_use]
    #[inline(never)]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let first_version = bytes.starts_with(MAGIC_1);
        let mut input = Input(bytes.strip_prefix(if first_version { MAGIC_1 } else { MAGIC_2 })?);
        if input.u32()? != if first_version { 1 } else { 2 } {
            return None;
        }
        input.text()?;
        // the profile, both seeds
        input.skip(1 + 8 + 8)?;
        let (virtual_ranks, _batch, steps, segment_len) = (input.u32()?, input.u32()?, input.u32()?, input.u32()?);
        input.model(first_version)?;
        input.dataset()?;
        let optimizer = input.optimizer(first_version)?;
        // what the result must reach
        if input.u8()? != 1 {
            return None;
        }
        input.skip(4)?;
        let mut evaluate_every = 0;
        if !first_version {
            let _micro_batches = input.u32()?;
            evaluate_every = input.u32()?;
            input.some(Input::start)?;
        }
        input.0.is_empty().then_some(Self { virtual_ranks, steps, segment_len, evaluate_every, optimizer })
    }

    /// Whether the held-out samples are evaluated after segment `index`, besides the evaluation at the job's end.
    #[must_use]
    pub fn evaluates_after(&self, index: u32) -> bool {
        self.evaluate_every > 0 && (u64::from(index) + 1).is_multiple_of(self.evaluate_every.into())
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        let bytes = self.u64()?;
        self.skip(bytes)
    }

    /// A list of u32.
    fn list(&mut self) -> Option<()> {
        let count = self.u32()?;
        self.skip(u64::from(count) * 4)
    }

    fn some<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.u8()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    fn model(&mut self, first_version: bool) -> Option<()> {
        let kind = self.u8()?;
        match kind {
            1 => {
                self.skip(4)?;
                self.list()?;
                self.skip(4)?;
            }
            2 => self.skip(5 * 4)?,
            3 if !first_version => {
                self.skip(3 * 4)?;
                self.list()?;
                self.skip(3 * 4)?;
            }
            4 if !first_version => {
                self.skip(32)?;
                self.list()?;
                self.skip(4)?;
            }
            _ => return None,
        }
        // the share of dropout, but for a module, and a tokenizer, where it may have one
        if !first_version {
            self.skip(if kind == 4 { 0 } else { 8 })?;
            if kind == 2 || kind == 4 {
                self.some(|input| input.skip(32))?;
            }
        }
        Some(())
    }

    fn dataset(&mut self) -> Option<()> {
        let in_chunks = match self.u8()? {
            1 | 2 => false,
            3..=5 => true,
            _ => return None,
        };
        // its root, the seed and the rule of what is held out, and how chunks are mixed and held out
        self.skip(32 + 8 + 4 + if in_chunks { 4 + 1 } else { 0 })
    }

    fn optimizer(&mut self, first_version: bool) -> Option<OptimizerTerms> {
        if self.u8()? != 1 {
            return None;
        }
        let [lr, beta1, beta2, eps, weight_decay] = [self.f64()?, self.f64()?, self.f64()?, self.f64()?, self.f64()?];
        let (tag, warmup_steps) = (self.u8()?, self.u32()?);
        let fall = match tag {
            1 => Fall::None,
            2 => Fall::Linear { rest: self.f64()? },
            3 => Fall::Cosine { rest: self.f64()? },
            _ => return None,
        };
        let (mut only_matrices_decay, mut clip_norm) = (false, None);
        if !first_version {
            only_matrices_decay = match self.u8()? {
                1 => false,
                2 => true,
                _ => return None,
            };
            clip_norm = self.some(Self::f64)?;
        }
        let schedule = ScheduleTerms { warmup_steps, fall };
        Some(OptimizerTerms { lr, beta1, beta2, eps, weight_decay, schedule, only_matrices_decay, clip_norm })
    }

    /// Weights to start from, and the adapters that are trained beside them.
    fn start(&mut self) -> Option<()> {
        self.skip(32)?;
        self.some(|input| {
            input.skip(4 + 8)?;
            let targets = input.u32()?;
            (0..targets).try_for_each(|_| input.text())
        })?;
        Some(())
    }

    fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn f64(&mut self) -> Option<F64> {
        self.u64().map(F64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;
    use crate::manifest::{
        DatasetKind, Decay, FORMAT_VERSION, HoldoutUnit, Lora, Manifest, Model, Optimizer, Schedule, Start, VERSION_1,
    };

    const JOBS: [&str; 3] = [
        include_str!("../../trainer/jobs/digits.toml"),
        include_str!("../../trainer/jobs/tiny-text.toml"),
        include_str!("../../trainer/jobs/digits-residual.toml"),
    ];

    /// Jobs of both versions, of every model, with and without what version 2 added.
    fn manifests() -> Vec<Manifest> {
        let jobs = JOBS.map(|text| Manifest::from_toml(text).unwrap());
        let mut all = vec![Manifest::from_toml(include_str!("../tests/manifests/digits-v1.toml")).unwrap()];
        assert_eq!(all[0].version, VERSION_1);
        for job in jobs {
            let job = Manifest { version: FORMAT_VERSION, ..job };
            let mut more = Manifest { micro_batches: 2, evaluate_every: 3, ..job.clone() };
            let lora = Lora { rank: 4, alpha: 8.0, targets: vec!["a".into(), "layers.0.b".into()] };
            more.start = Some(Start { weights: Digest([3; 32]), lora: Some(lora) });
            if let Model::Transformer { tokenizer, .. } = &mut more.model {
                *tokenizer = Some(Digest([4; 32]));
            }
            let mut module = job.clone();
            module.start = Some(Start { weights: Digest([3; 32]), lora: None });
            let tokenizer = Some(Digest([6; 32]));
            module.model = Model::TorchScript { module: Digest([5; 32]), input: vec![1, 8, 8], classes: 10, tokenizer };
            module.dataset.kind = DatasetKind::Images;
            (module.dataset.mix_chunks, module.dataset.holdout_unit) = (Some(7), HoldoutUnit::Chunk);
            all.extend([job, more, module]);
        }
        all
    }

    #[test]
    fn the_terms_are_those_of_the_manifest_whatever_its_version_model_and_schedule() {
        let half = 0.5f64;
        let schedules = [
            (Schedule::Constant { warmup_steps: 3 }, Fall::None),
            (Schedule::Linear { warmup_steps: 3, final_ratio: half }, Fall::Linear { rest: F64(half.to_bits()) }),
            (Schedule::Cosine { warmup_steps: 3, final_ratio: half }, Fall::Cosine { rest: F64(half.to_bits()) }),
        ];
        for mut manifest in manifests() {
            for (number, (schedule_form, fall)) in schedules.into_iter().enumerate() {
                let second = manifest.version != VERSION_1;
                let Optimizer::Adamw { schedule, decay, clip_norm, lr, beta1, beta2, eps, weight_decay } =
                    &mut manifest.optimizer;
                *schedule = schedule_form;
                if second {
                    *decay = if number == 1 { Decay::Matrices } else { Decay::All };
                    *clip_norm = (number == 2).then_some(half);
                }
                let bits = |value: &f64| F64(value.to_bits());
                let expected = OptimizerTerms {
                    lr: bits(lr),
                    beta1: bits(beta1),
                    beta2: bits(beta2),
                    eps: bits(eps),
                    weight_decay: bits(weight_decay),
                    schedule: ScheduleTerms { warmup_steps: 3, fall },
                    only_matrices_decay: second && number == 1,
                    clip_norm: (second && number == 2).then_some(F64(half.to_bits())),
                };
                let bytes = manifest.encode();
                let terms = ManifestTerms::read(&bytes).unwrap();
                assert_eq!(terms.optimizer, expected);
                let shape = manifest.shape();
                assert_eq!(
                    (terms.virtual_ranks, terms.steps, terms.segment_len),
                    (shape.virtual_ranks, shape.steps, shape.segment_len)
                );
                assert!((0..9).all(|index| terms.evaluates_after(index) == manifest.evaluates_after(index)));
                // nothing shorter or longer is read
                (0..bytes.len()).for_each(|end| assert_eq!(ManifestTerms::read(&bytes[..end]), None));
                assert_eq!(ManifestTerms::read(&[bytes, vec![0]].concat()), None);
            }
        }
    }
}
